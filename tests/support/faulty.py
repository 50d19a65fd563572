# SPDX-License-Identifier: EUPL-1.2
"""A node and a store that fail on command: each time one of them is used, the next fault of a script is met."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

from heitje.chain.node import Call, NodeUnreachable, RpcError
from heitje.store.session import Store, WriteSession
from tests.support.fake_chain import FakeChain

_SEND = "eth_sendRawTransaction"


class Fault(Enum):
    """What can happen where the service waits for something."""

    NONE = "nothing"
    CUT_REQUEST = "the request does not arrive"
    CUT_ANSWER = "the request arrives, the answer does not"
    TWICE = "the request arrives twice"
    LATER = "the request arrives much later, the answer never"
    DIE_BEFORE = "the process dies before it"
    DIE_AFTER = "the process dies after it, before it knows"


class Died(BaseException):
    """The process is gone. Not an `Exception`: nothing in it may notice."""


class Script:
    """The faults to come."""

    def __init__(self) -> None:
        self._faults: deque[Fault] = deque()

    def write(self, faults: Sequence[Fault]) -> None:
        """These come next; what was not met is forgotten."""
        self._faults = deque(faults)

    def next(self) -> Fault:
        """What happens now."""
        return self._faults.popleft() if self._faults else Fault.NONE


class FaultyNode:
    """The node of a fake chain, behind a network.

    Attributes:
        lie: Added to what it says of nonces.
        late: What will arrive much later.
    """

    def __init__(self, chain: FakeChain, script: Script, arriving: Callable[[bytes], None]) -> None:
        self.lie = 0
        self.late: list[bytes] = []
        self._chain = chain
        self._script = script
        self._arriving = arriving

    async def call(self, method: str, *params: Any) -> Any:
        """See `Node.call`."""
        (answer,) = await self.batch([(method, params)])
        if isinstance(answer, RpcError):
            raise answer
        return answer

    async def batch(self, calls: Sequence[Call]) -> list[Any]:
        """See `Node.batch`."""
        fault = self._script.next()
        if fault is Fault.DIE_BEFORE:
            raise Died
        if fault is Fault.CUT_REQUEST:
            raise NodeUnreachable("cut before")
        if fault is Fault.LATER:
            self.late += [bytes.fromhex(params[0][2:]) for method, params in calls if method == _SEND]
            raise NodeUnreachable("not yet")
        answers = [self._answer(*call) for call in calls]
        if fault is Fault.TWICE:
            answers = [self._answer(*call) for call in calls]
        if fault is Fault.DIE_AFTER:
            raise Died
        if fault is Fault.CUT_ANSWER:
            raise NodeUnreachable("cut after")
        return answers

    def deliver(self) -> None:
        """What was late arrives, in another order."""
        late, self.late = self.late, []
        for raw in reversed(late):
            self._answer(_SEND, ["0x" + raw.hex()])

    def _answer(self, method: str, params: Sequence[Any]) -> Any:
        if method == _SEND:
            self._arriving(bytes.fromhex(params[0][2:]))
        try:
            answer = self._chain.answer(method, params)
        except RpcError as error:
            return error
        if method == "eth_getTransactionCount":
            return hex(max(0, int(answer, 16) + self.lie))
        return answer


class FaultyStore(Store):
    """A database whose user can die before and after it commits."""

    script: Script

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """See `Store.write`."""
        fault = self.script.next()
        async with super().write() as session:
            yield session
            if fault is Fault.DIE_BEFORE:
                raise Died
        if fault is Fault.DIE_AFTER:
            raise Died
