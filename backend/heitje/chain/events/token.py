# SPDX-License-Identifier: EUPL-1.2
"""What the token tells."""

from dataclasses import dataclass


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
