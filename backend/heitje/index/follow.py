# SPDX-License-Identifier: EUPL-1.2
"""Follows the chain: every block once, in order, by its hash.

A block, its logs, what follows from them, what others are told of it, and the position of the index are one SQL
transaction. Logs are asked for by block hash, so a node that is behind answers with an error, never with too few. When
the chain has taken blocks back, the index goes back to the last block both know. Further back than finality it does not
go: it stops and says so, because then what was said to be final was not.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import structlog
from eth_abi.abi import encode
from sqlalchemy.exc import SQLAlchemyError

from heitje import metrics, tracing
from heitje.chain.abi import decode_revert, load
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.index import repository
from heitje.index.projections import project
from heitje.index.rows import Block, Places
from heitje.index.telling import Span, tell
from heitje.relay import lane_repository as lanes
from heitje.relay import repository as operations
from heitje.store import leases
from heitje.store.bell import Bell, Gong
from heitje.store.leases import Lease, LeaseLost, while_kept
from heitje.store.session import Channel, Store, WriteSession

log = structlog.get_logger(__name__)

LEASE: Final = "index"
"""The name of the right to index."""

_PORTION: Final = 100
"""Blocks per transaction while catching up."""

_WORDS_PER_CALL: Final = 1_000
"""Accounts read in one call; each costs the node one storage read."""


class IndexHalted(Exception):
    """The chain took back what was final. Somebody has to look; nothing is guessed."""


class ChainMoved(Exception):
    """The chain changed between two questions; ask again."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How the index follows.

    Attributes:
        finality: How many blocks must follow one before it is final. 0 where a mined block is never taken back (QBFT).
        poll: Seconds between two looks for a new block.
        lease: Seconds for which the right to index lasts without being renewed.
        first_block: Where the contracts were deployed.
    """

    first_block: int
    finality: int = 0
    poll: float = 0.1
    lease: float = 6.0


class Follower:
    """Keeps the tables of the index equal to the chain."""

    def __init__(
        self,
        store: Store,
        node: Node,
        places: Places,
        chain_id: int,
        settings: IndexSettings,
        *,
        news: Gong,
        work: Bell,
        clock: Callable[[], float],
        owner: str | None = None,
    ) -> None:
        self._store = store
        self._node = node
        self._places = places
        self._chain_id = chain_id
        self._settings = settings
        self._news = news
        self._work = work
        self._clock = clock
        self._owner = owner or str(uuid.uuid4())
        self._lease: Lease | None = None

    async def run(self) -> None:
        """Follow until cancelled, whenever no other process does; stand by while one does.

        Raises:
            IndexHalted: The chain took back what was final, or is another chain.
        """
        while True:
            self._lease = lease = await self._acquire()
            try:
                await while_kept(self._follow(), self._renew, self._settings.lease / 3)
            except LeaseLost as error:
                log.warning("index lost", reason=str(error))
            finally:
                self._lease = None
                await self._release(lease)

    async def _acquire(self) -> Lease:
        is_told = False
        while True:
            async with self._store.read() as session:
                is_free = await leases.is_free(session, LEASE, self._owner, self._clock())
            if is_free:
                async with self._store.write() as session:
                    lease = await leases.take(session, LEASE, self._owner, self._clock(), self._settings.lease)
                if lease is not None:
                    log.info("index taken", fence=lease.fence)
                    return lease
            elif not is_told:
                log.info("another process indexes; standing by")
                is_told = True
            await asyncio.sleep(self._settings.lease / 10)

    async def _renew(self) -> None:
        async with self._store.write() as session:
            await self._guard(session)

    async def _guard(self, session: WriteSession) -> None:
        """What this transaction writes, the holder of the lease writes. A follower that is stepped by hand has none."""
        if self._lease is not None:
            await leases.renew(session, self._lease, self._clock() + self._settings.lease)

    async def _release(self, lease: Lease) -> None:
        """Give the lease back, so that the next process need not wait for it to run out."""
        try:
            async with self._store.write() as session:
                await leases.renew(session, lease, 0.0)
        except (LeaseLost, SQLAlchemyError) as error:
            log.warning("the lease is not given back", reason=str(error))

    async def _follow(self) -> None:
        while True:
            try:
                moved = await self.step()
            except (NodeUnreachable, RpcError, ChainMoved) as error:
                log.warning("index waits for the node", error=str(error))
                moved = False
                await asyncio.sleep(1.0)
            if not moved:
                await asyncio.sleep(self._settings.poll)

    async def step(self) -> bool:
        """Index the next portion of blocks, or take blocks back; whether anything changed.

        Raises:
            IndexHalted: See `run`.
            NodeUnreachable, RpcError, ChainMoved: Nothing changed; try again.
        """
        async with self._store.read() as session:
            at = await repository.position(session)
        if at is not None and at.halted:
            raise IndexHalted(at.halted)
        head = await self._node.call("eth_getBlockByNumber", "latest", False)
        latest = int(head["number"], 16)
        if at is not None and head["hash"] == at.hash:
            return False
        first = self._settings.first_block if at is None else at.number + 1
        if latest < first:
            return at is not None and await self._shorter(head, latest)
        last = min(latest, first + _PORTION - 1)
        heads = [head] if first == latest else await self._heads(range(first, last + 1))
        if at is not None and heads[0]["parentHash"] != at.hash:
            return await self._take_back(at.number - 1)
        blocks = await self._blocks(heads)
        events = sum(len(block.logs) for block in blocks)
        with tracing.span("index blocks", blocks=len(blocks), last=last, events=events):
            await self._append(blocks, latest)
        return True

    async def _shorter(self, head: dict[str, Any], latest: int) -> bool:
        """The node's chain is not longer than ours: the node is behind, or blocks were taken back."""
        async with self._store.read() as session:
            known = await repository.hash_at(session, latest)
        if known is None or known == head["hash"]:
            # Further back than hashes are kept there is nothing to compare: a node that reads the chain anew. Wait.
            return False
        return await self._take_back(latest - 1)

    async def _append(self, blocks: Sequence[Block], latest: int) -> None:
        """Write a portion of blocks."""
        last = blocks[-1]
        async with self._store.read() as session:
            before = await repository.sums(session)
            at = await repository.position(session)
            first_time, final_before = at is None, at.final_number if at is not None else -1
            ours = await lanes.in_flight_hashes(session)
            rows, _ = project(blocks, self._places, before, await repository.desks(session))
            rows.touched |= await repository.addresses_of(session, rows.touched_numbers)
        if first_time:
            rows.touched.add(self._places.desk)
        words = await self._words(rows.touched - {ZERO_ADDRESS}, last.hash)
        rules = await self._rules(last.hash) if rows.rules_changed or first_time else None
        mined = await self._own(blocks, ours)
        final = await self._final(blocks, latest)
        now = self._clock()
        async with self._store.write() as session:
            await self._guard(session)
            await repository.append(session, blocks, rows)
            await repository.put_accounts(session, words, last.number)
            if rules is not None:
                await repository.put_rules(session, rules, last.number)
            nonces = {address: word >> 112 & (1 << 48) - 1 for address, word in words.items()}
            actors = await repository.decide(session, rows, nonces, last, now)
            actors |= await lanes.conclude(session, mined, now)
            await tell(session, Span(blocks, final_before, *final, [one.batch_id for one in mined], now), rows)
            actors |= await repository.finalize(session, *final, now)
            await operations.arrange_queues(session, actors, now)
            await repository.move_cursor(session, self._chain_id, last, final)
            await self._tell(session)
        self._news.ring()
        self._work.ring()

    async def _take_back(self, highest: int) -> bool:
        """Go back to the last block, not above `highest`, that the chain and we both know; the next one differs."""
        async with self._store.read() as session:
            at = await repository.position(session)
            assert at is not None
            if highest < at.final_number:
                await self._halt(highest + 1)
            number = highest
            while number > at.final_number and await repository.hash_at(session, number) != await self._hash(number):
                number -= 1
            ours = await repository.hash_at(session, number)
            touched = await repository.accounts_after(session, number)
        head = await self._node.call("eth_getBlockByNumber", hex(number), False)
        if head is None or head["hash"] != ours:
            await self._halt(number)
        ancestor = _block(head, ())
        words = await self._words(touched, ancestor.hash)
        # A portion's rules are read, and noted, at its last block: what holds at the ancestor is asked again.
        rules = await self._rules(ancestor.hash)
        metrics.REORGANISATIONS.inc()
        log.warning("blocks taken back", ancestor=number, was=at.number)
        now = self._clock()
        async with self._store.write() as session:
            await self._guard(session)
            actors = await repository.take_back(session, number, ancestor.time, now)
            await repository.put_accounts(session, words, number)
            await repository.put_rules(session, rules, number)
            await operations.arrange_queues(session, actors, now)
            await repository.move_cursor(session, self._chain_id, ancestor, (at.final_number, at.final_time))
            await self._tell(session)
        self._news.ring()
        self._work.ring()
        return True

    async def _halt(self, number: int) -> None:
        reason = (
            f"the chain no longer has block {number}, which was final here: it is another chain, or it was taken back "
            "further than it can be. What this database says may be wrong; nothing is sent and nothing is indexed. "
            "Find out which chain is right. To read it anew and keep what was asked: heitje reindex. If the chain was "
            "begun anew, begin with an empty database."
        )
        async with self._store.write() as session:
            await self._guard(session)
            await repository.halt(session, reason)
        raise IndexHalted(reason)

    async def _tell(self, session: WriteSession) -> None:
        for channel in (Channel.NEWS, Channel.WORK):
            await session.tell(channel)

    async def _heads(self, numbers: range) -> list[dict[str, Any]]:
        heads = await self._node.batch([("eth_getBlockByNumber", [hex(n), False]) for n in numbers])
        for before, after in pairwise(heads):
            if _missing(before) or _missing(after) or after["parentHash"] != before["hash"]:
                raise ChainMoved("the chain changed while it was being read")
        if _missing(heads[0]):
            raise ChainMoved("the node does not have a block it said it had")
        return heads

    async def _blocks(self, heads: Sequence[dict[str, Any]]) -> list[Block]:
        """Blocks with their logs. A block whose bloom filter is empty has none."""
        full = [head for head in heads if int(head["logsBloom"], 16)]
        contracts = [self._places.token, self._places.registry, self._places.desk]
        filters = [{"blockHash": head["hash"], "address": contracts} for head in full]
        answers = await self._node.batch([("eth_getLogs", [one]) for one in filters])
        logs: dict[str, list[dict[str, Any]]] = {}
        for head, answer in zip(full, answers, strict=True):
            if isinstance(answer, RpcError):
                raise answer
            if any(entry["blockHash"] != head["hash"] for entry in answer):
                raise ChainMoved("the node answered with logs of another block")
            logs[head["hash"]] = sorted(answer, key=lambda entry: int(entry["logIndex"], 16))
        return [_block(head, logs.get(head["hash"], ())) for head in heads]

    async def _own(self, blocks: Sequence[Block], ours: dict[str, int]) -> list[lanes.Mined]:
        """Our transactions in these blocks."""
        found = [(tx_hash, block) for block in blocks for tx_hash in block.transactions & ours.keys()]
        told = {entry["transactionHash"] for block in blocks for entry in block.logs}
        silent = [tx_hash for tx_hash, _ in found if tx_hash not in told]
        receipts = await self._node.batch([("eth_getTransactionReceipt", [tx_hash]) for tx_hash in silent])
        refusals: dict[str, str] = {}
        for tx_hash, receipt in zip(silent, receipts, strict=True):
            if _missing(receipt):
                raise ChainMoved("the node does not have the receipt of a transaction it said it had")
            if int(receipt["status"], 16) == 0:
                refusals[tx_hash] = await self._refusal(tx_hash, receipt["blockNumber"])
        return [lanes.Mined(ours[tx_hash], block.number, refusals.get(tx_hash)) for tx_hash, block in found]

    async def _refusal(self, tx_hash: str, number: str) -> str:
        """Why a transaction reverted, by trying it again as a call on the state after its block."""
        sent = await self._node.call("eth_getTransactionByHash", tx_hash)
        request = {"from": sent["from"], "to": sent["to"], "data": sent["input"], "gas": sent["gas"]}
        try:
            await self._node.call("eth_call", request, number)
        except RpcError as error:
            try:
                reason = decode_revert(bytes.fromhex(str(error.data or "").removeprefix("0x")))
            except ValueError:
                reason = None  # words of the node's own: they are for people, and stop nothing
            return str(reason or error.message)
        return "it reverted, and would not any more"

    async def _words(self, addresses: Iterable[str], block_hash: str) -> dict[str, int]:
        """The accounts as the token stores them at a block."""
        wanted = sorted(addresses)
        parts = [wanted[i : i + _WORDS_PER_CALL] for i in range(0, len(wanted), _WORDS_PER_CALL)]
        selector = load("MunicipalToken").function("wordsOf").selector
        answers = await self._node.batch(
            [self._view(selector + encode(["address[]"], [part]), block_hash) for part in parts]
        )
        words: dict[str, int] = {}
        for part, answer in zip(parts, answers, strict=True):
            if isinstance(answer, RpcError):
                raise answer
            body = answer[2 + 128 :]  # an offset and a length come first
            words.update((address, int(body[64 * i : 64 * i + 64], 16)) for i, address in enumerate(part))
        return words

    async def _rules(self, block_hash: str) -> tuple[int, bool, int, int, int, int]:
        token = load("MunicipalToken")
        names = ("rules", "epochMonths")
        answers = await self._node.batch([self._view(token.encode(name), block_hash) for name in names])
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        rules, months = (
            token.decode(name, bytes.fromhex(answer[2:])) for name, answer in zip(names, answers, strict=True)
        )
        return (*rules, months)

    def _view(self, data: bytes, block_hash: str) -> tuple[str, list[Any]]:
        return "eth_call", [{"to": self._places.token, "data": "0x" + data.hex()}, {"blockHash": block_hash}]

    async def _final(self, blocks: Sequence[Block], latest: int) -> tuple[int, int]:
        """Number and time of the last block, up to the last of these, that cannot be taken back."""
        number = min(latest - self._settings.finality, blocks[-1].number)
        for block in blocks:
            if block.number == number:
                return number, block.time
        if number < self._settings.first_block:
            return self._settings.first_block - 1, 0
        head = await self._node.call("eth_getBlockByNumber", hex(number), False)
        return number, int(head["timestamp"], 16)

    async def _hash(self, number: int) -> str | None:
        head = await self._node.call("eth_getBlockByNumber", hex(number), False)
        return head["hash"] if head is not None else None


def _missing(answer: Any) -> bool:
    return answer is None or isinstance(answer, RpcError)


def _block(head: dict[str, Any], logs: Sequence[dict[str, Any]]) -> Block:
    return Block(
        number=int(head["number"], 16),
        hash=head["hash"],
        parent=head["parentHash"],
        time=int(head["timestamp"], 16),
        transactions=frozenset(head["transactions"]),
        logs=logs,
    )
