# SPDX-License-Identifier: EUPL-1.2
"""Everything our contracts tell the world, one frozen dataclass per event, in the words of the interfaces.

Addresses are EIP-55, hashes and signatures bytes, amounts cents, times Unix seconds. `heitje.chain.logs` makes them
from raw logs.
"""

from dataclasses import dataclass
from typing import TypeAlias

from heitje.chain.typed_data import Line


@dataclass(frozen=True, slots=True)
class Transfer:
    """Credits moved, were created (sender zero) or burnt (recipient zero)."""

    sender: str
    recipient: str
    value: int


@dataclass(frozen=True, slots=True)
class Paid:
    """The payments of one call that were carried out: digests, for the last so many `Transfer` logs before."""

    digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """A signed payment consumed its nonce without paying."""

    digest: bytes
    payer: str
    nonce: int
    reason: int


@dataclass(frozen=True, slots=True)
class Expired:
    """A resident's credits were past their date and are burnt."""

    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An address became the live address of a number."""

    number: int
    account: str
    holder_class: int


@dataclass(frozen=True, slots=True)
class ClassSet:
    """An account has another class; desks have number 0."""

    number: int
    account: str
    holder_class: int


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing leaves this account until it is unfrozen."""

    number: int
    account: str
    reason: int


@dataclass(frozen=True, slots=True)
class Unfrozen:
    """The account may pay again."""

    number: int
    account: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Rewards and payments by residents have stopped."""

    by: str


@dataclass(frozen=True, slots=True)
class Unpaused:
    """Rewards and payments by residents go on."""

    by: str


@dataclass(frozen=True, slots=True)
class TransferRuleSet:
    """Accounts of one class may, or may no longer, pay accounts of another."""

    from_class: int
    to_class: int
    allowed: bool


@dataclass(frozen=True, slots=True)
class AuthorizationUsed:
    """An ERC-3009 authorization was used."""

    authorizer: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class AuthorizationCanceled:
    """An ERC-3009 authorization was withdrawn by its signer."""

    authorizer: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class ClawedBack:
    """Cents of a reward that was reduced are burnt."""

    number: int
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class WindDownExtended:
    """The dates until which credits are issued, paid and redeemed (Unix time) have moved away."""

    issue_until: int
    pay_until: int
    redeem_until: int


@dataclass(frozen=True, slots=True)
class ReplacementRequested:
    """A registrar asked for another address for a number; nothing leaves the old one meanwhile."""

    request: bytes
    number: int
    old_holder: str
    new_holder: str
    registrar: str
    deadline: int
    executable_from: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another address has taken over a number."""

    request: bytes
    number: int
    new_holder: str
    replacer: str


@dataclass(frozen=True, slots=True)
class ReplacementCancelled:
    """A replacement will not be carried out."""

    request: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Approval:
    """An ERC-20 allowance."""

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True)
class AuthorityUpdated:
    """Which authority a contract asks from now on."""

    authority: str


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


@dataclass(frozen=True, slots=True)
class RedemptionRequested:
    """A shop's credits came into escrow."""

    id: bytes
    number: int
    amount: int
    payout_commitment: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class RedemptionsLocked:
    """A treasurer locked redemptions."""

    lock_id: int
    treasurer: str
    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RedemptionsSettled:
    """One bank payment to one shop; its credits are burnt."""

    payout_reference: bytes
    number: int
    treasurer: str
    amount: int
    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RedemptionRefunded:
    """A treasurer gave a redemption back."""

    id: bytes
    number: int
    treasurer: str
    amount: int
    reason: int


@dataclass(frozen=True, slots=True)
class RedemptionCancelled:
    """A shop took a redemption back."""

    id: bytes
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class RedemptionReclaimed:
    """The municipality did not end a redemption in time; its credits went back to the shop."""

    id: bytes
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class DeskClosed:
    """A desk takes no new requests."""


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """An account got a role, or another delay in it."""

    role: int
    account: str
    delay: int
    since: int
    new_member: bool


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """An account lost a role."""

    role: int
    account: str


@dataclass(frozen=True, slots=True)
class TargetFunctionRoleUpdated:
    """A function belongs to a role from now on."""

    target: str
    selector: bytes
    role: int


@dataclass(frozen=True, slots=True)
class TargetClosed:
    """A contract's restricted functions were closed, or opened again."""

    target: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Other:
    """An event of our contracts that neither index nor audit needs: schedules, labels and delays of the authority."""

    signature: str


Event: TypeAlias = (
    Transfer
    | Paid
    | PaymentFailed
    | Expired
    | Enrolled
    | ClassSet
    | Frozen
    | Unfrozen
    | Paused
    | Unpaused
    | TransferRuleSet
    | AuthorizationUsed
    | AuthorizationCanceled
    | ClawedBack
    | WindDownExtended
    | ReplacementRequested
    | Replaced
    | ReplacementCancelled
    | Approval
    | AuthorityUpdated
    | ProgrammeOpened
    | ProgrammeCapSet
    | AttesterSet
    | RuleAdded
    | ActivityOpened
    | ReportIssued
    | ReportCancelled
    | AttestationReduced
    | AttestationClawedBack
    | YearLowered
    | RedemptionRequested
    | RedemptionsLocked
    | RedemptionsSettled
    | RedemptionRefunded
    | RedemptionCancelled
    | RedemptionReclaimed
    | DeskClosed
    | RoleGranted
    | RoleRevoked
    | TargetFunctionRoleUpdated
    | TargetClosed
    | Other
)
