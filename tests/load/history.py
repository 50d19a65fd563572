# SPDX-License-Identifier: EUPL-1.2
"""A chain with a long past, made quickly: batches of payments pushed straight to the node, past the service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import orjson

from heitje.relay.calldata import pay_batch
from tests.load.traffic import Request, Town
from tests.support.anvil import Anvil
from tests.support.signed import signer_of

IN_BATCH = 250
"""Payments in one transaction."""

PAYMENT_GAS = 30_000
"""More than one of them takes, so that no transaction runs out."""

BATCHES_PER_BLOCK = 40


def push(anvil: Anvil, town: Town, payments: list[Request]) -> float:
    """Carry payments in blocks of ten thousand, and wait until the last is mined; the seconds it took."""
    city, carrier = town.city, signer_of("carrier")
    nonce = int(anvil.rpc("eth_getTransactionCount", carrier.address, "latest"), 16)
    began = time.monotonic()
    for place, bodies in enumerate(_portions(payments, IN_BATCH)):
        fields = {
            "type": 2,
            "chainId": city.chain_id,
            "nonce": nonce + place,
            "to": city.addresses["token"],
            "value": 0,
            "gas": 200_000 + PAYMENT_GAS * len(bodies),
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "data": pay_batch(bodies),
        }
        anvil.rpc("eth_sendRawTransaction", "0x" + carrier.sign_transaction(fields).hex())
        if place % BATCHES_PER_BLOCK == BATCHES_PER_BLOCK - 1:
            anvil.mine()
    anvil.mine()
    return time.monotonic() - began


def _portions(payments: list[Request], size: int) -> Iterator[list[dict[str, object]]]:
    bodies = (orjson.loads(payment.raw.partition(b"\r\n\r\n")[2]) for payment in payments)
    while portion := list(islice(bodies, size)):
        yield portion
