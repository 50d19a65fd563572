# SPDX-License-Identifier: EUPL-1.2
"""State that no transaction made, and officials that go past the rules, are found."""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.audit.report import Result
from heitje.chain.abi import load
from heitje.chain.words import uid_of
from tests.chain.audit.command import heitje
from tests.chain.audit.day import BAKER, Day
from tests.support.anvil import Anvil, rpc
from tests.support.city import CORRECTOR, ISSUER, MINTER, City, signer_of


def slot_of(contract: str, variable: str) -> int:
    """Where the compiler put a variable."""
    file = resources.files("heitje.chain").joinpath("artifacts", f"{contract}.json")
    layout = json.loads(file.read_text())["storageLayout"]["storage"]
    return next(int(item["slot"]) for item in layout if item["label"] == variable)


def in_mapping(key: int | str | bytes, slot: int) -> str:
    """Where a mapping keeps a key's word."""
    number = int(key, 16) if isinstance(key, str) else int.from_bytes(key, "big") if isinstance(key, bytes) else key
    return "0x" + keccak(number.to_bytes(32, "big") + slot.to_bytes(32, "big")).hex()


def alter(anvil: Anvil, contract: str, slot: str, change: Callable[[int], int]) -> None:
    """Changes a word behind everybody's back, and lets a block go by."""
    word = int(anvil.rpc("eth_getStorageAt", contract, slot, "latest"), 16)
    assert word != 0, "this slot holds nothing: the test looks in the wrong place"
    anvil.rpc("anvil_setStorageAt", contract, slot, f"0x{change(word):064x}")
    anvil.mine(3)


async def audit_of(city: City) -> Result:
    return await audit_url(city.url, city.addresses["token"])


def targets(day: Day) -> dict[str, tuple[str, str]]:
    city = day.city
    token, registry, desk = (city.addresses[name] for name in ("token", "registry", "desk"))
    accounts, sums = slot_of("MunicipalToken", "_accounts"), slot_of("MunicipalToken", "_ledger")
    attestations = slot_of("ActivityRegistry", "_attestations")
    return {
        "balance": (token, in_mapping(city.address_of(71), accounts)),
        "sums": (token, f"0x{sums:064x}"),
        "holder": (token, in_mapping(BAKER, slot_of("MunicipalToken", "_holders"))),
        "attestation": (registry, in_mapping(uid_of(day.activities["garden"], 72), attestations)),
        "budget": (registry, in_mapping(city.programme, slot_of("ActivityRegistry", "_budgets"))),
        "lock": (desk, in_mapping(1, slot_of("RedemptionDesk", "_locks"))),
        "dates": (token, f"0x{slot_of('MunicipalToken', '_rules'):064x}"),
        "dead": (token, in_mapping(signer_of("member 71").address, accounts)),
        "struck": (registry, in_mapping(uid_of(day.activities["garden"], 74), attestations)),
        "lowered": (registry, in_mapping(73 << 16 | 2026, slot_of("ActivityRegistry", "_caps"))),
        "report": (registry, in_mapping(day.reports["walk"], slot_of("ActivityRegistry", "_fates"))),
        "closed": (desk, f"0x{slot_of('RedemptionDesk', '_closed'):064x}"),
    }


@pytest.mark.parametrize(
    ("what", "bit"),
    [
        ("balance", 0),
        ("sums", 0),
        ("holder", 0),
        ("attestation", 0),
        ("budget", 0),
        ("lock", 0),
        ("dates", 80),  # issue, pay and redeem until: 40 bits each, from bit 64 on
        ("dates", 120),
        ("dates", 160),
        ("dead", 202),  # DEAD
        ("struck", 32),
        ("struck", 176),  # minutes kept
        ("struck", 192),  # when it was reduced
        ("struck", 168),  # its status
        ("lowered", 240),
        ("report", 0),
        ("closed", 32),
    ],
)
async def test_an_altered_word_is_found_with_the_block_it_happened_in(
    anvil: Anvil, changing: Day, what: str, bit: int
) -> None:
    contract, slot = targets(changing)[what]
    head = int(anvil.rpc("eth_blockNumber"), 16)
    alter(anvil, contract, slot, lambda word: word ^ 1 << bit)
    result = await audit_of(changing.city)
    assert {finding.code for finding in result.findings.listed} == {"state"}
    # The state after a block is altered: the last block that anybody's transaction was in is the first that is wrong.
    assert (result.findings.listed[0].block, result.findings.listed[0].transaction) == (
        head,
        last_transaction(anvil, head),
    )


def last_transaction(anvil: Anvil, block: int) -> str:
    transactions: list[str] = anvil.rpc("eth_getBlockByNumber", hex(block), False)["transactions"]
    return transactions[-1]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_command_exits_1_and_names_block_and_transaction(
    anvil: Anvil, changing: Day, tmp_path: Path, form: tuple[str, ...]
) -> None:
    contract, slot = targets(changing)["balance"]
    head = int(anvil.rpc("eth_blockNumber"), 16)
    alter(anvil, contract, slot, lambda word: word + 1)
    run = heitje(tmp_path, "audit", "--rpc", anvil.url, "--token", changing.city.addresses["token"], *form)
    assert (run.returncode, run.stderr) == (1, "")
    assert last_transaction(anvil, head) in run.stdout
    assert str(head) in run.stdout
    if form:
        report = json.loads(run.stdout)
        assert (report["ok"], report["findings"][0]["block"]) == (False, head)
    else:
        assert "THE BOOKS ARE RIGHT" not in run.stdout
        assert "WRONG" in run.stdout


async def test_a_nonce_moved_behind_everybodys_back_is_found(anvil: Anvil, changing: Day) -> None:
    contract, slot = targets(changing)["balance"]
    alter(anvil, contract, slot, lambda word: word + (1 << 112))
    result = await audit_of(changing.city)
    assert "nonce" in result.findings.listed[0].message


def send_as(city: City, sender: str, part: str, function: str, *arguments: Any) -> dict[str, Any]:
    """A transaction by an address whose key nobody has."""
    rpc(city.url, "anvil_impersonateAccount", sender)
    names = {"token": "MunicipalToken"}
    data = "0x" + load(names[part]).encode(function, *arguments).hex()
    call = {"from": sender, "to": city.addresses[part], "data": data, "gas": hex(5_000_000), "gasPrice": "0x0"}
    receipt = city.receipt(rpc(city.url, "eth_sendTransaction", call))
    rpc(city.url, "anvil_stopImpersonatingAccount", sender)
    assert receipt["status"] == "0x1"
    return receipt


async def test_credits_without_a_report_are_found(changing: Day) -> None:
    city = changing.city
    receipt = send_as(city, city.addresses["registry"], "token", "issue", [100 | 71 << 48])
    result = await audit_of(city)
    found = [(f.code, f.block, f.transaction) for f in result.findings.listed]
    assert ("mint-without-report", int(receipt["blockNumber"], 16), receipt["transactionHash"]) in found


async def test_an_official_who_may_create_credits_is_found(changing: Day) -> None:
    city = changing.city
    grant = city.send("admin", "authority", "grantRole", MINTER, signer_of("rogue").address, 0)
    city.send("rogue", "token", "issue", [500_000 | 71 << 48])
    result = await audit_of(city)
    found = {(f.code, f.transaction) for f in result.findings.listed}
    assert ("minter-no-registry", grant["transactionHash"]) in found
    assert "mint-without-report" in {code for code, _ in found}


async def test_an_altered_replacement_that_waits_is_found(anvil: Anvil, changing: Day) -> None:
    """Who takes over a number is exactly what somebody would alter."""
    city = changing.city
    city.request_replacement(73, "new phone of 73")
    waiting = int(in_mapping(73, slot_of("MunicipalToken", "_replacements")), 16) + 1
    alter(anvil, city.addresses["token"], f"0x{waiting:064x}", lambda word: word ^ 1)
    result = await audit_of(city)
    assert [f.code for f in result.findings.listed] == ["state"]
    assert "replacement 73" in result.findings.listed[0].message


async def test_an_official_who_may_take_credits_back_is_found(changing: Day) -> None:
    city = changing.city
    grant = city.send("admin", "authority", "grantRole", CORRECTOR, signer_of("rogue").address, 0)
    taken = city.send("rogue", "token", "clawback", 73, 100)
    result = await audit_of(city)
    found = {(f.code, f.transaction) for f in result.findings.listed}
    assert ("corrector-no-registry", grant["transactionHash"]) in found
    assert ("clawback-without-attestation", taken["transactionHash"]) in found


async def test_a_registry_that_claws_back_what_nobody_struck_is_found(changing: Day) -> None:
    city = changing.city
    receipt = send_as(city, city.addresses["registry"], "token", "clawback", 73, 100)
    result = await audit_of(city)
    assert ("clawback-without-attestation", receipt["transactionHash"]) in {
        (f.code, f.transaction) for f in result.findings.listed
    }


async def test_a_burn_without_a_redemption_is_found(changing: Day) -> None:
    city = changing.city
    receipt = send_as(city, city.addresses["desk"], "token", "settleEscrow", 25, [501 | 1 << 32])
    result = await audit_of(city)
    found = {(f.code, f.transaction) for f in result.findings.listed}
    assert ("burn-without-redemption", receipt["transactionHash"]) in found
    assert ("desk-balance", receipt["transactionHash"]) in found


async def test_escrow_given_back_without_ending_a_redemption_is_found(changing: Day) -> None:
    city = changing.city
    receipt = send_as(city, city.addresses["desk"], "token", "releaseEscrow", 501, 25)
    result = await audit_of(city)
    assert ("release-without-redemption", receipt["transactionHash"]) in {
        (f.code, f.transaction) for f in result.findings.listed
    }


async def test_an_issuer_of_yesterday_is_no_issuer_today(changing: Day) -> None:
    """Rights are looked up as they were at the moment of the report, not as they are now."""
    city = changing.city
    city.send("admin", "authority", "revokeRole", ISSUER, signer_of("issuer").address)
    assert (await audit_of(city)).is_clean
