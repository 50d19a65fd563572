# SPDX-License-Identifier: EUPL-1.2
"""Hand-packed digests against eth-account's general encoder, with type strings written here from the specification."""

import re
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain import typed_data
from heitje.chain.typed_data import Domain, Group, Line

PAYMENT = "Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)"
TRANSFER = (
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,"
    "bytes32 nonce)"
)
RECEIVE = TRANSFER.replace("TransferWith", "ReceiveWith")
CANCEL_AUTHORIZATION = "CancelAuthorization(address authorizer,bytes32 nonce)"
REPORT = (
    "Report(address attester,uint256 activity,Line[] lines,uint256 deadline,uint256 serial)"
    "Line(uint32 number,uint16 minutes,bytes32 evidence)"
)
RELEASE = "Release(address issuer,bytes32 report,uint256 skip)"
LOCK = "Lock(address treasurer,bytes32[] ids,uint256 deadline)"
SETTLE = "Settle(address treasurer,Group[] groups,uint256 deadline)Group(bytes32 payoutReference,bytes32[] ids)"
REFUND = "Refund(address treasurer,bytes32[] ids,uint16 reason,uint256 deadline)"
CANCEL = "Cancel(bytes32 id)"
LOGIN = "Login(address account,string origin,bytes32 nonce,uint256 issuedAt)"
JOIN = "Join(address account,bytes32 code)"

uint256 = st.integers(0, 2**256 - 1)
bytes32 = st.binary(min_size=32, max_size=32)
address = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
lines = st.lists(st.builds(Line, st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), bytes32), max_size=5)
groups = st.lists(st.builds(Group, bytes32, st.lists(bytes32, max_size=3)), max_size=3)
domains = st.builds(Domain, st.text(max_size=31), st.just("1"), st.integers(1, 2**53), address)


def reference(domain: Domain, types: str, message: dict[str, Any]) -> bytes:
    """The digest as eth-account encodes it."""
    parsed = {
        name: [dict(zip(("type", "name"), part.split(" "), strict=True)) for part in parts.split(",")]
        for name, parts in re.findall(r"(\w+)\(([^)]*)\)", types)
    }
    signable = encode_typed_data(
        {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": domain.contract,
        },
        parsed,
        message,
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@given(domains, address, address, uint256, uint256, uint256, bytes32)
def test_a_payment_has_the_digest_of_its_typed_data(
    domain: Domain, payer: str, payee: str, value: int, nonce: int, deadline: int, request: bytes
) -> None:
    message = {"from": payer, "to": payee, "value": value, "nonce": nonce, "deadline": deadline, "requestId": request}
    expected = reference(domain, PAYMENT, message)
    assert typed_data.payment_digest(domain, payer, payee, value, nonce, deadline, request) == expected


@given(domains, address, address, uint256, uint256, uint256, bytes32)
def test_authorizations_have_the_digests_of_eip_3009(
    domain: Domain, payer: str, payee: str, value: int, after: int, before: int, nonce: bytes
) -> None:
    message = {"from": payer, "to": payee, "value": value, "validAfter": after, "validBefore": before, "nonce": nonce}
    arguments = (domain, payer, payee, value, after, before, nonce)
    assert typed_data.transfer_with_authorization_digest(*arguments) == reference(domain, TRANSFER, message)
    assert typed_data.receive_with_authorization_digest(*arguments) == reference(domain, RECEIVE, message)
    withdrawal = reference(domain, CANCEL_AUTHORIZATION, {"authorizer": payer, "nonce": nonce})
    assert typed_data.cancel_authorization_digest(domain, payer, nonce) == withdrawal


@given(domains, address, uint256, lines, uint256, uint256, uint256)
def test_a_report_and_its_release_have_the_digests_of_their_typed_data(
    domain: Domain, signer: str, activity: int, report_lines: list[Line], deadline: int, serial: int, skip: int
) -> None:
    message = {
        "attester": signer,
        "activity": activity,
        "lines": [line._asdict() for line in report_lines],
        "deadline": deadline,
        "serial": serial,
    }
    digest = typed_data.report_digest(domain, signer, activity, report_lines, deadline, serial)
    assert digest == reference(domain, REPORT, message)
    release = reference(domain, RELEASE, {"issuer": signer, "report": digest, "skip": skip})
    assert typed_data.release_digest(domain, signer, digest, skip) == release


@given(domains, address, st.lists(bytes32, max_size=4), groups, st.integers(0, 2**16 - 1), uint256)
def test_what_treasurers_and_merchants_sign_has_the_digest_of_its_typed_data(
    domain: Domain, treasurer: str, ids: list[bytes], paid: list[Group], reason: int, deadline: int
) -> None:
    who = {"treasurer": treasurer, "deadline": deadline}
    lock = reference(domain, LOCK, {**who, "ids": ids})
    assert typed_data.lock_digest(domain, treasurer, ids, deadline) == lock
    settled = [{"payoutReference": group.payout_reference, "ids": group.ids} for group in paid]
    settle = reference(domain, SETTLE, {**who, "groups": settled})
    assert typed_data.settle_digest(domain, treasurer, paid, deadline) == settle
    refund = reference(domain, REFUND, {**who, "ids": ids, "reason": reason})
    assert typed_data.refund_digest(domain, treasurer, ids, reason, deadline) == refund
    for redemption in ids:
        cancel = reference(domain, CANCEL, {"id": redemption})
        assert typed_data.cancel_digest(domain, redemption) == cancel


@given(domains, address, st.text(max_size=60), bytes32, uint256)
def test_what_shows_whose_an_address_is_has_the_digest_of_its_typed_data(
    domain: Domain, account: str, origin: str, random: bytes, issued_at: int
) -> None:
    login = {"account": account, "origin": origin, "nonce": random, "issuedAt": issued_at}
    assert typed_data.login_digest(domain, account, origin, random, issued_at) == reference(domain, LOGIN, login)
    joined = reference(domain, JOIN, {"account": account, "code": random})
    assert typed_data.join_digest(domain, account, random) == joined


def test_the_domain_separator_is_that_of_eip_712s_own_example() -> None:
    """Source: `Example.sol` of EIP-712, domain "Ether Mail"."""
    domain = Domain("Ether Mail", "1", 1, "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")
    assert domain.separator.hex() == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f"


def test_an_id_is_the_hash_of_the_abi_encoding() -> None:
    packed = encode(["uint32", "uint256", "bytes32", "bytes32"], [7, 1250, b"\1" * 32, b"\2" * 32])
    assert typed_data.redemption_id(7, 1250, b"\1" * 32, b"\2" * 32) == keccak(packed)
    nonce = keccak(encode(["string", "bytes32", "uint256"], ["refund", b"\3" * 32, 15]))
    assert typed_data.refund_nonce(b"\3" * 32, 15) == nonce


@pytest.mark.parametrize("wrong", [b"", b"\0" * 31, b"\0" * 33])
def test_a_hash_of_another_length_is_refused(wrong: bytes) -> None:
    domain = Domain("Heitje", "1", 1, "0x" + "11" * 20)
    with pytest.raises(ValueError, match="32 are needed"):
        typed_data.cancel_digest(domain, wrong)


def test_an_address_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not an address"):
        Domain("Heitje", "1", 1, "0x1122")
