# SPDX-License-Identifier: EUPL-1.2
"""Whether what the index says is what the contracts say, at the block the index is at.

The index keeps balances, numbers, nonces, sums and redemptions. Here each is asked of the chain again, as of the same
block, and every difference is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from eth_abi.abi import encode

from heitje.chain.abi import load
from heitje.chain.node import Node, RpcError
from heitje.chain.words import Account, Redemption, RedemptionStatus
from heitje.index import repository
from heitje.index.rows import Places
from heitje.store.session import ReadSession, Store
from heitje.store.tables import account, redemption, redemption_step

_PER_CALL: Final = 1_000
_OPEN: Final = (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED)


class CannotCheck(Exception):
    """Nothing can be said: the message says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something the index and the chain say otherwise. `what` is an account's address, a redemption or a sum."""

    what: str
    field: str
    index: str
    chain: str

    def __str__(self) -> str:
        return f"{self.what}: {self.field} is {self.index} in the index, {self.chain} on the chain"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, at which block, and what differs."""

    block: int
    accounts: int
    redemptions: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    number: int
    hash: str
    words: dict[str, int]
    redemptions: dict[str, Redemption]
    sums: tuple[int, ...]


async def compare(store: Store, node: Node, places: Places) -> Comparison:
    """Compare all accounts, the sums and all redemptions.

    Raises:
        CannotCheck: The index has not begun, has stopped, or is at a block that the node does not have.
        NodeUnreachable: The node did not answer.
    """
    async with store.read() as session:
        told = await _told(session)
    found = [
        *await _accounts(node, places, told),
        *await _redemptions(node, places, told),
        *await _sums(node, places, told),
    ]
    return Comparison(told.number, len(told.words), len(told.redemptions), tuple(found))


async def _told(session: ReadSession) -> _Index:
    at = await repository.position(session)
    if at is None:
        raise CannotCheck("the index has not begun")
    if at.halted:
        raise CannotCheck(f"the index has stopped: {at.halted}")
    rows = await session.rows(sa.select(account.c.address, account.c.word, account.c.balance, account.c.nonce))
    sums = await repository.sums(session)
    return _Index(
        number=at.number,
        hash=at.hash,
        words={row.address: int(row.word, 16) for row in rows},
        redemptions=await _redemptions_told(session),
        sums=(sums.issued, sums.settled, sums.clawed_back, sums.expired),
    )


async def _redemptions_told(session: ReadSession) -> dict[str, Redemption]:
    order = (redemption_step.c.block_number, redemption_step.c.log_index, redemption_step.c.position)
    status = {row.id: row.status for row in await session.rows(sa.select(redemption_step).order_by(*order))}
    columns = (redemption.c.id, redemption.c.amount, redemption.c.number)
    rows = await session.rows(sa.select(*columns))
    return {row.id: Redemption(amount=row.amount, number=row.number, status=status[row.id]) for row in rows}


async def _accounts(node: Node, places: Places, told: _Index) -> list[Difference]:
    selector = load("MunicipalToken").function("wordsOf").selector
    words = await _words(node, places.token, selector, "address[]", sorted(told.words), told)
    found = []
    for address, word in words.items():
        if word == told.words[address]:
            continue
        ours, theirs = Account.from_word(told.words[address]), Account.from_word(word)
        names = [name for name in ("number", "balance", "nonce") if getattr(ours, name) != getattr(theirs, name)]
        found += [Difference(address, name, str(getattr(ours, name)), str(getattr(theirs, name))) for name in names]
        if not names:
            found.append(Difference(address, "storage word", hex(told.words[address]), hex(word)))
    return found


async def _redemptions(node: Node, places: Places, told: _Index) -> list[Difference]:
    selector = load("RedemptionDesk").function("wordsOf").selector
    ids = sorted(told.redemptions)
    words = await _words(node, places.desk, selector, "bytes32[]", ids, told)
    found = []
    for identity, word in words.items():
        ours, theirs = told.redemptions[identity], Redemption.from_word(word)
        for name in ("amount", "number", "status"):
            if getattr(ours, name) != getattr(theirs, name):
                pair = (str(getattr(ours, name)), str(getattr(theirs, name)))
                found.append(Difference(f"redemption {identity}", name, *pair))
    return found


async def _sums(node: Node, places: Places, told: _Index) -> list[Difference]:
    token = load("MunicipalToken")
    calls = [(places.token, token.encode(name)) for name in ("ledger", "totalSupply")]
    calls.append((places.token, token.encode("balanceOf", places.desk)))
    answers = [bytes.fromhex(answer[2:]) for answer in await _ask(node, calls, told)]
    ledger = token.decode("ledger", answers[0])
    supply, escrow = token.decode("totalSupply", answers[1]), token.decode("balanceOf", answers[2])
    pairs = [
        *zip(("issued", "settled", "clawed back", "expired"), told.sums, ledger, strict=True),
        ("balances of all accounts", sum(Account.from_word(word).balance for word in told.words.values()), supply),
        ("open redemptions", sum(one.amount for one in told.redemptions.values() if one.status in _OPEN), escrow),
    ]
    return [Difference("sums", name, str(ours), str(theirs)) for name, ours, theirs in pairs if ours != theirs]


async def _words(
    node: Node, contract: str, selector: bytes, kind: str, keys: Sequence[str], told: _Index
) -> dict[str, int]:
    parts = [keys[start : start + _PER_CALL] for start in range(0, len(keys), _PER_CALL)]
    values = [[bytes.fromhex(key[2:]) for key in part] if kind == "bytes32[]" else part for part in parts]
    answers = await _ask(node, [(contract, selector + encode([kind], [value])) for value in values], told)
    words: dict[str, int] = {}
    for part, answer in zip(parts, answers, strict=True):
        body = answer[2 + 128 :]  # an offset and a length come first
        words.update((key, int(body[64 * i : 64 * i + 64], 16)) for i, key in enumerate(part))
    return words


async def _ask(node: Node, calls: Iterable[tuple[str, bytes]], told: _Index) -> list[Any]:
    requests = [({"to": to, "data": "0x" + data.hex()}, {"blockHash": told.hash}) for to, data in calls]
    answers = await node.batch([("eth_call", request) for request in requests])
    for answer in answers:
        if isinstance(answer, RpcError):
            raise CannotCheck(f"the node cannot answer for block {told.number} ({told.hash}): {answer}")
    return answers
