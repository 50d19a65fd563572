# SPDX-License-Identifier: EUPL-1.2
"""Corrections and replacements where PROGRAMME has a day's delay, and where registrar and guardian are Safes."""

import pytest

from heitje.chain.words import uid_of
from tests.chain.scripts.acts import DAY, act, check_books, earn
from tests.chain.scripts.conftest import found, profile
from tests.chain.scripts.test_safe import OWNERS, as_safe, carry_out, signature_of
from tests.support.anvil import Anvil
from tests.support.scripts import Town, day, month, officials
from tests.support.signed import signer_of
from tests.support.wallet import Safe

LITTER, POND = 1, 2


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A city with real delays, in which Safes are registrar and guardian."""
    with Anvil() as anvil, Town(tmp_path_factory.mktemp("slow"), anvil) as town:
        safes = {name: Safe.deploy(anvil.url, OWNERS, 2, salt) for salt, name in enumerate(("registrar", "guardian"))}
        text = officials()
        for name, safe in safes.items():
            text = text.replace(signer_of(name).address, safe.address)
        town.write("profile.toml", profile())
        town.write("officials.toml", text)
        town.run(*found(town))
        budget = f'[[programme]]\nbudget_euros = 500\nfrom = "{month(-1)}"\nto = "{month(2)}"\n'
        town.write("programme.toml", f'{budget}attesters = ["{signer_of("attester").address}"]\n')
        head = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work\n"
        end = f"{day(-1)};12:00;5,60;600;ja;ja\n"
        town.write("activity.csv", f"{head}A;Litter;1;{end}B;Pond;1;{end}")
        for name, times in (("programme.toml", 2), ("activity.csv", 1)):
            for _ in range(times):
                act(town, name.partition(".")[0], town.folder / name, account="programme", code=7)
                town.anvil.move_time_to(town.anvil.now() + DAY)
            act(town, name.partition(".")[0], town.folder / name, account="programme")
        town.members_file("members.csv", {"ann": "resident", "bakery": "merchant"})
        enrol = ("enrol", town.folder / "members.csv", "--register", town.folder / "register.json")
        town.run(*enrol, *as_safe(town, safes, "registrar"), code=7)
        carry_out(town, safes["registrar"], "registrar.json")
        town.run(*enrol, *as_safe(town, safes, "registrar"))
        yield town, safes


@pytest.fixture
def city(place):
    """That city; what a test does is undone."""
    town, safes = place
    snapshot = town.anvil.snapshot()
    yield town, safes
    town.anvil.revert(snapshot)


def test_programme_announces_what_it_strikes_and_nothing_is_struck_before(city):
    town, _ = city
    earn(town, "slow", (LITTER, "ann", 600))
    one = ("correct", "reduce", "--member", town.number("ann"), "--activity", LITTER, "--minutes", 60)
    said = act(town, *one, "--dry-run", account="programme")
    assert f"To be announced first: strike minutes: member {town.number('ann')} keeps 60 in activity {LITTER}" in said
    said = act(town, *one, account="programme", code=7)
    assert "GUARDIAN can cancel it until it is done" in said
    uid = uid_of(LITTER, town.number("ann"))
    assert town.call("registry", "attestationOf", uid)["struck"] == 0
    assert "can be done from" in act(town, *one, account="programme", code=7)
    town.anvil.move_time_to(town.anvil.now() + DAY)
    assert "1 reward reduced" in act(town, *one, account="programme")
    assert town.call("registry", "attestationOf", uid)["struck"] == 5_040
    assert "0 rewards reduced" in act(town, *one, account="programme")
    check_books(town)


def test_while_programme_waits_to_cancel_a_report_its_attester_can_at_once(city):
    town, _ = city
    town.report_file("doubt.csv", [(LITTER, town.number("ann"), 60, ""), (POND, town.number("ann"), 60, "")])
    town.run(*town.attest("doubt.csv"))
    said = act(town, "correct", "cancel-report", town.folder / "doubt", account="programme", code=7)
    assert "can still be minted: tell the issuers, or have the attester cancel them at once" in " ".join(said.split())
    assert [item["cancelled"] for item in town.receipt("act.json")["reports"]] == [False, False]
    litter = town.folder / "doubt" / f"doubt-activity-{LITTER}-part-1.report.json"
    act(town, "correct", "cancel-report", litter, account="attester")
    town.run(*town.mint("doubt", "--skip-bad"))
    town.anvil.move_time_to(town.anvil.now() + DAY)
    said = act(town, "correct", "cancel-report", town.folder / "doubt", account="programme", code=1)
    assert "it was minted before" in said
    assert town.call("token", "totalSupply") == 560


def test_a_safe_asks_for_a_new_wallet_by_its_signature_and_another_cancels(city):
    town, safes = city
    register = ("--register", town.folder / "register.json")
    new = town.person("ann's new phone").address
    request = ("replace", "request", town.number("ann"), new, *register, *as_safe(town, safes, "registrar"))
    assert "Written for the Safe to sign" in town.run(*request, code=7)
    assert not town.call("token", "accountOf", town.person("ann").address)["replacing"]
    brought = ("--signature", signature_of(town, safes["registrar"], "registrar.json"), "--account", "stranger")
    town.run(*request, *brought)
    assert town.receipt("safe.json")["replacement"]["registrar"] == safes["registrar"].address
    assert town.call("token", "accountOf", town.person("ann").address)["replacing"]
    assert "asked for before" in town.run(*request, *brought)

    cancel = ("replace", "cancel", town.number("ann"), *as_safe(town, safes, "guardian"))
    town.run(*cancel, code=7)
    carry_out(town, safes["guardian"], "guardian.json")
    assert "Nothing waits" in town.run(*cancel)
    assert not town.call("token", "accountOf", town.person("ann").address)["replacing"]

    # The holder made up their mind on the same day: what the Safe signed is used up, so it is asked for something else.
    said = town.run(*request, *brought, "--again", code=1)
    assert "has not signed what would be done now" in said
    for _ in range(2):
        town.run(*request, "--again", code=7)
        anew = ("--signature", signature_of(town, safes["registrar"], "registrar.json"), "--account", "stranger")
        town.anvil.move_time_to(town.anvil.now() + 60)
        town.run(*request, *anew, "--again")
        assert town.call("token", "accountOf", town.person("ann").address)["replacing"]
        town.run(*cancel, code=7)
        carry_out(town, safes["guardian"], "guardian.json")

    pause = ("freeze", "--pause", *as_safe(town, safes, "guardian"))
    assert "let the owners sign and send it" in town.run(*pause, code=7)
    carry_out(town, safes["guardian"], "guardian.json")
    assert "is paused already" in town.run(*pause)
    check_books(town)
