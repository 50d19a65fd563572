# SPDX-License-Identifier: EUPL-1.2
"""Lies about corrections, lost wallets, reclaimed redemptions and dates are caught, with block and transaction."""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from heitje.chain.abi import load
from heitje.chain.account import Class
from heitje.chain.logs import CLASS_SET, ROLE_GRANTED, TRANSFER, topic
from heitje.chain.words import uid_of
from tests.chain.audit.day import BAKER, BARBER, BEGINS, LATE, Day
from tests.chain.audit.lies import (
    Change,
    Log,
    assert_named,
    drop,
    in_transaction,
    lied_to,
    named,
    plus,
    together,
    word,
)
from tests.chain.audit.lying_node import about_logs, about_view
from tests.support.city import CORRECTOR, DAY, MINTER, signer_of

REQUESTED = topic("ReplacementRequested(bytes32,uint32,address,address,address,uint256,uint256)")
REPLACED = topic("Replaced(bytes32,uint32,address,address)")
NOT_REPLACED = topic("ReplacementCancelled(bytes32,uint32)")
CANCELLED = topic("ReportCancelled(bytes32,address)")
REDUCED = topic("AttestationReduced(uint256,address,uint16,uint256,uint256)")
TAKEN = topic("AttestationClawedBack(uint256,uint256,uint256)")
CLAWED = topic("ClawedBack(uint32,address,uint256)")
LOWERED = topic("YearLowered(uint32,uint256,uint256)")
RECLAIMED = topic("RedemptionReclaimed(bytes32,uint32,uint256)")
EXTENDED = topic("WindDownExtended(uint256,uint256,uint256)")
CLOSED = topic("DeskClosed()")
PAUSED = topic("Paused(address)")
LOCKED = topic("RedemptionsLocked(uint256,address,bytes32[])")


def number_of(name: str) -> int:
    return int(signer_of(name).address, 16)


@pytest.mark.parametrize(
    ("where", "event", "code", "found_in"),
    [
        ("request", REQUESTED, "replaced-without-request", "replace"),
        ("replace", REPLACED, "frozen-paid", "replace"),
        ("replace", TRANSFER, "replacement-move", "replace"),
        ("replace shop", REPLACED, "frozen-paid", "replace shop"),
        ("replace shop", TRANSFER, "replacement-move", "replace shop"),
        ("cancel replacement", NOT_REPLACED, "state", "cancel replacement"),
        ("lower again", LOWERED, "state", "lower again"),
        ("reduce little", REDUCED, "state", "reduce little"),
        ("reduce more", REDUCED, "clawback-sum", "clawback"),
        ("clawback", TRANSFER, "clawback-without-burn", "clawback"),
        ("clawback", CLAWED, "burn-unannounced", "clawback"),
        ("clawback", TAKEN, "clawback-without-attestation", "clawback"),
        ("clawback nothing", TAKEN, "state", "clawback nothing"),
        ("reclaim", RECLAIMED, "release-without-redemption", "reclaim"),
        ("reclaim", TRANSFER, "release-missing", "reclaim"),
        ("lock stuck", LOCKED, "state", "lock stuck"),
        ("extend", EXTENDED, "state", "extend"),
        ("close", CLOSED, "state", "close"),
    ],
)
async def test_a_dropped_log_is_found(day: Day, where: str, event: str, code: str, found_in: str) -> None:
    findings = await lied_to(day, about_logs(in_transaction(day, where, event, drop)))
    assert_named(findings, code, day, found_in)


@pytest.mark.parametrize(
    ("where", "event", "change", "code"),
    [
        ("request", REQUESTED, word(0, number_of("rogue")), "replacement-digest"),
        ("request", REQUESTED, word(1, number_of("treasurer")), "official-not-allowed"),
        ("request", REQUESTED, word(2, 1), "replacement-late"),
        ("request", REQUESTED, word(3, 1), "replacement-window"),
        ("request", REQUESTED, named(1, 1), "replacement-digest"),
        ("request", REQUESTED, named(2, BAKER), "replacement-holder"),
        ("request", REQUESTED, named(3, number_of("member 500")), "replacement-holder"),
        ("request", REQUESTED, word(0, number_of("member 500")), "replacement-not-free"),
        ("request shop", REQUESTED, named(2, 71), "replacement-pending"),
        ("replace", REPLACED, named(1, 1), "replaced-without-request"),
        ("replace", REPLACED, named(2, BAKER), "replaced-without-request"),
        ("replace", REPLACED, named(3, number_of("rogue")), "replacement-address"),
        ("replace", REPLACED, word(0, number_of("registrar")), "same-official"),
        ("replace", REPLACED, word(0, number_of("clawback")), "official-not-allowed"),
        ("replace", TRANSFER, word(0, 1), "replacement-move"),
        ("replace", TRANSFER, named(1, number_of("member 72")), "replacement-move"),
        ("replace", TRANSFER, named(2, number_of("member 72")), "frozen-paid"),
        ("cancel replacement", NOT_REPLACED, named(2, 71), "cancelled-without-request"),
        ("cancel replacement", NOT_REPLACED, named(1, 7), "cancelled-without-request"),
        ("by new phone", TRANSFER, named(1, number_of("member 71")), "not-allowed"),
        ("refund to new phone", TRANSFER, named(2, number_of("member 71")), "not-allowed"),
        ("reduce", REDUCED, word(0, 91), "reduced-upwards"),
        ("reduce more", REDUCED, word(0, 60), "reduced-upwards"),
        ("reduce", REDUCED, word(0, 59), "reduction-sum"),
        ("reduce", REDUCED, word(1, 251), "reduction-sum"),
        ("reduce", REDUCED, word(2, 1), "reduction-window"),
        ("reduce more", REDUCED, named(2, number_of("issuer")), "attester-not-appointed"),
        ("reduce", REDUCED, named(1, uid_of(1, 99)), "reduction-status"),
        ("clawback", TAKEN, word(0, 501), "clawback-sum"),
        ("clawback", TAKEN, word(1, 1), "written-off"),
        ("clawback", TAKEN, named(1, uid_of(1, 71)), "clawback-status"),
        ("clawback", TAKEN, named(1, uid_of(1, 73)), "clawback-sum"),
        ("clawback", CLAWED, word(0, 499), "clawback-without-burn"),
        ("clawback", CLAWED, named(1, 73), "clawback-without-burn"),
        ("clawback", CLAWED, named(2, number_of("member 73")), "clawback-without-burn"),
        ("clawback", TRANSFER, word(0, 499), "clawback-without-burn"),
        ("clawback nothing", TAKEN, word(0, 1), "clawback-sum"),
        ("clawback nothing", TAKEN, word(1, 0), "written-off"),
        ("lower", LOWERED, named(1, 4711), "year-lowered"),
        ("lower again", LOWERED, word(0, 51), "state"),
        ("reclaim", RECLAIMED, word(0, 31), "release-sum"),
        ("reclaim", RECLAIMED, named(2, BARBER), "redemption-number"),
        ("reclaim", RECLAIMED, named(1, 5), "redemption-status"),
        ("extend", EXTENDED, word(0, 1), "wind-down"),
        ("extend", EXTENDED, word(1, 1), "wind-down"),
        ("extend", EXTENDED, word(2, 1 << 39), "state"),
    ],
)
async def test_a_changed_log_is_found(day: Day, where: str, event: str, change: Change, code: str) -> None:
    findings = await lied_to(day, about_logs(in_transaction(day, where, event, change)))
    assert_named(findings, code, day, where)


async def test_a_clawback_of_less_than_was_there_is_found_though_all_its_events_agree(day: Day) -> None:
    """74 had 40 cents left; a node that is kind to 74 says 39 were taken, in all three events."""
    change = together(
        in_transaction(day, "clawback part", TRANSFER, word(0, 39)),
        in_transaction(day, "clawback part", CLAWED, word(0, 39)),
        in_transaction(day, "clawback part", TAKEN, together(word(0, 39), word(1, 211))),
    )
    assert_named(await lied_to(day, about_logs(change)), "clawback-sum", day, "clawback part")


async def test_a_forged_clawback_is_found(day: Day) -> None:
    """A burn that no registry ordered, dressed up as a clawback by the token."""
    holder, token = f"0x{number_of('new phone of 71'):064x}", day.city.addresses["token"]
    amount = f"0x{5:064x}"

    def forge(log: Log) -> list[Log]:
        burn = {**log, "logIndex": "0x60", "topics": [TRANSFER, holder, "0x" + "00" * 32], "data": amount}
        clawed = {**log, "logIndex": "0x61", "topics": [CLAWED, f"0x{71:064x}", holder], "data": amount}
        return [log, burn, clawed] if log["address"].lower() == token.lower() else [log]

    lie = about_logs(in_transaction(day, "last", TRANSFER, forge))
    assert_named(await lied_to(day, lie), "clawback-without-attestation", day, "last")


async def test_a_clawback_twice_is_found(day: Day) -> None:
    again = in_transaction(day, "clawback", TAKEN, lambda log: [log, {**log, "logIndex": "0x63"}])
    assert_named(await lied_to(day, about_logs(again)), "clawback-status", day, "clawback")


async def test_a_replacement_without_a_request_is_found(day: Day) -> None:
    """All of 72's credits go to another address, with the right events and nothing before them."""
    old, new = f"0x{number_of('member 72'):064x}", f"0x{number_of('rogue'):064x}"
    held = day.city.account(72).balance

    def forge(log: Log) -> list[Log]:
        move = {**log, "logIndex": "0x60", "topics": [TRANSFER, old, new], "data": f"0x{held:064x}"}
        topics = [REPLACED, "0x" + "07" * 32, f"0x{72:064x}", new]
        return [log, move, {**move, "logIndex": "0x61", "topics": topics, "data": f"0x{number_of('replacer'):064x}"}]

    lie = about_logs(in_transaction(day, "last", TRANSFER, forge))
    findings = await lied_to(day, lie)
    assert_named(findings, "replaced-without-request", day, "last")
    assert "state" in {finding.code for finding in findings}


@pytest.mark.parametrize(
    ("where", "earlier", "code"),
    [
        ("replace", 13 * DAY, "replacement-early"),
        ("clawback", 11 * DAY, "clawback-early"),
        ("reclaim", 10 * DAY, "reclaimed-early"),
        ("reclaim stuck", 10 * DAY, "reclaimed-early"),
    ],
)
async def test_what_is_said_to_have_been_earlier_than_it_may_is_found(
    day: Day, where: str, earlier: int, code: str
) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(day.block(where)):
            return {**result, "timestamp": hex(int(result["timestamp"], 16) - earlier)}
        return result

    assert_named(await lied_to(day, lie), code, day, where)


def report_of(day: Day, where: str) -> int:
    return int.from_bytes(day.reports[where], "big")


async def test_a_report_that_programme_staff_had_cancelled_is_found(day: Day) -> None:
    cancel = in_transaction(day, "cancel report", CANCELLED, named(1, report_of(day, "walk")))
    assert_named(await lied_to(day, about_logs(cancel)), "cancelled-issued", day, "walk")


async def test_a_report_that_its_attester_had_cancelled_is_found(day: Day) -> None:
    house = int(day.city.wallets["house"].address, 16)
    change = together(named(1, report_of(day, "walk")), named(2, house))
    cancel = in_transaction(day, "withdraw report", CANCELLED, change)
    assert_named(await lied_to(day, about_logs(cancel)), "cancelled-issued", day, "walk")


async def test_what_another_attester_cancelled_counts_for_nothing_but_must_be_stored(day: Day) -> None:
    """An attester's word binds only that attester's reports; the registry has no such word, though."""
    cancel = in_transaction(day, "withdraw report", CANCELLED, named(1, report_of(day, "walk")))
    findings = await lied_to(day, about_logs(cancel))
    assert {finding.code for finding in findings} == {"state"}
    assert_named(findings, "state", day, "withdraw report")


async def test_a_report_cancelled_after_it_was_issued_is_found(day: Day) -> None:
    cancel = in_transaction(day, "cancel report", CANCELLED, named(1, report_of(day, "garden")))
    assert_named(await lied_to(day, about_logs(cancel)), "cancelled-late", day, "cancel report")


async def test_a_year_lowered_below_what_was_earned_in_it_is_found(day: Day) -> None:
    lower = in_transaction(day, "lower again", LOWERED, word(0, 2095))
    assert_named(await lied_to(day, about_logs(lower)), "year-limit", day, "walk")


async def test_redemptions_at_a_closed_desk_are_found(day: Day) -> None:
    desk = day.city.addresses["desk"]

    def close(log: Log) -> list[Log]:
        return [log, {**log, "address": desk, "logIndex": "0x63", "topics": [CLOSED], "data": "0x"}]

    findings = await lied_to(day, about_logs(in_transaction(day, "pay", TRANSFER, close)))
    assert "desk-closed" in {finding.code for finding in findings}
    assert_named(findings, "desk-closed", day, "close")  # and it was closed a second time


@pytest.mark.parametrize(
    ("role", "code", "where"),
    [(CORRECTOR, "registry-not-corrector", "clawback"), (MINTER, "registry-not-minter", "garden")],
)
async def test_a_registry_without_the_right_it_uses_is_found(day: Day, role: int, code: str, where: str) -> None:
    """Found by the one role it has, and not allowed what belongs to the other."""
    lie = about_logs(lambda log: [] if log["topics"][:2] == [ROLE_GRANTED, f"0x{role:064x}"] else [log])
    assert_named(await lied_to(day, lie), code, day, where)


async def test_a_request_twice_is_found(day: Day) -> None:
    again = in_transaction(day, "request", REQUESTED, lambda log: [log, {**log, "logIndex": "0x63"}])
    assert_named(await lied_to(day, about_logs(again)), "replacement-twice", day, "request")


@pytest.mark.parametrize(
    ("topics", "data", "code", "where"),
    [
        ([PAUSED, number_of("guardian")], 0, "paused-replaced", "replace"),
        ([CLASS_SET, 72, number_of("member 72")], Class.MERCHANT, "clawback-not-resident", "clawback"),
    ],
)
async def test_what_may_not_be_done_while_something_else_holds_is_found(
    day: Day, topics: list[Any], data: int, code: str, where: str
) -> None:
    """Earlier the node says more than was: that payments were paused, or that a person became a shop."""
    token = day.city.addresses["token"]
    said = [topics[0], *(f"0x{value:064x}" for value in topics[1:])]

    def add(log: Log) -> list[Log]:
        extra = {**log, "address": token, "logIndex": "0x63", "topics": said, "data": f"0x{data:064x}"}
        return [log, extra]

    assert_named(await lied_to(day, about_logs(in_transaction(day, "lock stuck", LOCKED, add))), code, day, where)


async def test_a_payment_after_the_last_day_of_paying_is_found(day: Day) -> None:
    view = load("MunicipalToken").function("rules").selector
    ended = (BEGINS + 60).to_bytes(32, "big")
    lie = about_view(day.city.addresses["token"], view, lambda answer: answer[:96] + ended + answer[128:])
    assert_named(await lied_to(day, lie), "paid-late", day, "by new phone")


@pytest.mark.parametrize(
    ("part", "function", "where"),
    [
        ("registry", "loweredBy", "lower"),
        ("registry", "isIssued", "kitchen"),
        ("registry", "isCancelled", "cancel report"),
        ("desk", "isClosed", "close"),
        ("token", "rules", None),
    ],
)
async def test_a_false_view_is_found(day: Day, part: str, function: str, where: str | None) -> None:
    contract = load({"token": "MunicipalToken", "registry": "ActivityRegistry", "desk": "RedemptionDesk"}[part])
    lie = about_view(day.city.addresses[part], contract.function(function).selector, plus(-1))
    findings = await lied_to(day, lie)
    assert findings[0].code == "state"
    if where is not None:
        assert_named(findings, "state", day, where)


async def test_a_replacement_that_waits_by_the_contract_alone_is_found(day: Day) -> None:
    view = load("MunicipalToken").function("replacementOf").selector
    lie = about_view(day.city.addresses["token"], view, lambda answer: keccak(b"request") + answer[32:])
    findings = await lied_to(day, lie)
    assert {finding.code for finding in findings} == {"state"}
    assert any(f"replacement {LATE}" in finding.message for finding in findings)
