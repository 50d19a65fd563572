# SPDX-License-Identifier: EUPL-1.2
"""Who may do what: the roles of the authority, and every function of the contracts that belongs to one.

A delay belongs to a member of a role, so each delayed function has a role of its own. `deploy` wires the chain from
these tables and then compares the chain with them.
"""

from enum import IntEnum
from typing import Final, NamedTuple


class Role(IntEnum):
    """Roles by their number in the authority. ADMIN is 0 by OpenZeppelin's design."""

    ADMIN = 0
    RULES = 1
    PROGRAMME = 2
    REGISTRAR = 3
    REPLACER = 4
    ISSUER = 5
    TREASURER = 6
    CLAWBACK = 7
    GUARDIAN = 8
    UNPAUSER = 9
    SEALED = 10
    MINTER = 11
    GOVERNANCE = 12
    CORRECTOR = 13


class Duty(NamedTuple):
    """One function that only members of `role` may call, or (`signed`) may release by signature."""

    contract: str
    function: str
    role: Role
    signed: bool = False


TOKEN: Final = "MunicipalToken"  # noqa: S105 -- the name of a contract
REGISTRY: Final = "ActivityRegistry"
DESK: Final = "RedemptionDesk"
AUTHORITY: Final = "Authority"

DUTIES: Final = (
    Duty(TOKEN, "enrol", Role.REGISTRAR),
    Duty(TOKEN, "setClass", Role.REGISTRAR),
    Duty(TOKEN, "setDesk", Role.GOVERNANCE),
    Duty(TOKEN, "extendWindDown", Role.GOVERNANCE),
    Duty(TOKEN, "freeze", Role.GUARDIAN),
    Duty(TOKEN, "pause", Role.GUARDIAN),
    Duty(TOKEN, "unfreeze", Role.UNPAUSER),
    Duty(TOKEN, "unpause", Role.UNPAUSER),
    Duty(TOKEN, "setTransferRule", Role.RULES),
    Duty(TOKEN, "issue", Role.MINTER),
    Duty(TOKEN, "clawback", Role.CORRECTOR),
    Duty(TOKEN, "requestReplacement", Role.REGISTRAR, signed=True),
    Duty(TOKEN, "executeReplacement", Role.REPLACER, signed=True),
    Duty(TOKEN, "cancelReplacement", Role.GUARDIAN),
    Duty(REGISTRY, "openProgramme", Role.PROGRAMME),
    Duty(REGISTRY, "setProgrammeCap", Role.PROGRAMME),
    Duty(REGISTRY, "setAttester", Role.PROGRAMME),
    Duty(REGISTRY, "openActivity", Role.PROGRAMME),
    Duty(REGISTRY, "addRule", Role.RULES),
    Duty(REGISTRY, "issue", Role.ISSUER, signed=True),
    Duty(REGISTRY, "cancelReport", Role.PROGRAMME),
    Duty(REGISTRY, "reduce", Role.PROGRAMME),
    Duty(REGISTRY, "clawback", Role.CLAWBACK),
    Duty(REGISTRY, "lowerYear", Role.REGISTRAR),
    Duty(DESK, "close", Role.GOVERNANCE),
    Duty(DESK, "lock", Role.TREASURER, signed=True),
    Duty(DESK, "settle", Role.TREASURER, signed=True),
    Duty(DESK, "refund", Role.TREASURER, signed=True),
)

SEALED_FUNCTIONS: Final = (
    "labelRole",
    "grantRole",
    "setRoleAdmin",
    "setRoleGuardian",
    "setGrantDelay",
    "setTargetAdminDelay",
    "setTargetFunctionRole",
    "setTargetClosed",
    "updateAuthority",
)
"""The authority's own functions for ADMIN, `revokeRole` aside. They are mapped to the memberless role SEALED, whose
guardian is GUARDIAN, so that what ADMIN schedules can be cancelled. The mapping does not change who may call them."""

OF_THE_AUTHORITY: Final = "setAuthority"
"""A function of every contract that only the authority itself may call, by its sealed `updateAuthority`."""

GUARDED: Final = (Role.RULES, Role.PROGRAMME, Role.SEALED, Role.GOVERNANCE)
"""Roles whose scheduled operations GUARDIAN may cancel. The authority keeps the guardian of ADMIN itself fixed."""

AT_ONCE: Final = (Role.REGISTRAR, Role.REPLACER, Role.ISSUER, Role.TREASURER, Role.CLAWBACK, Role.GUARDIAN)
"""Roles whose members never have a delay: they act at once, or by signature."""

OF_CONTRACTS: Final = (Role.MINTER, Role.CORRECTOR)
"""Roles that only registries hold: to create credits, and to take back what was reduced. A registry that another one
succeeds loses the first and keeps the second until its last time to object has passed."""

OFFICES: Final = tuple(role for role in Role if role not in (Role.SEALED, Role.GOVERNANCE, *OF_CONTRACTS))
"""Roles of the officials file. Nobody holds SEALED. GOVERNANCE acts on the contracts as a whole and is held by
ADMIN's members with ADMIN's delay: a role of its own, because GUARDIAN could not cancel what belongs to ADMIN."""

SEPARATE: Final = ((Role.REGISTRAR, Role.REPLACER), (Role.GUARDIAN, Role.UNPAUSER))
"""Pairs of roles that nobody may hold both of, because one checks the other."""
