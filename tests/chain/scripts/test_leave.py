# SPDX-License-Identifier: EUPL-1.2
"""Shops whose agreement ended, empty accounts, what nobody ended at the desk, and what status reminds of."""

import json
import re

import pytest

from heitje.chain.account import Class
from heitje.chain.words import RedemptionStatus
from tests.chain.scripts.acts import DAY, act, balance, check_books, earn
from tests.chain.scripts.conftest import BIG
from tests.support.signed import signer_of


@pytest.fixture
def selling(town):
    """The bakery took 20 euros from Ann, who has 36 left."""
    earn(town, "selling", (BIG, "ann", 600))
    town.pay("ann", "bakery", 2_000)
    return town


def class_of(town, who):
    return Class(town.call("token", "accountOf", town.person(who).address)["class"])


def leave(town, who, *more, code=0, account="registrar"):
    return act(town, "leave", town.number(who), *more, account=account, code=code)


def test_a_shop_that_stops_redeems_what_it_has_then_leaves_and_can_come_back(selling):
    town = selling
    assert "needs the role REGISTRAR" in leave(town, "bakery", account="stranger", code=1)
    said = leave(town, "bakery")
    assert "takes no payments from now on" in said
    assert "redeems until" in said
    assert class_of(town, "bakery") is Class.CLOSING
    town.pay("ann", "bakery", 100)
    assert balance(town, "bakery") == 2_000
    assert "1 were so already" in leave(town, "bakery")

    assert "still has 20.00 euros: redeem it first" in leave(town, "bakery", "--out", code=1)
    name = town.redeem("bakery", 2_000, 1)
    assert "1 redemption waits at the desk; let them end" in leave(town, "bakery", "--out", code=1)
    act(town, "redemptions", "lock", account="treasurer")
    act(town, "redemptions", "settle", account="treasurer2")
    assert town.call("desk", "redemptionOf", name)["status"] == RedemptionStatus.SETTLED
    assert "Nothing is lost" in leave(town, "bakery", "--out")
    assert class_of(town, "bakery") is Class.NONE
    assert town.receipt("act.json")["members"] == [{"member": town.number("bakery"), "class": "none"}]

    said = town.run(*town.enrol("members.csv"), code=1)
    assert f"who left comes back by `ape run leave {town.number('bakery')} --back`" in said
    leave(town, "bakery", "--back")
    assert class_of(town, "bakery") is Class.MERCHANT
    leave(town, "bakery")
    leave(town, "bakery", "--back")
    town.pay("ann", "bakery", 100)
    assert balance(town, "bakery") == 100
    check_books(town)


def test_a_resident_leaves_only_without_money_and_comes_back_as_a_resident(selling):
    town = selling
    assert "spend it, or let it expire first" in leave(town, "ann", "--out", code=1)
    assert "is a resident; only a merchant's agreement" in leave(town, "bea", code=1)
    assert "Dry run" in leave(town, "bea", "--out", "--dry-run")
    assert class_of(town, "bea") is Class.RESIDENT
    leave(town, "bea", "--out")
    assert class_of(town, "bea") is Class.NONE
    town.report_file("gone.csv", [(BIG, town.number("bea"), 60, "")])
    assert "is an account without a class" in town.run(*town.attest("gone.csv"), code=1)
    leave(town, "bea", "--back")
    assert class_of(town, "bea") is Class.RESIDENT
    assert "Either --out or --back" in leave(town, "bea", "--out", "--back", code=2)
    check_books(town)


def test_anybody_gives_back_what_the_desk_did_not_end_in_time(selling):
    town = selling
    first, second = town.redeem("bakery", 600, 1), town.redeem("bakery", 700, 2)
    assert "Nothing is due" in act(town, "redemptions", "reclaim", account="stranger")
    town.anvil.move_time_to(town.anvil.now() + 30 * DAY)
    act(town, "redemptions", "lock", "0x" + first.hex(), account="treasurer")
    said = act(town, "redemptions", "reclaim", account="stranger")
    assert "Not yet" in said
    assert "1 redemption given back" in said
    assert balance(town, "bakery") == 2_000 - 600
    assert "Nothing is due" in act(town, "redemptions", "reclaim", account="stranger")
    town.anvil.move_time_to(town.anvil.now() + 60 * DAY)
    act(town, "redemptions", "reclaim", "0x" + first.hex(), account="stranger")
    assert balance(town, "bakery") == 2_000
    assert len(town.receipt("act.json")["redemptions"]) == 2
    assert town.call("desk", "redemptionOf", second)["status"] == RedemptionStatus.RECLAIMED
    check_books(town)


def test_a_closed_desk_ends_what_is_open_and_takes_nothing_new(selling):
    town = selling
    name = town.redeem("bakery", 600, 1)
    assert "may not do this" in act(town, "redemptions", "close", account="stranger", code=1)
    assert "1 redemption of 6.00 euros still end" in act(town, "redemptions", "close", account="admin")
    assert town.receipt("act.json")["closed"] is True
    assert "It was closed before" in act(town, "redemptions", "close", account="admin")
    act(town, "redemptions", "lock", account="treasurer")
    act(town, "redemptions", "settle", account="treasurer2")
    assert town.call("desk", "redemptionOf", name)["status"] == RedemptionStatus.SETTLED
    check_books(town)


def test_status_reminds_of_who_is_frozen_replaced_and_what_is_due(selling):
    town = selling
    one = ("--member", town.number("ann"), "--activity", BIG, "--minutes", 0)
    act(town, "correct", "reduce", *one, account="attester")
    act(town, "freeze", town.number("bea"), "--reason", 2, account="guardian")
    register = ("--register", town.folder / "register.json")
    new = signer_of("cas's new phone").address
    act(town, "replace", "request", town.number("cas"), new, *register, account="registrar")
    said = town.run("status", "--deployment", town.deployment)
    assert f"Frozen: {town.number('bea')}" in said
    assert re.search(rf"Wallet being replaced: member {town.number('cas')}, not before", said)
    assert "1 struck reward can still be objected to: 56.00 euros, of which 36.00 euros are still there" in said
    town.anvil.move_time_to(town.anvil.now() + 42 * DAY)
    document = json.loads(town.run("status", "--json", "--deployment", town.deployment))
    assert document["clawbacks"]["due"] == {"count": 1, "struckCents": "5600", "thereCents": "3600"}
    assert document["frozen"][0]["reason"] == 2
    assert document["replacements"][0]["newAddress"] == new
