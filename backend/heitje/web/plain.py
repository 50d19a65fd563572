# SPDX-License-Identifier: EUPL-1.2
"""What a problem means to somebody with a phone in their hand: what happened, and what to do.

The API's own words (`heitje.problems`) are for whoever writes a client. Every code has an entry here; those that a page
of ours causes only by a mistake of its own share one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from heitje.problems import Code


def N_(sentence: str) -> str:  # noqa: N802 - the name by which gettext knows a sentence that is translated later
    """Marks a sentence for the catalogues."""
    return sentence


class Plain(NamedTuple):
    """What happened, and what to do next."""

    what: str
    next: str


OURS: Final = Plain(
    N_("This page asked for something that the service does not do. Nothing was paid."),
    N_("Load the page again. If it happens again, tell the municipality."),
)
BUSY: Final = Plain(N_("It is very busy. Nothing was paid."), N_("Wait a minute, then try again."))
LOGIN: Final = Plain(
    N_("We do not know who you are yet. Nothing was paid."), N_("Confirm with your phone and try again.")
)
FIRST_ONE: Final = Plain(
    N_("The same thing was asked before and is being done. This time nothing was paid."),
    N_("Look at your overview: there you see what became of it."),
)
TAKEN: Final = Plain(
    N_("Something else was done in between. This time nothing was paid."),
    N_("Look at your overview first, and try again if it is not there."),
)
OVER: Final = Plain(
    N_("This has been decided already. Nothing changed."), N_("Load the page again to see how it stands.")
)

PLAIN: Final[Mapping[Code, Plain]] = {
    Code.NOT_LOGGED_IN: LOGIN,
    Code.SESSION_NEEDED: LOGIN,
    Code.LOGIN_REFUSED: Plain(
        N_("Logging in did not work. Nothing was paid."),
        N_("Look whether the clock of your phone is right, and try again."),
    ),
    Code.NOT_FOUND: Plain(N_("We cannot find this. Nothing was paid."), N_("Look whether the address is complete.")),
    Code.BODY_TOO_LARGE: Plain(N_("This is too large to send. Nothing changed."), N_("Send a smaller one.")),
    Code.IDEMPOTENCY_KEY_REUSED: FIRST_ONE,
    Code.IDEMPOTENCY_KEY_RUNNING: FIRST_ONE,
    Code.TOO_MANY_REQUESTS: BUSY,
    Code.TOO_MANY_STREAMS: BUSY,
    Code.BUSY: BUSY,
    Code.TOO_MANY_UNDER_WAY: BUSY,
    Code.SIGNATURE_INVALID: Plain(
        N_("Your confirmation does not fit. Nothing was paid."), N_("Load the page again and confirm once more.")
    ),
    Code.DEADLINE_PASSED: Plain(
        N_("This was confirmed too long ago. Nothing was paid, and nothing will be."),
        N_("Begin again. If it happens again, look whether the clock of your phone is right."),
    ),
    Code.NOT_YET_VALID: Plain(
        N_("This is for later. Nothing was paid."), N_("Look whether the clock of your phone is right.")
    ),
    Code.ACCOUNT_UNKNOWN: Plain(
        N_("This account is not open yet. Nothing was paid."),
        N_("Ask at the counter of the municipality. A new account works after a few seconds."),
    ),
    Code.ACCOUNT_FROZEN: Plain(
        N_("This account is blocked for now. Nothing was paid, and the credits stay."),
        N_("You can object, or ask the municipality why."),
    ),
    Code.WALLET_REPLACED: Plain(
        N_("This phone has been replaced by another. Nothing was paid; everything is on the new phone."),
        N_("Use the new phone. Is that not yours? Go to the counter of the municipality at once."),
    ),
    Code.SAME_ACCOUNT: Plain(N_("You cannot pay yourself. Nothing was paid."), N_("Pay in a shop.")),
    Code.ZERO_VALUE: Plain(N_("The amount is zero. Nothing was paid."), N_("Ask for at least one cent.")),
    Code.NOT_ALLOWED: Plain(
        N_("Credits cannot go from this account to that one. Nothing was paid."),
        N_("Residents pay in shops that take part. Perhaps the shop no longer does: ask there."),
    ),
    Code.INSUFFICIENT: Plain(
        N_("There are too few credits. Nothing was paid."),
        N_("Pay less with credits and the rest otherwise. What is under way counts as spent."),
    ),
    Code.NONCE_USED: TAKEN,
    Code.NONCE_TAKEN: TAKEN,
    Code.NONCE_TOO_FAR: TAKEN,
    Code.PAUSED: Plain(
        N_("The municipality has paused payments. Nothing was paid, and your credits stay."), N_("Try again later.")
    ),
    Code.PAYMENTS_ENDED: Plain(
        N_("The last day for this has passed. Nothing was paid."), N_("Ask the municipality what is still possible.")
    ),
    Code.REFUSED_BY_CONTRACT: Plain(
        N_("The rules of the city do not allow this. Nothing was paid."), N_("Ask the municipality.")
    ),
    Code.PAYMENT_UNKNOWN: Plain(
        N_("We do not know this payment. Nothing was given back."), N_("Choose it from the list of payments.")
    ),
    Code.PAYMENT_NOT_FINAL: Plain(
        N_("This payment is still under way. Nothing was given back."), N_("Wait until it is paid, then give it back.")
    ),
    Code.REFUND_TOO_LARGE: Plain(
        N_("This is more than is left of the payment. Nothing was given back."), N_("Give back at most what is left.")
    ),
    Code.AUTHORIZATION_USED: OVER,
    Code.AUTHORIZATION_TAKEN: FIRST_ONE,
    Code.WITHDRAWAL_TAKEN: OVER,
    Code.REPORT_OVERLAPS: FIRST_ONE,
    Code.REPORT_ISSUED: OVER,
    Code.REPORT_CANCELLED: OVER,
    Code.NOT_ITS_ATTESTER: Plain(
        N_("Only whoever signed this report can withdraw it. Nothing changed."), N_("Ask them, or the municipality.")
    ),
    Code.REWARD_FINAL: OVER,
    Code.ISSUER_NOT_ALLOWED: Plain(
        N_("You may not release rewards. Nothing was credited."), N_("Ask a colleague who may.")
    ),
    Code.REDEMPTION_ENDED: OVER,
    Code.RECLAIM_TOO_EARLY: Plain(
        N_("It is too early to take this back. The credits are safe."), N_("The page says from when on you can.")
    ),
    Code.ROLE_NEEDED: Plain(N_("You may not do this. Nothing changed."), N_("Ask a colleague who may.")),
    Code.NOT_A_RESIDENT: Plain(
        N_("Only residents who take part can do this. Nothing changed."),
        N_("Use the phone you joined with, or join at the counter of the municipality."),
    ),
    Code.NOT_AN_ATTESTER: Plain(
        N_("This belongs to an organisation that is not yours. Nothing changed."),
        N_("Ask the municipality who confirms this activity."),
    ),
    Code.ACTIVITY_FULL: Plain(
        N_("All places are taken. You are not signed up."), N_("Choose another activity, or look again later.")
    ),
    Code.ACTIVITY_OVER: Plain(
        N_("This activity has been held. Nothing changed."), N_("Choose one that is still to come.")
    ),
    Code.ACTIVITY_NOT_HELD: Plain(
        N_("This activity has not been held yet. Nothing was handed in."), N_("Hand it in when it is over.")
    ),
    Code.ACTIVITY_CLOSED: Plain(
        N_("It is too late for this activity. Nothing was handed in."),
        N_("Do you have a right to a reward? Then you can object."),
    ),
    Code.ALREADY_SIGNED_UP: Plain(N_("You have signed up for this already."), N_("You need not do anything.")),
    Code.TOO_MANY_MINUTES: Plain(
        N_("This is more time than the activity takes. Nothing was handed in."),
        N_("Fill in at most the time that the activity shows."),
    ),
    Code.CLAIM_EXISTS: Plain(
        N_("You have handed this in already. That goes its way."), N_("Look at your activities what became of it.")
    ),
    Code.PHOTO_REFUSED: Plain(
        N_("We cannot use this photo. What you handed in stays."), N_("Take another one, of at most 2 MB.")
    ),
    Code.NOTHING_TO_REPORT: Plain(
        N_("There is nothing that waits for a report. Nothing changed."), N_("Confirm first who was there.")
    ),
    Code.INVITATION_UNKNOWN: Plain(
        N_("We do not know this code. Nothing changed."),
        N_("Look at your letter again. The code has no O, I, L, 0 and 1."),
    ),
    Code.INVITATION_USED: Plain(
        N_("Somebody has used this code already. Nothing changed."),
        N_("Was that not you? Tell the municipality at once."),
    ),
    Code.INVITATION_EXPIRED: Plain(
        N_("This code is too old. Nothing changed."), N_("Ask for a new one at the counter of the municipality.")
    ),
    Code.INVITATION_REVOKED: Plain(
        N_("This code does not work any more. Nothing changed."),
        N_("Ask for a new one at the counter of the municipality."),
    ),
    Code.INVITATION_OPEN: Plain(
        N_("This number has a code that still works. Nothing changed."), N_("Withdraw that one first.")
    ),
    Code.NUMBER_TAKEN: Plain(
        N_("Somebody has this number already. Nothing changed."),
        N_("Take another number, or make a code for a new phone."),
    ),
    Code.ADDRESS_TAKEN: Plain(
        N_("This phone takes part already. Nothing changed."), N_("Open the app: you can use it.")
    ),
    Code.TOO_MANY_WRONG_CODES: Plain(
        N_("Too many wrong codes were tried here. Nothing changed."), N_("Wait an hour, and look at your letter again.")
    ),
    Code.TOO_MANY_COMPLAINTS: Plain(
        N_("Too many of your complaints wait for an answer. This one was not sent."),
        N_("Wait for an answer, or call the municipality."),
    ),
    Code.DESCRIPTION_DIFFERS: OURS,
    Code.TRANSACTION_REFUSED: OURS,
    Code.CLAIM_DECIDED: OVER,
    Code.COMPLAINT_ANSWERED: OVER,
    Code.INVALID_REQUEST: Plain(
        N_("Something was filled in that cannot be right. Nothing was paid."), N_("Look at what you filled in.")
    ),
    Code.METHOD_NOT_ALLOWED: OURS,
    Code.INVALID_CURSOR: OURS,
    Code.IDEMPOTENCY_KEY_MISSING: OURS,
    Code.IDEMPOTENCY_KEY_INVALID: OURS,
    Code.TOO_MANY_KEYS: OURS,
    Code.WEBHOOK_URL_REFUSED: OURS,
    Code.TOO_MANY_WEBHOOKS: OURS,
    Code.TOO_MANY_DELIVERIES: OURS,
    Code.NODE_UNREACHABLE: Plain(
        N_("The city's books cannot be reached right now. Nothing was paid."), N_("Try again in a minute.")
    ),
    Code.NOT_READY: Plain(N_("The service is starting. Nothing was paid."), N_("Try again in a minute.")),
    Code.INTERNAL: Plain(
        N_("Something went wrong with us. It is not certain what was done; nothing is done twice."),
        N_("Look at your overview before you try again."),
    ),
}
