# SPDX-License-Identifier: EUPL-1.2
"""What the authority tells, and what every contract tells of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuthorityUpdated:
    """Which authority a contract asks from now on."""

    authority: str


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
