# SPDX-License-Identifier: EUPL-1.2
"""What a resident's phone and a shop's till do: sign EIP-712 messages and talk HTTP.

The types are written out here as an outside developer would write them from the contracts' documentation.
"""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak

from tools.demo.people import Person

PAYMENT = [
    {"name": "from", "type": "address"},
    {"name": "to", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
    {"name": "requestId", "type": "bytes32"},
]
AUTHORIZATION = [
    {"name": "from", "type": "address"},
    {"name": "to", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "validAfter", "type": "uint256"},
    {"name": "validBefore", "type": "uint256"},
    {"name": "nonce", "type": "bytes32"},
]
LIFETIME = 600
"""Seconds a signed message is good for."""


class Refused(RuntimeError):
    """The relayer refused; the message is its problem document."""


class Relayer:
    """The relayer's API, over plain HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        """Reads what is public."""
        return self._call(urllib.request.Request(self.url + path))  # noqa: S310  -- http, on this machine

    def post(self, path: str, body: dict[str, Any], key: str, wait: int = 0) -> Any:
        """Posts with an Idempotency-Key; `wait` is for how many seconds the answer may wait for the outcome."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        data = json.dumps(body).encode()
        return self._call(urllib.request.Request(self.url + path, data, headers))  # noqa: S310

    def _call(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.read().decode(errors="replace")) from error


def _signed(person: Person, domain: dict[str, Any], name: str, fields: list[dict[str, str]], message: Any) -> str:
    signed = Account.sign_typed_data(person.key, domain, {name: fields}, message)
    return "0x" + bytes(signed.signature).hex()


def payment(domain: dict[str, Any], payer: Person, payee: str, cents: int, nonce: int) -> dict[str, Any]:
    """A signed payment as `POST /v1/payments` takes it."""
    request = secrets.token_bytes(32)
    message: dict[str, Any] = {
        "from": payer.address,
        "to": payee,
        "value": cents,
        "nonce": nonce,
        "deadline": int(time.time()) + LIFETIME,
        "requestId": request,
    }
    signature = _signed(payer, domain, "Payment", PAYMENT, message)
    return {
        **message,
        "value": str(cents),
        "nonce": str(nonce),
        "requestId": "0x" + request.hex(),
        "signature": signature,
    }


def redemption(domain: dict[str, Any], merchant: Person, desk: str, cents: int) -> dict[str, Any]:
    """A signed redemption as `POST /v1/redemptions` takes it: an ERC-3009 authorization whose nonce is its id."""
    commitment, salt = secrets.token_bytes(32), secrets.token_bytes(32)
    id_ = keccak(encode(["uint32", "uint256", "bytes32", "bytes32"], [merchant.member, cents, commitment, salt]))
    message = {
        "from": merchant.address,
        "to": desk,
        "value": cents,
        "validAfter": 0,
        "validBefore": int(time.time()) + LIFETIME,
        "nonce": id_,
    }
    return {
        "from": merchant.address,
        "amount": str(cents),
        "validAfter": message["validAfter"],
        "validBefore": message["validBefore"],
        "payoutCommitment": "0x" + commitment.hex(),
        "salt": "0x" + salt.hex(),
        "signature": _signed(merchant, domain, "ReceiveWithAuthorization", AUTHORIZATION, message),
    }


def refund(
    domain: dict[str, Any], merchant: Person, payee: str, cents: int, payment_digest: str, k: int
) -> dict[str, Any]:
    """A signed refund as `POST /v1/refunds` takes it: an ERC-3009 authorization whose nonce names the payment."""
    nonce = keccak(encode(["string", "bytes32", "uint256"], ["refund", bytes.fromhex(payment_digest[2:]), k]))
    message = {
        "from": merchant.address,
        "to": payee,
        "value": cents,
        "validAfter": 0,
        "validBefore": int(time.time()) + LIFETIME,
        "nonce": nonce,
    }
    return {
        "from": merchant.address,
        "to": payee,
        "value": str(cents),
        "validAfter": message["validAfter"],
        "validBefore": message["validBefore"],
        "payment": payment_digest,
        "k": k,
        "signature": _signed(merchant, domain, "TransferWithAuthorization", AUTHORIZATION, message),
    }
