# SPDX-License-Identifier: EUPL-1.2
"""A node that lies about logs, signatures, sums or state is caught, with the block and the transaction."""

from typing import Any

import pytest

from heitje.audit.command import audit_url
from heitje.audit.findings import AuditImpossible
from heitje.chain.abi import load
from heitje.chain.logs import REPORT_ISSUED, ROLE_GRANTED, TRANSFER, topic
from tests.chain.audit.day import Day
from tests.chain.audit.lies import Change, Log, assert_named, drop, in_transaction, lied_to, plus, word
from tests.chain.audit.lying_node import No, about_logs, about_view, lying_node
from tests.support.city import signer_of

PAID = topic("Paid(bytes32[])")
FAILED = topic("PaymentFailed(bytes32,address,uint256,uint8)")
ENROLLED = topic("Enrolled(uint32,address,uint8)")
CLASS_SET = topic("ClassSet(uint32,address,uint8)")
FROZEN = topic("Frozen(uint32,address,uint16)")
PAUSED = topic("Paused(address)")
RULE_SET = topic("TransferRuleSet(uint8,uint8,bool)")
USED = topic("AuthorizationUsed(address,bytes32)")
ATTESTER_SET = topic("AttesterSet(uint256,address,bool)")
CAP_SET = topic("ProgrammeCapSet(uint256,uint256)")
ACTIVITY = topic("ActivityOpened(uint256,uint256,(uint32,uint16,uint32,uint16,uint40,uint40,uint32,bool,bool,bytes32))")
RULE_ADDED = topic("RuleAdded(uint256,(uint16,uint32,uint32,uint32,uint32,uint32,bytes32))")
REQUESTED = topic("RedemptionRequested(bytes32,uint32,uint256,bytes32,bytes32)")
LOCKED = topic("RedemptionsLocked(uint256,address,bytes32[])")
SETTLED = topic("RedemptionsSettled(bytes32,uint32,address,uint256,bytes32[])")
REFUNDED = topic("RedemptionRefunded(bytes32,uint32,address,uint256,uint16)")


DROPPED = [
    ("pay", TRANSFER, "paid-without-transfer", "pay"),
    ("pay", PAID, "state", "pay"),
    ("batch", TRANSFER, "paid-without-transfer", "batch"),
    ("batch", FAILED, "state", "batch"),
    ("plain", TRANSFER, "state", "plain"),
    ("voucher", USED, "state", "voucher"),
    ("refund", USED, "not-allowed", "refund"),
    ("refund", PAID, "paid-missing", "refund"),
    ("enrol", ENROLLED, "line-resident", "garden"),
    ("garden", REPORT_ISSUED, "mint-without-report", "garden"),
    ("garden", TRANSFER, "reward-missing", "garden"),
    ("lock", LOCKED, "redemption-status", "settle"),
    ("settle", SETTLED, "burn-without-redemption", "settle"),
    ("settle", TRANSFER, "settlement-not-burnt", "settle"),
    ("desk refund", REFUNDED, "release-without-redemption", "desk refund"),
    ("desk refund", TRANSFER, "release-missing", "desk refund"),
    ("pause", PAUSED, "pause", "unpause"),
    ("freeze", FROZEN, "freeze", "unfreeze"),
    ("closing", CLASS_SET, "state", "closing"),
    ("rule on", RULE_SET, "not-allowed", "gift"),
    ("cap", CAP_SET, "state", "cap"),
]


@pytest.mark.parametrize(("where", "event", "code", "named"), DROPPED)
async def test_a_dropped_log_is_found(day: Day, where: str, event: str, code: str, named: str) -> None:
    lie = about_logs(in_transaction(day, where, event, drop))
    assert_named(await lied_to(day, lie), code, day, named)


@pytest.mark.parametrize(
    ("event", "code", "named"),
    [
        (ROLE_GRANTED, "issuer-not-allowed", "garden"),
        (ROLE_GRANTED, "treasurer-not-allowed", "settle"),
        (ATTESTER_SET, "attester-not-appointed", "garden"),
        (ACTIVITY, "report-activity", "garden"),
        (RULE_ADDED, "no-rule", "garden"),
        (topic("TargetFunctionRoleUpdated(address,bytes4,uint64)"), "mint-without-report", "garden"),
        (topic("ProgrammeOpened(uint256,uint256,uint256,uint256)"), "budget", "garden"),
    ],
)
async def test_a_kind_of_log_that_is_withheld_everywhere_is_found(day: Day, event: str, code: str, named: str) -> None:
    """Of the roles only those of people: the registry's own is needed to find it at all."""
    registry = day.city.addresses["registry"][2:].lower()

    def change(log: Log) -> list[Log]:
        kept = log["topics"][0] != event or (event == ROLE_GRANTED and registry in log["topics"][2])
        return [log] if kept else []

    assert_named(await lied_to(day, about_logs(change)), code, day, named)


@pytest.mark.parametrize(
    ("where", "event", "change", "code"),
    [
        ("pay", TRANSFER, word(0, 251), "state"),
        ("pay", TRANSFER, word(0, 10**9), "overdrawn"),
        ("plain", TRANSFER, word(0, 1), "state"),
        ("garden", TRANSFER, word(0, 5), "mint-without-report"),
        ("settle", TRANSFER, word(0, 5), "burn-without-redemption"),
        ("settle", SETTLED, word(0, 5), "settlement-sum"),
        ("desk refund", REFUNDED, word(0, 5), "release-sum"),
        ("batch", FAILED, word(0, 9), "nonce-gap"),
        ("cap", CAP_SET, word(0, 1), "programme"),
        ("gift", TRANSFER, word(0, 0), "zero-payment"),
        ("kitchen", REPORT_ISSUED, word(4, 0), "issuer-signature"),
        ("kitchen", REPORT_ISSUED, word(4, 0b011), "issuer-signature"),
        ("kitchen", REPORT_ISSUED, word(2, 2**40), "report-digest"),
        ("kitchen", REPORT_ISSUED, word(3, 77), "attester-signature"),
        ("kitchen", REPORT_ISSUED, word(9, 120), "report-digest"),
        ("kitchen", REPORT_ISSUED, word(0, int(signer_of("treasurer").address, 16)), "issuer-not-allowed"),
    ],
)
async def test_a_changed_log_is_found(day: Day, where: str, event: str, change: Change, code: str) -> None:
    lie = about_logs(in_transaction(day, where, event, change))
    assert_named(await lied_to(day, lie), code, day, where)


@pytest.mark.parametrize(("place", "code"), [(-1, "issuer-signature"), (-2, "attester-signature")])
async def test_a_changed_signature_is_found(day: Day, place: int, code: str) -> None:
    def change(log: Log) -> list[Log]:
        # Each signature is three words and ends the data: a length before it, 31 bytes of padding behind it.
        at = len(log["data"]) + 256 * place + 64
        flipped = f"{int(log['data'][at : at + 64], 16) ^ 1:064x}"
        return [{**log, "data": log["data"][:at] + flipped + log["data"][at + 64 :]}]

    lie = about_logs(in_transaction(day, "garden", REPORT_ISSUED, change))
    assert_named(await lied_to(day, lie), code, day, "garden")


@pytest.mark.parametrize("receipts", [False, True])
async def test_an_added_log_is_found(day: Day, *, receipts: bool) -> None:
    """A payment that never was, in the list of logs alone or in the receipt as well."""

    def change(log: Log) -> list[Log]:
        return [log, {**log, "logIndex": "0x63"}]

    lie = about_logs(in_transaction(day, "plain", TRANSFER, change), receipts=receipts)
    assert_named(await lied_to(day, lie), "state", day, "plain")


async def test_a_log_left_out_of_the_list_is_found_in_the_receipt(day: Day) -> None:
    lie = about_logs(in_transaction(day, "plain", TRANSFER, drop), receipts=False)
    findings = await lied_to(day, lie)
    assert_named(findings, "state", day, "plain")
    assert any("left out" in finding.message for finding in findings)


async def test_a_log_twice_is_found(day: Day) -> None:
    lie = about_logs(in_transaction(day, "plain", TRANSFER, lambda log: [log, log]))
    assert_named(await lied_to(day, lie), "log-not-of-block", day, "plain")


async def test_a_log_of_another_block_is_found(day: Day) -> None:
    lie = about_logs(in_transaction(day, "plain", TRANSFER, lambda log: [{**log, "blockHash": "0x" + "00" * 32}]))
    assert_named(await lied_to(day, lie), "log-not-of-block", day, "plain")


async def test_a_log_without_its_fields_is_found(day: Day) -> None:
    lie = about_logs(in_transaction(day, "plain", TRANSFER, lambda log: [{**log, "data": "0x"}]))
    assert_named(await lied_to(day, lie), "unknown-event", day, "plain")


async def test_a_hidden_range_of_blocks_is_found(day: Day) -> None:
    hidden = range(day.block("to refund"), day.block("second refund") + 1)
    lie = about_logs(lambda log: [] if int(log["blockNumber"], 16) in hidden else [log])
    findings = await lied_to(day, lie)
    found = {(f.block, f.transaction) for f in findings if f.code == "state"}
    places = ("to refund", "refund", "second refund")
    assert found & {(day.block(name), day.transaction(name)) for name in places}


@pytest.mark.parametrize(
    ("part", "function", "code_where"),
    [
        ("token", "totalSupply", "garden"),
        ("token", "wordsOf", "replace shop"),
        ("registry", "wordsOf", None),
        ("desk", "wordsOf", None),
        ("registry", "programmeOf", None),
        ("token", "holderOf", "enrol"),
        ("registry", "earned", None),
        ("desk", "lockOf", "lock"),
    ],
)
async def test_a_false_view_is_found(day: Day, part: str, function: str, code_where: str | None) -> None:
    contract = load({"token": "MunicipalToken", "registry": "ActivityRegistry", "desk": "RedemptionDesk"}[part])
    lie = about_view(day.city.addresses[part], contract.function(function).selector, plus(1))
    findings = await lied_to(day, lie)
    assert all(finding.code == "state" for finding in findings)
    assert findings[0].block is not None
    assert findings[0].transaction is not None
    if code_where:
        assert_named(findings, "state", day, code_where)


async def test_false_sums_are_found(day: Day) -> None:
    def change(answer: bytes) -> bytes:
        settled = int.from_bytes(answer[32:64], "big")
        return answer[:32] + (settled + 1).to_bytes(32, "big") + answer[64:] if settled else answer

    lie = about_view(day.city.addresses["token"], load("MunicipalToken").function("ledger").selector, change)
    assert_named(await lied_to(day, lie), "state", day, "settle")


async def test_a_block_that_is_no_child_of_the_one_before_is_found(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heitje.audit.reader.FIRST_RANGE", 8)
    monkeypatch.setattr("heitje.audit.reader.LONGEST_RANGE", 8)

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == "0x9":
            return {**result, "parentHash": "0x" + "11" * 32}
        return result

    findings = await lied_to(day, lie)
    assert ("broken-chain", 9) in [(finding.code, finding.block) for finding in findings]


async def test_a_node_that_gives_few_blocks_at_a_time_is_asked_for_fewer(day: Day) -> None:
    refused: list[int] = []

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs" and int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) >= 5:
            refused.append(1)
            return No("exceeds maximum block range")
        return result

    async with lying_node(day.city.url, lie) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert result.is_clean
    assert result.counts()["payments"] > 0
    assert refused


async def test_a_node_that_forgot_its_old_state_is_read_from_the_beginning_and_that_is_noted(day: Day) -> None:
    head = day.block("last")

    def lie(method: str, params: list[Any], result: Any) -> Any:
        forgotten = method in ("eth_call", "eth_getCode") and int(params[1], 16) < head
        return No("missing trie node") if forgotten else result

    async with lying_node(day.city.url, lie) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert result.is_clean
    assert result.facts.first_block == 0
    assert "no longer has the state" in result.notes[0]


async def test_without_old_state_a_difference_is_still_found(day: Day) -> None:
    head = day.block("last")
    supply = "0x" + load("MunicipalToken").function("totalSupply").selector.hex()

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method in ("eth_call", "eth_getCode") and int(params[1], 16) < head:
            return No("missing trie node")
        return f"0x{5:064x}" if method == "eth_call" and params[0]["data"] == supply else result

    findings = await lied_to(day, lie)
    assert "no state of old" in findings[0].message


async def test_a_chain_that_changes_under_the_audit_is_not_a_finding(day: Day) -> None:
    asked: list[str] = []

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and result["number"] == hex(day.block("last")):
            asked.append(params[0])
            return {**result, "hash": f"0x{len(asked):064x}"} if params[0] != "latest" and len(asked) > 2 else result
        return result

    async with lying_node(day.city.url, lie) as url:
        with pytest.raises(AuditImpossible, match="run the audit again"):
            await audit_url(url, day.city.addresses["token"])
