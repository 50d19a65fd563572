# SPDX-License-Identifier: EUPL-1.2
"""Minutes to be struck from rewards that turned out too high: what that changes, and what cannot be done.

A correction only ever goes down, and what is struck is not taken at once: see `IActivityRegistry.reduce`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.words import Attestation, AttestationStatus, uid_of
from heitje.city.roles import REGISTRY, TOKEN
from heitje.city.table import LineProblem
from heitje.reports.lines import Claim
from heitje.reports.state import Call, Reads

COLUMNS: Final = ("activity", "resident", "minutes")


@dataclass(frozen=True, slots=True)
class Correction:
    """One attestation, and the minutes of it that shall count. Amounts are cents; `rate` is cents per hour."""

    line: int
    activity: int
    number: int
    minutes: int
    rate: int
    attestation: Attestation

    @property
    def uid(self) -> int:
        """The attestation's key."""
        return uid_of(self.activity, self.number)

    @property
    def kept(self) -> int:
        """The minutes that count now; the registry writes them down with the first reduction."""
        issued = self.attestation.status == AttestationStatus.ISSUED
        return self.attestation.minutes if issued else self.attestation.kept

    @property
    def before(self) -> int:
        """What counts now."""
        return self.attestation.amount - self.attestation.struck

    @property
    def after(self) -> int:
        """What will count: the registry's own sum."""
        return self.minutes * self.rate // 60

    @property
    def done(self) -> bool:
        """Whether it is so already."""
        return self.minutes == self.kept


def read_corrections(reads: Reads, claims: Sequence[Claim]) -> tuple[list[Correction], list[LineProblem]]:
    """What each line changes, and everything that stands in the way, by line."""
    numbers, problems = resolve_numbers(reads, claims)
    known = [(claim, numbers[claim.line]) for claim in claims if claim.line in numbers]
    activities = sorted({claim.activity for claim, _ in known})
    answers = reads.read_many([Call(REGISTRY, "activityOf", (activity,)) for activity in activities])
    rates = {activity: answer["centsPerHour"] for activity, answer in zip(activities, answers, strict=True) if answer}
    uids = [uid_of(claim.activity, number) for claim, number in known]
    words: list[int] = reads.read_many([Call(REGISTRY, "wordsOf", (uids,))])[0] if uids else []
    found: list[Correction] = []
    seen: dict[int, int] = {}
    for (claim, number), word in zip(known, words, strict=True):
        attestation = Attestation.from_word(word)
        item = Correction(claim.line, claim.activity, number, claim.minutes, rates.get(claim.activity, 0), attestation)
        text = _objection(item, seen.setdefault(item.uid, claim.line), exists=claim.activity in rates)
        if text:
            problems.append(LineProblem(claim.line, text))
        else:
            found.append(item)
    return found, problems


def resolve_numbers(reads: Reads, claims: Sequence[Claim]) -> tuple[dict[int, int], list[LineProblem]]:
    """The member number of each line, and the lines whose resident is nobody or named by a wallet of the past."""
    addresses = sorted({to_address(claim.resident) for claim in claims if isinstance(claim.resident, str)})
    answers = reads.read_many([Call(TOKEN, "numberOf", (address,)) for address in addresses])
    of_address = dict(zip(addresses, answers, strict=True))
    numbers = {
        claim.line: claim.resident if isinstance(claim.resident, int) else of_address[to_address(claim.resident)]
        for claim in claims
    }
    everybody = sorted(set(numbers.values()))
    live = reads.read_many([Call(TOKEN, "holderOf", (number,)) for number in everybody])
    holders = dict(zip(everybody, map(to_address, live), strict=True))
    problems = []
    for claim in claims:
        number = numbers[claim.line]
        holder = holders[number]
        if not number or holder == ZERO_ADDRESS:
            problems.append(LineProblem(claim.line, f"{claim.name} is not enrolled: a typing error?"))
        elif isinstance(claim.resident, str) and holder != to_address(claim.resident):
            problems.append(LineProblem(claim.line, old_wallet(claim.resident, number, holder)))
        else:
            continue
        del numbers[claim.line]
    return numbers, problems


def old_wallet(address: str, number: int, holder: str) -> str:
    """That an address is one of the past, and whose, in words."""
    now = f"whose wallet is {holder} now; use member number {number}"
    return f"address {address} is the old wallet of member {number}, {now}"


def _objection(item: Correction, first: int, *, exists: bool) -> str:
    """Why this cannot be done; empty if it can."""
    name, kept = f"member {item.number}", item.kept
    if not exists:
        return f"there is no activity {item.activity}"
    if item.attestation.status == AttestationStatus.NONE:
        return (
            f"{name} was not rewarded for activity {item.activity}; a report that is not minted yet can be cancelled "
            "(`ape run correct cancel-report`)"
        )
    if first != item.line:
        return f"{name} is in line {first} too, for the same activity"
    if not item.done and item.attestation.status == AttestationStatus.CLAWED_BACK:
        return f"activity {item.activity} of {name} was corrected and taken back before; that is the end of it"
    counting = f"{item.minutes} minutes, but only {kept} of {name} count for activity {item.activity}"
    return f"{counting}; a correction only goes down" if item.minutes > kept else ""
