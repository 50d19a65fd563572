# SPDX-License-Identifier: EUPL-1.2
"""The lane: one writer per key, which turns queued operations into transactions and gets them to the chain.

What holds, whatever stops this process at whatever moment:

- a nonce exists only together with stored, signed bytes: it is allotted, the bytes are signed and stored, and the
  operations are marked, in one SQL transaction;
- bytes are stored before they are sent, and the same bytes are sent until the nonce is used: an answer that did not
  come, or that we do not understand, changes nothing;
- only the holder of the lease allots nonces and sends; each new holder raises the fence, and an older one's writes
  fail. Other processes with the key stand by, and one of them takes over when the lease runs out;
- whether a transaction was mined is for the index to say, from blocks.

When the chain used a nonce of this key that this database did not sign, or waits for one, the lane stops and says so:
either another program has the key, or the database is an old copy. Nothing is lost by that; the operations wait, and
anyone else can carry them. A node that says so once is not believed: until it is asked again nothing is sent, and no
more than that.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson
import sqlalchemy as sa
import structlog
from eth_utils.crypto import keccak
from sqlalchemy.exc import SQLAlchemyError

from heitje import metrics, tracing
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.chain.signing import Signer
from heitje.relay import lane_repository as lanes
from heitje.relay import repository
from heitje.relay.batch import Item, Plan, messages, plan_batches
from heitje.relay.calldata import Contracts, browser_gas, encode, extra_bytes
from heitje.relay.errors import Answer, classify_send_error
from heitje.relay.lane_repository import Bytes, Lease, Signed
from heitje.relay.operation import Cause, Kind
from heitje.store.bell import Bell
from heitje.store.leases import LeaseLost, while_kept
from heitje.store.session import Store, WriteSession
from heitje.store.tables import block, cursor, rules

log = structlog.get_logger(__name__)

_QUEUE_LIMIT: Final = 2_000
_MISSED: Final = 3
"""After how many looks in a row the lane stops because the chain waits for a nonce that has no transaction here."""
_NOT_WHILE_PAUSED: Final = (Kind.PAYMENT, Kind.REPORT, Kind.AUTHORIZATION)
"""While the token is paused, transactions with these would revert as a whole."""


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """How a lane works. Times are seconds.

    Attributes:
        window: Most transactions on their way. At most half of what the node keeps for one sender.
        linger: How long the first operation waits for others to share its transaction.
        lease: How long a lease lasts without being renewed.
        resend: After how long without a block the same bytes are sent again; two blocks.
        max_gas: Most gas of one transaction.
        lag: How many blocks the index may be behind the node. Further back nothing is sent: it may be in blocks that
            are not read yet.
    """

    window: int = 100
    linger: float = 0.1
    lease: float = 6.0
    resend: float = 3.0
    max_gas: int = 15_500_000
    lag: int = 20


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """A nonce that was used, as of a block that the index has yet to read."""

    nonce: int
    number: int
    hash: str


class Lane:
    """One key's way to the chain."""

    def __init__(
        self,
        store: Store,
        node: Node,
        signer: Signer,
        contracts: Contracts,
        chain_id: int,
        *,
        work: Bell,
        clock: Callable[[], float],
        settings: LaneSettings | None = None,
        owner: str | None = None,
    ) -> None:
        self._store = store
        self._node = node
        self._signer = signer
        self._contracts = contracts
        self._chain_id = chain_id
        self._work = work
        self._clock = clock
        self._settings = settings or LaneSettings()
        self._owner = owner or str(uuid.uuid4())
        self._renewed_at = 0.0
        self._checked_at = 0.0
        self._suspicion: _Suspicion | None = None
        self._in_doubt = False
        self._missed = 0
        self._index_is_behind = False

    async def run(self) -> None:
        """Work until cancelled, whenever no other process has this key; stand by while one has."""
        while True:
            lease = await self.acquire()
            try:
                await while_kept(self._work_on(lease), partial(self._renew, lease), self._settings.lease / 3)
            except LeaseLost as error:
                log.warning("lane lost", address=self._signer.address, reason=str(error))
            finally:
                await self._release(lease)

    async def acquire(self) -> Lease:
        """The lease of this key's lane; waits as long as another process has it."""
        await self._open()
        is_told = False
        while True:
            async with self._store.read() as session:
                row = await lanes.lane_of(session, self._chain_id, self._signer.address)
            assert row is not None
            now = self._clock()
            if row.lease_until < now or row.owner == self._owner:
                async with self._store.write() as session:
                    lease = await lanes.take_lease(session, row.id, self._owner, now, self._settings.lease)
                if lease is not None:
                    self._renewed_at = now
                    log.info("lane taken", address=self._signer.address, next_nonce=row.next_nonce, fence=lease.fence)
                    return lease
            elif not is_told:
                log.info("another process sends with this key; standing by", address=self._signer.address)
                is_told = True
            await asyncio.sleep(self._settings.lease / 10)

    async def _work_on(self, lease: Lease) -> None:
        while True:
            await self.step(lease)
            await self._work.wait(min(self._settings.resend, self._settings.lease / 3))
            await asyncio.sleep(self._settings.linger)

    async def step(self, lease: Lease) -> None:
        """One round: compare with the chain, sign what waits, send what is due.

        Raises:
            LeaseLost: Another process has taken over, or this one stood still so long that one can.
        """
        now = self._clock()
        try:
            if now - self._checked_at > 1.0:
                await self.reconcile(lease)
                self._checked_at = now
            if await self._may_send(lease) and not self._in_doubt and not self._index_is_behind:
                await self.feed(lease)
                await self.send(lease)
        except NodeUnreachable as error:
            log.warning("node unreachable", error=str(error))

    async def feed(self, lease: Lease) -> int:
        """Sign and store transactions for what is queued; how many."""
        async with self._store.read() as session:
            kinds = await self._kinds_now(session)
            if not await repository.queue(session, kinds, 1):
                return 0
        async with self._store.write() as session:
            in_flight = await lanes.in_flight_by_kind(session, lease.lane_id)
            room = self._settings.window - sum(in_flight.values())
            rows = await repository.queue(session, kinds, _QUEUE_LIMIT)
            by_seq = {row.seq: row for row in rows}
            plans = plan_batches(map(_item, rows), room=room, max_gas=self._settings.max_gas, in_flight=in_flight)
            if plans:
                nonces = await lanes.allot(session, lease, len(plans))
                members = [[by_seq[item.seq] for item in plan.items] for plan in plans]
                with tracing.span("sign", batches=len(plans)):
                    signed = [self._sign(*one) for one in zip(nonces, plans, members, strict=True)]
                ids = await lanes.add_batches(session, lease, signed)
                changes = [
                    {"id": row.id, "batch_id": ids[one.nonce]}
                    for one, those in zip(signed, members, strict=True)
                    for row in those
                ]
                await repository.move(session, Cause.SIGNED, changes, self._clock())
        return len(plans)

    async def send(self, lease: Lease) -> None:
        """Send, in the order of the nonces, what was never sent or not for a while, and note what the node said."""
        async with self._store.read() as session:
            sent = await lanes.due(session, lease, self._clock() - self._settings.resend)
        for message in messages(sent, lambda item: 2 * len(item.raw)):
            with tracing.span("send", batches=len(message)), tracing.each("send batch", map(_traced, message)):
                await self._send(lease, message)

    async def _send(self, lease: Lease, sent: Sequence[Bytes]) -> None:
        """Send these in one message."""
        self._require_time()
        try:
            results = await self._node.batch([("eth_sendRawTransaction", ["0x" + item.raw.hex()]) for item in sent])
        except NodeUnreachable as error:
            log.warning("sending: no answer; the same bytes go again", nonces=[i.nonce for i in sent], error=str(error))
            results = None
        answers = [Answer.UNKNOWN] * len(sent) if results is None else [_answer(result) for result in results]
        for answer in answers:
            metrics.SENDS.labels(answer).inc()
        async with self._store.write() as session:
            now = self._clock()
            await self._renew_in(session, lease, now)
            words = [
                str(answer) if not isinstance(r, RpcError) else f"{answer}: {r}"
                for answer, r in zip(answers, results or answers, strict=True)
            ]
            await lanes.stamp(session, sent, words, now)
            accepted = [i.batch_id for i, answer in zip(sent, answers, strict=True) if answer is Answer.ACCEPTED]
            await lanes.mark_sent(session, accepted, now)
            reason = _reason_to_stop(sent, answers, results or [])
            if reason is not None:
                await lanes.freeze(session, lease, reason)
                log.error("lane stopped", reason=reason)

    async def reconcile(self, lease: Lease) -> None:
        """Compare our nonces with the chain's, and stop when they cannot both be right."""
        address = self._signer.address
        answers = await self._node.batch(
            [
                ("eth_getTransactionCount", [address, "latest"]),
                ("eth_getTransactionCount", [address, "pending"]),
                ("eth_getBlockByNumber", ["latest", False]),
            ]
        )
        if any(answer is None or isinstance(answer, RpcError) for answer in answers):
            return
        on_chain, pending, head = int(answers[0], 16), int(answers[1], 16), int(answers[2]["number"], 16)
        known, suspicion = max(on_chain, pending), self._suspicion
        async with self._store.read() as session:
            row = await lanes.lane_of(session, self._chain_id, address)
            span = await lanes.in_flight_span(session, lease.lane_id)
            is_missing = await lanes.is_missing(session, lease.lane_id, on_chain)
            indexed = await session.scalar(sa.select(cursor.c.number))
            hashes = sa.select(block.c.hash).where(block.c.number == (suspicion.number if suspicion else head))
            read = await session.scalar(hashes)
        self._index_is_behind = indexed is None or head - indexed > self._settings.lag
        if row is None or row.frozen:
            return
        lowest, ceiling = (span[0], max(row.next_nonce, span[1] + 1)) if span else (None, row.next_nonce)
        if known > ceiling:
            if self._in_doubt:
                await self._stop(lease, _FOREIGN.format(address=address, known=known, ours=ceiling))
            self._in_doubt = not self._in_doubt
            return
        self._in_doubt = False
        self._missed = self._missed + 1 if on_chain < row.next_nonce and is_missing else 0
        if self._missed >= _MISSED:
            await self._stop(lease, _MISSING.format(address=address, nonce=on_chain))
        elif lowest is None or on_chain <= lowest:
            self._suspicion = None
        elif suspicion is not None and suspicion.nonce == lowest and (indexed is None or indexed <= suspicion.number):
            return
        elif suspicion is not None and suspicion.nonce == lowest and read == suspicion.hash:
            # The index has read the blocks in which this nonce was used, and our transaction is in none of them.
            await self._stop(lease, _DISPLACED.format(address=address, nonce=lowest))
        else:
            self._suspicion = _Suspicion(lowest, head, answers[2]["hash"])

    def _sign(self, nonce: int, plan: Plan, members: Sequence[sa.Row[Any]]) -> Signed:
        to, data = encode(self._contracts, plan.kind, [orjson.loads(row.payload) for row in members])
        raw = self._signer.sign_transaction(
            {
                "type": 2,
                "chainId": self._chain_id,
                "nonce": nonce,
                "to": to,
                "value": 0,
                "data": data,
                "gas": plan.gas,
                "maxFeePerGas": 0,
                "maxPriorityFeePerGas": 0,
            }
        )
        tx_hash = "0x" + keccak(raw).hex()
        metrics.BATCH_ITEMS.labels(plan.kind).observe(len(members))
        log.info("transaction signed", nonce=nonce, kind=plan.kind, items=len(members), hash=tx_hash)
        return Signed(nonce, plan.kind, len(members), plan.gas, tx_hash, raw)

    async def _open(self) -> None:
        """Make the lane, if this database has none for this key: it begins at the chain's nonce."""
        async with self._store.read() as session:
            if await lanes.lane_of(session, self._chain_id, self._signer.address) is not None:
                return
        while True:
            address = self._signer.address
            latest, pending = await self._node.batch(
                [("eth_getTransactionCount", [address, tag]) for tag in ("latest", "pending")]
            )
            if not isinstance(latest, RpcError) and latest == pending:
                break
            log.warning("waiting for transactions of this key that this database does not know", address=address)
            await asyncio.sleep(1.0)
        async with self._store.write() as session:
            if await lanes.lane_of(session, self._chain_id, address) is None:
                await lanes.open_lane(session, self._chain_id, address, int(latest, 16))

    async def _may_send(self, lease: Lease) -> bool:
        async with self._store.read() as session:
            row = await lanes.lane_of(session, self._chain_id, self._signer.address)
            halted = await session.scalar(sa.select(cursor.c.halted))
        if row is None or row.fence != lease.fence:
            raise LeaseLost("another process has taken over this key; nothing more is sent from here")
        return not row.frozen and not halted

    async def _kinds_now(self, session: Any) -> list[Kind]:
        """The kinds whose transactions would not revert as a whole."""
        row = await session.first(sa.select(rules).order_by(rules.c.block_number.desc()).limit(1))
        if row is None:
            return []
        held = set(_NOT_WHILE_PAUSED if row.paused else ())
        if self._clock() > row.pay_until:
            held |= {Kind.PAYMENT, Kind.REFUND, Kind.AUTHORIZATION}
        return [kind for kind in Kind if kind not in held]

    async def _renew(self, lease: Lease) -> None:
        async with self._store.write() as session:
            await self._renew_in(session, lease, self._clock())

    async def _renew_in(self, session: WriteSession, lease: Lease, now: float) -> None:
        """Keep the lease: what this transaction writes, its holder writes."""
        await lanes.renew_lease(session, lease, now + self._settings.lease)
        self._renewed_at = now

    def _require_time(self) -> None:
        """The lease must not have run out while this process stood still, or waited for the database."""
        if self._clock() >= self._renewed_at + self._settings.lease:
            raise LeaseLost("the lease has run out before it could be renewed; nothing is sent until it is taken again")

    async def _stop(self, lease: Lease, reason: str) -> None:
        async with self._store.write() as session:
            await lanes.freeze(session, lease, reason)
        log.error("lane stopped", reason=reason)

    async def _release(self, lease: Lease) -> None:
        """Give the lease back, so that the next process need not wait for it to run out."""
        try:
            async with self._store.write() as session:
                await lanes.renew_lease(session, lease, 0.0)
        except (LeaseLost, SQLAlchemyError) as error:
            log.warning("the lease is not given back", reason=str(error))


_FOREIGN: Final = (
    "the node knows {known} nonces of {address}, but this database has allotted only {ours}: another program "
    "uses the key, or the database is an old copy. Nothing is sent until somebody has looked; no payment is lost. "
    "When it is certain that nobody else uses the key: heitje lane thaw"
)
_DISPLACED: Final = (
    "nonce {nonce} of {address} is used on the chain, but not by the transaction this database signed: another "
    "program uses the key. Nothing is sent until somebody has looked; no payment is lost. "
    "When it is certain that nobody else uses the key: heitje lane thaw"
)
_MISSING: Final = (
    "the chain waits for nonce {nonce} of {address}, for which this database has no transaction: blocks in which "
    "another program used the key were taken back, or the node does not tell the truth. What is signed for later "
    "nonces cannot be carried. Nothing is sent until somebody has looked; no payment is lost. When the node is right: "
    "heitje lane thaw"
)


def _item(row: sa.Row[Any]) -> Item:
    payload = orjson.loads(row.payload)
    weight = len(payload["report"]["lines"]) if row.kind == Kind.REPORT else 1
    signatures = (row.wallets, extra_bytes(payload), browser_gas(payload, row.wallets))
    return Item(row.seq, Kind(row.kind), row.actor, row.nonce, weight, row.batch_limit, *signatures)


def _traced(item: Bytes) -> dict[str, str | int]:
    return {"kind": item.kind, "items": item.size, "gas": item.gas, "again": item.last_sent_at is not None}


def _answer(result: Any) -> Answer:
    return classify_send_error(result) if isinstance(result, RpcError) else Answer.ACCEPTED


def _reason_to_stop(sent: Sequence[Bytes], answers: Sequence[Answer], results: Sequence[Any]) -> str | None:
    for item, answer, result in zip(sent, answers, results, strict=False):
        if answer in (Answer.CONFIGURATION, Answer.OCCUPIED):
            return f"the node refuses the transaction with nonce {item.nonce} ({answer}): {result}"
    return None
