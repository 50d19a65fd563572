# SPDX-License-Identifier: EUPL-1.2
"""What officials call things: roles, kinds of account, states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from heitje.chain.words import Class, RedemptionStatus
from heitje.city.roles import Role
from heitje.web.plain import N_

ROLES: Final[Mapping[Role, str]] = {
    Role.ADMIN: N_("administrator"),
    Role.RULES: N_("keeper of the limits"),
    Role.PROGRAMME: N_("programme staff"),
    Role.REGISTRAR: N_("registrar"),
    Role.REPLACER: N_("replacer of lost phones"),
    Role.ISSUER: N_("issuer of rewards"),
    Role.TREASURER: N_("treasurer"),
    Role.CLAWBACK: N_("collector of corrections"),
    Role.GUARDIAN: N_("guardian"),
    Role.UNPAUSER: N_("lifter of blocks"),
    Role.SEALED: N_("administrator"),
    Role.GOVERNANCE: N_("administrator"),
}

DUTIES: Final[Mapping[Role, str]] = {
    Role.ADMIN: N_("decides who holds which office, and can cancel what is announced"),
    Role.RULES: N_("keeps the limits of the volunteer compensation"),
    Role.PROGRAMME: N_("opens programmes and activities, sets budgets, appoints organisations"),
    Role.REGISTRAR: N_("enrols residents and shops, lowers a year, asks for another phone"),
    Role.REPLACER: N_("carries out the replacement of a lost phone that a registrar asked for"),
    Role.ISSUER: N_("releases rewards that an organisation has confirmed"),
    Role.TREASURER: N_("locks what shops exchange, and settles it when the bank has paid"),
    Role.CLAWBACK: N_("takes back what was rewarded by mistake"),
    Role.GUARDIAN: N_("blocks accounts, pauses everything, cancels what is announced"),
    Role.UNPAUSER: N_("lifts blocks and pauses"),
}

CLASSES: Final[Mapping[int, str]] = {
    Class.NONE: N_("none"),
    Class.RESIDENT: N_("resident"),
    Class.MERCHANT: N_("shop"),
    Class.CLOSING: N_("shop whose agreement ended"),
    Class.DESK: N_("redemption desk"),
}

REDEMPTIONS: Final[Mapping[int, str]] = {
    RedemptionStatus.NONE: N_("unknown"),
    RedemptionStatus.REQUESTED: N_("requested"),
    RedemptionStatus.LOCKED: N_("locked"),
    RedemptionStatus.SETTLED: N_("settled"),
    RedemptionStatus.REFUNDED: N_("given back"),
    RedemptionStatus.CANCELLED: N_("cancelled by the shop"),
    RedemptionStatus.RECLAIMED: N_("reclaimed"),
}
