# SPDX-License-Identifier: EUPL-1.2
"""Every script can be rehearsed: it checks and shows everything, and nothing is signed, sent or written."""

import hashlib

import pytest

from heitje.city.roles import Role
from tests.chain.scripts.conftest import BIG, BIG_TOO, activities, found, profile, programmes
from tests.support.scripts import ROOT, month
from tests.support.signed import signer_of

READS_ONLY = ("status", "verify")
"""Scripts that never sign, send or write."""
ROW = (
    '[[rules]]\nvalid_from = "{month}"\nvalid_to = "{month}"\n'
    "hourly_adult = 570\nhourly_youth = 335\nmonth_limit = 21500\n"
    'year_limit = 215000\nheadroom = 0\nconfirmed = true\nsource = "a test"\n\n# Codes of Statistics'
)


@pytest.fixture
def busy(town):
    """A city in which every script has something to do."""
    town.report_file("minted.csv", [(BIG, town.number("ann"), 60, "")])
    town.run(*town.attest("minted.csv"))
    town.run(*town.mint("minted"))
    town.report_file("signed.csv", [(BIG_TOO, town.number("ann"), 60, "")])
    town.run(*town.attest("signed.csv"))
    town.report_file("new.csv", [(BIG_TOO, town.number("bea"), 60, "")])
    town.pay("ann", "bakery", 500)
    locked, requested = (town.redeem("bakery", cents, cents) for cents in (100, 200))
    lock = ("redemptions", "lock", "0x" + locked.hex(), "--account", "treasurer2", *town.common("lock.json"))
    town.run(*lock)
    town.members_file("newcomers.csv", {"newcomer": "resident"})
    town.write("new.toml", programmes().replace("70", "71"))
    town.write("new-activities.csv", activities().replace("Litter", "Leaves"))
    town.write("rows.toml", profile().replace("# Codes of Statistics", ROW.format(month=month(2)), 1))
    admin, slow = signer_of("admin"), signer_of("stranger").address
    town.send(admin, "authority", "grantRole", Role.PROGRAMME, slow, 3600)
    announce = ("programme", town.folder / "new.toml", "--account", "stranger", *town.common("programme.json"))
    town.run(*announce, code=7)
    town.send(admin, "authority", "revokeRole", Role.PROGRAMME, slow)
    name = town.run("announced", "--deployment", town.deployment).splitlines()[0]
    return town, "0x" + requested.hex(), name


def rehearsals(town, redemption, announcement):
    """What is typed: at least one command line for each script, and some that have nothing left to do."""
    at = ("--deployment", town.deployment, "--receipt", town.folder / "rehearsed.json", "--account")
    ann = town.number("ann")
    founding, register = found(town), ("--register", town.folder / "register.json")
    elsewhere = [town.folder / "other.json" if part == town.deployment else part for part in founding]
    return (
        (*founding, "--rehearsal"),
        (*elsewhere, "--rehearsal"),
        town.enrol("newcomers.csv"),
        town.enrol("members.csv"),
        ("programme", town.folder / "new.toml", *at, "programme"),
        ("programme", town.folder / "programmes.toml", *at, "programme"),
        ("activity", town.folder / "new-activities.csv", *at, "programme"),
        ("activity", town.folder / "activities.csv", *at, "programme"),
        town.attest("new.csv"),
        town.attest("minted.csv"),
        town.mint("signed"),
        town.mint("minted"),
        ("redemptions", "lock", *at, "treasurer"),
        ("redemptions", "lock", "--payouts", town.folder / "payouts.csv", *at, "treasurer"),
        ("redemptions", "settle", *at, "treasurer"),
        ("redemptions", "refund", redemption, "--reason", 1, *at, "treasurer"),
        ("expire", *at, "stranger"),
        ("erase", town.number("cas"), *register, "--certificates", town.folder / "certificates", *at, "registrar"),
        ("access", town.number("ann"), *register, "--out", town.folder / "access", *at[:-1]),
        ("correct", "reduce", "--member", ann, "--activity", BIG, "--minutes", 9, *at, "attester"),
        ("correct", "reduce", "--member", ann, "--activity", BIG, "--minutes", 60, *at, "programme"),
        ("correct", "clawback", *at, "clawback"),
        ("correct", "cancel-report", town.folder / "signed", *at, "attester"),
        ("correct", "cancel-report", town.folder / "signed", "--as", "programme", *at, "programme"),
        ("correct", "lower-year", ann, 9, *at, "registrar"),
        ("correct", "lower-year", ann, 0, *at, "registrar"),
        ("freeze", ann, "--reason", 1, *at, "guardian"),
        ("freeze", ann, "--lift", *at, "unpauser"),
        ("freeze", "--pause", *at, "guardian"),
        ("replace", "request", ann, signer_of("new phone").address, *register, *at, "registrar"),
        ("replace", "cancel", ann, *at, "guardian"),
        ("replace", "update-register", *register, *at[:2]),
        ("leave", town.number("bikes"), *at, "registrar"),
        ("leave", town.number("bikes"), "--back", *at, "registrar"),
        ("redemptions", "reclaim", *at, "stranger"),
        ("redemptions", "close", *at, "admin"),
        ("announced", "--cancel", announcement, *at, "guardian"),
        ("winddown", "--redeem-until", "2099-01-01", *at, "admin"),
        ("rules", "--add", town.folder / "rows.toml", *at, "rules"),
        ("rules", "--add", town.folder / "profile.toml", *at, "rules"),
        ("rules", "--transfers", "resident-to-resident=on", *at, "rules"),
    )


def state(town):
    """Everything that could have changed: the chain, and every file but what scripts say."""
    files = [path for path in sorted(town.folder.rglob("*")) if path.is_file() and path.name != "output"]
    return town.anvil.rpc("eth_blockNumber"), {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_dry_run_of_every_script_ends_well_and_leaves_nothing_behind(busy):
    town, redemption, announcement = busy
    lines = rehearsals(town, redemption, announcement)
    scripts = {path.stem for path in (ROOT / "scripts").glob("*.py")} - {"__init__", *READS_ONLY}
    assert {line[0] for line in lines} == scripts
    before = state(town)
    for line in lines:
        said = town.run(*line, "--dry-run")
        assert state(town) == before, f"{line[:2]} left something behind\n{said}"


def test_a_dry_run_says_what_is_wrong_as_a_real_one_does(town):
    town.write("bad.csv", f"member;class;address\n{town.number('ann') + 1};resident;{signer_of('new').address}\n")
    assert "line 2: member number" in town.run(*town.enrol("bad.csv"), "--dry-run", code=1)
    needs = ("--account", "stranger", "--deployment", town.deployment, "--dry-run")
    assert "needs the role GOVERNANCE" in town.run("winddown", "--redeem-until", "2099-01-01", *needs, code=1)
