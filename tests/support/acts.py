# SPDX-License-Identifier: EUPL-1.2
"""What people sign beside payments, reports and redemptions, as the API takes it."""

import time
from typing import Any

from heitje.chain import typed_data
from tests.support.anvil import Anvil
from tests.support.city import DAY, City


def refund_body(
    city: City, shop: int, payee: int, cents: int, payment: str, k: int = 0, **others: Any
) -> dict[str, Any]:
    """A shop's refund of a payment; `before` and `after` (Unix time) can be given."""
    nonce = typed_data.refund_nonce(bytes.fromhex(payment[2:]), k)
    body = authorization_body(city, shop, payee, cents, nonce, **others)
    del body["nonce"]
    return {**body, "payment": payment, "k": k}


def authorization_body(city: City, payer: int, payee: int, cents: int, nonce: bytes, **others: Any) -> dict[str, Any]:
    """A voucher; `before` and `after` (Unix time) can be given."""
    signer, to = city.member(payer), others.get("to", city.address_of(payee))
    valid = (others.get("after", 0), others.get("before", int(time.time()) + 600))
    fields = (signer.address, to, cents, *valid, nonce)
    digest = typed_data.transfer_with_authorization_digest(city.domains["token"], *fields)
    return {
        "from": signer.address,
        "to": to,
        "value": str(cents),
        "validAfter": valid[0],
        "validBefore": valid[1],
        "nonce": "0x" + nonce.hex(),
        "signature": "0x" + signer.sign_digest(digest).hex(),
    }


def withdrawal_body(city: City, signer: int, nonce: bytes) -> dict[str, Any]:
    """The withdrawal of an authorization."""
    key = city.member(signer)
    digest = typed_data.cancel_authorization_digest(city.domains["token"], key.address, nonce)
    return {
        "authorizer": key.address,
        "nonce": "0x" + nonce.hex(),
        "signature": "0x" + key.sign_digest(digest).hex(),
    }


def report_cancellation_body(city: City, report: bytes, attester: str = "attester") -> dict[str, Any]:
    """An attester's cancellation of a report."""
    key = city.signer(attester)
    digest = typed_data.cancel_report_digest(city.domains["registry"], key.address, report)
    return {"attester": key.address, "signature": "0x" + key.sign_digest(digest).hex()}


def reduction_body(
    city: City, uid: int, minutes: int, attester: str = "attester", deadline: int | None = None
) -> dict[str, Any]:
    """An attester's reduction of a reward to so many minutes."""
    key, until = city.signer(attester), deadline or city.now() + 600
    digest = typed_data.reduce_digest(city.domains["registry"], key.address, uid, minutes, until)
    return {
        "attester": key.address,
        "minutes": minutes,
        "deadline": until,
        "signature": "0x" + key.sign_digest(digest).hex(),
    }


def request_replacement(city: City, number: int, new_holder: str) -> bytes:
    """A registrar asks for another wallet for a member; the request's digest."""
    registrar, deadline = city.signer("registrar"), city.now() + 600
    fields = (registrar.address, number, new_holder, deadline)
    digest = typed_data.request_replacement_digest(city.domains["token"], *fields)
    city.send("carrier", "token", "requestReplacement", *fields, registrar.sign_digest(digest))
    return digest


def execute_replacement(city: City, number: int, request: bytes) -> None:
    """A replacer carries it out."""
    replacer, deadline = city.signer("replacer"), city.now() + 600
    digest = typed_data.execute_replacement_digest(city.domains["token"], replacer.address, request, deadline)
    arguments = (replacer.address, number, request, deadline, replacer.sign_digest(digest))
    city.send("carrier", "token", "executeReplacement", *arguments)


def carry_behind_the_relayers_back(anvil: Anvil, city: City, signature: str, *arguments: Any) -> None:
    """Calls the token by another carrier, in a block of its own; what the relayer sent is forgotten by the node."""
    anvil.rpc("anvil_dropAllTransactions")
    data = "0x" + city._interfaces["token"].encode(signature, *arguments).hex()
    (sender,) = anvil.rpc("eth_accounts")
    call = {"from": sender, "to": city.addresses["token"], "data": data, "gasPrice": "0x0", "gas": hex(500_000)}
    anvil.rpc("eth_sendTransaction", call)
    anvil.rpc("evm_mine")


def withdraw_behind_the_relayers_back(anvil: Anvil, city: City, signer: int, nonce: bytes) -> None:
    """The same, with somebody's withdrawal of an authorization."""
    body = withdrawal_body(city, signer, nonce)
    arguments = (body["authorizer"], nonce, bytes.fromhex(body["signature"][2:]))
    carry_behind_the_relayers_back(anvil, city, "cancelAuthorization(address,bytes32,bytes)", *arguments)


def long_ago(days: int) -> Anvil:
    """A chain that began so many days ago, so that what takes days can happen before now."""
    return Anvil(f"--timestamp={int(time.time()) - days * DAY}")


def come_to_now(anvil: Anvil) -> None:
    """From here on the chain's time is the real one, at one block a second."""
    anvil.move_time_to(int(time.time()))
    anvil.rpc("evm_setAutomine", False)
    anvil.rpc("evm_setIntervalMining", 1)
