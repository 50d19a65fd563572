# SPDX-License-Identifier: EUPL-1.2
"""What we were asked to carry to the chain, and every state it can be in.

An operation's identity is what its signer signed: the EIP-712 digest (for a redemption its id; for a reclaim, which
nobody signs, a hash of that). Its outcome is set only
by the index, from logs of canonical blocks; a time-out is never an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import orjson
from eth_utils.crypto import keccak


class Kind(StrEnum):
    """What an operation does."""

    PAYMENT = "payment"
    REPORT = "report"
    REDEMPTION = "redemption"
    CANCELLATION = "cancellation"
    RECLAIM = "reclaim"
    REFUND = "refund"
    AUTHORIZATION = "authorization"
    AUTHORIZATION_CANCELLATION = "authorization_cancellation"
    REPORT_CANCELLATION = "report_cancellation"
    REDUCTION = "reduction"


PRECEDENCE: Final = (
    Kind.AUTHORIZATION_CANCELLATION,
    Kind.REPORT_CANCELLATION,
    Kind.REDUCTION,
    Kind.CANCELLATION,
    Kind.RECLAIM,
    Kind.PAYMENT,
    Kind.REFUND,
    Kind.AUTHORIZATION,
    Kind.REDEMPTION,
    Kind.REPORT,
)
"""Which kind is judged and planned first, of what comes together: what takes something back comes before that."""


FREE: Final = (Kind.AUTHORIZATION_CANCELLATION, Kind.REPORT_CANCELLATION, Kind.REDUCTION, Kind.CANCELLATION)
"""Kinds that cost their signer nothing, so that nothing but a bound keeps anyone from signing thousands."""

MOST_FREE: Final = 50
"""How many of `FREE` one signer can have under way."""


class State(StrEnum):
    """Where an operation is."""

    RECEIVED = "received"
    QUEUED = "queued"
    BATCHED = "batched"
    SUBMITTED = "submitted"
    MINED = "mined"
    FAILING = "failing"
    FINAL = "final"
    REJECTED = "rejected"
    FAILED = "failed"
    EXPIRED = "expired"

    @property
    def meaning(self) -> str:
        """What it means for who asked."""
        return _MEANING[self]


_MEANING: Final = {
    State.RECEIVED: "Stored. Waits for an earlier payment of the same payer that has not come yet.",
    State.QUEUED: "Stored. Goes into the next batch.",
    State.BATCHED: "In a transaction that is signed and stored.",
    State.SUBMITTED: "A node has the transaction.",
    State.MINED: "Carried out, in a block that may still be taken back.",
    State.FAILING: (
        "Refused or overtaken on the chain, in a block that may still be taken back. Then it can still be carried out: "
        "do not sign another in its place yet. What it would spend stays reserved."
    ),
    State.FINAL: "Carried out, for good.",
    State.REJECTED: "The contract refused it each time it was tried. Nothing moved. It is no longer tried.",
    State.FAILED: "It can never be carried out any more. Nothing moved by it.",
    State.EXPIRED: "Its deadline passed before it was carried out. Nothing moved, and nothing will.",
}

LIVE: Final = (State.RECEIVED, State.QUEUED, State.BATCHED, State.SUBMITTED)
"""On their way to the chain, which has not decided about them."""

UNDER_WAY: Final = (*LIVE, State.FAILING)
"""What can still be carried out: what these would spend is no longer free to spend."""

ENDED: Final = (State.FINAL, State.REJECTED, State.FAILED, State.EXPIRED)
"""Nothing more is to be waited for, short of a block being taken back."""


class Cause(StrEnum):
    """What makes an operation change its state."""

    GAP_FILLED = "gap filled"
    SIGNED = "signed"
    SENT = "sent"
    SUCCEEDED = "succeeded on chain"
    FINALIZED = "block final"
    FAILED = "failed on chain"
    FAILURE_FINALIZED = "failure's block final"
    NOT_INCLUDED = "transaction without it"
    GAP_OPENED = "earlier nonce missing"
    REFUSED = "refused alone, twice"
    DEADLINE_PASSED = "final block past the deadline"
    ASKED_AGAIN = "asked for again"
    TAKEN_BACK = "block with our transaction taken back"
    TAKEN_BACK_ELSEWHERE = "block with another's transaction taken back"
    READ_ANEW = "operator has the chain read anew, ours"
    READ_ANEW_ELSEWHERE = "operator has the chain read anew, another's"


class Transition(NamedTuple):
    """One line of the table below."""

    before: State
    cause: Cause
    after: State


TRANSITIONS: Final = (
    Transition(State.RECEIVED, Cause.GAP_FILLED, State.QUEUED),
    Transition(State.QUEUED, Cause.SIGNED, State.BATCHED),
    Transition(State.BATCHED, Cause.SENT, State.SUBMITTED),
    # Only the index, from logs; whoever carried it, so from any state that is not an end.
    *(
        Transition(before, cause, after)
        for before in (*LIVE, State.REJECTED)
        for cause, after in ((Cause.SUCCEEDED, State.MINED), (Cause.FAILED, State.FAILING))
    ),
    Transition(State.MINED, Cause.FINALIZED, State.FINAL),
    Transition(State.FAILING, Cause.FAILURE_FINALIZED, State.FAILED),
    # Its transaction was mined, or reverted, without deciding it.
    *(Transition(before, Cause.NOT_INCLUDED, State.QUEUED) for before in (State.BATCHED, State.SUBMITTED)),
    *(Transition(before, Cause.REFUSED, State.REJECTED) for before in (State.BATCHED, State.SUBMITTED)),
    Transition(State.REJECTED, Cause.ASKED_AGAIN, State.QUEUED),
    Transition(State.QUEUED, Cause.GAP_OPENED, State.RECEIVED),
    *(Transition(before, Cause.DEADLINE_PASSED, State.EXPIRED) for before in LIVE),
    # Our transaction waits again, with the same bytes; what another had carried is ours to carry now.
    *(
        Transition(before, cause, after)
        for before in (State.MINED, State.FAILING)
        for cause, after in ((Cause.TAKEN_BACK, State.SUBMITTED), (Cause.TAKEN_BACK_ELSEWHERE, State.QUEUED))
    ),
    # Nothing the chain said before counts then: what it says when it is read anew decides.
    *(
        Transition(before, cause, after)
        for before in (State.MINED, State.FAILING, State.FINAL, State.FAILED, State.EXPIRED)
        for cause, after in ((Cause.READ_ANEW, State.SUBMITTED), (Cause.READ_ANEW_ELSEWHERE, State.QUEUED))
    ),
)
"""Every change of state there is."""

_AFTER: Final = {(line.before, line.cause): line.after for line in TRANSITIONS}


class ImpossibleTransition(Exception):
    """The table has no such line: a fault in this program, not in what was asked."""


def next_state(before: State, cause: Cause) -> State:
    """The state after this cause.

    Raises:
        ImpossibleTransition: The table has no such line.
    """
    try:
        return _AFTER[before, cause]
    except KeyError:
        raise ImpossibleTransition(f"an operation that is {before} cannot change because of: {cause}") from None


def sources(cause: Cause) -> tuple[State, ...]:
    """The states this cause can change; what an UPDATE may touch."""
    return tuple(line.before for line in TRANSITIONS if line.cause is cause)


def target(cause: Cause) -> State:
    """The state this cause leads to; each leads to exactly one."""
    (after,) = {line.after for line in TRANSITIONS if line.cause is cause}
    return after


class Failure(StrEnum):
    """Why an operation ended without doing what it asks; a stable code."""

    SAME_ACCOUNT = "same_account"
    ZERO_VALUE = "zero_value"
    FROZEN = "frozen"
    NOT_ALLOWED = "not_allowed"
    INSUFFICIENT = "insufficient"
    NONCE_USED = "nonce_used"
    REFUSED = "refused_by_contract"
    DEADLINE_PASSED = "deadline_passed"
    AUTHORIZATION_USED = "authorization_used"
    WITHDRAWN = "withdrawn"
    ENDED_OTHERWISE = "ended_otherwise"
    REPORT_CANCELLED = "report_cancelled"
    REDUCED_OTHERWISE = "reduced_otherwise"

    @property
    def explanation(self) -> str:
        """What happened, what it means for the money, what to do next."""
        return _EXPLANATION[self]

    @classmethod
    def of_refusal(cls, reason: int) -> Failure:
        """The `Refusal` of a `PaymentFailed` event."""
        return _REFUSALS[reason]


_EXPLANATION: Final = {
    Failure.SAME_ACCOUNT: "Payer and payee are the same account. Nothing was paid. Sign a payment to somebody else.",
    Failure.ZERO_VALUE: "The value is zero. Nothing was paid. Sign a payment of at least one cent.",
    Failure.FROZEN: "The payer's account is frozen. Nothing was paid. Ask the municipality.",
    Failure.NOT_ALLOWED: (
        "This payer may not pay this payee. Nothing was paid. Ask the municipality which shops take part."
    ),
    Failure.INSUFFICIENT: "There were too few credits to spend. Nothing was paid. Sign a smaller payment.",
    Failure.NONCE_USED: (
        "Another payment with the same nonce was carried out, or failed, first. Nothing was paid by this one. "
        "Ask for the next nonce and sign again."
    ),
    Failure.REFUSED: "The contract refused it. Nothing moved. Read the reason, mend it, and sign again.",
    Failure.DEADLINE_PASSED: "The deadline passed first. Nothing moved, and nothing will. Sign again.",
    Failure.AUTHORIZATION_USED: (
        "An authorization with the same nonce was carried out first, and cannot be taken back. Nothing moved by this "
        "request."
    ),
    Failure.WITHDRAWN: "Its signer withdrew it first. Nothing moved, and nothing will. Sign again if it is wanted.",
    Failure.ENDED_OTHERWISE: (
        "The redemption ended in another way first. Nothing moved by this request. Look at the redemption."
    ),
    Failure.REPORT_CANCELLED: (
        "Its attester or the municipality cancelled the report first. Nothing was minted, and nothing will be. "
        "Sign another report."
    ),
    Failure.REDUCED_OTHERWISE: (
        "The reward was reduced as far, or taken back, first. Nothing was struck by this request. Look at the reward."
    ),
}

_REFUSALS: Final = {
    1: Failure.SAME_ACCOUNT,
    2: Failure.ZERO_VALUE,
    3: Failure.FROZEN,
    4: Failure.NOT_ALLOWED,
    5: Failure.INSUFFICIENT,
}


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody signed, checked as far as it can be without the database.

    Attributes:
        id: EIP-712 digest, or what stands for one, hex.
        actor: Who signed.
        nonce: Payment nonce, for payments.
        value: Cents that leave the actor's account if it succeeds.
        deadline: Last second at which it can be carried.
        payload: The signed struct and its signatures, ready for JSON.
        payee: Who is paid, for payments.
        subject: What it is about, where others can decide that too: an authorization's nonce, a redemption's or a
            report's id, an attestation's uid.
        wallets: How many of its signatures a contract must be asked about (ERC-1271).
    """

    id: str
    kind: Kind
    actor: str
    nonce: int | None
    value: int
    deadline: int
    payload: dict[str, Any]
    payee: str | None = None
    subject: str | None = None
    wallets: int = 0

    @property
    def packed(self) -> bytes:
        """The payload as it is stored."""
        return orjson.dumps(self.payload)


@dataclass(frozen=True, slots=True)
class Operation:
    """A stored operation."""

    seq: int
    id: str
    kind: Kind
    actor: str
    nonce: int | None
    value: int
    deadline: int
    state: State
    payload: dict[str, Any]
    tx_hash: str | None
    block_number: int | None
    failure: Failure | None
    failure_detail: str | None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more is to be waited for."""
        return self.state in ENDED


def reclaim_id(redemption: bytes) -> bytes:
    """The identity of a reclaim. Nobody signs it, so it has no digest."""
    return keccak(b"reclaim" + redemption)


def documentation() -> str:
    """The states and the table as Markdown."""
    lines = ["| state | meaning |", "|---|---|", *(f"| `{state}` | {state.meaning} |" for state in State), ""]
    lines += ["| from | cause | to |", "|---|---|---|"]
    lines += [f"| `{line.before}` | {line.cause} | `{line.after}` |" for line in TRANSITIONS]
    return "\n".join(lines) + "\n"
