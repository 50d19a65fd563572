# SPDX-License-Identifier: EUPL-1.2
"""From moves of credits, in their order on the chain, to months. Pure; what is about a person stays in here.

Months are UTC months of the block in which something happened. Rows are read once, and only when they are final: a
month that is over is condensed to what may be published, and what was known of persons in it is forgotten, save for the
lots that they still hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from heitje.chain.account import Account, Class
from heitje.chain.calendar import month_of
from heitje.index.rows import TransferKind
from heitje.statistics.disclosure import Cell, Figures, Group, Withheld, break_down, why_dominated, why_withheld
from heitje.statistics.spending import DAY, Ages, Lots, Quartiles

_SHOPS: Final = (Class.MERCHANT, Class.CLOSING)
_PAID: Final = (TransferKind.PAYMENT, TransferKind.AUTHORIZATION, TransferKind.TRANSFER)


class Move(Protocol):
    """A row of the ledger; for a reward, with what it was for. Cents, minutes and seconds (Unix time)."""

    time: int
    kind: str
    sender: str
    recipient: str
    value: int
    number: int | None
    minutes: int | None
    activity: int | None
    programme: int | None
    neighbourhood: int | None


@dataclass(slots=True)
class Directory:
    """Whose an address is, and which numbers are shops'. A number keeps its past addresses."""

    numbers: dict[str, int] = field(default_factory=dict)
    shops: set[int] = field(default_factory=set)

    def learn(self, address: str, word: int) -> None:
        """An account as the token stores it. One that was replaced keeps its number, and has no class any more."""
        account = Account.from_word(word)
        self.numbers[address] = account.number
        if account.holder_class in _SHOPS:
            self.shops.add(account.number)
        elif account.holder_class != Class.NONE:
            self.shops.discard(account.number)


@dataclass(slots=True)
class Open:
    """What is known of a month while it may still get more."""

    sums: Counter[str] = field(default_factory=Counter)
    cells: defaultdict[tuple[int, int], Cell] = field(default_factory=lambda: defaultdict(Cell))
    payers: Counter[int] = field(default_factory=Counter)
    shops: Counter[int] = field(default_factory=Counter)
    ages: Ages = field(default_factory=Ages)


@dataclass(frozen=True, slots=True)
class Part:
    """Programmes, or neighbourhoods, that are published together; no figures where the whole month is withheld."""

    members: tuple[int, ...]
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Month:
    """What is published of a month. Amounts are cents.

    The first four are the steps of the chain's own four sums, which the supply equation shows at any block: they are
    the whole city's, and are never withheld. Everything else keeps the rule of `heitje.statistics.disclosure`.
    """

    month: int
    issued: int
    settled: int
    clawed_back: int
    expired: int
    is_over: bool
    earned: Figures | None = None
    earned_withheld: Withheld | None = Withheld.NOT_OVER
    programmes: tuple[Part, ...] = ()
    neighbourhoods: tuple[Part, ...] = ()
    spent: int | None = None
    spent_withheld: Withheld | None = Withheld.NOT_OVER
    spending: Quartiles | None = None
    spending_withheld: Withheld | None = Withheld.NOT_OVER


class Fold:
    """Reads moves in order."""

    def __init__(self) -> None:
        self.directory = Directory()
        self._lots = Lots()
        self._open: dict[int, Open] = {}
        self._over: list[Month] = []

    def take(self, move: Move) -> None:
        """Take in one move."""
        month = self._open.setdefault(month_of(move.time), Open())
        kind = TransferKind(move.kind)
        if kind is TransferKind.REWARD:
            self._reward(month, move)
        elif kind in _PAID:
            self._paid(month, move)
        elif kind is TransferKind.EXPIRY:
            self._lots.spend(self._number(move.sender), move.value)
        elif kind is TransferKind.CORRECTION:
            self._lots.take_back(self._number(move.sender), move.value)
        month.sums[kind] += move.value

    def months(self, now: int) -> list[Month]:
        """All months up to the one of `now` (Unix time of the last final block), those without any move included."""
        current = month_of(now)
        begun = [*self._open, *(month.month for month in self._over[-1:])]
        first = self._over[-1].month + 1 if self._over else min(begun, default=current)
        for month in range(first, current):
            self._over.append(_condense(month, self._open.pop(month, Open())))
        left = self._open.get(current, Open())
        return [*self._over, Month(current, *_steps(left.sums), is_over=False)]

    def _number(self, address: str) -> int:
        return self.directory.numbers.get(address, 0)

    def _reward(self, month: Open, move: Move) -> None:
        person = move.number if move.number is not None else self._number(move.recipient)
        cell = month.cells[move.programme or 0, move.neighbourhood or 0]
        cell.add(person, move.value, move.minutes or 0, move.activity or 0)
        self._lots.earn(person, move.value, move.time)

    def _paid(self, month: Open, move: Move) -> None:
        payer, payee = self._number(move.sender), self._number(move.recipient)
        shops = self.directory.shops
        if payer in shops and payee in shops:
            return
        if payer in shops:
            self._lots.receive(payee, move.value)
            month.payers[payee] -= move.value
            month.shops[payer] -= move.value
            return
        taken = self._lots.spend(payer, move.value)
        if payee not in shops:
            self._lots.receive(payee, move.value)
            return
        month.payers[payer] += move.value
        month.shops[payee] += move.value
        for earned, cents in taken:
            month.ages.add(payer, (move.time - earned) // DAY, cents)


def _steps(sums: Mapping[str, int]) -> tuple[int, int, int, int]:
    """Issued, settled, clawed back, expired."""
    kinds = (TransferKind.REWARD, TransferKind.SETTLEMENT, TransferKind.CORRECTION, TransferKind.EXPIRY)
    issued, settled, clawed_back, expired = (sums.get(kind, 0) for kind in kinds)
    return issued, settled, clawed_back, expired


def _condense(month: int, known: Open) -> Month:
    """A month that is over, as it is published: without anybody's number."""
    earned = Cell.of(known.cells.values())
    breakdown = break_down(known.cells)
    together = [tuple(sorted({key[side] for key in known.cells})) for side in (0, 1)]
    spent_withheld = why_withheld(known.payers) or why_dominated(known.shops)
    return Month(
        month,
        *_steps(known.sums),
        is_over=True,
        earned=None if earned.withheld else earned.figures,
        earned_withheld=earned.withheld,
        programmes=_parts(breakdown.programmes if breakdown else None, together[0]),
        neighbourhoods=_parts(breakdown.neighbourhoods if breakdown else None, together[1]),
        spent=None if spent_withheld else known.payers.total(),
        spent_withheld=spent_withheld,
        spending=None if known.ages.withheld else known.ages.quartiles(),
        spending_withheld=known.ages.withheld,
    )


def _parts(groups: list[Group] | None, together: tuple[int, ...]) -> tuple[Part, ...]:
    if groups is None:
        return (Part(together, None),) if together else ()
    return tuple(Part(group.members, group.cell.figures) for group in groups)
