# SPDX-License-Identifier: EUPL-1.2
"""What a node's answer to `eth_sendRawTransaction` means for the transaction.

Besu, geth and anvil say the same things with different codes and words. Whatever this table does not know is unknown:
the transaction may or may not be on its way, so its bytes are kept and sent again, never replaced.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from heitje.chain.node import RpcError


class Answer(StrEnum):
    """What to do next."""

    ACCEPTED = "accepted"
    """The node has it, now or since before."""
    NONCE_LOW = "nonce too low"
    """The chain is past this nonce: look which transaction used it. Never sign anew."""
    TOO_FAR = "too far ahead"
    """Send nothing more after it; begin again at the lowest one that is not mined."""
    BLOCKED = "blocked by an earlier one"
    """An earlier transaction of this key is in the way: send from the lowest one again."""
    OCCUPIED = "another transaction has the nonce"
    """The node holds other bytes with this nonce: somebody else uses our key."""
    BUSY = "not now"
    """The node is synchronising, or its pool is full: wait, then send again."""
    CONFIGURATION = "refused for good"
    """The node will never take it as we are set up: stop the lane and call somebody."""
    UNKNOWN = "unknown"
    """It may have arrived. Keep the bytes and send them again."""


class Rule(NamedTuple):
    """One line of the table: a code, or words (case-insensitive), or both."""

    code: int | None
    words: str | None
    answer: Answer


RULES: Final = (
    Rule(None, r"already known|already imported|known transaction", Answer.ACCEPTED),
    Rule(-32001, r"nonce too low", Answer.NONCE_LOW),
    Rule(None, r"nonce too low|nonce has already been used", Answer.NONCE_LOW),
    Rule(None, r"too distant from current sender nonce|nonce too high", Answer.TOO_FAR),
    Rule(-32006, None, Answer.TOO_FAR),
    Rule(None, r"invalid transaction with a lower nonce", Answer.BLOCKED),
    Rule(None, r"replacement transaction underpriced|could not replace", Answer.OCCUPIED),
    Rule(-32008, None, Answer.BUSY),
    Rule(None, r"initial sync|txpool is full|transaction pool is full|queue is full|limit exceeded", Answer.BUSY),
    Rule(-32007, None, Answer.CONFIGURATION),
    Rule(-32009, None, Answer.CONFIGURATION),
    Rule(-32004, None, Answer.CONFIGURATION),
    Rule(-32005, None, Answer.CONFIGURATION),
    Rule(None, r"not authorized|gas price below|upfront cost|insufficient funds", Answer.CONFIGURATION),
    Rule(None, r"exceeds block gas limit|gas limit.*(high|exceed)|intrinsic gas|oversized", Answer.CONFIGURATION),
    Rule(None, r"chain ?id|fee cap|max fee per gas less|exceeds allowed|invalid signature", Answer.CONFIGURATION),
)
"""Read from the top; the first line that fits decides."""


def classify_send_error(error: RpcError) -> Answer:
    """What a refusal means. An answer without an error is `Answer.ACCEPTED`; no answer at all is `Answer.UNKNOWN`."""
    for rule in RULES:
        if rule.code is not None and rule.code != error.code:
            continue
        if rule.words is not None and not re.search(rule.words, error.message, re.IGNORECASE):
            continue
        return rule.answer
    return Answer.UNKNOWN
