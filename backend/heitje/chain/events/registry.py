# SPDX-License-Identifier: EUPL-1.2
"""What the activity registry tells."""

from dataclasses import dataclass

from heitje.chain.typed_data import Line


@dataclass(frozen=True, slots=True)
class ProgrammeOpened:
    """A budget, in cents, for some months."""

    programme: int
    cap: int
    from_month: int
    to_month: int


@dataclass(frozen=True, slots=True)
class ProgrammeCapSet:
    """Another cap for a budget, in cents."""

    programme: int
    cap: int


@dataclass(frozen=True, slots=True)
class AttesterSet:
    """An attester of a programme was appointed or dismissed."""

    programme: int
    attester: str
    appointed: bool


@dataclass(frozen=True, slots=True)
class RuleAdded:
    """A row of limits, in cents."""

    row: int
    valid_from: int
    hourly_adult: int
    hourly_youth: int
    month_limit: int
    year_limit: int
    headroom: int
    source: bytes


@dataclass(frozen=True, slots=True)
class ActivityOpened:
    """One dated activity; `programme` is the indexed topic, `details_programme` the one in the details."""

    activity: int
    programme: int
    month: int
    cents_per_hour: int
    max_minutes: int
    opens_at: int
    closes_at: int
    neighbourhood: int
    adult: bool
    no_displacement: bool
    description: bytes
    details_programme: int


@dataclass(frozen=True, slots=True)
class ReportIssued:
    """A report was issued: everything that was signed."""

    report: bytes
    activity: int
    attester: str
    issuer: str
    lines: tuple[Line, ...]
    deadline: int
    serial: int
    skip: int
    attester_signature: bytes
    issuer_signature: bytes


@dataclass(frozen=True, slots=True)
class ReportCancelled:
    """A report can no longer be issued; `attester` is zero where PROGRAMME cancelled it, which binds all."""

    report: bytes
    attester: str


@dataclass(frozen=True, slots=True)
class AttestationReduced:
    """Minutes were struck: what is kept, cents struck in all, and when they can be taken back."""

    uid: int
    attester: str
    minutes: int
    struck: int
    clawback_from: int


@dataclass(frozen=True, slots=True)
class AttestationClawedBack:
    """What was struck is taken back as far as it could be; the rest is written off. Cents."""

    uid: int
    burned: int
    written_off: int


@dataclass(frozen=True, slots=True)
class YearLowered:
    """A person's year is lowered by so many euros."""

    number: int
    year: int
    euros: int
