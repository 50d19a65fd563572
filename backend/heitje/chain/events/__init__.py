# SPDX-License-Identifier: EUPL-1.2
"""Everything our contracts tell the world, one frozen dataclass per event, in the words of the interfaces.

Addresses are EIP-55, hashes and signatures bytes, amounts cents, times Unix seconds. `heitje.chain.logs` makes them
from raw logs.
"""

from typing import TypeAlias

from heitje.chain.events.authority import (
    AuthorityUpdated,
    Other,
    RoleGranted,
    RoleRevoked,
    TargetClosed,
    TargetFunctionRoleUpdated,
)
from heitje.chain.events.desk import (
    DeskClosed,
    RedemptionCancelled,
    RedemptionReclaimed,
    RedemptionRefunded,
    RedemptionRequested,
    RedemptionsLocked,
    RedemptionsSettled,
)
from heitje.chain.events.registry import (
    ActivityOpened,
    AttestationClawedBack,
    AttestationReduced,
    AttesterSet,
    ProgrammeCapSet,
    ProgrammeOpened,
    ReportCancelled,
    ReportIssued,
    RuleAdded,
    YearLowered,
)
from heitje.chain.events.token import (
    Approval,
    AuthorizationCanceled,
    AuthorizationUsed,
    ClassSet,
    ClawedBack,
    Enrolled,
    Expired,
    Frozen,
    Paid,
    Paused,
    PaymentFailed,
    Replaced,
    ReplacementCancelled,
    ReplacementRequested,
    Transfer,
    TransferRuleSet,
    Unfrozen,
    Unpaused,
    WindDownExtended,
)

__all__ = [
    "ActivityOpened",
    "Approval",
    "AttestationClawedBack",
    "AttestationReduced",
    "AttesterSet",
    "AuthorityUpdated",
    "AuthorizationCanceled",
    "AuthorizationUsed",
    "ClassSet",
    "ClawedBack",
    "DeskClosed",
    "Enrolled",
    "Event",
    "Expired",
    "Frozen",
    "Other",
    "Paid",
    "Paused",
    "PaymentFailed",
    "ProgrammeCapSet",
    "ProgrammeOpened",
    "RedemptionCancelled",
    "RedemptionReclaimed",
    "RedemptionRefunded",
    "RedemptionRequested",
    "RedemptionsLocked",
    "RedemptionsSettled",
    "Replaced",
    "ReplacementCancelled",
    "ReplacementRequested",
    "ReportCancelled",
    "ReportIssued",
    "RoleGranted",
    "RoleRevoked",
    "RuleAdded",
    "TargetClosed",
    "TargetFunctionRoleUpdated",
    "Transfer",
    "TransferRuleSet",
    "Unfrozen",
    "Unpaused",
    "WindDownExtended",
    "YearLowered",
]

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
