# SPDX-License-Identifier: EUPL-1.2
"""Who is at the desk, and what the chain lets them do: that decides what they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from heitje.city.roles import Role
from heitje.web.plain import N_


@dataclass(frozen=True)
class Official:
    """Somebody who has logged in.

    Attributes:
        address: EIP-55.
        roles: That the chain gives them now, each with its delay in seconds.
        programmes: Whose attester they are now.
    """

    address: str
    roles: Mapping[Role, int]
    programmes: tuple[int, ...]

    def holds(self, *roles: Role) -> bool:
        """Whether they have one of these roles."""
        return any(role in self.roles for role in roles)

    @property
    def attests(self) -> bool:
        """Whether they confirm what people did, in any programme."""
        return bool(self.programmes)

    @property
    def has_office(self) -> bool:
        """Whether there is anything for them here."""
        return bool(self.roles) or self.attests

    @property
    def sections(self) -> list[Section]:
        """The parts of the desk that are theirs."""
        return [section for section in SECTIONS if section.is_for(self)]


class Section(NamedTuple):
    """A part of the desk. `attesters`: it is for organisations that confirm as well."""

    path: str
    name: str
    what: str
    roles: tuple[Role, ...]
    attesters: bool = False

    def is_for(self, official: Official) -> bool:
        """Whether somebody has anything to do here."""
        return official.holds(*self.roles) or (self.attesters and official.attests)


SECTIONS: Final = (
    Section("claims", N_("Claims"), N_("Confirm what people did, and make a report of it."), (), attesters=True),
    Section(
        "reports",
        N_("Reports"),
        N_("Release the rewards that an organisation has confirmed."),
        (Role.ISSUER,),
        attesters=True,
    ),
    Section("counter", N_("Counter"), N_("Enrol a new resident or shop by a code."), (Role.REGISTRAR,)),
    Section(
        "members",
        N_("Members"),
        N_("Look somebody up: what they earned, what is left, whether they are blocked."),
        (Role.REGISTRAR, Role.GUARDIAN, Role.UNPAUSER, Role.PROGRAMME, Role.CLAWBACK),
    ),
    Section(
        "phones",
        N_("Lost phones"),
        N_("Two officials replace a lost phone; its owner can object."),
        (Role.REGISTRAR, Role.REPLACER, Role.GUARDIAN),
    ),
    Section(
        "redemptions",
        N_("Redemptions"),
        N_("Pay shops: lock, pay by bank, settle."),
        (Role.TREASURER,),
    ),
    Section("programmes", N_("Programmes"), N_("Budgets, and who confirms in them."), (Role.PROGRAMME,)),
    Section("activities", N_("Activities"), N_("Open what residents can do."), (Role.PROGRAMME,)),
    Section(
        "announced", N_("Announced"), N_("What will happen later, and who can still cancel it."), tuple(Role), True
    ),
    Section(
        "complaints",
        N_("Complaints"),
        N_("Answer members who do not agree."),
        (Role.REGISTRAR, Role.PROGRAMME, Role.GUARDIAN),
    ),
)
