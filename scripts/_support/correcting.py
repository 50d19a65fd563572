# SPDX-License-Identifier: EUPL-1.2
"""Rewards that were reduced: which of them can be taken back, how much is still there, and what the chain recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from heitje.chain.account import Class
from heitje.chain.events import AttestationClawedBack, AttestationReduced
from heitje.chain.words import Attestation, AttestationStatus
from heitje.city.roles import REGISTRY
from scripts._support.city_chain import CityChain
from scripts._support.people import holdings

_REDUCED: Final = "AttestationReduced(uint256,address,uint16,uint256,uint256)"
_CLAWED_BACK: Final = "AttestationClawedBack(uint256,uint256,uint256)"


@dataclass(frozen=True, slots=True)
class Struck:
    """One reduced reward that was not taken back yet. Amounts are cents, `due` is Unix time.

    `there` is how much of it its resident still has, after the ones before it in the same list.
    """

    uid: int
    attestation: Attestation
    due: int
    there: int

    @property
    def number(self) -> int:
        """Whose reward it is."""
        return self.uid & 0xFFFFFFFF

    @property
    def activity(self) -> int:
        """What it was for."""
        return self.uid >> 32

    @property
    def written_off(self) -> int:
        """What would be written off if it were taken back now."""
        return self.attestation.struck - self.there


def struck_rewards(city: CityChain) -> list[Struck]:
    """Everything that was reduced and not taken back, the earliest date first."""
    events = [event for event, _ in city.events(REGISTRY, _REDUCED)]
    uids = list(dict.fromkeys(event.uid for event in events if isinstance(event, AttestationReduced)))
    words: list[int] = []
    for start in range(0, len(uids), 500):
        words += city.read(REGISTRY, "wordsOf", uids[start : start + 500])
    window = city.read(REGISTRY, "clawbackWindow") if uids else 0
    open_ = [
        (uid, attestation)
        for uid, attestation in zip(uids, map(Attestation.from_word, words), strict=True)
        if attestation.status == AttestationStatus.REDUCED
    ]
    open_.sort(key=lambda item: (item[1].reduced_at, item[0]))
    numbers = list(dict.fromkeys(uid & 0xFFFFFFFF for uid, _ in open_))
    left = {
        holding.number: holding.spendable if holding.account.holder_class == Class.RESIDENT else 0
        for holding in holdings(city, numbers)
    }
    found = []
    for uid, attestation in open_:
        there = min(attestation.struck, left[uid & 0xFFFFFFFF])
        left[uid & 0xFFFFFFFF] -= there
        found.append(Struck(uid, attestation, attestation.reduced_at + window, there))
    return found


def due_now(city: CityChain, items: Sequence[Struck]) -> list[Struck]:
    """Those whose time to object is over."""
    return [item for item in items if item.due <= city.timestamp]


def reductions_of(city: CityChain, uids: Sequence[int]) -> list[dict[str, Any]]:
    """The last reduction of each, for a receipt; nothing for those that never were reduced."""
    last: dict[int, tuple[AttestationReduced, dict[str, Any]]] = {}
    for uid in uids:
        for event, log in city.events(REGISTRY, _REDUCED, f"0x{uid:064x}"):
            if isinstance(event, AttestationReduced):
                last[uid] = event, log
    return [
        {
            "activity": uid >> 32,
            "member": uid & 0xFFFFFFFF,
            "minutes": event.minutes,
            "struckCents": str(event.struck),
            "attester": None if int(event.attester, 16) == 0 else event.attester,
            "clawbackFrom": event.clawback_from,
            "transaction": log["transactionHash"],
        }
        for uid, (event, log) in last.items()
    ]


def clawbacks(city: CityChain) -> list[dict[str, Any]]:
    """Everything that was ever taken back, for a receipt."""
    return [
        {
            "activity": event.uid >> 32,
            "member": event.uid & 0xFFFFFFFF,
            "burnedCents": str(event.burned),
            "writtenOffCents": str(event.written_off),
            "transaction": log["transactionHash"],
        }
        for event, log in city.events(REGISTRY, _CLAWED_BACK)
        if isinstance(event, AttestationClawedBack)
    ]
