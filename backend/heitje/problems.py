# SPDX-License-Identifier: EUPL-1.2
"""Everything that can be wrong with a request, as stable codes (RFC 9457). The table is the documentation.

Each says what happened to the money, and what to do next. A code never changes its meaning; details are for people.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple

from heitje.refusals import REFUSALS

TYPE_PREFIX: Final = "/problems/"


class Meaning(NamedTuple):
    """What a code says: HTTP status, title, what happened to the money, what to do next."""

    status: int
    title: str
    money: str
    next: str


class Code(StrEnum):
    """The codes."""

    INVALID_REQUEST = "invalid_request"
    BODY_TOO_LARGE = "body_too_large"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    INVALID_CURSOR = "invalid_cursor"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IDEMPOTENCY_KEY_RUNNING = "idempotency_key_running"
    NOT_LOGGED_IN = "not_logged_in"
    SESSION_NEEDED = "session_needed"
    LOGIN_REFUSED = "login_refused"
    TOO_MANY_KEYS = "too_many_keys"
    TOO_MANY_REQUESTS = "too_many_requests"
    WEBHOOK_URL_REFUSED = "webhook_url_refused"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    TOO_MANY_DELIVERIES = "too_many_deliveries"
    TOO_MANY_STREAMS = "too_many_streams"
    SIGNATURE_INVALID = "signature_invalid"
    DEADLINE_PASSED = "deadline_passed"
    NOT_YET_VALID = "not_yet_valid"
    ACCOUNT_UNKNOWN = "account_unknown"
    ACCOUNT_FROZEN = "account_frozen"
    WALLET_REPLACED = "wallet_replaced"
    SAME_ACCOUNT = "same_account"
    ZERO_VALUE = "zero_value"
    NOT_ALLOWED = "not_allowed"
    INSUFFICIENT = "insufficient_credits"
    NONCE_USED = "nonce_used"
    NONCE_TAKEN = "nonce_taken"
    NONCE_TOO_FAR = "nonce_too_far"
    PAUSED = "paused"
    PAYMENTS_ENDED = "payments_ended"
    REFUSED_BY_CONTRACT = "refused_by_contract"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_NOT_FINAL = "payment_not_final"
    REFUND_TOO_LARGE = "refund_too_large"
    AUTHORIZATION_USED = "authorization_used"
    AUTHORIZATION_TAKEN = "authorization_taken"
    WITHDRAWAL_TAKEN = "withdrawal_taken"
    REPORT_OVERLAPS = "report_overlaps"
    REPORT_ISSUED = "report_issued"
    REPORT_CANCELLED = "report_cancelled"
    NOT_ITS_ATTESTER = "not_its_attester"
    REWARD_FINAL = "reward_final"
    ISSUER_NOT_ALLOWED = "issuer_not_allowed"
    REDEMPTION_ENDED = "redemption_ended"
    RECLAIM_TOO_EARLY = "reclaim_too_early"
    ROLE_NEEDED = "role_needed"
    TRANSACTION_REFUSED = "transaction_refused"
    NOT_A_RESIDENT = "not_a_resident"
    NOT_AN_ATTESTER = "not_an_attester"
    DESCRIPTION_DIFFERS = "description_differs"
    ACTIVITY_FULL = "activity_full"
    ACTIVITY_OVER = "activity_over"
    ACTIVITY_NOT_HELD = "activity_not_held"
    ACTIVITY_CLOSED = "activity_closed"
    ALREADY_SIGNED_UP = "already_signed_up"
    TOO_MANY_MINUTES = "too_many_minutes"
    CLAIM_EXISTS = "claim_exists"
    CLAIM_DECIDED = "claim_decided"
    PHOTO_REFUSED = "photo_refused"
    NOTHING_TO_REPORT = "nothing_to_report"
    INVITATION_UNKNOWN = "invitation_unknown"
    INVITATION_USED = "invitation_used"
    INVITATION_EXPIRED = "invitation_expired"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_OPEN = "invitation_open"
    NUMBER_TAKEN = "number_taken"
    ADDRESS_TAKEN = "address_taken"
    TOO_MANY_WRONG_CODES = "too_many_wrong_codes"
    TOO_MANY_COMPLAINTS = "too_many_complaints"
    COMPLAINT_ANSWERED = "complaint_answered"
    TOO_MANY_UNDER_WAY = "too_many_under_way"
    BUSY = "busy"
    NODE_UNREACHABLE = "node_unreachable"
    NOT_READY = "not_ready"
    INTERNAL = "internal"

    @property
    def meaning(self) -> Meaning:
        """What it says."""
        return MEANINGS[self]


_NOTHING: Final = "Nothing moved."
_MEND: Final = "Mend the request and send it again."

MEANINGS: Final = {
    Code.INVALID_REQUEST: Meaning(422, "The request is not well-formed", _NOTHING, _MEND),
    Code.BODY_TOO_LARGE: Meaning(413, "The request is too long", _NOTHING, "Send less at a time."),
    Code.NOT_FOUND: Meaning(
        404, "There is no such thing here", _NOTHING, "Check the address. What was never sent here is not known here."
    ),
    Code.METHOD_NOT_ALLOWED: Meaning(405, "This cannot be done here", _NOTHING, "Look in /openapi.json what can."),
    Code.INVALID_CURSOR: Meaning(422, "This is no cursor of this list", _NOTHING, "Begin without a cursor."),
    Code.IDEMPOTENCY_KEY_MISSING: Meaning(
        400, "The header Idempotency-Key is missing", _NOTHING, "Send one, new for each thing you want done once."
    ),
    Code.IDEMPOTENCY_KEY_INVALID: Meaning(
        400, "The header Idempotency-Key is not usable", _NOTHING, "Send 1 to 255 printable characters."
    ),
    Code.IDEMPOTENCY_KEY_REUSED: Meaning(
        422,
        "This Idempotency-Key was used for another request",
        "Nothing moved by this request; what the first one asked goes its way.",
        "Send this one with a key of its own.",
    ),
    Code.IDEMPOTENCY_KEY_RUNNING: Meaning(
        409,
        "The first request with this Idempotency-Key is still being answered",
        "Nothing moved by this request; the first one goes its way.",
        "Wait a moment, then send it again with the same key.",
    ),
    Code.NOT_LOGGED_IN: Meaning(
        401,
        "It is not known who asks",
        _NOTHING,
        "Log in (POST /v1/sessions) or make an API key, and send it as `Authorization: Bearer …`.",
    ),
    Code.SESSION_NEEDED: Meaning(403, "A person must ask for this, not a machine's key", _NOTHING, "Log in."),
    Code.LOGIN_REFUSED: Meaning(
        422,
        "This message does not log anybody in",
        _NOTHING,
        "Ask for one at /v1/sessions/challenge, or for a wallet at /v1/sessions/nonce, and sign that.",
    ),
    Code.TOO_MANY_KEYS: Meaning(
        409, "This address has as many API keys as it can have", _NOTHING, "Delete one that is no longer used."
    ),
    Code.TOO_MANY_REQUESTS: Meaning(
        429, "Too many requests came from here", "Nothing moved by this request.", "Send it again after Retry-After."
    ),
    Code.WEBHOOK_URL_REFUSED: Meaning(
        422,
        "Nothing is sent to this URL",
        _NOTHING,
        "Give a URL that begins with https://, on port 443 or 8443, whose name is known on the public internet.",
    ),
    Code.TOO_MANY_WEBHOOKS: Meaning(
        409, "This account has as many webhooks as it can have", _NOTHING, "Delete one that is not needed any more."
    ),
    Code.TOO_MANY_DELIVERIES: Meaning(
        429,
        "Too many deliveries of this webhook wait to be made once more",
        _NOTHING,
        "Ask again when some of them have been made.",
    ),
    Code.TOO_MANY_STREAMS: Meaning(
        503,
        "Too many listen to events already",
        _NOTHING,
        "Connect again after Retry-After; meanwhile ask /v1/payments.",
    ),
    Code.SIGNATURE_INVALID: Meaning(
        422,
        "The signature is not by the account that must sign",
        _NOTHING,
        "Sign exactly these fields, under the domain that /v1/city gives.",
    ),
    Code.DEADLINE_PASSED: Meaning(
        422, "The deadline has passed", _NOTHING, "Sign again with a later deadline, or validBefore."
    ),
    Code.NOT_YET_VALID: Meaning(422, "It is not valid yet", _NOTHING, "Send it again when validAfter has passed."),
    Code.ACCOUNT_UNKNOWN: Meaning(
        422,
        "This account is not enrolled",
        _NOTHING,
        "Ask the municipality; a new account is known a few seconds later.",
    ),
    Code.ACCOUNT_FROZEN: Meaning(422, "The account is frozen", _NOTHING, "Ask the municipality."),
    Code.WALLET_REPLACED: Meaning(
        422,
        "This wallet has been replaced by another",
        "Nothing moved. Everything it held is in the wallet that took its place.",
        "Use the new wallet; `replacedBy` of /v1/accounts/{address} is its address. If it is not known to you, ask the "
        "municipality.",
    ),
    Code.SAME_ACCOUNT: Meaning(422, "Payer and payee are the same account", _NOTHING, "Pay somebody else."),
    Code.ZERO_VALUE: Meaning(422, "The value is zero", _NOTHING, "Ask for at least one cent."),
    Code.NOT_ALLOWED: Meaning(
        422, "This account may not pay that account in this way", _NOTHING, "Residents pay in shops that take part."
    ),
    Code.INSUFFICIENT: Meaning(
        422,
        "There are too few credits to spend",
        "Nothing moved. Credits already under way are not free to spend again.",
        "Ask for less, or wait until what is under way has ended.",
    ),
    Code.NONCE_USED: Meaning(
        409,
        "This nonce has been used",
        "Nothing moved by this request. Another payment with this nonce was carried out, or failed.",
        "Take nextNonce from /v1/accounts/{address} and sign again.",
    ),
    Code.NONCE_TAKEN: Meaning(
        409,
        "Another payment with this nonce is under way",
        "Nothing moved by this request; the other payment goes its way.",
        "Take nextNonce from /v1/accounts/{address} and sign again.",
    ),
    Code.NONCE_TOO_FAR: Meaning(
        409, "This nonce is too far ahead", _NOTHING, "Send the payments before it first; at most 16 may be missing."
    ),
    Code.PAUSED: Meaning(503, "The municipality has paused payments and rewards", _NOTHING, "Try again later."),
    Code.PAYMENTS_ENDED: Meaning(
        422, "The date until which this can be done has passed", _NOTHING, "Ask the municipality what remains possible."
    ),
    Code.REFUSED_BY_CONTRACT: Meaning(
        422,
        "The contract would refuse this",
        _NOTHING,
        "The reason is in `contract`; mend what it names and sign again.",
    ),
    Code.PAYMENT_UNKNOWN: Meaning(
        422,
        "There is no such payment to give back",
        _NOTHING,
        "Take the payment's id from /v1/payments, and let the shop that was paid sign to the resident who paid.",
    ),
    Code.PAYMENT_NOT_FINAL: Meaning(
        409,
        "The payment to give back is not final yet",
        "Nothing moved by this request; the payment goes its way.",
        "Send it again when the payment is final.",
    ),
    Code.REFUND_TOO_LARGE: Meaning(
        422,
        "More is to be given back than is left of the payment",
        _NOTHING,
        "Ask /v1/payments/{digest}/refunds what is left, and sign for that.",
    ),
    Code.AUTHORIZATION_USED: Meaning(
        409,
        "This authorization's nonce has been used, or withdrawn",
        "Nothing moved by this request. What was carried out with the nonce before stays.",
        "Look for it at /v1/ledger/transfers. Sign with another nonce if this is to be done as well; for a refund, the "
        "one of `nextK` of /v1/payments/{digest}/refunds.",
    ),
    Code.AUTHORIZATION_TAKEN: Meaning(
        409,
        "Another authorization with this nonce is under way",
        "Nothing moved by this request; the other one goes its way.",
        "Wait for the other one, or sign with another nonce.",
    ),
    Code.WITHDRAWAL_TAKEN: Meaning(
        409,
        "Its signer has withdrawn this nonce, and the withdrawal is under way",
        "Nothing moved by this request; the withdrawal goes its way.",
        "Sign with another nonce if this is wanted after all.",
    ),
    Code.REPORT_ISSUED: Meaning(
        409,
        "This report has been issued",
        "Nothing changed by this request. The rewards stand.",
        "Reduce a reward instead: POST /v1/attestations/{uid}/reductions.",
    ),
    Code.REPORT_CANCELLED: Meaning(
        409,
        "This report has been cancelled",
        "Nothing was minted, and nothing will be.",
        "Sign another report.",
    ),
    Code.NOT_ITS_ATTESTER: Meaning(
        422,
        "This attester cannot cancel this report",
        "Nothing changed. A report is cancelled by the attester who signed it, or by the municipality.",
        "Let the attester of the report sign.",
    ),
    Code.REWARD_FINAL: Meaning(
        409,
        "This reward cannot be reduced so far any more",
        "Nothing was struck by this request.",
        "Look at /v1/attestations/{uid}: a reward is only ever reduced, and not after it was taken back.",
    ),
    Code.REPORT_OVERLAPS: Meaning(
        409,
        "Another report under way rewards the same person for the same activity",
        "Nothing was minted by this request; the other report goes its way.",
        "Wait for the other report, then leave out who was rewarded by it.",
    ),
    Code.ISSUER_NOT_ALLOWED: Meaning(
        422,
        "The issuer may not issue rewards at once",
        "Nothing was minted.",
        "Let somebody with the issuer role sign.",
    ),
    Code.REDEMPTION_ENDED: Meaning(
        409,
        "This redemption cannot be given back, or not any more",
        "Nothing moved by this request. It is being paid out, or has ended.",
        "Look at /v1/redemptions/{id} for what became of it.",
    ),
    Code.RECLAIM_TOO_EARLY: Meaning(
        409,
        "This redemption cannot be reclaimed yet",
        "Nothing moved by this request. The credits are safe at the desk.",
        "Send it again from `reclaimableFrom` of /v1/redemptions/{id} on.",
    ),
    Code.TOO_MANY_UNDER_WAY: Meaning(
        429,
        "This signer has too many withdrawals, cancellations and reductions under way",
        "Nothing moved by this request; those under way go their way.",
        "Send it again when some of them have ended, a few seconds from now.",
    ),
    Code.BUSY: Meaning(503, "Too many requests wait", _NOTHING, "Send it again after Retry-After, with the same key."),
    Code.NODE_UNREACHABLE: Meaning(
        503, "The chain cannot be asked now", _NOTHING, "Send it again after Retry-After, with the same key."
    ),
    Code.NOT_READY: Meaning(
        503, "The relayer is not ready", "Nothing moved by this request.", "Send it again after Retry-After."
    ),
    Code.INTERNAL: Meaning(
        500,
        "Something went wrong here",
        "It is not certain what was done. Nothing is done twice.",
        "Ask for it by its id, or send it again with the same key.",
    ),
    **{Code(name): Meaning(*meaning) for name, meaning in REFUSALS.items()},
}


class Problem(Exception):
    """A request that is not done, and why.

    Args:
        code: What is wrong.
        detail: About this request, for people.
        more: Members to add to the answer.
    """

    def __init__(self, code: Code, detail: str = "", **more: Any) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.more = more

    def body(self) -> dict[str, Any]:
        """As `application/problem+json`."""
        meaning = self.code.meaning
        said = " ".join(part for part in (self.detail, meaning.money, meaning.next) if part)
        head = {"type": TYPE_PREFIX + self.code, "title": meaning.title, "status": meaning.status, "detail": said}
        return {**head, "code": str(self.code), **self.more}


def documentation() -> str:
    """The codes as Markdown."""
    lines = ["| code | status | what | what happened to the money | what to do next |", "|---|---|---|---|---|"]
    lines += [f"| `{code}` | {m.status} | {m.title} | {m.money} | {m.next} |" for code, m in MEANINGS.items()]
    return "\n".join(lines) + "\n"
