# SPDX-License-Identifier: EUPL-1.2
"""Who is frozen cannot pay, everything else goes on, and whoever froze cannot lift."""

import re

import pytest

from heitje.chain.words import RedemptionStatus
from heitje.city.profile import load_profile
from tests.chain.scripts.acts import act, balance, check_books, earn
from tests.chain.scripts.conftest import BIG, SMALL
from tests.support.signed import signer_of

HEERLEN = load_profile("heerlen")
LOST = HEERLEN.reasons(HEERLEN.freeze_reasons)["1"]


@pytest.fixture
def rich(town):
    """Ann has 56 euros."""
    earn(town, "rich", (BIG, "ann", 600))
    return town


def frozen(town, who):
    return town.call("token", "accountOf", town.person(who).address)["frozen"]


def test_a_guardian_freezes_with_a_published_reason_and_an_unpauser_lifts(rich):
    town = rich
    ann = town.number("ann")
    said = act(town, "freeze", ann, "--reason", 1, account="guardian")
    assert LOST in said
    assert "Nothing leaves a frozen account" in said
    assert "They can object to the municipality" in said
    assert town.receipt("act.json")["members"][0] | {"since": 0} == {
        "member": ann,
        "frozen": True,
        "reason": 1,
        "since": 0,
    }
    receipt, guardian = town.receipt("act.json"), signer_of("guardian").address
    assert (receipt["official"], receipt["reason"]) == ({"account": "guardian", "address": guardian}, 1)
    (transaction,) = receipt["transactions"]
    assert town.anvil.rpc("eth_getTransactionByHash", transaction)["to"] == town.contracts["token"].lower()
    town.pay("ann", "bakery", 100)
    assert balance(town, "bakery") == 0, "the payment was carried and refused"
    town.report_file("then.csv", [(SMALL, ann, 60, "")])
    assert "is frozen" in town.run(*town.attest("then.csv"), code=1)

    block = town.anvil.rpc("eth_blockNumber")
    assert f"is frozen already: 1: {LOST}" in act(town, "freeze", ann, "--reason", 1, account="guardian")
    said = act(town, "freeze", ann, "--reason", 2, account="guardian", code=1)
    assert "lift it first" in said
    assert f"member {ann}: 1: {LOST}" in said
    assert "needs the role UNPAUSER" in act(town, "freeze", ann, "--lift", account="guardian", code=1)
    assert town.anvil.rpc("eth_blockNumber") == block
    said = town.run("freeze", "--deployment", town.deployment)
    assert re.search(rf"{ann} .* resident .* 56.00 euros", said)
    assert f"Member {ann}: 1: {LOST}" in said

    act(town, "freeze", town.person("ann").address, "--lift", account="unpauser")
    assert not frozen(town, "ann")
    assert "is not frozen" in act(town, "freeze", ann, "--lift", account="unpauser")
    town.pay("ann", "bakery", 100)
    assert balance(town, "bakery") == 100
    check_books(town)


def test_redemptions_of_a_frozen_shop_still_end(rich):
    town = rich
    town.pay("ann", "bakery", 1_000)
    name = town.redeem("bakery", 600, 1)
    said = act(town, "freeze", town.number("bakery"), "--reason", 2, account="guardian")
    assert "its redemptions at the desk still end" in said
    act(town, "redemptions", "refund", "0x" + name.hex(), "--reason", 4, account="treasurer")
    assert town.call("desk", "redemptionOf", name)["status"] == RedemptionStatus.REFUNDED
    assert (balance(town, "bakery"), frozen(town, "bakery")) == (1_000, True)
    check_books(town)


def test_the_city_is_paused_and_goes_on(rich):
    town = rich
    assert "needs the role GUARDIAN" in act(town, "freeze", "--pause", account="stranger", code=1)
    said = act(town, "freeze", "--pause", account="guardian")
    assert "Shops go on redeeming" in said
    assert town.receipt("act.json")["paused"] is True
    assert "is paused already" in act(town, "freeze", "--pause", account="guardian")
    assert "PAUSED" in town.run("freeze", "--deployment", town.deployment)
    act(town, "freeze", "--unpause", account="unpauser")
    assert town.receipt("act.json")["paused"] is False
    assert "is not paused" in act(town, "freeze", "--unpause", account="unpauser")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{ann}",), "Say why with --reason"),
        (("{ann}", "--lift", "--reason", 1), "One thing at a time"),
        (("--reason", 1), "Say whom"),
        (("{ann}", "--pause"), "leave the members out"),
        ((), "to act, say how"),
    ],
)
def test_a_command_line_that_says_too_little_or_too_much_freezes_nobody(town, arguments, words):
    given = [str(argument).format(ann=town.number("ann")) for argument in arguments]
    assert words in act(town, "freeze", *given, account="guardian", code=2)


def test_nobody_is_frozen_by_a_typing_error_or_for_a_reason_that_is_not_published(town):
    wrong = town.number("ann") + 1
    said = act(
        town,
        "freeze",
        town.number("bea"),
        wrong,
        signer_of("nobody").address,
        "--reason",
        1,
        account="guardian",
        code=1,
    )
    assert "wrong check digit" in said
    assert "is not enrolled" in said
    said = act(town, "freeze", town.number("bea"), "--reason", 9, account="guardian", code=1)
    assert "9 is not a reason" in said
    assert LOST in said
    assert not frozen(town, "bea")
    assert "Dry run" in act(town, "freeze", town.number("bea"), "--reason", 1, "--dry-run", account="guardian")
    assert not frozen(town, "bea")
