# SPDX-License-Identifier: EUPL-1.2
"""What events say against what the contracts store, at one block."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from heitje.audit.facts import CityFacts
from heitje.audit.findings import euros
from heitje.audit.reader import Reader
from heitje.audit.replay import Replay
from heitje.audit.stored import KINDS, Key, keys_of
from heitje.chain.abi import load
from heitje.chain.account import Account
from heitje.chain.calendar import epoch_of

WORDS_PER_CALL: Final = 200
_IN_WORDS: Final = ("account", "attestation", "redemption")


class Difference(NamedTuple):
    """What the events say and what the contract says; the latter is None where it does not answer."""

    key: Key
    expected: Any
    actual: Any


def expected(replay: Replay, key: Key) -> Any:
    """What the events say, in the form `actual` has."""
    return KINDS[key.kind].said(replay, key)


async def actual(reader: Reader, key: Key, block: int) -> Any:
    """What the contract says after a block; None if it does not answer."""
    return (await _ask(reader, [key], block))[0]


async def _ask(reader: Reader, keys: Sequence[Key], block: int) -> list[Any]:
    """The same of several keys of one kind and contract."""
    kind = KINDS[keys[0].kind]
    calls = [(kind.function, kind.arguments(key.item)) for key in keys]
    answers = await reader.views(load(kind.contract), keys[0].contract, block, calls)
    return [None if answer is None else kind.plain(answer) for answer in answers]


def same(key: Key, said: Any, stored: Any, epoch: int) -> bool:
    """Whether both are the same; accounts as of an epoch.

    A resident's slot may have been rolled without a burn, which has no event: then its credits lie in other buckets
    with the same end. So accounts are compared after a roll.
    """
    if key.kind != "account" or stored is None or said == stored:
        return bool(said == stored)
    ours, theirs = Account.from_word(said), Account.from_word(stored)
    if ours.balance != theirs.balance or not ours.epoch <= theirs.epoch <= epoch:
        return False
    return ours.roll(epoch) == theirs.roll(epoch)


async def differences(reader: Reader, replay: Replay, facts: CityFacts) -> tuple[list[Difference], int]:
    """All that the contracts say otherwise at the audited block, and how many things were compared."""
    found: list[Difference] = []
    compared = 0
    epoch = epoch_of(facts.head_time, facts.epoch_months)
    for group in _groups(keys_of(replay)):
        answers = await _answers(reader, group, facts.head)
        for key, stored in zip(group, answers, strict=True):
            said = expected(replay, key)
            if not same(key, said, stored, epoch):
                found.append(Difference(key, said, stored))
        compared += len(group)
    return found, compared


def _groups(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """Keys of one kind and contract together, so that they can be asked together."""
    groups: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in keys:
        groups[key.kind, key.contract].append(key)
    yield from groups.values()


async def _answers(reader: Reader, keys: Sequence[Key], block: int) -> list[Any]:
    """The same, where many words come in one answer."""
    if keys[0].kind not in _IN_WORDS:
        return await _ask(reader, keys, block)
    kind = KINDS[keys[0].kind]
    chunks = [keys[i : i + WORDS_PER_CALL] for i in range(0, len(keys), WORDS_PER_CALL)]
    chunk_calls = [(kind.function, ([key.item for key in chunk],)) for chunk in chunks]
    words = await reader.views(load(kind.contract), keys[0].contract, block, chunk_calls)
    found: list[Any] = []
    for chunk, answer in zip(chunks, words, strict=True):
        complete = answer is not None and len(answer) == len(chunk)
        found += answer if complete else [None] * len(chunk)
    return found


def describe(difference: Difference) -> str:
    """A difference in words."""
    key, said, stored = difference
    if stored is None:
        return f"{_title(key)}: the contract does not answer"
    if key.kind == "account":
        return f"{_title(key)}: by its events {_account(said)}; the contract says {_account(stored)}"
    if key.kind == "supply":
        return f"{_title(key)}: by the events {euros(said)}; the contract says {euros(stored)}"
    if key.kind == "ledger":
        names = ("issued", "settled", "clawed back", "expired")
        parts = [
            f"{name} by the events {euros(a)}, by the contract {euros(b)}"
            for name, a, b in zip(names, said, stored, strict=True)
            if a != b
        ]
        return f"{_title(key)}: " + "; ".join(parts)
    return f"{_title(key)}: by the events {_text(said)}; the contract says {_text(stored)}"


def _title(key: Key) -> str:
    return KINDS[key.kind].title or f"{key.kind} {_text(key.item)}"


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return f"{value:#x}" if isinstance(value, int) and not isinstance(value, bool) and value > 1 << 40 else str(value)


def _account(word: int) -> str:
    account = Account.from_word(word)
    return (
        f"{euros(account.balance)} ({account.fresh} fresh + {account.stale} stale cents), nonce {account.nonce}, "
        f"number {account.number}, class {account.holder_class}, flags {account.flags}, "
        f"{account.open_redemptions} open redemptions"
    )
