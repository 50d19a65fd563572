# SPDX-License-Identifier: EUPL-1.2
"""Who follows an account: many at a time, slow ones, and those who come back late."""

import asyncio
import time
from contextlib import suppress

import pytest
import sqlalchemy as sa

from heitje.events import endpoints, repository, tail
from heitje.events.endpoints import EventStream
from heitje.events.rendering import Renderer
from heitje.events.tail import Tail
from heitje.store.bell import Gong
from heitje.store.session import Store
from heitje.store.tables import event

ANNA, BEN = "0x" + "a1" * 20, "0x" + "b2" * 20
WITHIN = 60.0
"""Seconds."""


@pytest.fixture
async def store(tmp_path):
    made = Store.at(tmp_path / "db.sqlite")
    await made.create_tables()
    yield made
    await made.close()


@pytest.fixture
async def following(store):
    made = Tail(store, Renderer(store, {}), Gong(), most=3)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def happen(store, number, *, sender=ANNA, recipient=BEN, age=0.0):
    now = int(time.time() - age)
    rows = [
        {
            "type": "payment.final",
            "subject": f"0x{i:064x}",
            "sender": sender,
            "recipient": recipient,
            "block_number": i,
            "time": now,
        }
        for i in range(number)
    ]
    async with store.write() as session:
        await session.run_many(sa.insert(event), rows)


async def wait_until(holds):
    deadline = time.monotonic() + WITHIN
    while not holds():
        assert time.monotonic() < deadline, "it does not come to hold"
        await asyncio.sleep(0.02)


class Reader:
    """The other end of a stream, as the HTTP server drives it."""

    def __init__(self):
        self.sent, self.gone, self.takes = [], asyncio.Event(), asyncio.Event()
        self.takes.set()

    async def send(self, message):
        await self.takes.wait()
        self.sent.append(message)

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    def read(self, following, account=BEN, last=None, seconds=60):
        stream = EventStream(following, account, last, seconds)
        return asyncio.create_task(stream({"type": "http"}, self.receive, self.send))

    @property
    def ids(self):
        chunks = [message["body"] for message in self.sent if message["type"] == "http.response.body"]
        return [int(chunk.split(b"\n")[0].removeprefix(b"id: ")) for chunk in chunks if chunk.startswith(b"id: ")]


async def test_what_happens_while_one_is_catching_up_is_told_once_and_in_order(store, following):
    await happen(store, 450)
    reader = Reader()
    reading = reader.read(following, last=0)
    await happen(store, 450)
    await wait_until(lambda: len(reader.ids) == 900)
    await happen(store, 1)
    await wait_until(lambda: len(reader.ids) == 901)
    assert reader.ids == list(range(1, 902))
    reader.gone.set()
    await asyncio.wait_for(reading, WITHIN)


async def test_a_burst_reaches_everybody_whom_it_concerns(store, following):
    readers = [Reader(), Reader()]
    readings = [reader.read(following, account) for reader, account in zip(readers, (ANNA, BEN), strict=True)]
    await wait_until(lambda: all(len(reader.sent) == 2 for reader in readers))
    await happen(store, 300)
    await happen(store, 300, recipient="0x" + "c3" * 20)
    await wait_until(lambda: [len(reader.ids) for reader in readers] == [600, 300])
    for reader, reading in zip(readers, readings, strict=True):
        assert reader.ids == sorted(reader.ids)
        reader.gone.set()
        await asyncio.wait_for(reading, WITHIN)


async def test_a_reader_that_takes_nothing_is_let_go_and_its_place_is_free(store, following, monkeypatch):
    monkeypatch.setattr(endpoints, "_PATIENCE", 0.2)
    readers = [Reader() for _ in range(3)]
    readings = [reader.read(following) for reader in readers]
    await wait_until(lambda: all(len(reader.sent) == 2 for reader in readers))
    late = Reader()
    await late.read(following)
    assert late.sent[0]["status"] == 503
    readers[0].takes.clear()
    await happen(store, 1)
    await asyncio.wait_for(readings[0], WITHIN)
    assert readers[0].sent[-1]["body"] != b"", "it was not ended well: the server closes the connection"
    await wait_until(lambda: readers[1].ids == readers[2].ids == [1])
    reading = late.read(following, last=0)
    await wait_until(lambda: late.ids == [1])
    for reader in (*readers[1:], late):
        reader.gone.set()
    await asyncio.gather(*readings[1:], reading)


async def test_a_reader_too_far_behind_is_let_go_without_holding_up_the_others(store, following, monkeypatch):
    monkeypatch.setattr(tail, "_MOST_WAITING", 10)
    slow, quick = Reader(), Reader()
    with following.listen(BEN, 0) as listener:
        reading = quick.read(following, ANNA)
        await wait_until(lambda: len(quick.sent) == 2)
        await happen(store, 5)
        await wait_until(lambda: len(quick.ids) == 5)
        assert listener.is_over is False
        for _ in range(4):
            await happen(store, 5)
            await asyncio.sleep(0.6)
        await wait_until(lambda: len(quick.ids) == 25)
        assert listener.is_over
    assert slow.sent == []
    quick.gone.set()
    await reading


async def test_a_stream_on_which_nothing_happens_is_kept_alive(following, monkeypatch):
    assert endpoints._HEARTBEAT == 15
    monkeypatch.setattr(endpoints, "_HEARTBEAT", 0.05)
    reader = Reader()
    reading = reader.read(following)
    await wait_until(lambda: [message.get("body") for message in reader.sent].count(b": still here\n\n") >= 3)
    reader.gone.set()
    await asyncio.wait_for(reading, WITHIN)


async def test_who_comes_back_after_events_were_forgotten_is_told_that_some_were_missed(store, following):
    await happen(store, 5, age=40 * 86_400)
    await happen(store, 2)
    async with store.write() as session:
        assert await repository.forget(session, time.time() - 30 * 86_400) is False
    reader = Reader()
    await reader.read(following, last=2, seconds=0)
    assert any(b"event: missed" in message.get("body", b"") for message in reader.sent)
    assert reader.ids == [6, 7]


async def test_a_number_is_not_given_out_again_when_all_events_are_old_and_forgotten(store):
    await happen(store, 5, age=40 * 86_400)
    async with store.write() as session:
        await repository.forget(session, time.time() - 30 * 86_400)
    await happen(store, 1)
    async with store.read() as session:
        assert await repository.newest(session) == 6
