# SPDX-License-Identifier: EUPL-1.2
"""Why somebody cannot sign up, hand in, join or complain: a part of the table of `heitje.problems`.

Each code has its HTTP status, title, what happened to the money, and what to do next.
"""

from collections.abc import Mapping
from typing import Final

_NOTHING: Final = "Nothing moved."

REFUSALS: Final[Mapping[str, tuple[int, str, str, str]]] = {
    "role_needed": (403, "Only certain officials may do this", _NOTHING, "Ask the municipality who may."),
    "transaction_refused": (
        422,
        "This transaction is not passed on to the chain",
        _NOTHING,
        "Sign one (EIP-1559) that calls a contract of this city on its chain, and carries no money of the chain.",
    ),
    "not_a_resident": (
        403,
        "Only residents who take part can do this",
        _NOTHING,
        "Log in with the phone you joined with, or join at the counter.",
    ),
    "not_an_attester": (
        403,
        "Only an attester of this activity's programme may do this",
        _NOTHING,
        "Ask the municipality who attests for this programme.",
    ),
    "description_differs": (
        422,
        "This is not the description that the activity was opened with",
        _NOTHING,
        "Send what `ape run activity` wrote in its receipt, with nothing added and nothing changed.",
    ),
    "activity_full": (409, "All places of this activity are taken", _NOTHING, "Choose another one, or look later."),
    "activity_over": (409, "This activity has been held", _NOTHING, "Choose one that is still to come."),
    "activity_not_held": (
        409,
        "This activity has not been held yet",
        _NOTHING,
        "Hand in when it has been held: `opensAt` of the activity.",
    ),
    "activity_closed": (
        409,
        "This activity takes no reports any more",
        _NOTHING,
        "If you were not rewarded for what you did, complain: POST /v1/complaints.",
    ),
    "already_signed_up": (409, "You have signed up for this already", _NOTHING, "Nothing needs to be done."),
    "too_many_minutes": (
        422,
        "It is more than one person can be rewarded for",
        _NOTHING,
        "Give at most `maxMinutes` of the activity.",
    ),
    "claim_exists": (
        409,
        "You have handed this activity in already",
        "Nothing moved by this request; what was handed in first goes its way.",
        "Look at GET /v1/claims what became of it.",
    ),
    "claim_decided": (
        409,
        "This claim has been decided",
        "Nothing moved by this request. What was decided stands.",
        "Reduce a reward by POST /v1/attestations/{uid}/reductions; who was declined can hand in anew.",
    ),
    "photo_refused": (
        422,
        "This is no photo that can be kept",
        _NOTHING,
        "Send a JPEG, a PNG or a WebP that does not move, of at most 2 MB.",
    ),
    "nothing_to_report": (
        409,
        "No confirmed claim of this activity waits for a report",
        _NOTHING,
        "Confirm claims first, or wait for the report that is under way.",
    ),
    "invitation_unknown": (
        404,
        "This code is not known",
        _NOTHING,
        "Look at the letter again: sixteen letters and digits, without O, I, L, 0 and 1.",
    ),
    "invitation_used": (
        409,
        "This code has been used",
        "Nothing moved. A code is good for one phone.",
        "If that was not you, tell the municipality at once; ask for a new code.",
    ),
    "invitation_expired": (409, "This code is too old", _NOTHING, "Ask the municipality for a new one."),
    "invitation_revoked": (409, "This code was taken back", _NOTHING, "Ask the municipality for a new one."),
    "invitation_open": (
        409,
        "This number has a code that can still be used",
        _NOTHING,
        "Revoke that one first: GET /v1/invitations lists it.",
    ),
    "number_taken": (
        409,
        "This member number has a wallet",
        _NOTHING,
        "To join, take a number that nobody has; for another phone, make a code of the kind `replacement`.",
    ),
    "address_taken": (
        409,
        "This wallet belongs to a member already",
        _NOTHING,
        "Make a new wallet on the phone, and use the code with that.",
    ),
    "too_many_wrong_codes": (
        429,
        "Too many wrong codes came from here",
        "Nothing moved by this request.",
        "Wait an hour, and look at the letter again.",
    ),
    "too_many_complaints": (
        409,
        "Too many complaints of yours wait for an answer",
        _NOTHING,
        "Wait for an answer to one of them, or call the municipality.",
    ),
    "complaint_answered": (
        409,
        "This complaint has been answered",
        "Nothing moved by this request. The first answer stands.",
        "Call who complained, or ask for another complaint.",
    ),
}
