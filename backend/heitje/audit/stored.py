# SPDX-License-Identifier: EUPL-1.2
"""Everything the contracts store, kind by kind: how it is asked for, and what it must be by the events."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from heitje.audit.earning import Registry
from heitje.audit.redeeming import Desk, Grace
from heitje.audit.replay import Replay
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.events import ActivityOpened


class Key(NamedTuple):
    """One thing that is stored: its kind, the contract, and which one."""

    kind: str
    contract: str
    item: Any = None


class Kind(NamedTuple):
    """A kind of things.

    Attributes:
        contract: Whose view tells it.
        function: The view.
        arguments: Its arguments, from a key's item.
        said: What the events say.
        plain: From the view's answer to the form `said` has.
        title: What it is called where `kind` and item would not say it.
    """

    contract: str
    function: str
    arguments: Callable[[Any], tuple[Any, ...]]
    said: Callable[[Replay, Key], Any]
    plain: Callable[[Any], Any] = lambda answer: answer
    title: str = ""


def _none(_: Any) -> tuple[Any, ...]:
    return ()


def _one(item: Any) -> tuple[Any, ...]:
    return (item,)


def _several(item: Any) -> tuple[Any, ...]:
    return tuple(item)


def _listed(item: Any) -> tuple[Any, ...]:
    return ([item],)


def _single(words: Any) -> Any:
    return words[0] if len(words) == 1 else None


def _fields(struct: Any) -> Any:
    return tuple(struct.values())


def _token(function: str, arguments: Callable[[Any], tuple[Any, ...]], said: Any, **more: Any) -> Kind:
    return Kind("MunicipalToken", function, arguments, said, **more)


def _registry(
    function: str, arguments: Callable[[Any], tuple[Any, ...]], said: Callable[[Registry, Any], Any], **more: Any
) -> Kind:
    def of(replay: Replay, key: Key) -> Any:
        return said(replay.registries[key.contract], key.item)

    return Kind("ActivityRegistry", function, arguments, of, **more)


def _desk(
    function: str, arguments: Callable[[Any], tuple[Any, ...]], said: Callable[[Desk, Any], Any], **more: Any
) -> Kind:
    def of(replay: Replay, key: Key) -> Any:
        return said(replay.desks[key.contract], key.item)

    return Kind("RedemptionDesk", function, arguments, of, **more)


def _sums(replay: Replay, _: Key) -> Any:
    sums = replay.books.sums
    return sums.issued, sums.settled, sums.clawed_back, sums.expired


def _rules(replay: Replay, _: Key) -> Any:
    return sum(1 << 8 * payer + payee for payer, payee in replay.books.matrix), replay.books.paused


def _replacement(replay: Replay, key: Key) -> Any:
    pending = replay.replacements.pending.get(key.item)
    if pending is None:
        return bytes(32), ZERO_ADDRESS, ZERO_ADDRESS, 0
    return pending.request, pending.new_holder, pending.registrar, pending.executable_from


def _programme(registry: Registry, number: int) -> Any:
    programme = registry.programmes.get(number)
    return programme and (programme.cap, programme.used, programme.from_month, programme.to_month)


def _activity(registry: Registry, number: int) -> Any:
    activity: ActivityOpened | None = registry.activities.get(number)
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


def _rule(registry: Registry, number: int) -> Any:
    if number >= len(registry.rules):
        return None
    row = registry.rules[number]
    limits = (row.hourly_adult, row.hourly_youth, row.month_limit, row.year_limit, row.headroom)
    return row.valid_from, *limits, row.source


def _attester(registry: Registry, item: tuple[int, str]) -> bool:
    programme = registry.programmes.get(item[0])
    return programme is not None and programme.attesters.get(item[1], False)


def _redemption(desk: Desk, key: bytes) -> int:
    redemption = desk.redemptions.get(key)
    return redemption.to_word() if redemption else 0


KINDS: Final[dict[str, Kind]] = {
    "ledger": _token("ledger", _none, _sums, title="the four sums"),
    "supply": _token("totalSupply", _none, lambda replay, _: replay.books.sums.supply, title="total supply"),
    "account": _token("wordsOf", _listed, lambda replay, key: replay.books.account(key.item).to_word(), plain=_single),
    "holder": _token("holderOf", _one, lambda replay, key: replay.books.holders.get(key.item, ZERO_ADDRESS)),
    "rules": _token("rules", _none, _rules, plain=lambda answer: tuple(answer[:2]), title="class matrix and pause"),
    "dates": _token(
        "rules",
        _none,
        lambda replay, _: (replay.books.announced or replay.books.dates).each,
        plain=lambda answer: tuple(answer[2:]),
        title="the dates of winding down",
    ),
    "replacement": _token("replacementOf", _one, _replacement, plain=tuple),
    "attestation": _registry(
        "wordsOf", _listed, lambda registry, uid: registry.attestations.get(uid, 0), plain=_single
    ),
    "programme": _registry("programmeOf", _one, _programme, plain=_fields),
    "activity": _registry("activityOf", _one, _activity, plain=_fields),
    "rule": _registry("ruleAt", _one, _rule, plain=_fields),
    "last month": _registry(
        "lastIssuedMonth", _none, lambda registry, _: registry.last_issued_month, title="the last month issued for"
    ),
    "counts": _registry(
        "counts",
        _none,
        lambda registry, _: (len(registry.programmes), len(registry.activities), len(registry.rules)),
        plain=tuple,
        title="the number of programmes, activities and rules",
    ),
    "earned": _registry("earned", _several, lambda registry, item: registry.earned(*item), plain=tuple),
    "lowered year": _registry("loweredBy", _several, lambda registry, item: registry.lowered_by(*item)),
    "issued report": _registry("isIssued", _one, lambda registry, report: report in registry.reports),
    "cancelled report": _registry("isCancelled", _several, lambda registry, item: registry.is_cancelled(*item)),
    "attester": _registry("isAttester", _several, _attester),
    "redemption": _desk("wordsOf", _listed, _redemption, plain=_single),
    "lock": _desk(
        "lockOf",
        _one,
        lambda desk, number: desk.locks[number - 1] if number <= len(desk.locks) else (ZERO_ADDRESS, 0),
        plain=tuple,
    ),
    "reference": _desk("isPayoutReferenceUsed", _one, lambda desk, reference: reference in desk.payout_references),
    "grace": _desk("graceOf", _one, lambda desk, number: desk.graces.get(number, Grace()), plain=tuple),
    "closed": _desk("isClosed", _none, lambda desk, _: desk.closed, title="whether the desk is closed"),
}


def keys_of(replay: Replay) -> Iterator[Key]:
    """Everything that can be compared, what matters most first."""
    token = replay.facts.token
    yield Key("ledger", token)
    yield Key("supply", token)
    yield from (Key("account", token, address) for address in replay.books.accounts)
    yield from (Key("holder", token, number) for number in replay.books.holders)
    yield Key("rules", token)
    yield Key("dates", token)
    yield from (Key("replacement", token, number) for number in sorted(set(replay.replacements.requests.values())))
    for registry in replay.registries.values():
        yield from _keys_of_registry(registry)
    for desk in replay.desks.values():
        yield from (Key("redemption", desk.address, item) for item in desk.redemptions)
        yield from (Key("lock", desk.address, i + 1) for i in range(len(desk.locks)))
        yield from (Key("reference", desk.address, item) for item in desk.payout_references)
        yield from (Key("grace", desk.address, number) for number in desk.graces)
        yield Key("closed", desk.address)


def _keys_of_registry(registry: Registry) -> Iterator[Key]:
    contract = registry.address
    yield from (Key("attestation", contract, uid) for uid in registry.attestations)
    yield from (Key("programme", contract, number) for number in registry.programmes)
    yield from (Key("activity", contract, number) for number in registry.activities)
    yield from (Key("rule", contract, row) for row in range(len(registry.rules)))
    yield Key("last month", contract)
    if registry.facts.predecessor == ZERO_ADDRESS:  # a successor's numbers begin at one that no event tells
        yield Key("counts", contract)
    yield from (Key("earned", contract, item) for item in registry.caps.months)
    years = dict.fromkeys([*registry.caps.years, *registry.caps.lowered])
    yield from (Key("lowered year", contract, item) for item in years)
    yield from (Key("issued report", contract, report) for report in registry.reports)
    yield from (Key("cancelled report", contract, (report, ZERO_ADDRESS)) for report in registry.cancelled)
    yield from (Key("cancelled report", contract, (report, attester)) for attester, report in registry.withdrawn)
    for number, programme in registry.programmes.items():
        yield from (Key("attester", contract, (number, address)) for address in programme.attesters)
