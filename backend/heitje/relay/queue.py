# SPDX-License-Identifier: EUPL-1.2
"""Whose turn it is: payments of one payer go in the order of their nonces, without a gap. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from heitje.relay.operation import Cause, State

MAX_GAP: Final = 16
"""How many nonces a payment may come ahead of the next one expected."""


class Waiting(NamedTuple):
    """One live payment of a payer."""

    id: str
    nonce: int
    state: State


def expected_nonce(chain_nonce: int, live: Iterable[int]) -> int:
    """The next nonce to sign: the chain's, and one more for each live payment that follows it without a gap."""
    expected, taken = chain_nonce, set(live)
    while expected in taken:
        expected += 1
    return expected


def arrange(chain_nonce: int, live: Iterable[Waiting]) -> Mapping[str, Cause]:
    """Which payments of one payer change places: parked ones whose gap is filled, queued ones before which one opened.

    Returns:
        The cause of the change by the payment's id; those that stay are left out.
    """
    waiting = list(live)
    expected = expected_nonce(chain_nonce, (payment.nonce for payment in waiting))
    changes: dict[str, Cause] = {}
    for payment in waiting:
        if payment.state is State.RECEIVED and payment.nonce < expected:
            changes[payment.id] = Cause.GAP_FILLED
        elif payment.state is State.QUEUED and payment.nonce > expected:
            changes[payment.id] = Cause.GAP_OPENED
    return changes
