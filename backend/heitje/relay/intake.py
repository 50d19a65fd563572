# SPDX-License-Identifier: EUPL-1.2
"""Where operations come in: checked against the database, stored, and only then acknowledged.

Many requests share one transaction (group commit): what arrives while one is being written waits for the next. Because
one task admits everything, and only one process writes at a time, what two requests would together overspend, or one
nonce for two payments, cannot slip through between a check and a write.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import sqlalchemy as sa
import structlog

from heitje import metrics, tracing
from heitje.problems import Code, Problem
from heitje.relay import repository
from heitje.relay.operation import FREE, MOST_FREE, PRECEDENCE, Kind, Operation, State, Submission
from heitje.store.bell import Bell
from heitje.store.session import Channel, Store, WriteSession
from heitje.store.tables import cursor, idempotency

log = structlog.get_logger(__name__)

_WAITING: Final = 5_000
"""Requests that may wait; those beyond are told to come back."""

_GROUP: Final = 500
"""Most requests in one transaction."""

_GATHER: Final = 0.01
"""Seconds for which a group waits for more: what a transaction costs beyond its requests is shared by all of them."""


class Admitter(Protocol):
    """Decides about submissions of one kind, inside the transaction that stores them."""

    async def admit(self, session: WriteSession, wanted: Sequence[Submission], now: float) -> list[State | Problem]:
        """For each submission the state it begins in, or why it is refused.

        None of them is stored yet; what was admitted of other kinds is. They come in the order of arrival, and each
        counts for those after it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """An `Idempotency-Key`, for one route."""

    route: str
    value: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The answer to a request that is, or was, accepted."""

    status: int
    location: str
    body: bytes
    operation_id: str
    replayed: bool = False


@dataclass(slots=True)
class _Request:
    wanted: Submission
    key: Key
    location: str
    answer: asyncio.Future[Acknowledgement]

    @property
    def fingerprint(self) -> str:
        return "0x" + hashlib.sha256(self.wanted.id.encode() + self.wanted.packed).hexdigest()


class Intake:
    """The one way in."""

    def __init__(
        self,
        store: Store,
        admitters: Mapping[Kind, Admitter],
        *,
        render: Callable[[Operation], bytes],
        work: Bell,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._admitters = admitters
        self._render = render
        self._work = work
        self._clock = clock
        self._waiting: asyncio.Queue[_Request] = asyncio.Queue(_WAITING)
        self._running: set[Key] = set()

    async def submit(self, wanted: Submission, key: Key, location: str) -> Acknowledgement:
        """Store an operation; when this returns it is on disk.

        Args:
            wanted: What was signed, with its signature checked.
            key: From the request; the same key and the same request get the same answer.
            location: Where the operation can be asked for.

        Raises:
            Problem: It is not stored, and why.
        """
        if key in self._running:
            raise Problem(Code.IDEMPOTENCY_KEY_RUNNING)
        request = _Request(wanted, key, location, asyncio.get_running_loop().create_future())
        self._running.add(key)
        try:
            self._waiting.put_nowait(request)
            return await request.answer
        except asyncio.QueueFull:
            raise Problem(Code.BUSY) from None
        finally:
            self._running.discard(key)

    async def known(self, operation_id: str) -> bool:
        """Whether this operation is taken on, or decided on the chain, so that it need not be checked again."""
        async with self._store.read() as session:
            found = await repository.find(session, operation_id)
            decided = await repository.outcomes(session, [operation_id])
        return bool(decided) or (found is not None and found.state is not State.REJECTED)

    async def run(self) -> None:
        """Admit until cancelled."""
        while True:
            group = [await self._waiting.get()]
            await asyncio.sleep(_GATHER)
            while len(group) < _GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            metrics.INTAKE_GROUP.observe(len(group))
            metrics.INTAKE_WAITING.set(self._waiting.qsize())
            try:
                with tracing.span("group commit", requests=len(group)):
                    answers = await self._admit(group)
            except asyncio.CancelledError:
                for request in group:
                    request.answer.cancel()
                raise
            except Exception as error:
                log.exception("intake failed", requests=len(group))
                answers = [Problem(Code.INTERNAL, type(error).__name__)] * len(group)
            for request, answer in zip(group, answers, strict=True):
                if request.answer.done():
                    continue
                if isinstance(answer, Problem):
                    metrics.REFUSALS.labels(request.wanted.kind, answer.code).inc()
                    request.answer.set_exception(answer)
                else:
                    request.answer.set_result(answer)
            self._work.ring()

    async def _admit(self, group: Sequence[_Request]) -> list[Acknowledgement | Problem]:
        """Decide about all of them in one transaction."""
        now = self._clock()
        answers: dict[int, Acknowledgement | Problem] = {}
        async with self._store.write() as session:
            replays = await _replays(session, [request.key for request in group])
            for place, request in enumerate(group):
                if (row := replays.get(request.key)) is not None:
                    answers[place] = _replay(row, request)
            fresh = [place for place in range(len(group)) if place not in answers]
            known = await repository.find_many(session, {group[place].wanted.id for place in fresh})
            refused = await self._store_new(session, [group[place].wanted for place in fresh], known, now)
            stored = await repository.find_many(session, {group[place].wanted.id for place in fresh})
            accepted = []
            for place in fresh:
                request = group[place]
                if request.wanted.id in refused:
                    answers[place] = refused[request.wanted.id]
                    continue
                operation = stored[request.wanted.id]
                answer = self._acknowledge(request, operation)
                answers[place] = answer
                # What was stored before is the same operation under any key: anyone can post it, as often as they like,
                # and none of that is kept.
                if operation.id not in known or known[operation.id].state is State.REJECTED:
                    accepted.append((request, answer))
            await _remember(session, accepted, now)
            if accepted:
                await session.tell(Channel.WORK)
        return [answers[place] for place in range(len(group))]

    async def _store_new(
        self, session: WriteSession, wanted: Sequence[Submission], stored: Mapping[str, Operation], now: float
    ) -> dict[str, Problem]:
        """Store those that are not there and can be; why the others cannot, by id."""
        unique = {submission.id: submission for submission in wanted}
        refused_before = {one.id for one in stored.values() if one.state is State.REJECTED}
        decided = await repository.outcomes(session, unique.keys() - stored.keys())
        await repository.add_many(session, [(unique[identity], State.QUEUED) for identity in decided], now)
        await repository.decide_known(session, decided.values(), now)
        by_kind: dict[Kind, list[Submission]] = defaultdict(list)
        payers = {unique[identity].actor for identity in decided if unique[identity].nonce is not None}
        for submission in unique.values():
            is_new = submission.id not in stored and submission.id not in decided
            if is_new or submission.id in refused_before:
                by_kind[submission.kind].append(submission)
        refused: dict[str, Problem] = {}
        halted = await session.scalar(sa.select(cursor.c.halted))
        # Each kind is stored before the next is judged: they spend the same credits, and share nonces.
        for kind in sorted(by_kind, key=PRECEDENCE.index):
            submissions, admitted = by_kind[kind], []
            if halted:
                stopped = Problem(Code.NOT_READY, "The index has stopped, so nothing new can be carried from here.")
                decisions: list[State | Problem] = [stopped] * len(submissions)
            else:
                decisions = await self._admitters[kind].admit(session, submissions, now)
                if kind in FREE:
                    decisions = await _bounded(session, submissions, decisions)
            for submission, decision in zip(submissions, decisions, strict=True):
                if isinstance(decision, Problem):
                    refused[submission.id] = decision
                else:
                    admitted.append((submission, decision))
            await repository.add_many(session, [pair for pair in admitted if pair[0].id not in refused_before], now)
            again = [submission for submission, _ in admitted if submission.id in refused_before]
            await repository.ask_again(session, again, now)
            payers |= {submission.actor for submission, _ in admitted if submission.nonce is not None}
        await repository.arrange_queues(session, payers, now)
        return refused

    def _acknowledge(self, request: _Request, operation: Operation) -> Acknowledgement:
        status = 200 if operation.is_ended else 202
        return Acknowledgement(status, request.location, self._render(operation), operation.id)


async def _bounded(
    session: WriteSession, wanted: Sequence[Submission], decisions: Sequence[State | Problem]
) -> list[State | Problem]:
    """The decisions, with refusals for signers who have as much under way as they can of what costs them nothing."""
    live = await repository.live_of(session, {one.actor for one in wanted})
    under_way = Counter({actor: sum(row.kind in FREE for row in rows) for actor, rows in live.items()})
    bounded = list(decisions)
    for place, one in enumerate(wanted):
        if isinstance(bounded[place], Problem):
            continue
        if under_way[one.actor] < MOST_FREE:
            under_way[one.actor] += 1
        else:
            bounded[place] = Problem(Code.TOO_MANY_UNDER_WAY, f"{one.actor} has {MOST_FREE}.")
    return bounded


async def _replays(session: WriteSession, keys: Sequence[Key]) -> dict[Key, sa.Row[Any]]:
    found = {}
    for route in {key.route for key in keys}:
        values = [key.value for key in keys if key.route == route]
        statement = sa.select(idempotency).where(idempotency.c.route == route, idempotency.c.key.in_(values))
        for row in await session.rows(statement):
            found[Key(row.route, row.key)] = row
    return found


def _replay(row: sa.Row[Any], request: _Request) -> Acknowledgement | Problem:
    if row.request_hash != request.fingerprint:
        return Problem(Code.IDEMPOTENCY_KEY_REUSED)
    return Acknowledgement(row.status, row.location, row.body, request.wanted.id, replayed=True)


async def _remember(session: WriteSession, accepted: Sequence[tuple[_Request, Acknowledgement]], now: float) -> None:
    rows = [
        {
            "route": request.key.route,
            "key": request.key.value,
            "request_hash": request.fingerprint,
            "status": answer.status,
            "location": answer.location,
            "body": answer.body,
            "created_at": now,
        }
        for request, answer in accepted
    ]
    await session.run_many(sa.insert(idempotency), rows)


async def forget_keys(session: WriteSession, before: float, most: int) -> int:
    """Delete idempotency keys that are older, at most so many; how many.

    Their operations stay: posted again under a new key, one is still the same operation.
    """
    names = (idempotency.c.route, idempotency.c.key)
    old = sa.select(*names).where(idempotency.c.created_at < before).limit(most)
    return await session.run(sa.delete(idempotency).where(sa.tuple_(*names).in_(old)))
