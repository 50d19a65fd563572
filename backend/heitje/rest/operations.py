# SPDX-License-Identifier: EUPL-1.2
"""Operations as the API shows them."""

from typing import Any

import orjson

from heitje.relay.operation import UNDER_WAY, Kind, Operation, State
from heitje.rest.fields import LAST_SECOND, Answer, rfc3339

_PRIVATE = ("signature", "attesterSignature", "issuerSignature")
"""Not shown again: whoever asks has them, or has no need of them before they are on the chain."""


class TransactionBody(Answer):
    """Where on the chain it is."""

    hash: str
    block: int | None


class FailureBody(Answer):
    """Why it ended without doing what it asks."""

    code: str
    title: str
    detail: str | None


class OperationBody(Answer):
    """What becomes of a request. The fields of the signed struct stand beside these."""

    id: str
    kind: Kind
    state: State
    transaction: TransactionBody | None
    failure: FailureBody | None
    under_way_until: str | None
    """Until then it may still be carried out (RFC 3339). Null when it has ended, or has no deadline."""


def render(operation: Operation) -> dict[str, Any]:
    """An operation as the API shows it."""
    # What a block says that may be taken back is no end, and no reason to sign again.
    failure = operation.failure if operation.state is not State.FAILING else None
    detail = operation.failure_detail
    ends = operation.deadline if operation.state in UNDER_WAY and operation.deadline < LAST_SECOND else None
    fields = {name: value for name, value in operation.payload.items() if name not in _PRIVATE}
    mined = operation.tx_hash is not None
    if operation.kind is Kind.REDEMPTION:
        fields["onChain"] = None
    return {
        "id": operation.id,
        "kind": operation.kind,
        "state": operation.state,
        **fields,
        "transaction": {"hash": operation.tx_hash, "block": operation.block_number} if mined else None,
        "failure": None if failure is None else {"code": str(failure), "title": failure.explanation, "detail": detail},
        "underWayUntil": None if ends is None else rfc3339(ends),
    }


def render_bytes(operation: Operation) -> bytes:
    """The same as JSON."""
    return orjson.dumps(render(operation))
