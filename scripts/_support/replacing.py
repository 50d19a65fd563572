# SPDX-License-Identifier: EUPL-1.2
"""Lost wallets: what was asked for, what waits for its date, and what became of it, from the chain alone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from heitje.chain.addresses import to_address
from heitje.chain.events import Replaced, ReplacementCancelled, ReplacementRequested
from heitje.city.roles import TOKEN
from scripts._support.city_chain import CityChain
from scripts._support.people import number_topic, times_of

_REQUESTED: Final = "ReplacementRequested(bytes32,uint32,address,address,address,uint256,uint256)"
_REPLACED: Final = "Replaced(bytes32,uint32,address,address)"
_CANCELLED: Final = "ReplacementCancelled(bytes32,uint32)"


class Outcome(StrEnum):
    """What became of a replacement."""

    PENDING = "waits"
    DONE = "carried out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Replacement:
    """One replacement that was asked for. Times are Unix time; `ended_at` is 0 and `replacer` empty while it waits."""

    request: bytes
    number: int
    old: str
    new: str
    registrar: str
    requested_at: int
    executable_from: int
    outcome: Outcome
    ended_at: int
    replacer: str
    transactions: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For a receipt."""
        return {
            "member": self.number,
            "request": "0x" + self.request.hex(),
            "oldAddress": self.old,
            "newAddress": self.new,
            "registrar": self.registrar,
            "requestedAt": self.requested_at,
            "executableFrom": self.executable_from,
            "outcome": self.outcome.name.lower(),
            "replacer": self.replacer or None,
            "endedAt": self.ended_at or None,
            "transactions": list(self.transactions),
        }


def replacements(city: CityChain, number: int | None = None) -> list[Replacement]:
    """Every replacement that was ever asked for, or those of one number, in order."""
    topic = None if number is None else number_topic(number)
    requested = [
        (event, log)
        for event, log in city.events(TOKEN, _REQUESTED, None, topic)
        if isinstance(event, ReplacementRequested)
    ]
    ends: dict[bytes, tuple[Replaced | ReplacementCancelled, dict[str, Any]]] = {}
    for event, log in [*city.events(TOKEN, _REPLACED, None, topic), *city.events(TOKEN, _CANCELLED, None, topic)]:
        if isinstance(event, Replaced | ReplacementCancelled):
            ends[event.request] = event, log
    began = times_of(city, [log for _, log in requested])
    ended = dict(zip(ends, times_of(city, [log for _, log in ends.values()]), strict=True))
    return [
        _replacement(event, log, at, ends.get(event.request), ended.get(event.request, 0))
        for (event, log), at in zip(requested, began, strict=True)
    ]


def _replacement(
    event: ReplacementRequested,
    log: dict[str, Any],
    at: int,
    end: tuple[Replaced | ReplacementCancelled, dict[str, Any]] | None,
    ended_at: int,
) -> Replacement:
    outcome = Outcome.PENDING
    if end:
        outcome = Outcome.DONE if isinstance(end[0], Replaced) else Outcome.CANCELLED
    return Replacement(
        event.request,
        event.number,
        to_address(event.old_holder),
        to_address(event.new_holder),
        to_address(event.registrar),
        at,
        event.executable_from,
        outcome,
        ended_at,
        end[0].replacer if end and isinstance(end[0], Replaced) else "",
        (log["transactionHash"], *([end[1]["transactionHash"]] if end else [])),
    )


def pending(city: CityChain, number: int | None = None) -> list[Replacement]:
    """Those that wait, of everybody or of one number."""
    return [item for item in replacements(city, number) if item.outcome is Outcome.PENDING]
