# SPDX-License-Identifier: EUPL-1.2
"""Rewards that were too high: struck, objected to, taken back; reports cancelled in time; years lowered."""

import re

import pytest

from heitje.chain.words import AttestationStatus, uid_of
from tests.chain.scripts.acts import DAY, act, balance, check_books, earn
from tests.chain.scripts.conftest import BIG, BIG_TOO, SMALL
from tests.support.signed import signer_of

WINDOW = 42 * DAY


def attestation(town, activity, who):
    return town.call("registry", "attestationOf", uid_of(activity, town.number(who)))


def reduce(town, who, activity, minutes, *more, account="attester", code=0):
    one = ("--member", town.number(who), "--activity", activity, "--minutes", minutes)
    return act(town, "correct", "reduce", *one, *more, account=account, code=code)


@pytest.fixture
def rewarded(town):
    """Ann has 5.60 and 56.00 euros, Bea 5.60."""
    earn(town, "rewarded", (SMALL, "ann", 60), (BIG, "ann", 600), (SMALL, "bea", 60))
    return town


def test_minutes_are_struck_at_once_by_an_attester_and_nothing_is_taken_yet(rewarded):
    town = rewarded
    said = reduce(town, "ann", BIG, 300)
    assert re.search(r"600 .* 300 .* 56.00 .* 28.00 .* 28.00", said)
    assert "Nothing is taken now" in said
    assert "they can object until" in said
    found = attestation(town, BIG, "ann")
    assert (found["status"], found["amount"], found["struck"], found["kept"]) == (2, 5_600, 2_800, 300)
    assert balance(town, "ann") == 6_160
    (receipt,) = town.receipt("act.json")["reductions"]
    assert (receipt["minutes"], receipt["struckCents"]) == (300, "2800")
    assert receipt["clawbackFrom"] == found["reducedAt"] + WINDOW
    assert receipt["attester"] == signer_of("attester").address

    block = town.anvil.rpc("eth_blockNumber")
    assert "0 rewards reduced, 1 were so already" in reduce(town, "ann", BIG, 300)
    assert town.receipt("act.json")["reductions"] == [receipt]
    assert town.anvil.rpc("eth_blockNumber") == block
    check_books(town)


def test_everything_that_is_wrong_with_a_correction_is_named_with_its_line(rewarded):
    town = rewarded
    reduce(town, "bea", SMALL, 30)
    lines = {
        2: (SMALL, town.number("ann"), 30, None),
        3: (SMALL, town.number("bea"), 45, "45 minutes, but only 30 of member .* count"),
        4: (BIG, town.number("bea"), 0, "was not rewarded for activity 1"),
        5: (99, town.number("ann"), 0, "there is no activity 99"),
        6: (SMALL, town.number("ann"), 10, "is in line 2 too"),
        7: (SMALL, town.number("ann") + 1, 10, "wrong check digit"),
        8: (SMALL, signer_of("nobody").address, 10, "is not enrolled"),
        9: (SMALL, town.number("ann"), "an hour", "'an hour' is not a whole number"),
    }
    rows = "\n".join(f"{activity};{who};{minutes}" for activity, who, minutes, _ in lines.values())
    path = town.write("corrections.csv", "activity;resident;minutes\n" + rows)
    block = town.anvil.rpc("eth_blockNumber")
    said = act(town, "correct", "reduce", "--file", path, account="attester", code=1)
    for line, (*_, words) in lines.items():
        assert bool(re.search(rf"line {line}: [^\n]*{words}", said)) is bool(words), (line, said)
    assert "7 lines have problems. Nothing was signed or sent." in said
    said = reduce(town, "ann", SMALL, 10, account="stranger", code=1)
    assert "needs the role PROGRAMME; an attester of programme 1 may too." in said
    assert "Name one reward by" in act(town, "correct", "reduce", "--activity", 3, account="attester", code=2)
    assert "Dry run" in reduce(town, "ann", SMALL, 10, "--dry-run")
    assert town.anvil.rpc("eth_blockNumber") == block


def test_the_file_that_was_attested_put_right_corrects_what_differs(rewarded):
    town = rewarded
    text = (town.folder / "rewarded.csv").read_text().replace(";600;", ";90;")
    path = town.write("right.csv", text)
    said = act(town, "correct", "reduce", "--file", path, "--as", "programme", account="programme")
    assert "1 reward reduced, 2 were so already" in said
    assert (attestation(town, BIG, "ann")["kept"], attestation(town, SMALL, "ann")["kept"]) == (90, 60)
    assert town.receipt("act.json")["reductions"][0]["attester"] is None
    check_books(town)


def test_what_is_due_is_taken_back_as_far_as_it_is_there_and_once(rewarded):
    town = rewarded
    reduce(town, "ann", BIG, 0)
    town.pay("ann", "bakery", 3_000)
    town.anvil.move_time_to(attestation(town, BIG, "ann")["reducedAt"] + WINDOW - 10)
    reduce(town, "bea", SMALL, 30)
    said = act(town, "correct", "clawback", account="clawback")
    assert "Not due yet" in said
    assert "Nothing is due" in said
    town.anvil.move_time_to(attestation(town, BIG, "ann")["reducedAt"] + WINDOW)

    said = town.run("correct", "list", "--deployment", town.deployment)
    assert re.search(rf"{town.number('ann')} .* 56.00 .* 31.60 .* 24.40", said)
    assert "needs the role CLAWBACK" in act(town, "correct", "clawback", account="stranger", code=1)
    said = act(town, "correct", "clawback", account="clawback")
    assert "31.60 euros of it is there now; 24.40 euros was spent" in said
    (receipt,) = town.receipt("act.json")["clawbacks"]
    assert (receipt["burnedCents"], receipt["writtenOffCents"]) == ("3160", "2440")
    assert (balance(town, "ann"), balance(town, "bakery"), balance(town, "bea")) == (0, 3_000, 560)
    assert town.call("token", "ledger")[2] == 3_160
    assert attestation(town, BIG, "ann")["status"] == AttestationStatus.CLAWED_BACK
    assert attestation(town, SMALL, "bea")["status"] == AttestationStatus.REDUCED

    block = town.anvil.rpc("eth_blockNumber")
    assert "Nothing was left to take back" in act(town, "correct", "clawback", account="clawback")
    assert town.receipt("act.json")["clawbacks"] == [receipt]
    assert town.anvil.rpc("eth_blockNumber") == block
    check_books(town)


def test_two_struck_rewards_of_one_person_share_what_is_there(rewarded):
    town = rewarded
    reduce(town, "ann", BIG, 0)
    reduce(town, "ann", SMALL, 0)
    town.pay("ann", "bakery", 6_000)
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    said = act(town, "correct", "clawback", "--member", town.number("ann"), account="clawback")
    assert "1.60 euros of it is there now; 60.00 euros was spent" in said
    amounts = [(i["burnedCents"], i["writtenOffCents"]) for i in town.receipt("act.json")["clawbacks"]]
    assert amounts == [("160", "5440"), ("0", "560")]
    check_books(town)


def test_a_report_is_cancelled_by_its_attester_and_never_minted(town):
    town.report_file("wrong.csv", [(SMALL, town.number("ann"), 60, ""), (BIG, town.number("ann"), 60, "")])
    town.run(*town.attest("wrong.csv"))
    small = town.folder / "wrong" / f"wrong-activity-{SMALL}-part-1.report.json"
    said = act(town, "correct", "cancel-report", small, account="admin", code=1)
    assert "is not the attester of these" in said
    assert small.name in said
    assert "1 report cancelled" in act(town, "correct", "cancel-report", small, account="attester")
    (written,) = town.receipt("act.json")["reports"]
    assert (written["attester"], written["cancelled"]) == (signer_of("attester").address, True)
    assert "0 reports cancelled, 1 were already" in act(town, "correct", "cancel-report", small, account="attester")

    assert re.search(
        rf"{small.name}[^\n]*it was cancelled, and never can be minted", town.run(*town.mint("wrong"), code=1)
    )
    assert "this report was cancelled; put the file right" in town.run(*town.attest("wrong.csv"), code=1)
    town.run(*town.mint("wrong", "--skip-bad"))
    assert balance(town, "ann") == 560
    said = act(town, "correct", "cancel-report", town.folder / "wrong", account="attester", code=1)
    assert "it was minted before; `ape run correct reduce`" in said
    check_books(town)


def test_programme_cancels_any_report_also_by_its_digest(town):
    town.report_file("any.csv", [(SMALL, town.number("ann"), 60, "")])
    town.run(*town.attest("any.csv"))
    (item,) = town.receipt("attest-any.json")["reports"]
    assert "1 report cancelled" in act(town, "correct", "cancel-report", item["digest"], account="programme")
    (written,) = town.receipt("act.json")["reports"]
    assert written == {"report": item["digest"], "attester": None, "cancelled": True}
    assert town.call("registry", "isCancelled", bytes.fromhex(item["digest"][2:]), signer_of("attester").address)
    assert "it is no digest" in act(town, "correct", "cancel-report", "0x12", account="programme", code=1)
    assert "never can be minted" in town.run(*town.mint("any"), code=1)


def test_a_lowered_year_is_kept_to_the_cent_and_can_be_raised_again(town):
    # The year's limit is 210 euros here; 98 less leaves 112.00, which is 1200 minutes of 5.60 an hour.
    lower = ("correct", "lower-year", town.number("ann"))
    assert "needs the role REGISTRAR" in act(town, *lower, 98, account="stranger", code=1)
    said = act(town, *lower, 98, account="registrar")
    assert re.search(r"now .* 210.00 euros .* 0.00 euros .* 0.00 euros .* 210.00 euros", said)
    assert re.search(r"then .* 210.00 euros .* 0.00 euros .* 98.00 euros .* 112.00 euros", said)
    assert "It is so already" in act(town, *lower, 98, account="registrar")

    town.report_file("over.csv", [(BIG, town.number("ann"), 1_201, "")])
    assert "has 112.00 euros left in" in town.run(*town.attest("over.csv"), code=1)
    earn(town, "exact", (BIG, "ann", 1_200))
    assert balance(town, "ann") == 11_200
    town.report_file("more.csv", [(SMALL, town.number("ann"), 1, "")])
    assert "has 0.00 euros left in" in town.run(*town.attest("more.csv"), code=1)

    said = act(town, *lower, 97, account="registrar")
    assert re.search(r"then .* 112.00 euros .* 97.00 euros .* 1.00 euros", said)
    earn(town, "again", (BIG_TOO, "ann", 10))
    assert balance(town, "ann") == 11_293
    act(town, *lower, 210, account="registrar")
    assert town.receipt("act.json")["loweredCents"] == "21000"
    assert balance(town, "ann") == 11_293
    check_books(town)
