# SPDX-License-Identifier: EUPL-1.2
"""Reports that contracts signed (ERC-1271): the contract is asked as of then, and what it does not tell is said."""

from typing import Any

import pytest

from heitje.audit.command import audit_url
from heitje.chain.logs import REPORT_ISSUED
from tests.chain.audit.day import Day
from tests.chain.audit.lies import Log, assert_named, in_transaction, lied_to
from tests.chain.audit.lying_node import Lie, No, about_logs, lying_node
from tests.support.city import signer_of
from tests.support.wallet import SINGLETON, shipped

SELECTOR = "0x1626ba7e"
FIRST = "0x0000000000000000000000000000000000000001"
"""What a Safe takes for the owner before its first."""
NO = "0x" + "00" * 32


def is_question(method: str, params: list[Any]) -> bool:
    return method == "eth_call" and params[0]["data"].startswith(SELECTOR)


def forgotten(day: Day) -> Lie:
    """A node that keeps the state of its last block only."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        old = method in ("eth_call", "eth_getCode") and int(params[1], 16) < day.block("last")
        return No("missing trie node") if old else result

    return lie


async def test_a_wallet_that_says_no_is_found(day: Day) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return NO if is_question(method, params) else result

    findings = await lied_to(day, lie)
    assert_named(findings, "attester-signature", day, "walk")
    assert_named(findings, "issuer-signature", day, "walk")
    assert len(findings) == 2


@pytest.mark.parametrize("answer", ["0x", "0x1626ba7e", "0x" + "ff" * 32, No("execution reverted")])
async def test_a_wallet_whose_answer_is_no_yes_is_found(day: Day, answer: Any) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return answer if is_question(method, params) else result

    assert_named(await lied_to(day, lie), "attester-signature", day, "walk")


async def test_a_wallet_is_asked_as_of_then_and_not_as_of_now(changing: Day) -> None:
    """An owner leaves, and the wallet agrees with the old signatures no longer: the report stays signed."""
    city, house = changing.city, changing.city.wallets["house"]
    leaves, comes = house.owners[0].address, signer_of("new chair").address
    house.execute(house.address, shipped(SINGLETON).encode("swapOwner", FIRST, leaves, comes))
    result = await audit_url(city.url, city.addresses["token"])
    assert result.findings.listed == []
    assert result.counts()["walletSignatures"] == 2


async def test_a_wallet_that_changed_its_mind_within_the_block_is_believed_as_of_the_block_before(day: Day) -> None:
    def lie(method: str, params: list[Any], result: Any) -> Any:
        return NO if is_question(method, params) and int(params[1], 16) == day.block("walk") else result

    async with lying_node(day.city.url, lie) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert result.is_clean
    assert result.counts()["walletSignatures"] == 2


async def test_what_no_node_can_tell_is_said_and_never_called_checked(day: Day) -> None:
    async with lying_node(day.city.url, forgotten(day)) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert result.is_clean
    counts = result.counts()
    assert (counts["walletSignatures"], counts["walletSignaturesNotChecked"]) == (0, 2)
    assert "NOT CHECKED: 2 signatures of contracts" in result.to_text()
    assert any(f"(blocks {day.block('walk')}): they were NOT checked" in note for note in result.notes)


async def test_a_forged_signature_of_a_key_is_found_without_any_old_state(day: Day) -> None:
    def change(log: Log) -> list[Log]:
        at = len(log["data"]) - 192
        return [{**log, "data": log["data"][:at] + f"{1:064x}" + log["data"][at + 64 :]}]

    without_state, forged = forgotten(day), about_logs(in_transaction(day, "garden", REPORT_ISSUED, change))

    def lie(method: str, params: list[Any], result: Any) -> Any:
        return without_state(method, params, forged(method, params, result))

    assert_named(await lied_to(day, lie), "issuer-signature", day, "garden")
