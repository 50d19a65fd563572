# SPDX-License-Identifier: EUPL-1.2
"""What the contracts take for signed, against what a wallet signs that knows only `eip712Domain()` and the types.

Nothing of `heitje.chain.typed_data` is used here: the types are written from the specification, the encoder is
eth-account's.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.support.anvil import Anvil
from tests.support.city import City

PAYMENT = "Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)"
AUTHORIZATION = "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
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

SOMEBODY = "0x00000000000000000000000000000000000000Aa"
IDS = [keccak(b"one"), keccak(b"two")]
FIELDS_ALL_BUT_SALT = b"\x0f"
RESIDENT, SHOP = 10014, 90018
FAR = 2**40 - 1


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with Anvil() as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[RESIDENT], merchants=[SHOP])
        city.issue(city.open_activity(), {RESIDENT: 120})
        yield city


def digest(city: City, part: str, types: str, message: dict[str, Any]) -> bytes:
    """The digest as eth-account encodes it, under the domain the contract names by itself (ERC-5267)."""
    fields, name, version, chain_id, contract, _, extensions = city.call(part, "eip712Domain")
    assert (fields, list(extensions)) == (FIELDS_ALL_BUT_SALT, [])
    domain = {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract}
    parsed = {
        name: [dict(zip(("type", "name"), part.split(" "), strict=True)) for part in parts.split(",")]
        for name, parts in re.findall(r"(\w+)\(([^)]*)\)", types)
    }
    signable = encode_typed_data(domain, parsed, message)
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def digests_paid(receipt: dict[str, Any]) -> str:
    """The data of the one `Paid` log in a receipt, as hex."""
    (log,) = [log for log in receipt["logs"] if log["topics"][0] == "0x" + keccak(text="Paid(bytes32[])").hex()]
    return str(log["data"])


def test_reports_and_releases(city: City) -> None:
    lines = [(10014, 90, keccak(b"evidence")), (10022, 65535, bytes(32))]
    keys = ("number", "minutes", "evidence")
    message = {
        "attester": SOMEBODY,
        "activity": 2**80,
        "lines": [dict(zip(keys, line, strict=True)) for line in lines],
        "deadline": FAR,
        "serial": 2**255,
    }
    expected = digest(city, "registry", REPORT, message)
    assert city.call("registry", "reportDigest", (SOMEBODY, 2**80, lines, FAR, 2**255)) == expected
    release = digest(city, "registry", RELEASE, {"issuer": SOMEBODY, "report": expected, "skip": 2})
    assert city.call("registry", "releaseDigest", SOMEBODY, expected, 2) == release


def test_what_treasurers_and_merchants_sign_at_the_desk(city: City) -> None:
    groups = [{"payoutReference": keccak(b"a"), "ids": IDS}, {"payoutReference": keccak(b"b"), "ids": IDS[:1]}]
    message: dict[str, Any] = {"treasurer": SOMEBODY, "ids": IDS, "deadline": FAR}
    assert city.call("desk", "lockDigest", SOMEBODY, IDS, FAR) == digest(city, "desk", LOCK, message)
    refund = {**message, "reason": 7}
    assert city.call("desk", "refundDigest", SOMEBODY, IDS, 7, FAR) == digest(city, "desk", REFUND, refund)
    settle = {"treasurer": SOMEBODY, "groups": groups, "deadline": FAR}
    struct = [(group["payoutReference"], group["ids"]) for group in groups]
    assert city.call("desk", "settleDigest", SOMEBODY, struct, FAR) == digest(city, "desk", SETTLE, settle)
    assert city.call("desk", "cancelDigest", IDS[0]) == digest(city, "desk", CANCEL, {"id": IDS[0]})


def test_a_redemption_is_named_by_what_it_says(city: City) -> None:
    expected = keccak(encode(["uint32", "uint256", "bytes32", "bytes32"], [SHOP, 250, IDS[0], IDS[1]]))
    assert city.call("desk", "redemptionId", SHOP, 250, IDS[0], IDS[1]) == expected


def test_a_payment_signed_by_a_wallet_is_paid_under_its_digest(city: City) -> None:
    payer = city.member(RESIDENT)
    item = {
        "from": payer.address,
        "to": city.address_of(SHOP),
        "value": 250,
        "nonce": city.call("token", "paymentNonce", payer.address),
        "deadline": FAR,
        "requestId": keccak(b"till"),
    }
    signed = digest(city, "token", PAYMENT, item)
    receipt = city.send("carrier", "token", "pay", item, payer.sign_digest(signed))
    assert signed.hex() in digests_paid(receipt)


@pytest.mark.parametrize("form", ["bytes", "uint8,bytes32,bytes32"])
def test_an_authorization_signed_by_a_wallet_is_carried_in_both_forms(city: City, form: str) -> None:
    payer, nonce = city.member(RESIDENT), keccak(form.encode())
    names = ("from", "to", "value", "validAfter", "validBefore", "nonce")
    fields = (payer.address, city.address_of(SHOP), 100, 0, FAR, nonce)
    message = dict(zip(names, fields, strict=True))
    signed = digest(city, "token", f"TransferWithAuthorization{AUTHORIZATION}", message)
    signature = payer.sign_digest(signed)
    parts = (signature,) if form == "bytes" else (signature[64], signature[:32], signature[32:64])
    function = f"transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,{form})"
    receipt = city.send("carrier", "token", function, *fields, *parts)
    assert signed.hex() in digests_paid(receipt)


def test_an_authorization_to_receive_and_its_cancellation(city: City) -> None:
    shop, desk = city.member(SHOP), city.addresses["desk"]
    city.pay(RESIDENT, SHOP, 100)
    commitment, salt = keccak(b"account"), keccak(b"salt")
    redemption = city.call("desk", "redemptionId", SHOP, 100, commitment, salt)
    names = ("from", "to", "value", "validAfter", "validBefore", "nonce")
    message = dict(zip(names, (shop.address, desk, 100, 0, FAR, redemption), strict=True))
    signature = shop.sign_digest(digest(city, "token", f"ReceiveWithAuthorization{AUTHORIZATION}", message))
    city.send("carrier", "desk", "request", [(shop.address, 100, 0, FAR, commitment, salt)], [signature])
    assert city.call("desk", "redemptionOf", redemption)["amount"] == 100

    nonce = keccak(b"never used")
    cancellation = digest(city, "token", CANCEL_AUTHORIZATION, {"authorizer": shop.address, "nonce": nonce})
    function = "cancelAuthorization(address,bytes32,bytes)"
    city.send("carrier", "token", function, shop.address, nonce, shop.sign_digest(cancellation))
    assert city.call("token", "authorizationState", shop.address, nonce)


def test_every_contract_signs_under_a_domain_of_its_own(city: City) -> None:
    domains = [city.call(part, "eip712Domain") for part in ("token", "registry", "desk")]
    assert len({domain[1] for domain in domains}) == 3
    assert [domain[4] for domain in domains] == [city.addresses[part] for part in ("token", "registry", "desk")]
