# SPDX-License-Identifier: EUPL-1.2
"""The same EIP-3009 payments carried by our facilitator and by others, each on a chain of its own with the same city.

Each payment is one transaction for everybody. So many are under way at a time; as soon as one is settled the next is
begun. What is measured is from handing a signed payment over until it is known to be settled.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
from eth_utils.crypto import keccak
from x402 import x402FacilitatorSync
from x402.mechanisms.evm.exact.register import register_exact_evm_facilitator
from x402.mechanisms.evm.signers import FacilitatorWeb3Signer
from x402.schemas import PaymentPayload, PaymentRequirements

from tests.load.measure import Watch, at
from tests.load.payments import LEASE
from tests.load.plain_sender import PlainSender
from tests.load.traffic import Town
from tests.support.acts import authorization_body
from tests.support.anvil import Anvil
from tests.support.city import City
from tests.support.facilitator import asked, offered
from tests.support.service import Service, relayer

BUYERS: Final = 50
SHOPS: Final = 5
AT_ONCE: Final = 50
"""Payments under way at a time."""

PATIENCE: Final = 90.0
"""Seconds that all of a run may take; what is not settled then counts as failed."""

_VALID: Final = 3_600

Settle = Callable[[dict[str, Any]], Awaitable[bool]]
"""Carries one payment, given as it is sent to a facilitator; whether it is settled."""


@dataclass(frozen=True)
class Carried:
    """One run. Times are seconds.

    Attributes:
        failed: Payments that were not settled.
        on_chain: Transfers that the chain has: each payment once, or the run is void.
        cpu_ms: Processor time of the sender for each payment: of the service, or of this process where it is in here.
    """

    payments: int
    failed: int
    on_chain: int
    per_second: float
    p50: float
    p95: float
    cpu_ms: float


def ours(folder: Path, payments: int, at_once: int = AT_ONCE) -> Carried:
    """Our facilitator, over HTTP: it checks, stores, carries, and answers when the payment is final in its books."""
    with Anvil() as anvil:
        town, offers = _prepare(anvil, payments)
        with Service(folder, town.city, HEITJE_LEASE=LEASE) as service:
            watched = Watch.over(service.process.pid)
            return asyncio.run(_post_all(service, town, offers, at_once, watched))


def published(payments: int, at_once: int = AT_ONCE) -> Carried:
    """The facilitator of x402's own Python library, in threads of this process, without HTTP in between."""
    with Anvil() as anvil:
        town, offers = _prepare(anvil, payments)
        signer = FacilitatorWeb3Signer(relayer()._key.secret.hex(), anvil.url)
        facilitator = x402FacilitatorSync()
        register_exact_evm_facilitator(facilitator, signer, f"eip155:{town.city.chain_id}")

        def settle(offer: dict[str, Any]) -> bool:
            payload = PaymentPayload.model_validate(offer["paymentPayload"])
            wanted = PaymentRequirements.model_validate(offer["paymentRequirements"])
            return bool(facilitator.settle(payload, wanted).success)

        return _in_threads(town, offers, settle, at_once)


def plain(payments: int, at_once: int = AT_ONCE) -> Carried:
    """A plain web3.py sender, in threads of this process; see `PlainSender`."""
    with Anvil() as anvil:
        town, offers = _prepare(anvil, payments)
        sender = PlainSender(anvil.url, town.city.addresses["token"], relayer()._key.secret.hex())
        return _in_threads(town, offers, lambda offer: sender.carry(offer["paymentPayload"]["payload"]), at_once)


def _prepare(anvil: Anvil, payments: int) -> tuple[Town, list[dict[str, Any]]]:
    """The city, and what the buyers have signed; then the chain makes a block a second."""
    town = Town.settle(City.found(anvil.url), BUYERS, SHOPS)
    made = []
    for place in range(payments):
        payer, shop = town.residents[place % BUYERS], town.shops[place % SHOPS]
        nonce = keccak(place.to_bytes(32, "big"))
        signed = authorization_body(town.city, payer, shop, 1, nonce, before=int(time.time()) + _VALID)
        made.append(offered(signed, asked(town.city, shop, 1)))
    anvil.rpc("evm_setAutomine", False)
    anvil.rpc("evm_setIntervalMining", 1)
    return town, made


async def _post_all(
    service: Service, town: Town, offers: Sequence[dict[str, Any]], at_once: int, watched: Watch
) -> Carried:
    connector = aiohttp.TCPConnector(limit=at_once)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def settle(offer: dict[str, Any]) -> bool:
            async with session.post(f"{service.url}/x402/settle", json=offer) as answer:
                return (await answer.json()).get("success") is True

        return await _carry_all(town, offers, settle, at_once, lambda: watched.cpu)


def _in_threads(
    town: Town, offers: Sequence[dict[str, Any]], settle: Callable[[dict[str, Any]], bool], at_once: int
) -> Carried:
    before = time.process_time()
    with ThreadPoolExecutor(at_once) as pool:

        async def begin(offer: dict[str, Any]) -> bool:
            return await asyncio.get_running_loop().run_in_executor(pool, settle, offer)

        return asyncio.run(_carry_all(town, offers, begin, at_once, lambda: time.process_time() - before))


async def _carry_all(
    town: Town, offers: Sequence[dict[str, Any]], settle: Settle, at_once: int, cpu: Callable[[], float]
) -> Carried:
    """Have all of them carried, so many at a time."""
    waiting, times = iter(offers), []
    began = time.monotonic()

    async def work() -> None:
        for offer in waiting:
            if time.monotonic() > began + PATIENCE:
                return
            sent = time.monotonic()
            if await settle(offer):
                times.append(time.monotonic() - sent)

    await asyncio.gather(*(work() for _ in range(at_once)))
    took, spent = time.monotonic() - began, cpu()
    moved = sum(town.city.account(number).balance for number in town.shops)
    return Carried(
        payments=len(offers),
        failed=len(offers) - len(times),
        on_chain=moved,
        per_second=round(len(times) / took, 1),
        p50=at(times, 0.5),
        p95=at(times, 0.95),
        cpu_ms=round(1000 * spent / max(1, len(times)), 2),
    )
