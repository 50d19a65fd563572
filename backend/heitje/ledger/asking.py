# SPDX-License-Identifier: EUPL-1.2
"""The city's node, as far as anybody may ask it: what somebody needs who checks the books in their own browser.

A node's port is not open to browsers, so the service passes on six methods that only read, about the city's own
contracts, in bounded ranges. Nothing that is asked here is stored, and no answer is changed: what came from the node
goes out as it is, so that the check is of the node and not of this service. A visitor who trusts neither asks a node of
their own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from heitje.chain.node import Call, Node, NodeUnreachable, RpcError
from heitje.problems import Code, Problem


class Method(StrEnum):
    """What may be asked."""

    CHAIN_ID = "eth_chainId"
    BLOCK_NUMBER = "eth_blockNumber"
    BLOCK = "eth_getBlockByNumber"
    LOGS = "eth_getLogs"
    CALL = "eth_call"
    CODE = "eth_getCode"


MOST_BLOCKS: Final = 10_000
"""Of one range of logs."""
MOST_RANGES: Final = 4
"""Ranges of logs in one request: each can be long."""
MOST_LOGS: Final = 25_000
"""In the answer about one range, where it is longer than a block: some fifteen megabytes."""
MOST_REQUESTS: Final = 100
"""In one batch."""
_MOST_DATA: Final = 20_000
"""Hexadecimal digits of one call: three hundred addresses."""
_GAS: Final = hex(30_000_000)
_IN_PARALLEL: Final = 4
_INVALID: Final = -32602
_TOO_MANY: Final = -32005
"""As nodes that have a limit of their own answer (EIP-1474: limit exceeded)."""

_QUANTITY: Final = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,12})")
_DATA: Final = re.compile(r"0x([0-9a-fA-F]{2})*")
_TOPIC: Final = re.compile(r"0x[0-9a-f]{64}")
_TAGS: Final = ("latest", "safe", "finalized", "earliest")


@dataclass(frozen=True, slots=True)
class Question:
    """One JSON-RPC request."""

    identity: int | str
    method: Method
    params: Sequence[Any]


class Refused(Exception):
    """It is not asked of the node; the message says what may be."""


class PublicNode:
    """Passes on what may be asked."""

    def __init__(self, node: Node, contracts: Sequence[str]) -> None:
        self._node = node
        self._contracts = {address.lower() for address in contracts}
        self._turns = asyncio.Semaphore(_IN_PARALLEL)

    async def answer(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """Answers as JSON-RPC writes them, in the order of the questions.

        Raises:
            Problem: The node gives no answer.
        """
        calls: list[Call | Refused] = []
        ranges = 0
        for question in questions:
            ranges += question.method is Method.LOGS
            calls.append(self._call(question.method, question.params, ranges))
        try:
            async with self._turns:
                answers = iter(await self._node.batch([call for call in calls if not isinstance(call, Refused)]))
        except NodeUnreachable:
            raise Problem(Code.NODE_UNREACHABLE) from None
        return [
            _written(question.identity, call if isinstance(call, Refused) else _bounded(call, next(answers)))
            for question, call in zip(questions, calls, strict=True)
        ]

    def _call(self, method: Method, params: Sequence[Any], ranges: int) -> Call | Refused:
        try:
            return str(method), self._checked(method, params, ranges)
        except Refused as refused:
            return refused

    def _checked(self, method: Method, params: Sequence[Any], ranges: int) -> list[Any]:
        match method, params:
            case ((Method.CHAIN_ID | Method.BLOCK_NUMBER), []):
                return []
            case Method.BLOCK, [block, False]:
                return [_block(block), False]
            case Method.CODE, [address, block]:
                return [self._contract(address), _block(block)]
            case Method.CALL, [dict() as call, block]:
                return [self._read(call), _block(block)]
            case Method.LOGS, [dict() as wanted]:
                if ranges > MOST_RANGES:
                    raise Refused(f"at most {MOST_RANGES} ranges of logs in one request")
                return [self._logs(wanted)]
        raise Refused(f"{method} takes other parameters here; blocks without their transactions, and one block each")

    def _contract(self, address: Any) -> str:
        if not isinstance(address, str) or address.lower() not in self._contracts:
            raise Refused("only the city's own contracts can be asked about here")
        return address

    def _read(self, call: Mapping[str, Any]) -> dict[str, str]:
        data = call.get("data", call.get("input", "0x"))
        if not isinstance(data, str) or len(data) > _MOST_DATA or _DATA.fullmatch(data) is None:
            raise Refused(f"data must be hexadecimal, at most {_MOST_DATA} characters")
        if not call.keys() <= {"to", "data", "input", "gas"}:
            raise Refused("a call has `to` and `data`")
        return {"to": self._contract(call.get("to")), "data": data, "gas": _GAS}

    def _logs(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        addresses, topics = wanted.get("address"), wanted.get("topics", [])
        first, last = _number(wanted.get("fromBlock")), _number(wanted.get("toBlock"))
        if not 0 <= last - first < MOST_BLOCKS:
            raise Refused(f"a range of logs has at most {MOST_BLOCKS} blocks")
        listed = addresses if isinstance(addresses, list) else [addresses]
        if not listed or not isinstance(topics, list) or len(topics) > 4 or not all(map(_is_topic, topics)):
            raise Refused("logs are asked for by the addresses of contracts, and by topics")
        if not wanted.keys() <= {"address", "topics", "fromBlock", "toBlock"}:
            raise Refused("logs are asked for by address, topics, fromBlock and toBlock")
        of = [self._contract(address) for address in listed]
        return {"address": of, "fromBlock": hex(first), "toBlock": hex(last), "topics": topics}


def _number(value: Any) -> int:
    if not isinstance(value, str) or _QUANTITY.fullmatch(value) is None:
        raise Refused("a block is a number here, as 0x and hexadecimal digits without zeros before them")
    return int(value, 16)


def _block(value: Any) -> str:
    return str(value) if value in _TAGS else hex(_number(value))


def _is_topic(topic: Any) -> bool:
    alternatives = topic if isinstance(topic, list) else [topic]
    return len(alternatives) <= 100 and all(
        one is None or (isinstance(one, str) and _TOPIC.fullmatch(one) is not None) for one in alternatives
    )


def _bounded(call: Call, answer: Any) -> Any:
    """An answer that is too long as an error that asks for a shorter range. One block can always be had."""
    method, params = call
    if method != Method.LOGS or not isinstance(answer, list) or len(answer) <= MOST_LOGS:
        return answer
    if params[0]["fromBlock"] == params[0]["toBlock"]:
        return answer
    return RpcError(_TOO_MANY, f"more than {MOST_LOGS} logs; ask for a shorter range")


def _written(identity: int | str, answer: Any) -> dict[str, Any]:
    written: dict[str, Any] = {"jsonrpc": "2.0", "id": identity}
    if isinstance(answer, Refused):
        return {**written, "error": {"code": _INVALID, "message": str(answer)}}
    if isinstance(answer, RpcError):
        data = {} if answer.data is None else {"data": answer.data}
        return {**written, "error": {"code": answer.code, "message": answer.message, **data}}
    return {**written, "result": answer}
