# SPDX-License-Identifier: EUPL-1.2
"""The lane and the index against a node, a network and a power supply that do the worst, in any order.

A machine of random steps: payments are accepted, the lane and the index work, and wherever they wait for something the
request is cut off, doubled or delayed, or the process dies. The node forgets transactions, says wrong nonces; the chain
takes blocks back, also what was final; others carry payments, and use the key. After every step these must hold:

- I1  what was accepted is stored;
- I2, I3  what a node ever received was stored before, under its nonce;
- I4  only the newest holder of the lease signs; in the end no nonce is left out;
- I5  no nonce was ever given to two different bytes;
- I6, I7  an end in the database is the truth of the chain as far as it is indexed; failed and expired move nothing;
- I8  no nonce is freed: what was signed for it stays;
- I9  the outcomes are exactly those of the blocks up to the cursor;
- I10  events are told of committed outcomes only, and of each.

At the end everything is mended, and then every payment must end.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

from eth_utils.crypto import keccak
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from heitje.chain.node import NodeUnreachable, RpcError
from heitje.chain.typed_data import payment_digest
from heitje.index import rebuild
from heitje.index.follow import ChainMoved, Follower, IndexHalted, IndexSettings
from heitje.payments.service import PaymentAdmitter
from heitje.problems import Problem
from heitje.relay import thaw
from heitje.relay.intake import Intake, Key
from heitje.relay.lane import Lane, LaneSettings
from heitje.relay.lane_repository import LeaseLost
from heitje.relay.operation import Kind, Submission
from heitje.store.bell import Bell, Gong
from tests.support.fake_chain import CHAIN_ID, CONTRACTS, PLACES, RESIDENTS, SHOP, FakeChain, FakeKey
from tests.support.faulty import Died, Fault, FaultyNode, FaultyStore, Script

RUNS = int(os.environ.get("HEITJE_LANE_RUNS", "12"))
FINALITY = 3
LEASE = 6.0
FAULTS = st.lists(st.sampled_from([Fault.NONE, Fault.NONE, *Fault]), max_size=10)


class Lanes(RuleBasedStateMachine):
    """One key, one database, and a process that is begun anew whenever it dies."""

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        memory = "/dev/shm"
        self.folder = tempfile.TemporaryDirectory(dir=memory if Path(memory).is_dir() else None)
        self.path = Path(self.folder.name) / "db.sqlite"
        self.chain, self.script = FakeChain(), Script()
        self.node = FaultyNode(self.chain, self.script, self.arriving)
        self.store = FaultyStore.at(self.path)
        self.store.script = self.script
        self.loop.run_until_complete(self.store.create_tables())
        self.eyes = sqlite3.connect(self.path)
        self.accepted, self.payloads, self.unstored = set(), {}, []
        self.signed, self.older, self.lease, self.now = set(), [], None, float(self.chain.time)
        self.begin()
        self.follow()

    def teardown(self):
        try:
            self.mend()
        finally:
            self.eyes.close()
            self.loop.run_until_complete(self.store.close())
            self.loop.close()
            self.folder.cleanup()

    def clock(self):
        return self.now

    def look(self, query):
        return self.eyes.execute(query).fetchall()

    def arriving(self, raw):
        """Looks for bytes in the database at the moment they reach the node."""
        if not self.eyes.execute("SELECT 1 FROM attempt WHERE raw = ?", (raw,)).fetchall():
            self.unstored.append(raw)

    def begin(self):
        """A process: its lane and its index, which know nothing but the database."""
        self.lane = Lane(
            self.store,
            self.node,
            FakeKey(),
            CONTRACTS,
            CHAIN_ID,
            work=Bell(),
            clock=self.clock,
            settings=LaneSettings(lease=LEASE, window=4),
        )
        settings = IndexSettings(first_block=0, finality=FINALITY)
        bells = {"news": Gong(), "work": Bell(), "clock": self.clock}
        self.follower = Follower(self.store, self.node, PLACES, CHAIN_ID, settings, **bells)
        self.lease = None

    def go(self, work, faults=()):
        """Lets the process do something while faults happen; whether it lived."""
        self.script.write(faults)
        try:
            self.loop.run_until_complete(work)
        except Died:
            self.begin()
            return False
        except (NodeUnreachable, RpcError, ChainMoved, IndexHalted, LeaseLost, thaw.CannotThaw):
            return True
        finally:
            self.script.write(())
        return True

    async def work_the_lane(self, lane):
        if self.lease is None:
            self.now += 2 * LEASE
            self.lease = await lane.acquire()
        self.now += 1.5
        await lane.step(self.lease)

    async def read_on(self):
        while await self.follower.step():
            pass

    def follow(self):
        self.go(self.read_on())

    # What people do

    @rule(
        payer=st.sampled_from(RESIDENTS),
        cents=st.integers(1, 400),
        ahead=st.sampled_from([0, 0, 0, 1]),
        seconds=st.sampled_from([4, 600, 600]),
        faults=FAULTS,
    )
    def accept(self, payer, cents, ahead, seconds, faults):
        live = self.look(
            f"SELECT max(nonce) FROM operation WHERE actor = '{payer}' "
            "AND state IN ('received', 'queued', 'batched', 'submitted', 'failing')"
        )[0][0]
        known = self.look(f"SELECT nonce FROM account WHERE address = '{payer}'")
        nonce = (known[0][0] if known and live is None else 0 if live is None else live + 1) + ahead
        fields = (payer, SHOP, cents, nonce, int(self.now) + seconds, keccak(f"{len(self.payloads)}".encode()))
        digest = "0x" + payment_digest(PLACES.token_domain, *fields).hex()
        payload = {
            "from": payer, "to": SHOP, "value": str(cents), "nonce": str(nonce), "deadline": fields[4],
            "requestId": "0x" + fields[5].hex(), "signature": "0x" + "22" * 65,
        }  # fmt: skip
        self.payloads[digest] = payload
        wanted = Submission(digest, Kind.PAYMENT, payer, nonce, cents, fields[4], payload, payee=SHOP)

        async def submit():
            intake = Intake(
                self.store, {Kind.PAYMENT: PaymentAdmitter()}, render=lambda _: b"", work=Bell(), clock=self.clock
            )
            answer = asyncio.ensure_future(intake.submit(wanted, Key("payments", digest), ""))
            running = asyncio.ensure_future(intake.run())
            done, others = await asyncio.wait({answer, running}, return_when=asyncio.FIRST_COMPLETED)
            for other in others:
                other.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            for one in done:
                one.result()
            self.accepted.add(digest)

        try:
            self.go(submit(), faults)
        except Problem:
            return

    @precondition(lambda self: self.payloads)
    @rule(data=st.data())
    def others_carry(self, data):
        digest = data.draw(st.sampled_from(sorted(self.payloads)))
        self.chain.mine(by_others=[self.payloads[digest]])

    @rule()
    def another_program_uses_the_key(self):
        self.chain.mine(foreign=True)

    # What the process does

    @rule(faults=FAULTS)
    def lane_works(self, faults):
        if not self.go(self.work_the_lane(self.lane), faults):
            self.older = []

    @rule(faults=FAULTS)
    def index_works(self, faults):
        self.go(self.follower.step(), faults)

    @rule()
    def process_stands_still_and_another_takes_over(self):
        if self.lease is not None:
            self.older = [(self.lane, self.lease)]
            self.begin()
            self.go(self.work_the_lane(self.lane))

    @precondition(lambda self: self.older)
    @rule()
    def process_that_stood_still_wakes_up(self):
        lane, lease = self.older.pop()
        self.go(lane.step(lease))

    # What the chain and its node do

    @rule(seconds=st.integers(1, 3))
    def mine(self, seconds):
        self.chain.mine(seconds=seconds)
        self.now = max(self.now, float(self.chain.time))

    @rule(seconds=st.integers(5, 30))
    def time_passes(self, seconds):
        self.now += seconds
        self.chain.mine(seconds=max(1, int(self.now) - self.chain.time))

    @precondition(lambda self: self.chain.pool)
    @rule(data=st.data())
    def node_drops_one(self, data):
        self.chain.pool.pop(data.draw(st.sampled_from(sorted(self.chain.pool))))

    @rule()
    def node_forgets_its_pool(self):
        self.chain.pool.clear()

    @rule(lie=st.sampled_from([-2, -1, 0, 0, 0, 1, 5]))
    def node_says_wrong_nonces(self, lie):
        self.node.lie = lie

    @rule()
    def what_was_late_arrives(self):
        self.node.deliver()

    @rule(depth=st.integers(1, FINALITY), keep=st.booleans())
    def chain_takes_blocks_back(self, depth, keep):
        self.chain.reorganise(depth, keep=keep)

    @rule(depth=st.integers(FINALITY + 1, FINALITY + 3), keep=st.booleans())
    def chain_takes_back_what_was_final(self, depth, keep):
        self.chain.reorganise(depth, keep=keep)

    # What an operator does

    @precondition(lambda self: self.look("SELECT 1 FROM lane WHERE frozen IS NOT NULL"))
    @rule(faults=FAULTS)
    def operator_thaws_the_lane(self, faults):
        self.go(thaw.thaw(self.store, self.node, FINALITY, self.now), faults)

    @precondition(lambda self: self.look("SELECT 1 FROM cursor WHERE halted IS NOT NULL"))
    @rule(faults=FAULTS)
    def operator_reads_the_chain_anew(self, faults):
        self.begin()
        self.now += 2 * LEASE
        self.go(rebuild.forget(self.store, self.now), faults)
        self.go(self.read_on(), faults)

    # What must hold

    @invariant()
    def accepted_is_stored(self):
        assert self.accepted <= {row[0] for row in self.look("SELECT id FROM operation")}

    @invariant()
    def nothing_was_sent_before_it_was_stored(self):
        assert self.unstored == []

    @invariant()
    def no_nonce_has_two_meanings(self):
        assert all(len(raws) == 1 for raws in self.chain.received.values())

    @invariant()
    def no_nonce_is_freed(self):
        signed = set(self.look("SELECT nonce, tx_hash FROM batch JOIN attempt ON batch_id = batch.id"))
        assert self.signed <= signed
        self.signed = signed
        assert len({nonce for nonce, _ in signed}) == len(signed)

    @invariant()
    def fences_never_fall(self):
        fences = [row[0] for row in self.look("SELECT fence FROM batch ORDER BY id")]
        assert fences == sorted(fences)
        assert all(fence <= max(row[0] for row in self.look("SELECT fence FROM lane")) for fence in fences)

    def indexed(self):
        """The digests paid in the blocks the index has; None while it is not on the chain's branch."""
        rows = self.look("SELECT number, hash, halted FROM cursor")
        if not rows or rows[0][2] or rows[0][0] >= len(self.chain.blocks):
            return None
        number, name, _ = rows[0]
        return self.chain.paid(number) if self.chain.blocks[number].head["hash"] == name else None

    @invariant()
    def what_is_told_is_what_the_chain_did(self):
        paid = self.indexed()
        if paid is None:
            return
        assert len(set(paid)) == len(paid)
        told = dict(self.look("SELECT id, state FROM operation"))
        assert {digest for digest, state in told.items() if state in ("mined", "final")} == set(paid) & told.keys()
        ended = {digest for digest, state in told.items() if state in ("failed", "expired")}
        assert not ended & set(self.chain.paid())
        outcomes = {row[0] for row in self.look("SELECT id FROM outcome WHERE failure IS NULL")}
        assert outcomes == set(paid)
        events = Counter()
        for kind, digest in self.look("SELECT type, subject FROM event ORDER BY seq"):
            events[digest] = 1 if kind.endswith((".mined", ".final")) else 0
        assert {digest for digest, last in events.items() if last} >= outcomes

    # And at the end

    def mend(self):
        """No more faults: every payment must end, and in the way the chain says."""
        self.script.write(())
        self.node.lie = 0
        self.node.deliver()
        for turn in range(60):
            self.now += 700 if turn == 40 else 0  # what still waits for an earlier payment is too late then
            self.go(self.work_the_lane(self.lane))
            self.chain.mine(seconds=max(1, int(self.now) - self.chain.time))
            self.follow()
            if self.look("SELECT 1 FROM cursor WHERE halted IS NOT NULL"):
                self.read_anew()
            if self.look("SELECT 1 FROM lane WHERE frozen IS NOT NULL"):
                self.go(thaw.thaw(self.store, self.node, FINALITY, self.now))
            open_ones = self.look(
                "SELECT id, state FROM operation WHERE state NOT IN ('final', 'failed', 'expired', 'rejected')"
            )
            if not open_ones:
                break
        lane = self.look("SELECT next_nonce, frozen FROM lane")
        batches = self.look("SELECT nonce, state, last_answer FROM batch JOIN attempt ON batch_id = batch.id")
        assert not open_ones, f"{open_ones}\n{lane}\n{batches}\n{self.chain.state.used} {self.chain.pool}"
        self.what_is_told_is_what_the_chain_did()

    def read_anew(self):
        self.begin()
        self.now += 2 * LEASE
        self.go(rebuild.forget(self.store, self.now))
        self.follow()


def test_the_lane_and_the_index_hold_whatever_happens():
    run_state_machine_as_test(
        Lanes,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            database=None,
            print_blob=True,
        ),
    )
