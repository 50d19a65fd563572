# SPDX-License-Identifier: EUPL-1.2
"""Reads the chain for the audit: logs in bounded ranges, headers of their blocks, and views at one block."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from eth_abi.exceptions import EncodingError

from heitje.audit.findings import AuditImpossible, Findings, Place
from heitje.chain.abi import Interface
from heitje.chain.node import Node, NodeUnreachable, RpcError

FIRST_RANGE: Final = 10
"""Blocks. Each range is at most twice as long as the one before it."""
LONGEST_RANGE: Final = 10_000
MANY_LOGS: Final = 10_000
"""Ranges grow or shrink towards this many logs, so that memory stays bounded however long or busy the chain is."""

IS_VALID_SIGNATURE: Final = bytes.fromhex("1626ba7e")
"""Selector of `isValidSignature(bytes32,bytes)`, and what it answers for yes (ERC-1271)."""
REVERTED: Final = 3
"""What a node's error is called when the contract refused the call."""
WALLET_GAS: Final = 1 << 20
"""Gas for one answer of a wallet: more than the contracts give it, and an end to those that never answer."""

RawLog = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Header:
    """What an audit needs of a block."""

    number: int
    hash: str
    parent: str
    time: int

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Self:
        """From a node's answer. A time after the year 6000 is no time."""
        time = int(raw["timestamp"], 16)
        if time >= 1 << 37:
            raise ValueError("no time")
        return cls(int(raw["number"], 16), raw["hash"], raw["parentHash"], time)


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a wallet, a contract, agrees that a signature of a digest is its own, as of a block."""

    wallet: str
    asked_by: str
    digest: bytes
    signature: bytes
    block: int

    @property
    def call(self) -> dict[str, str]:
        """As `eth_call` takes it."""
        padded = self.signature.ljust(-(-len(self.signature) // 32) * 32, b"\0")
        head = (0x40).to_bytes(32, "big") + len(self.signature).to_bytes(32, "big")
        data = IS_VALID_SIGNATURE + self.digest + head + padded
        return {"from": self.asked_by, "to": self.wallet, "data": "0x" + data.hex(), "gas": hex(WALLET_GAS)}


@dataclass
class Block:
    """One block's logs of our contracts, in order, and its header."""

    header: Header
    logs: list[RawLog] = field(default_factory=list)


@dataclass
class Reader:
    """A node, asked carefully."""

    node: Node

    async def header(self, block: int | str) -> Header:
        """A block's header, by number or tag.

        Raises:
            AuditImpossible: the node does not have it.
        """
        name = block if isinstance(block, str) else hex(block)
        return self._header(await self._ask("eth_getBlockByNumber", name, False), name)

    def _header(self, raw: Any, name: str) -> Header:
        try:
            return Header.of(raw)
        except (TypeError, KeyError, ValueError) as error:
            raise AuditImpossible(f"the node does not have block {name}") from error

    async def headers(self, numbers: Sequence[int]) -> dict[int, Header]:
        """Headers by block number."""
        answers = await self._batch([("eth_getBlockByNumber", [hex(n), False]) for n in numbers])
        return {n: self._header(raw, str(n)) for n, raw in zip(numbers, answers, strict=True)}

    async def code(self, address: str, block: int) -> bytes | None:
        """The code at an address after a block; None if the node no longer has the state of that block."""
        try:
            return bytes.fromhex((await self.node.call("eth_getCode", address, hex(block)))[2:])
        except RpcError:
            return None

    async def view(self, interface: Interface, address: str, block: int, function: str, *arguments: Any) -> Any:
        """What a view answers after a block.

        Raises:
            AuditImpossible: it does not answer, or something else than such a function answers.
        """
        answers = await self.views(interface, address, block, [(function, arguments)])
        if answers[0] is None:
            raise AuditImpossible(f"{address} does not answer {function}() at block {block}")
        return answers[0]

    async def views(
        self, interface: Interface, address: str, block: int, calls: Sequence[tuple[str, Sequence[Any]]]
    ) -> list[Any]:
        """What many views answer after a block; None in the place of one that does not answer."""
        encoded = [_encoded(interface, name, arguments) for name, arguments in calls]
        answers = iter(
            await self._batch(
                [("eth_call", [{"to": address, "data": d}, hex(block)]) for d in encoded if d is not None]
            )
        )
        return [
            None if data is None else _decoded(interface, name, next(answers))
            for (name, _), data in zip(calls, encoded, strict=True)
        ]

    async def wallets_agree(self, questions: Sequence[Question]) -> list[bool | None]:
        """What wallets answer; None where the node cannot tell, for it no longer has the state of that block."""
        codes = await self._batch([("eth_getCode", [q.wallet, hex(q.block)]) for q in questions])
        answers = await self._batch([("eth_call", [q.call, hex(q.block)]) for q in questions])
        return [_agrees(code, answer) for code, answer in zip(codes, answers, strict=True)]

    async def blocks(self, addresses: Sequence[str], first: int, last: int, findings: Findings) -> AsyncIterator[Block]:
        """All blocks from `first` to `last` in which these contracts logged something, in order.

        Each log must be of its block, each range's first block the child of the last one's end; what is not is a
        finding. The next range is fetched while the caller works on this one.
        """
        parent: Header | None = None
        length, start = FIRST_RANGE, first
        pending = asyncio.create_task(self._range(addresses, start, min(start + length - 1, last)))
        try:
            while True:
                logs, headers, end = await pending
                length = _next_length(end - start + 1, len(logs))
                begin, start = headers[start], end + 1
                if start <= last:
                    pending = asyncio.create_task(self._range(addresses, start, min(start + length - 1, last)))
                if parent is not None and begin.parent != parent.hash:
                    message = f"block {begin.number} is not the child of block {parent.number}"
                    findings.add("broken-chain", message, Place(begin.number))
                parent = headers[end]
                for block in _by_block(logs, headers, findings):
                    yield block
                if start > last:
                    return
        finally:
            pending.cancel()

    async def _range(
        self, addresses: Sequence[str], first: int, last: int
    ) -> tuple[list[RawLog], dict[int, Header], int]:
        logs, last = await self.logs({"address": list(addresses)}, first, last)
        numbers = sorted({first, last, *(int(log["blockNumber"], 16) for log in logs)})
        return logs, await self.headers(numbers), last

    async def logs(self, query: dict[str, Any], first: int, last: int) -> tuple[list[RawLog], int]:
        """Logs from `first` on, up to `last` or to what the node is willing to answer at once: see the second result.

        Raises:
            AuditImpossible: the node does not answer even for a single block.
        """
        while True:
            try:
                found = await self.node.call("eth_getLogs", {**query, "fromBlock": hex(first), "toBlock": hex(last)})
            except (RpcError, NodeUnreachable) as error:
                if last == first:
                    raise AuditImpossible(f"the node does not give the logs of block {first}: {error}") from error
                last = first + (last - first) // 2
                continue
            if not isinstance(found, list):
                raise AuditImpossible("the node's answer to eth_getLogs is no list")
            kept = [log for log in found if first <= int(log["blockNumber"], 16) <= last]
            return sorted(kept, key=_place), last

    async def all_logs(self, addresses: Sequence[str], topics: Sequence[str], first: int, last: int) -> list[RawLog]:
        """All logs of some contracts with one of these first topics. For events there are few of."""
        found: list[RawLog] = []
        while first <= last:
            query = {"address": list(addresses), "topics": [list(topics)]}
            logs, end = await self.logs(query, first, min(first + LONGEST_RANGE - 1, last))
            found += logs
            first = end + 1
        return found

    async def receipts(self, transactions: Sequence[str]) -> list[dict[str, Any]]:
        """Receipts of transactions; those the node does not have are left out."""
        answers = await self._batch([("eth_getTransactionReceipt", [item]) for item in transactions])
        return [answer for answer in answers if isinstance(answer, dict)]

    async def transactions_of(self, block: int) -> list[str]:
        """The hashes of a block's transactions."""
        raw = await self._ask("eth_getBlockByNumber", hex(block), False)
        return list(raw["transactions"])

    async def chain_id(self) -> int:
        """The chain's id."""
        return int(await self._ask("eth_chainId"), 16)

    async def _ask(self, method: str, *parameters: Any) -> Any:
        try:
            return await self.node.call(method, *parameters)
        except (NodeUnreachable, RpcError) as error:
            raise AuditImpossible(str(error)) from error

    async def _batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        try:
            return await self.node.batch(calls)
        except NodeUnreachable as error:
            raise AuditImpossible(str(error)) from error


def _next_length(length: int, logs: int) -> int:
    """How many blocks to ask for after a range of so many blocks had so many logs."""
    fitting = length * MANY_LOGS // max(logs, 1)
    return max(min(fitting, 2 * length, LONGEST_RANGE), 1)


def _place(log: RawLog) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)


def _agrees(code: Any, answer: Any) -> bool | None:
    if not isinstance(code, str):
        return None
    if code in ("0x", ""):
        return False
    if isinstance(answer, RpcError):
        return False if answer.code == REVERTED or "revert" in str(answer).lower() else None
    try:
        raw = bytes.fromhex(answer[2:])
    except (TypeError, ValueError):
        return None
    return raw[:32] == IS_VALID_SIGNATURE.ljust(32, b"\0")


def _encoded(interface: Interface, function: str, arguments: Sequence[Any]) -> str | None:
    """The data of a call; None if no contract could hold such arguments, as a lying node's events may have them."""
    try:
        return "0x" + interface.encode(function, *arguments).hex()
    except EncodingError:
        return None


def _decoded(interface: Interface, function: str, answer: Any) -> Any:
    if not isinstance(answer, str):
        return None
    try:
        return interface.decode(function, bytes.fromhex(answer[2:]))
    except Exception:  # noqa: BLE001 - whatever a stranger's contract or node answers, it is no answer
        return None


def _by_block(logs: Sequence[RawLog], headers: dict[int, Header], findings: Findings) -> list[Block]:
    blocks: list[Block] = []
    last = (-1, -1)
    for log in logs:
        place = _place(log)
        header = headers[place[0]]
        if log["blockHash"] != header.hash or log.get("removed") or place == last:
            where = Place(header.number, log.get("transactionHash"))
            findings.add("log-not-of-block", f"log {place[1]} is not of block {header.number} or comes twice", where)
        last = place
        if not blocks or blocks[-1].header is not header:
            blocks.append(Block(header))
        blocks[-1].logs.append(log)
    return blocks
