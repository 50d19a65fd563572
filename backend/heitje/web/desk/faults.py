# SPDX-License-Identifier: EUPL-1.2
"""What is wrong with a report or a line of it, for whoever signs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from heitje.reports.problems import Fault
from heitje.web.plain import N_

_FILE: Final = N_("This cannot be read.")

FAULTS: Final[Mapping[Fault, str]] = {
    **dict.fromkeys(Fault, _FILE),
    Fault.ACTIVITY_UNKNOWN: N_("There is no such activity."),
    Fault.ACTIVITY_NOT_HELD: N_("The activity has not been held yet."),
    Fault.ACTIVITY_CLOSED: N_("The activity takes no reports any more."),
    Fault.MONTH_OUT_OF_RANGE: N_("The month of the activity is too long ago to be rewarded."),
    Fault.RATE_ABOVE_LIMIT: N_("The compensation per hour is above the limit in force."),
    Fault.ATTESTER_NOT_APPOINTED: N_("Whoever signed it does not confirm in this programme any more."),
    Fault.RESIDENT_UNKNOWN: N_("Nobody has this member number."),
    Fault.RESIDENT_FROZEN: N_("The account is blocked."),
    Fault.RESIDENT_REPLACING: N_("The phone is being replaced."),
    Fault.RESIDENT_CLASS: N_("Not a resident."),
    Fault.OWN_NUMBER: N_("Nobody releases a reward to themselves."),
    Fault.MINUTES_ZERO: N_("No minutes."),
    Fault.MINUTES_ABOVE: N_("More minutes than the activity allows."),
    Fault.AMOUNT_ZERO: N_("Less than a cent."),
    Fault.DUPLICATE: N_("In the report twice."),
    Fault.ALREADY_REWARDED: N_("Rewarded for this activity before."),
    Fault.MONTH_LIMIT: N_("More than is left of the month's limit."),
    Fault.YEAR_LIMIT: N_("More than is left of the year's limit."),
    Fault.BUDGET: N_("More than is left of the programme's budget."),
    Fault.PAUSED: N_("Rewards are paused."),
    Fault.ISSUING_ENDED: N_("The last day for rewards has passed."),
    Fault.ATTESTER_IS_ISSUER: N_("You signed this report yourself. An issuer who is somebody else must release it."),
    Fault.DEADLINE: N_("It is too old to be released."),
    Fault.CANCELLED: N_("It has been cancelled."),
}
