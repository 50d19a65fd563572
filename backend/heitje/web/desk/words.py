# SPDX-License-Identifier: EUPL-1.2
"""Every act in words: what is signed, what follows, and what to say when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from heitje.web.plain import N_


class Words(NamedTuple):
    """An act in words; its particulars stand in braces.

    Attributes:
        title: Of the page.
        does: What it does.
        follows: What follows, who can object and until when.
        done: What to say when it is done.
        back: Where to go on.
    """

    title: str
    does: str
    follows: str
    done: str
    back: str


LABELS: Final[Mapping[str, str]] = {
    "number": N_("Member number"),
    "address": N_("Account"),
    "class": N_("Takes part as"),
    "reason": N_("Reason"),
    "year": N_("Year"),
    "euros": N_("Lower by"),
    "cap": N_("Budget"),
    "from": N_("First month"),
    "to": N_("Last month"),
    "programme": N_("Programme"),
    "month": N_("Month"),
    "centsPerHour": N_("Compensation per hour"),
    "maxMinutes": N_("Most minutes per person"),
    "opensAt": N_("Has been held from"),
    "closesAt": N_("Last moment for reports"),
    "neighbourhood": N_("Neighbourhood"),
    "adult": N_("For people of 21 and over"),
    "noDisplacement": N_("Replaces no paid work"),
    "description": N_("Fingerprint of the description"),
    "report": N_("Report"),
    "activity": N_("Activity"),
    "minutes": N_("Minutes that count"),
    "request": N_("Request"),
}
"""What the particulars of acts are called. Those without a name are shown in a table of their own."""

_SIGNED: Final = N_("Anybody can bring your signature to the chain for one hour; after that it is worth nothing.")

WORDS: Final[Mapping[str, Words]] = {
    "enrol": Words(
        N_("Enrol a member"),
        N_("The account below gets member number {number}, for life. From then on it can receive and pay."),
        N_("The number cannot be given to anybody else later. A mistake is corrected by a replacement."),
        N_("Member {number} is enrolled. The phone notices it within seconds."),
        "members/{number}",
    ),
    "freeze": Words(
        N_("Block an account"),
        N_(
            "Nothing can leave the account of member {number}: no payment, no exchange for euros. It can still receive."
        ),
        N_("The member sees the reason in the app and can object there at any time. The lifter of blocks can lift it."),
        N_("The account of member {number} is blocked."),
        "members/{number}",
    ),
    "unfreeze": Words(
        N_("Lift a block"),
        N_("The account of member {number} can pay again."),
        N_("The guardian can block it again."),
        N_("The account of member {number} is not blocked any more."),
        "members/{number}",
    ),
    "pause": Words(
        N_("Pause everything"),
        N_("No rewards are given and no resident can pay, until somebody lifts the pause. Shops can go on."),
        N_("The lifter of blocks can end it; you cannot. All residents and shops see at once that it is paused."),
        N_("Rewards and payments are paused."),
        "",
    ),
    "unpause": Words(
        N_("End the pause"),
        N_("Rewards and payments go on."),
        N_("The guardian can pause again."),
        N_("Rewards and payments go on."),
        "",
    ),
    "lower-year": Words(
        N_("Lower somebody's year"),
        N_("Member {number} asked for it: they can earn {euros} less in {year} than the limit allows, all in all."),
        N_("What they have earned is not touched. You can set another amount at any time; 0 takes it away."),
        N_("The year {year} of member {number} is lowered by {euros}."),
        "members/{number}",
    ),
    "open-programme": Words(
        N_("Open a programme"),
        N_("Activities from {from} to {to} can be rewarded from it, for {cap} at most."),
        N_("The budget can be changed later; what is spent stays spent."),
        N_("The programme is open. Appoint the organisations that confirm in it."),
        "programmes",
    ),
    "set-cap": Words(
        N_("Change a budget"),
        N_("The budget of programme {programme} becomes {cap} in all; what has been spent of it counts."),
        N_("Everybody can see the budget in the public ledger."),
        N_("The budget of programme {programme} is {cap}."),
        "programmes",
    ),
    "appoint": Words(
        N_("Appoint an organisation"),
        N_("The account below can confirm what people did in activities of programme {programme}."),
        N_("It cannot give out credits: an issuer who is somebody else releases each report."),
        N_("The organisation can confirm in programme {programme}."),
        "programmes",
    ),
    "dismiss": Words(
        N_("Dismiss an organisation"),
        N_("The account below can confirm nothing more in programme {programme}. Its reports wait in vain."),
        N_("What was rewarded stays. It can be appointed again."),
        N_("The organisation can confirm nothing more in programme {programme}."),
        "programmes",
    ),
    "open-activity": Words(
        N_("Open an activity"),
        N_("Residents can sign up. After it has been held, an organisation confirms and rewards are given."),
        N_("It cannot be changed afterwards. Whoever sees paid work displaced can complain in the app."),
        N_("The activity is open. Its description is published next."),
        "activities",
    ),
    "cancel-report": Words(
        N_("Cancel a report"),
        N_("Nobody can release this report any more, in no programme. Nobody gets credits from it."),
        N_("The organisation can make another report of the same claims."),
        N_("The report is cancelled."),
        "reports",
    ),
    "reduce": Words(
        N_("Strike minutes of a reward"),
        N_("Of the reward of member {number} for activity {activity}, {minutes} minutes count from now on."),
        N_("The member can object for {clawback_days} days. Only after that can the rest be taken back."),
        N_("Struck. The member sees it in the app."),
        "members/{number}",
    ),
    "clawback": Words(
        N_("Take back what was struck"),
        N_("What was struck of the reward of member {number} for activity {activity} is taken from their account."),
        N_("What is not there any more is written off. It is never taken from a shop, and this is the end of it."),
        N_("What was there has been taken back."),
        "members/{number}",
    ),
    "request-replacement": Words(
        N_("Ask for another phone"),
        N_("The old phone of member {number} is stopped at once. The account below is to take its place."),
        N_(
            "The owner can object for {replacement_days} days at the counter; the guardian can cancel it until then. "
            "After that another official, a replacer, carries it out."
        ),
        N_("The old phone is stopped. The change can be carried out after {replacement_days} days."),
        "phones",
    ),
    "execute-replacement": Words(
        N_("Carry out a replacement"),
        N_("Everything of member {number} passes to the new phone. The old one is dead for good."),
        N_("It cannot be undone. A mistake is corrected by another replacement."),
        N_("Everything of member {number} is on the new phone."),
        "phones",
    ),
    "cancel-replacement": Words(
        N_("Cancel a replacement"),
        N_("The old phone of member {number} works again as before, and the new one gets nothing."),
        N_("The registrar can ask for another replacement."),
        N_("The replacement is cancelled, and the old phone works again."),
        "phones",
    ),
    "lock": Words(
        N_("Lock what shops exchange"),
        N_("The shops below are to be paid {total} by bank. From now on they cannot take these requests back."),
        N_(
            "Another treasurer settles them when the bank has paid, or gives them back. After {locked_days} days "
            "anybody can have them given back."
        ),
        N_("Locked. Now make the payments; the list for the bank is on the page of redemptions."),
        "redemptions",
    ),
    "settle": Words(
        N_("Settle what the bank has paid"),
        N_("The bank has paid {total} with the references below. These credits are destroyed."),
        N_("It cannot be undone. Each reference counts once, for ever."),
        N_("Settled. The credits are gone, and the books show it."),
        "redemptions",
    ),
    "refund": Words(
        N_("Give back to shops"),
        N_("The shops below get {total} in credits back. No euros are paid for these requests."),
        N_("The shop sees the reason in the till, and can ask for the exchange anew."),
        N_("The shops have their credits back."),
        "redemptions",
    ),
    "cancel-announced": Words(
        N_("Cancel what is announced"),
        N_("This will not happen: {what}"),
        N_("Whoever announced it can announce it again."),
        N_("Cancelled. Nothing of it will happen."),
        "announced",
    ),
    "do-announced": Words(
        N_("Carry out what is announced"),
        N_("This happens now: {what}"),
        N_("The time in which others could object is over."),
        N_("Done."),
        "announced",
    ),
}

SIGNED_FOR_AN_HOUR: Final = _SIGNED

CALLS: Final[Mapping[tuple[str, str], str]] = {
    ("MunicipalToken", "setDesk"): N_("make or end a redemption desk: {desk}"),
    ("MunicipalToken", "extendWindDown"): N_("extend the dates of the scheme"),
    ("MunicipalToken", "setTransferRule"): N_("change who may pay whom"),
    ("MunicipalToken", "unfreeze"): N_("lift the block of member {number}"),
    ("MunicipalToken", "unpause"): N_("end the pause"),
    ("RedemptionDesk", "close"): N_("close the redemption desk for new requests"),
    ("ActivityRegistry", "openProgramme"): N_("open a programme of {cap} from {fromMonth} to {toMonth}"),
    ("ActivityRegistry", "setProgrammeCap"): N_("set the budget of programme {programme} to {cap}"),
    ("ActivityRegistry", "setAttester"): N_("appoint or dismiss {attester} in programme {programme}"),
    ("ActivityRegistry", "openActivity"): N_("open an activity"),
    ("ActivityRegistry", "addRule"): N_("add limits of the volunteer compensation"),
    ("ActivityRegistry", "cancelReport"): N_("cancel a report"),
    ("ActivityRegistry", "reduce"): N_("strike minutes of a reward"),
    ("Authority", "grantRole"): N_("give {account} the office of {roleId}"),
    ("Authority", "revokeRole"): N_("take the office of {roleId} from {account}"),
}
"""What announced calls do, by contract and function; others are told by name."""

OTHER_CALL: Final = N_("call {function} of {contract}")
