# SPDX-License-Identifier: EUPL-1.2
"""What events say against what the contracts store, at one block."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from heitje.audit.findings import euros
from heitje.audit.reader import Reader
from heitje.audit.replay import CityFacts, Replay
from heitje.chain.abi import load
from heitje.chain.account import Account
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.calendar import epoch_of
from heitje.chain.words import RedemptionStatus

WORDS_PER_CALL: Final = 200
_IN_WORDS: Final = ("account", "attestation", "redemption")


class Key(NamedTuple):
    """One thing that is stored: its kind, the contract, and which one."""

    kind: str
    contract: str
    item: Any = None


class Difference(NamedTuple):
    """What the events say and what the contract says; the latter is None where it does not answer."""

    key: Key
    expected: Any
    actual: Any


def keys_of(replay: Replay) -> Iterator[Key]:
    """Everything that can be compared, what matters most first."""
    token = replay.facts.token
    yield Key("ledger", token)
    yield Key("supply", token)
    yield from (Key("account", token, address) for address in replay.books.accounts)
    yield from (Key("holder", token, number) for number in replay.books.holders)
    yield Key("rules", token)
    for registry in replay.registries.values():
        contract = registry.address
        yield from (Key("attestation", contract, uid) for uid in registry.attestations)
        yield from (Key("programme", contract, number) for number in registry.programmes)
        yield from (Key("activity", contract, number) for number in registry.activities)
        yield from (Key("rule", contract, row) for row in range(len(registry.rules)))
        yield Key("last month", contract)
        if len(replay.registries) == 1:
            yield Key("counts", contract)
            yield from (Key("earned", contract, item) for item in replay.caps.months)
        for number, programme in registry.programmes.items():
            yield from (Key("attester", contract, (number, address)) for address in programme.attesters)
    for desk in replay.desks.values():
        yield from (Key("redemption", desk.address, item) for item in desk.redemptions)
        yield from (Key("lock", desk.address, i + 1) for i in range(len(desk.locks)))
        yield from (Key("reference", desk.address, item) for item in desk.payout_references)


def expected(replay: Replay, key: Key) -> Any:  # noqa: PLR0911 - one case per kind of thing
    """What the events say, in the form `actual` has."""
    books, sums = replay.books, replay.books.sums
    registry, desk = replay.registries.get(key.contract), replay.desks.get(key.contract)
    match key.kind:
        case "ledger":
            return sums.issued, sums.settled, sums.clawed_back, sums.expired
        case "supply":
            return sums.supply
        case "account":
            return books.account(key.item).to_word()
        case "holder":
            return books.holders.get(key.item, ZERO_ADDRESS)
        case "rules":
            return sum(1 << 8 * payer + payee for payer, payee in books.matrix), books.paused
    if registry is not None:
        return _of_registry(replay, key)
    if desk is None:
        raise LookupError(key)
    match key.kind:
        case "redemption":
            redemption = desk.redemptions.get(key.item)
            return redemption.to_word() if redemption else 0
        case "lock":
            return desk.locks[key.item - 1] if key.item <= len(desk.locks) else (ZERO_ADDRESS, 0)
        case _:
            return key.item in desk.payout_references


def _of_registry(replay: Replay, key: Key) -> Any:  # noqa: PLR0911 - one case per kind of thing
    registry = replay.registries[key.contract]
    match key.kind:
        case "attestation":
            return registry.attestations.get(key.item, 0)
        case "programme":
            programme = registry.programmes.get(key.item)
            return programme and (programme.cap, programme.used, programme.from_month, programme.to_month)
        case "activity":
            activity = registry.activities.get(key.item)
            return activity and (
                activity.programme,
                activity.month,
                activity.cents_per_hour,
                activity.max_minutes,
                activity.opens_at,
                activity.closes_at,
                activity.neighbourhood,
                activity.adult,
                activity.no_displacement,
                activity.description,
            )
        case "rule":
            if key.item >= len(registry.rules):
                return None
            row = registry.rules[key.item]
            limits = (row.hourly_adult, row.hourly_youth, row.month_limit, row.year_limit, row.headroom)
            return row.valid_from, *limits, row.source
        case "last month":
            return registry.last_issued_month
        case "counts":
            return len(registry.programmes), len(registry.activities), len(registry.rules)
        case "earned":
            return replay.caps.earned(*key.item)
        case _:
            programme = registry.programmes.get(key.item[0])
            return programme is not None and key.item[1] in programme.attesters


_VIEWS: Final[dict[str, tuple[str, str, Callable[[Key], tuple[Any, ...]]]]] = {
    "ledger": ("MunicipalToken", "ledger", lambda _: ()),
    "supply": ("MunicipalToken", "totalSupply", lambda _: ()),
    "account": ("MunicipalToken", "wordsOf", lambda key: ([key.item],)),
    "holder": ("MunicipalToken", "holderOf", lambda key: (key.item,)),
    "rules": ("MunicipalToken", "rules", lambda _: ()),
    "attestation": ("ActivityRegistry", "wordsOf", lambda key: ([key.item],)),
    "programme": ("ActivityRegistry", "programmeOf", lambda key: (key.item,)),
    "activity": ("ActivityRegistry", "activityOf", lambda key: (key.item,)),
    "rule": ("ActivityRegistry", "ruleAt", lambda key: (key.item,)),
    "last month": ("ActivityRegistry", "lastIssuedMonth", lambda _: ()),
    "counts": ("ActivityRegistry", "counts", lambda _: ()),
    "earned": ("ActivityRegistry", "earned", lambda key: key.item),
    "attester": ("ActivityRegistry", "isAttester", lambda key: key.item),
    "redemption": ("RedemptionDesk", "wordsOf", lambda key: ([key.item],)),
    "lock": ("RedemptionDesk", "lockOf", lambda key: (key.item,)),
    "reference": ("RedemptionDesk", "isPayoutReferenceUsed", lambda key: (key.item,)),
}


def _plain(key: Key, answer: Any) -> Any:
    """A view's answer in the form `expected` has."""
    if answer is None:
        return None
    match key.kind:
        case "programme" | "activity" | "rule":
            return tuple(answer.values())
        case "rules":
            return tuple(answer[:2])
        case kind if kind in _IN_WORDS:
            return answer[0] if len(answer) == 1 else None
        case _:
            return answer


async def actual(reader: Reader, key: Key, block: int) -> Any:
    """What the contract says after a block; None if it does not answer."""
    contract, function, arguments = _VIEWS[key.kind]
    answers = await reader.views(load(contract), key.contract, block, [(function, arguments(key))])
    return _plain(key, answers[0])


def same(key: Key, said: Any, stored: Any, epoch: int) -> bool:
    """Whether both are the same; accounts as of a half-year.

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
    epoch = epoch_of(facts.head_time)
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
    contract, function, arguments = _VIEWS[keys[0].kind]
    if keys[0].kind not in _IN_WORDS:
        calls = [(function, arguments(key)) for key in keys]
        answers = await reader.views(load(contract), keys[0].contract, block, calls)
        return [_plain(key, answer) for key, answer in zip(keys, answers, strict=True)]
    chunks = [keys[i : i + WORDS_PER_CALL] for i in range(0, len(keys), WORDS_PER_CALL)]
    chunk_calls = [(function, ([key.item for key in chunk],)) for chunk in chunks]
    words = await reader.views(load(contract), keys[0].contract, block, chunk_calls)
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
    titles = {"ledger": "the four sums", "supply": "total supply", "rules": "class matrix and pause"}
    titles |= {"last month": "the last month issued for", "counts": "the number of programmes, activities and rules"}
    item = "" if key.item is None else f" {_text(key.item)}"
    return titles.get(key.kind, f"{key.kind}{item}")


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


def open_redemptions(replay: Replay) -> int:
    """How many redemptions wait at all desks."""
    waiting = (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED)
    return sum(r.status in waiting for desk in replay.desks.values() for r in desk.redemptions.values())
