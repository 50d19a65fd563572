# SPDX-License-Identifier: EUPL-1.2
"""A city that differs in everything a profile may choose, and which limits are in force, by the real scripts."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from heitje.chain.account import Class
from heitje.city.profile import load_profile, profile_text
from tests.chain.audit.command import heitje
from tests.chain.scripts.conftest import officials
from tests.support.anvil import Anvil
from tests.support.scripts import Town, day, month
from tests.support.signed import signer_of

EXAMPLE = load_profile("example")
NEW_ROW = """[[rules]]
valid_from = "{0}"
valid_to = "{0}"
hourly_adult = 570
hourly_youth = 340
month_limit = 21000
year_limit = 210000
headroom = 0
confirmed = {1}
source = "made up by a test"

"""


def found(town, *more):
    files = ("--profile", "example", "--officials", town.folder / "officials.toml", "--rehearsal")
    return "deploy", *files, "--out", town.deployment, "--account", "deployer", "--yes", *more


@pytest.fixture
def other(tmp_path):
    with Anvil() as anvil, Town(tmp_path, anvil) as town:
        town.write("officials.toml", officials())
        yield town


def test_the_second_city_is_founded_as_its_profile_says(other):
    town = other
    said = town.run(*found(town))
    one_line = " ".join(said.split())
    assert "In force since 2025-04: FICTITIOUS: Municipal bulletin of Vila Exemplo no. 2 of 2025" in one_line
    assert "Not confirmed by a source, so it is not put on the chain: the row of 2027-04." in one_line
    assert "lets merchants pay each other. The token is then no closed loop of purchases" in one_line
    assert "lets residents" not in said
    assert f"To be founded on chain 31337 at {town.anvil.url}." in said
    assert not (town.folder / "deployment.profile.toml").exists(), "the program has it, and may bring newer rows"

    assert town.call("registry", "counts")[2] == 2, "the draft is not on the chain"
    assert [town.call("registry", "ruleAt", row)["source"] for row in (0, 1)] == [
        row.source_hash for row in EXAMPLE.confirmed_rules
    ]
    assert (town.call("token", "name"), town.call("token", "symbol")) == ("Vintém de Vila Exemplo", "VINTEM")
    assert town.call("token", "epochMonths") == 3
    assert town.call("registry", "monthsBack") == 1
    matrix = town.call("token", "rules")[0]
    assert matrix >> (8 * Class.MERCHANT + Class.MERCHANT) & 1
    assert not matrix >> (8 * Class.RESIDENT + Class.RESIDENT) & 1

    assert "as these files say" in town.run(*found(town))
    rules = signer_of("rules")
    town.send(rules, "token", "setTransferRule", Class.MERCHANT, Class.MERCHANT, False)
    assert "merchants may not pay each other, but the profile says they may" in town.run(*found(town), code=8)
    town.send(rules, "token", "setTransferRule", Class.MERCHANT, Class.MERCHANT, True)
    town.send(rules, "token", "setTransferRule", Class.RESIDENT, Class.RESIDENT, True)
    assert "residents may pay each other, but the profile says they may not" in town.run(*found(town), code=8)


def test_its_people_earn_by_its_own_words_clock_and_neighbourhoods(other):
    town = other
    town.run(*found(town))
    people = {"ana": "Morador", "bento": "resident", "padaria": "comerciante", "livraria": "trader"}
    town.members_file("members.csv", people)
    town.run(*town.enrol("members.csv"))
    town.members_file("wrong.csv", {"carla": "inwoner", "duarte": "ondernemer", "eva": "rei"})
    assert "'rei' is not a class: resident or merchant" in town.run(*town.enrol("wrong.csv"), code=1)

    attester = signer_of("attester").address
    town.write(
        "p.toml",
        f'[[programme]]\nname = "p"\nbudget_euros = 500\nfrom = "{month(-1)}"\nto = "{month(1)}"\n'
        f'attesters = ["{attester}"]\n',
    )
    programme = ("--account", "programme", *town.common("programme.json"))
    town.run("programme", town.folder / "p.toml", *programme)
    head = "code,title,programme,date,ends,euros_per_hour,max_minutes,adult,no_staff_work,neighbourhood\n"
    town.write("foreign.csv", head + f"X,Horta,1,{day(-1)},16:30,4.50,240,yes,yes,BU09171001\n")
    refused = town.run("activity", town.folder / "foreign.csv", *programme, code=1)
    assert "'BU09171001' is not a neighbourhood in the profile of Vila Exemplo" in refused
    town.write("a.csv", head + f"X,Horta,1,{day(-1)},16:30,4.50,240,yes,yes,Q101\n")
    town.run("activity", town.folder / "a.csv", *programme)
    opened = town.call("registry", "activityOf", 1)
    at_half_past_four = datetime.fromisoformat(f"{day(-1)}T16:30").replace(tzinfo=ZoneInfo("Europe/Lisbon"))
    assert (opened["opensAt"], opened["neighbourhood"]) == (int(at_half_past_four.timestamp()), 101)

    town.report_file("r.csv", [(1, town.number("ana"), 120, "folha 1"), (1, town.number("bento"), 60, "folha 2")])
    town.run(*town.attest("r.csv"))
    town.run(*town.mint("r"))
    town.pay("ana", "padaria", 250)
    town.pay("padaria", "livraria", 100)
    assert town.call("token", "balanceOf", town.person("livraria").address) == 100
    status = json.loads(town.run("status", "--json", "--deployment", town.deployment))
    assert status["books"]["supply"] == str(900 + 450)
    audited = heitje(town.folder, "audit", "--rpc", town.anvil.url, "--token", town.contracts["token"])
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_a_reason_that_is_not_published_is_refused_with_those_that_are_in_the_citys_main_language(other):
    town = other
    town.run(*found(town))
    refund = ("redemptions", "refund", "0x" + "1" * 64, "--account", "treasurer", *town.common("refund.json"))
    said = town.run(*refund, "--reason", 1, code=1)
    assert "1 is not a reason in the profile" in said
    assert "10: O banco devolveu o pagamento" in said


# Which limits are in force


def test_deploy_says_before_anything_is_sent_which_limits_will_be_in_force_and_what_is_left_out(other):
    town = other
    profile = town.write("draft.toml", with_row(month(0), "false"))
    files = ("--profile", profile, "--officials", town.folder / "officials.toml", "--out", town.deployment)
    said = " ".join(town.run("deploy", *files, "--account", "deployer", "--dry-run").split())
    assert "In force since 2025-01: Volunteer compensation 2025: 5.60 an hour" in said
    assert f"Not confirmed by a source, so it is not put on the chain: the row of {month(0)}." in said
    assert f"No limits of the volunteer compensation are confirmed for {month(0)}." in said
    assert "pay each other" not in said
    town.write("draft.toml", with_row(month(0), "true"))
    said = " ".join(town.run("deploy", *files, "--account", "deployer", "--dry-run").split())
    assert f"In force since {month(0)}: made up by a test" in said
    assert "confirmed" not in said
    assert town.anvil.rpc("eth_blockNumber") == "0x0"


def test_a_profile_that_cannot_be_used_is_refused_with_line_and_field(other):
    town = other
    profile = town.write("wrong.toml", profile_text("example")[0].replace("months_back = 1", "months_back = 13"))
    files = ("--profile", profile, "--officials", town.folder / "officials.toml", "--out", town.deployment)
    line = profile.read_text().split("\n").index("months_back = 13") + 1
    said = town.run("deploy", *files, "--account", "deployer", code=1)
    assert f"line {line}: months_back: Input should be less than or equal to 12" in said


def limits(town, *more):
    return json.loads(town.run("status", "--json", "--deployment", town.deployment, *more))["limits"]


def with_row(first, confirmed):
    """The profile of the first city with one more row of limits."""
    before, rest = profile_text("heerlen")[0].split("# Codes of Statistics Netherlands")
    return f"{before}{NEW_ROW.format(first, confirmed)}# Codes of Statistics Netherlands{rest}"


def test_status_says_which_limits_are_in_force_since_when_and_what_to_do_when_none_is_confirmed_for_now(town):
    told = limits(town)
    assert (told["validFrom"], told["confirmedTo"]) == ("2025-01", "2025-12")
    assert told["source"].startswith("Volunteer compensation 2025: 5.60 an hour")
    assert f"No limits of the volunteer compensation are confirmed for {month(0)}" in told["problem"]
    said = " ".join(town.run("status", "--deployment", town.deployment).split())
    assert "Limits since 2025-01: 5.60 euros an hour" in said
    assert "Look up the amounts" in said
    assert "run `ape run rules`" in said


def test_status_says_when_a_newer_confirmed_row_is_not_on_the_chain_and_ignores_a_draft(town):
    draft = town.write("draft.toml", with_row("2026-01", "false"))
    assert "are confirmed for" in limits(town, "--profile", draft)["problem"]
    newer = town.write("newer.toml", with_row("2026-01", "true"))
    problem = limits(town, "--profile", newer)["problem"]
    assert problem == "The profile has a newer confirmed row, of 2026-01. To put it in force: `ape run rules`."
    assert "no confirmed row with their source" in limits(town, "--profile", "example")["problem"]


def test_status_does_without_a_profile_that_does_not_come_along(town):
    document = json.loads(town.deployment.read_text())
    elsewhere = town.write("elsewhere.json", json.dumps({**document, "city": "elsewhere"}))
    told = json.loads(town.run("status", "--json", "--deployment", elsewhere))["limits"]
    assert told["yearLimit"] == "21000"
    assert told["source"] is None
    assert "name it: --profile" in told["problem"]
