# SPDX-License-Identifier: EUPL-1.2
"""A city with the delays of its real profile, from its founding to its first payout, on a clock that is moved."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from heitje.chain.abi import load
from heitje.city.profile import load_profile, profile_text
from heitje.city.roles import Role
from tests.chain.audit.command import heitje
from tests.support.anvil import Anvil
from tests.support.scripts import Town, day, month, officials
from tests.support.signed import signer_of

DAY = 86_400
PROFILE = load_profile("heerlen")


@pytest.fixture
def town(tmp_path):
    with Anvil() as anvil, Town(tmp_path, anvil) as town:
        town.write("officials.toml", officials())
        town.run(*founding(town))
        yield town


def founding(town, profile="heerlen"):
    files = ("--profile", profile, "--officials", town.folder / "officials.toml", "--out", town.deployment)
    return "deploy", *files, "--account", "deployer", "--yes"


def script(town, name, *more, account, code=0):
    receipt = f"{name}.json"
    return town.run(name, *more, "--account", account, *town.common(receipt), code=code)


def later(town, seconds):
    town.anvil.rpc("evm_increaseTime", seconds)
    town.anvil.mine()


def announced(town, *more):
    return town.run("announced", "--deployment", town.deployment, *more)


def date_after(years, days=0):
    """A date on the city's calendar, so many years from the founding."""
    today = datetime.now(UTC).date()
    return (today.replace(year=today.year + years, day=1) + timedelta(days=days)).isoformat()


def test_a_city_lives_with_its_real_delays(town):
    # What is announced can be seen by everybody, and done when the time has come.
    budget = f'[[programme]]\nname = "streets"\nbudget_euros = 500\nfrom = "{month(-1)}"\nto = "{month(2)}"\n'
    town.write("programmes.toml", budget + f'attesters = ["{signer_of("attester").address}"]\n')
    programme = (town.folder / "programmes.toml",)
    assert "To be announced first: open a programme" in script(
        town, "programme", *programme, "--dry-run", account="programme"
    )
    assert "0 acts are announced" in announced(town)
    script(town, "programme", *programme, account="programme", code=7)
    said = announced(town)
    assert f"what: open a programme of 500.00 euros from {month(-1)} to {month(2)}" in said
    assert f"announced by {signer_of('programme').address} as PROGRAMME; can be done later" in said
    assert "GUARDIAN or ADMIN, or who announced it, can cancel it" in said
    later(town, PROFILE.delay(Role.PROGRAMME))
    assert "can be done now" in announced(town)
    assert "appoint attester" in script(town, "programme", *programme, account="programme", code=7)
    later(town, PROFILE.delay(Role.PROGRAMME))
    script(town, "programme", *programme, account="programme")
    town.write("activities.csv", activity_file())
    script(town, "activity", town.folder / "activities.csv", account="programme", code=7)
    later(town, PROFILE.delay(Role.PROGRAMME))
    script(town, "activity", town.folder / "activities.csv", account="programme")

    # Earning, paying and redeeming have no delay.
    town.members_file("members.csv", {"ann": "resident", "bea": "resident", "bakery": "merchant"})
    town.run(*town.enrol("members.csv"))
    town.report_file("report.csv", [(1, town.number("ann"), 120, "list"), (1, town.number("bea"), 60, "list")])
    town.run(*town.attest("report.csv"))
    town.run(*town.mint("report"))
    town.pay("ann", "bakery", 700)
    town.redeem("bakery", 500, 1)
    payouts = ("--payouts", town.folder / "payouts.csv")
    town.run("redemptions", "lock", *payouts, "--account", "treasurer", *town.common("lock.json"))
    town.run("redemptions", "settle", *payouts, "--account", "treasurer2", *town.common("settle.json"))

    rules_and_dates(town)

    # The inspection asks every selector, member and delay; the audit every credit.
    assert "the city is as these files say" in town.run(*founding(town, town.folder / "next.toml"))
    deployer = signer_of("deployer").address
    assert not any(town.call("authority", "hasRole", role, deployer)[0] for role in Role)
    result = heitje(town.folder, "audit", "--rpc", town.anvil.url, "--token", town.contracts["token"])
    assert result.returncode == 0, result.stdout + result.stderr


def activity_file():
    return (
        "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work\n"
        f"A;Litter;1;{day(-1)};12:00;5,60;240;ja;ja\n"
    )


def rules_and_dates(town):
    """A row of limits is added, the dates are extended, and what ADMIN announced besides is cancelled."""
    row = (
        f'[[rules]]\nvalid_from = "{month(3)}"\nvalid_to = "{month(14)}"\n'
        "hourly_adult = 570\nhourly_youth = 335\nmonth_limit = 21500\n"
        'year_limit = 215000\nheadroom = 0\nconfirmed = true\nsource = "a test"\n\n# Codes of Statistics'
    )
    town.write("next.toml", profile_text("heerlen")[0].replace("# Codes of Statistics", row, 1))
    add = ("--add", town.folder / "next.toml")
    said = script(town, "rules", *add, account="rules", code=7)
    assert f"add limits from {month(3)}: 5.70 euros an hour (3.35 euros under 21)" in said
    dates = ("--issue-until", date_after(6), "--pay-until", date_after(7, 40), "--redeem-until", date_after(8))
    said = script(town, "winddown", *dates, account="admin", code=7)
    assert "Residents can pay" in said
    admin, token = signer_of("admin"), town.contracts["token"]
    before = town.call("token", "rules")[2:]
    town.send(admin, "authority", "schedule", token, load("MunicipalToken").encode("setDesk", token, True), 0)
    said = announced(town)
    assert "what: make" in said
    found = next(line for line in said.splitlines() if line.startswith("0x") and desk_is(said, line))
    assert "may not cancel this" in script(town, "announced", "--cancel", found[:12], account="stranger", code=1)
    script(town, "announced", "--cancel", found[:12], "--dry-run", account="guardian")
    assert "1 announcement cancelled" in script(town, "announced", "--cancel", found[:12], account="guardian")
    assert "no such announcement" in script(town, "announced", "--cancel", found[:12], account="guardian", code=1)
    later(town, 2 * DAY)
    assert "2 acts are announced" in announced(town)
    status = json.loads(town.run("status", "--json", "--deployment", town.deployment))
    assert {item["role"] for item in status["announced"]} == {"RULES", "GOVERNANCE"}
    script(town, "rules", *add, account="rules")
    script(town, "winddown", *dates, account="admin")
    assert "Nothing was left to do" in script(town, "rules", *add, account="rules")
    assert "Nothing was left to do" in script(town, "winddown", *dates, account="admin")
    assert all(new > old for new, old in zip(town.call("token", "rules")[2:], before, strict=True))
    assert town.call("registry", "counts")[2] == len(PROFILE.rules) + 1


def desk_is(said, line):
    lines = said.splitlines()
    return "a redemption desk" in lines[lines.index(line) + 1]


def test_what_nobody_does_within_a_week_expires_and_is_announced_anew(town):
    dates = ("--redeem-until", date_after(9))
    assert "passed" not in town.run("winddown", "--deployment", town.deployment)
    script(town, "winddown", *dates, account="admin", code=7)
    later(town, 2 * DAY + 7 * DAY)
    assert "1 more expired and can no longer be done" in announced(town)
    expired = announced(town, "--expired").splitlines()[0]
    said = script(town, "announced", "--cancel", expired, account="admin", code=1)
    assert "it has expired, so it cannot happen any more" in said
    before = town.call("token", "rules")[4]
    said = script(town, "winddown", *dates, account="admin", code=7)
    assert "It was announced before, but that expired on" in said
    assert "can be done from" in said
    later(town, 2 * DAY)
    script(town, "winddown", *dates, account="admin")
    assert town.call("token", "rules")[4] > before


def test_a_right_that_admin_announces_is_told_in_words_and_can_be_cancelled(town):
    admin, thief = signer_of("admin"), signer_of("stranger").address
    grant = load("Authority").encode("grantRole", Role.ISSUER, thief, 0)
    town.send(admin, "authority", "schedule", town.contracts["authority"], grant, 0)
    status = town.run("status", "--deployment", town.deployment)
    assert f"make {thief} ISSUER with a delay of 0 hours (see `ape run announced`)" in status
    name = announced(town).splitlines()[0]
    script(town, "announced", "--cancel", name, account="guardian")
    assert "0 acts are announced" in announced(town)


def test_two_acts_that_are_alike_are_announced_one_after_the_other(town):
    one = f'[[programme]]\nbudget_euros = 5\nfrom = "{month(0)}"\nto = "{month(1)}"\n'
    town.write("alike.toml", one + one)
    for opened in (0, 1):
        said = script(town, "programme", town.folder / "alike.toml", account="programme", code=7)
        assert town.call("registry", "counts")[0] == opened
        if not opened:
            assert "it will be announced when that is done" in said
        else:
            said = script(town, "programme", town.folder / "alike.toml", account="programme", code=7)
            assert "can be done from" in said
        later(town, DAY)
    script(town, "programme", town.folder / "alike.toml", account="programme")
    assert town.call("registry", "counts")[0] == 2


def test_who_announced_something_can_take_it_back(town):
    town.write("one.toml", f'[[programme]]\nbudget_euros = 5\nfrom = "{month(0)}"\nto = "{month(1)}"\n')
    script(town, "programme", town.folder / "one.toml", account="programme", code=7)
    name = announced(town).splitlines()[0]
    script(town, "announced", "--cancel", name, account="programme")
    assert "0 acts are announced" in announced(town)
    assert town.receipt("announced.json")["cancelled"] == [name]
