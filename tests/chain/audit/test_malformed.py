# SPDX-License-Identifier: EUPL-1.2
"""A log that makes no sense is a finding, wherever it is read, and never the end of the audit."""

from typing import Any

import pytest

from heitje.audit.command import audit_url
from heitje.audit.findings import AuditImpossible
from heitje.chain.abi import load
from heitje.chain.logs import IGNORED, PAID, SIGNATURES, topic
from tests.chain.audit.day import Day
from tests.chain.audit.lying_node import about_logs, about_view, lying_node

WITHOUT_FIELDS_THAT_COUNT = ("DeskClosed()", "Paused(address)", "Unpaused(address)")
"""Who pauses is the authority's to check, and a closed desk says no more than that."""


async def test_a_malformed_paid_of_a_refunded_payment_is_a_finding(day: Day) -> None:
    transaction = day.transaction("to refund")

    def cut(log: dict[str, Any]) -> list[dict[str, Any]]:
        ours = (log["transactionHash"], log["topics"][0]) == (transaction, PAID)
        return [{**log, "data": log["data"][:-64]}] if ours else [log]

    async with lying_node(day.city.url, about_logs(cut)) as url:
        result = await audit_url(url, day.city.addresses["token"])
    found = {(f.code, f.block, f.transaction) for f in result.findings.listed}
    assert ("unknown-event", day.block("to refund"), transaction) in found


@pytest.mark.parametrize("months", [0, 5, 13, 1 << 200])
async def test_epochs_that_no_year_has_are_no_crash(day: Day, months: int) -> None:
    view = load("MunicipalToken").function("epochMonths").selector
    lie = about_view(day.city.addresses["token"], view, lambda _: months.to_bytes(32, "big"))
    async with lying_node(day.city.url, lie) as url:
        with pytest.raises(AuditImpossible, match="months"):
            await audit_url(url, day.city.addresses["token"])


async def test_dates_beyond_every_calendar_are_a_finding_and_no_crash(day: Day) -> None:
    view = load("MunicipalToken").function("rules").selector
    lie = about_view(day.city.addresses["token"], view, lambda answer: answer[:64] + b"\xff" * 96)
    async with lying_node(day.city.url, lie) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert not result.is_clean
    assert "31 December 9999" in result.to_text()


@pytest.mark.parametrize("event", sorted(set(SIGNATURES) - set(IGNORED)))
@pytest.mark.parametrize("to", ["zeros", "ones", "nothing"])
async def test_no_event_full_of_nonsense_ends_the_audit(day: Day, event: str, to: str) -> None:
    """Every field of every event of a kind becomes all zeros, all ones, or is not there."""
    kind = topic(event)

    def spoil(log: dict[str, Any]) -> list[dict[str, Any]]:
        if log["topics"][0] != kind:
            return [log]
        data, fill = log["data"][2:], {"zeros": "0", "ones": "f", "nothing": ""}[to]
        topics = [kind, *("0x" + fill * 64 for _ in log["topics"][1:])]
        return [{**log, "data": "0x" + fill * len(data), "topics": topics}]

    async with lying_node(day.city.url, about_logs(spoil)) as url:
        result = await audit_url(url, day.city.addresses["token"])
    result.to_text()
    result.to_json()
    if event in WITHOUT_FIELDS_THAT_COUNT:
        return
    spoiled = any(log["topics"][0] == kind for receipt in day.receipts.values() for log in receipt["logs"])
    assert not spoiled or not result.is_clean
