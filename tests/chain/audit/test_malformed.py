# SPDX-License-Identifier: EUPL-1.2
"""A log that makes no sense is a finding, wherever it is read, and never the end of the audit."""

from typing import Any

from heitje.audit.command import audit_url
from heitje.chain.logs import PAID
from tests.chain.audit.day import Day
from tests.chain.audit.lying_node import about_logs, lying_node


async def test_a_malformed_paid_of_a_refunded_payment_is_a_finding(day: Day) -> None:
    transaction = day.transaction("to refund")

    def cut(log: dict[str, Any]) -> list[dict[str, Any]]:
        ours = (log["transactionHash"], log["topics"][0]) == (transaction, PAID)
        return [{**log, "data": log["data"][:-64]}] if ours else [log]

    async with lying_node(day.city.url, about_logs(cut)) as url:
        result = await audit_url(url, day.city.addresses["token"])
    found = {(f.code, f.block, f.transaction) for f in result.findings.listed}
    assert ("unknown-event", day.block("to refund"), transaction) in found
