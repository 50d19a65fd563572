# SPDX-License-Identifier: EUPL-1.2
"""What the chain says when it refuses an act of an official, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from heitje.web.plain import N_

REFUSALS: Final[Mapping[str, str]] = {
    "NotYours": N_("Your account does not hold the office that this takes. Ask a colleague who does."),
    "FreezeUnchanged": N_("The account is blocked, or not, as you want it already."),
    "UnknownNumber": N_("Nobody has this member number."),
    "NumberTaken": N_("Somebody has this member number already."),
    "AlreadyEnrolled": N_("This account belongs to a member already."),
    "InvalidEnrolment": N_("This account cannot be enrolled."),
    "TokenPaused": N_("Rewards and payments are paused."),
    "TokenNotPaused": N_("It is not paused."),
    "InvalidLowering": N_("The year cannot be lowered by so much, or not this year."),
    "UnknownProgramme": N_("There is no such programme."),
    "UnknownActivity": N_("There is no such activity."),
    "InvalidPeriod": N_("The last month is before the first."),
    "InvalidCap": N_("The budget would be less than what has been spent of it."),
    "ZeroAttester": N_("This account belongs to nobody."),
    "InvalidActivity": N_("Something of this activity cannot be right: look at its times, minutes and compensation."),
    "DisplacesStaffWork": N_("An activity may not replace paid work."),
    "MonthOutsideProgramme": N_("The programme does not pay for activities of this month."),
    "RateAboveLimit": N_("The compensation per hour is above the limit in force."),
    "NoRuleForMonth": N_("No limits are in force for this month."),
    "ReportAlreadyIssued": N_("This report has been released."),
    "ReportWithdrawn": N_("This report has been cancelled."),
    "WrongStatus": N_("This has gone on in the meantime: it was locked, settled, given back, or taken back."),
    "SameTreasurer": N_("You locked this yourself. Another treasurer must settle it or give it back."),
    "PayoutReferenceUsed": N_("This payment reference was used before. Nobody is paid twice."),
    "MixedGroup": N_("One payment reference pays one shop."),
    "EmptyGroup": N_("A payment reference without a redemption."),
    "SignatureExpired": N_("What you signed is too old. Begin again."),
    "InvalidSignature": N_("The signature is not of the account you logged in with."),
    "TreasurerNotAllowed": N_("You are no treasurer any more."),
    "OfficialNotAllowed": N_("You do not hold this office any more."),
    "ReplacementPending": N_("A replacement waits for this member already."),
    "NoSuchReplacement": N_("This replacement has been carried out or cancelled."),
    "InvalidReplacement": N_("The new account belongs, or belonged, to a member already."),
    "ReplacerIsRegistrar": N_("You asked for this replacement yourself. Another official must carry it out."),
    "ReplacementTooEarly": N_("The time in which the owner can object is not over."),
    "NotReduced": N_("A reward can only be made smaller."),
    "ClawbackTooEarly": N_("The time in which the member can object is not over."),
    "AccessManagerUnauthorizedCancel": N_("You may not cancel this."),
    "AccessManagerNotScheduled": N_("This is not announced any more."),
    "AccessManagerNotReady": N_("It is too early: others can still object."),
    "AccessManagerExpired": N_("It was not done in time, and has expired. Announce it again."),
    "AccessManagerAlreadyScheduled": N_("This has been announced already."),
    "AccessManagedUnauthorized": N_("Your account does not hold the office that this takes. Ask a colleague who does."),
}
"""By the name of the contracts' error."""

OTHER: Final = N_("The chain refuses this. Nothing has happened. Tell the administrator: {name}")
