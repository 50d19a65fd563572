# SPDX-License-Identifier: EUPL-1.2
"""Which operations go into which transaction. Pure: no clock, no database, no node.

A transaction is sized from what its items can cost at worst, never from an estimate: an estimate is made on another
state than the one the block is built on. Measured: a payment between accounts that are touched for the first time in
its block takes 23 200 gas, a person's first reward of the year 60 100. What is reserved and not used costs nothing.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from heitje.relay.operation import PRECEDENCE, Kind

T = TypeVar("T")

MAX_GAS: Final = 15_500_000
"""Below the 2^24 gas that one transaction may have (EIP-7825)."""

MAX_CALLDATA: Final = 100_000
"""Bytes. Nodes refuse transactions above 128 kB."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one kind of operation takes at worst.

    Attributes:
        base: Gas of a transaction without items.
        item: Gas of one item; for a report, of one line.
        item_bytes: Calldata of one item or line.
        most: Most items in one transaction.
    """

    base: int
    item: int
    item_bytes: int
    most: int


COSTS: Final = {
    # Six words, and an offset, a length and three words of signature. Worst: payer rolls and burns, payee is new.
    Kind.PAYMENT: Cost(base=120_000, item=45_000, item_bytes=352, most=1_000),
    # Per line: a new attestation slot, a new slot for the year's sums, the account, and a roll.
    Kind.REPORT: Cost(base=450_000, item=75_000, item_bytes=96, most=1),
    # A new redemption slot, a used authorization, two accounts; all or nothing, so kept small.
    Kind.REDEMPTION: Cost(base=120_000, item=160_000, item_bytes=352, most=20),
    Kind.CANCELLATION: Cost(base=200_000, item=0, item_bytes=352, most=1),
    Kind.RECLAIM: Cost(base=200_000, item=0, item_bytes=36, most=1),
    # A used authorization, two accounts; the token carries one in a call.
    Kind.REFUND: Cost(base=200_000, item=0, item_bytes=352, most=1),
    Kind.AUTHORIZATION: Cost(base=200_000, item=0, item_bytes=352, most=1),
    Kind.AUTHORIZATION_CANCELLATION: Cost(base=120_000, item=0, item_bytes=256, most=1),
    Kind.REPORT_CANCELLATION: Cost(base=120_000, item=0, item_bytes=256, most=1),
    Kind.REDUCTION: Cost(base=150_000, item=0, item_bytes=320, most=1),
}
WALLET_GAS: Final = 230_000
"""For each signature that a contract is asked about: what the contracts reserve for the answer, and the asking."""

MAX_WALLETS: Final = 8
"""Signatures that one transaction has contracts asked about; the token takes no more in a batch."""

DEVICE_KEY_GAS: Final = 7_000
"""For a signature of a browser's device key, beyond its bytes: 6 900 of it the precompile's (EIP-7951)."""

PASSKEY_GAS: Final = 17_000
"""The same for a passkey's: its client data are searched and hashed as well.

Both count on the precompile for P-256, as the chains of a city have it (Osaka). On a chain before Osaka the contracts
verify by themselves, which takes up to 280 000: a city there must reserve that instead, in both.
"""

_BYTE_GAS: Final = 40
"""For each byte of a signature beyond the 65 that the costs above count."""

MAX_MESSAGE: Final = 900_000
"""Characters of signed bytes in one message to the node: anvil refuses 2 MB, Besu 5 MB, a proxy often 1 MB."""

_ENVELOPE: Final = 1_200
"""Bytes of calldata that are not items: selector, offsets, a report's two signatures."""


@dataclass(frozen=True, slots=True)
class Item:
    """One queued operation, as far as planning needs it.

    Attributes:
        seq: Order of arrival.
        actor: Who signed; all of an actor's payments go in the order of their nonces.
        weight: 1, or the lines of a report.
        limit: At most so many items in its batch, after reverts.
        wallets: Its signatures that a contract is asked about.
        extra_bytes: Of its signatures, beyond 65 each.
        browser_gas: For those of its signatures that are a browser's keys'.
    """

    seq: int
    kind: Kind
    actor: str
    nonce: int | None = None
    weight: int = 1
    limit: int | None = None
    wallets: int = 0
    extra_bytes: int = 0
    browser_gas: int = 0


@dataclass(slots=True)
class Plan:
    """One transaction to be, with the sums of its items: a queue is long, and is planned often."""

    kind: Kind
    items: list[Item] = field(default_factory=list, init=False)
    weight: int = field(default=0, init=False)
    wallets: int = field(default=0, init=False)
    extra_bytes: int = field(default=0, init=False)
    browser_gas: int = field(default=0, init=False)
    most: int | None = field(default=None, init=False)

    @property
    def gas(self) -> int:
        """The gas limit: what it can take at worst."""
        return gas_of(self.kind, self.weight, self.wallets, self.extra_bytes, self.browser_gas)

    @property
    def calldata(self) -> int:
        """Bytes of calldata."""
        return _ENVELOPE + COSTS[self.kind].item_bytes * self.weight + self.extra_bytes

    def add(self, item: Item) -> None:
        """Put one more in."""
        self.items.append(item)
        self.weight += item.weight
        self.wallets += item.wallets
        self.extra_bytes += item.extra_bytes
        self.browser_gas += item.browser_gas
        self.most = _least(self.most, item.limit)


def plan_batches(
    queue: Iterable[Item], *, room: int, max_gas: int = MAX_GAS, in_flight: Mapping[Kind, int] | None = None
) -> list[Plan]:
    """Put a queue into at most `room` transactions, in the order in which they must be sent.

    Items of one kind stay in the order of arrival, save that payments of one payer follow their nonces. What does not
    fit is left for the next time; as soon as one item of a kind is left, all later ones of that kind are.

    However much there is of one kind, others get their turn: the next transaction is for the kind that has the fewest
    on their way and here (`in_flight`: on their way, by kind), and among equals for the first in `PRECEDENCE`.
    """
    closed: set[Kind] = set()
    waiting: dict[Kind, deque[Plan]] = defaultdict(deque)
    for item in _in_nonce_order(list(queue)):
        plans = waiting[item.kind]
        if item.kind in closed:
            continue
        if not plans or not _fits(plans[-1], item, max_gas):
            if len(plans) >= room:
                closed.add(item.kind)
                continue
            plans.append(Plan(item.kind))
        plans[-1].add(item)
    shares = Counter(in_flight or {})
    chosen: list[Plan] = []
    while len(chosen) < room and (kinds := [kind for kind in PRECEDENCE if waiting[kind]]):
        kind = min(kinds, key=shares.__getitem__)
        shares[kind] += 1
        chosen.append(waiting[kind].popleft())
    return chosen


def limit_after_revert(items: int, reverts: int) -> int | None:
    """How many items may be together after a batch of `items` reverted for the `reverts`-th time in a row.

    The first revert may be the moment's fault: the same batch is tried again. The second is an item's: half of it.

    Returns:
        The limit; None where it is not changed.
    """
    return max(1, items // 2) if reverts >= 2 else None


def is_hopeless(items: int, reverts: int) -> bool:
    """Whether an item has been refused alone, twice."""
    return items == 1 and reverts >= 2


def messages(items: Iterable[T], length: Callable[[T], int], most: int = MAX_MESSAGE) -> Iterator[list[T]]:
    """The same in the same order, in portions that are no longer than this together, or one that is too long alone."""
    portion: list[T] = []
    used = 0
    for item in items:
        used += length(item)
        if portion and used > most:
            yield portion
            portion, used = [], length(item)
        portion.append(item)
    if portion:
        yield portion


def weight_limit(kind: Kind, max_gas: int = MAX_GAS) -> int:
    """The most items (for a report, lines) one transaction can hold."""
    cost = COSTS[kind]
    by_gas = (max_gas - cost.base) // cost.item if cost.item else 1
    return min(by_gas, (MAX_CALLDATA - _ENVELOPE) // cost.item_bytes)


def _in_nonce_order(items: Sequence[Item]) -> list[Item]:
    """The queue with each payer's payments put in the order of their nonces, in the places they have."""
    places: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        if item.nonce is not None:
            places.setdefault(item.actor, []).append(place)
    ordered = list(items)
    for own in places.values():
        for place, item in zip(own, sorted((items[p] for p in own), key=lambda i: i.nonce or 0), strict=True):
            ordered[place] = item
    return ordered


def _fits(plan: Plan, item: Item, max_gas: int) -> bool:
    most = _least(_least(plan.most, item.limit), COSTS[plan.kind].most)
    weight, extra = plan.weight + item.weight, plan.extra_bytes + item.extra_bytes
    wallets, browser_gas = plan.wallets + item.wallets, plan.browser_gas + item.browser_gas
    return (
        len(plan.items) < (most or 0)
        and wallets <= MAX_WALLETS
        and gas_of(plan.kind, weight, wallets, extra, browser_gas) <= max_gas
        and _ENVELOPE + COSTS[plan.kind].item_bytes * weight + extra <= MAX_CALLDATA
    )


def _least(one: int | None, other: int | None) -> int | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)


def gas_of(kind: Kind, weight: int = 1, wallets: int = 0, extra_bytes: int = 0, browser_gas: int = 0) -> int:
    """Gas of a transaction with items of this weight at worst, so many wallets to ask, and browsers' keys to verify."""
    signatures = WALLET_GAS * wallets + _BYTE_GAS * extra_bytes + browser_gas
    return COSTS[kind].base + COSTS[kind].item * weight + signatures
