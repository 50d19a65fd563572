# SPDX-License-Identifier: EUPL-1.2
"""Whether a payment can be taken on, without a chain or a database. The order of the checks is the contract's."""

from heitje.chain.account import Account
from heitje.problems import Code, Problem
from heitje.relay.operation import State, Submission
from heitje.relay.queue import MAX_GAP, expected_nonce
from heitje.relay.standing import Rules, Standing, why_frozen

_MARGIN = 1
"""Seconds that must be left of a deadline: the next block is at least that far."""


def judge(
    payment: Submission, payer: Standing | None, payee: Account | None, rules: Rules, now: float
) -> State | Problem:
    """The state a payment begins in, or why it is refused."""
    value, nonce = payment.value, payment.nonce or 0
    refusal = _refusal(payment, payer, payee, rules, now)
    if refusal is not None:
        return refusal
    assert payer is not None  # _refusal has looked
    if nonce < payer.account.nonce:
        return Problem(Code.NONCE_USED, f"Nonce {nonce} is used; the next is {payer.account.nonce}.")
    expected = expected_nonce(payer.account.nonce, payer.nonces)
    if nonce in payer.nonces:
        return Problem(Code.NONCE_TAKEN, f"Payment {payer.nonces[nonce]} has nonce {nonce}.")
    if nonce > expected + MAX_GAP:
        return Problem(Code.NONCE_TOO_FAR, f"Nonce {nonce} is more than {MAX_GAP} ahead of {expected}.")
    free = payer.spendable(now, rules)
    if value > free:
        return Problem(
            Code.INSUFFICIENT, f"{max(free, 0)} cents can be spent, {value} are asked for.", spendable=str(max(free, 0))
        )
    return State.QUEUED if nonce == expected else State.RECEIVED


def _refusal(
    payment: Submission, payer: Standing | None, payee: Account | None, rules: Rules, now: float
) -> Problem | None:
    """The first thing that is wrong with the moment, the payment or the two accounts."""
    source = payer.account if payer is not None else Account()
    target = payee if payee is not None else Account()
    # By a payment residents pay only shops; what else the matrix holds is for refunds and the desk.
    for_payments = source.is_resident or source.holder_class == target.holder_class
    checks = (
        (rules.paused, Code.PAUSED, ""),
        (now > rules.pay_until, Code.PAYMENTS_ENDED, ""),
        (payment.deadline < now + _MARGIN, Code.DEADLINE_PASSED, ""),
        (payment.actor == payment.payload["to"], Code.SAME_ACCOUNT, ""),
        (payment.value == 0, Code.ZERO_VALUE, ""),
        (not source.number, Code.ACCOUNT_UNKNOWN, "The payer is not enrolled."),
        (source.is_dead, Code.WALLET_REPLACED, "It is the payer's."),
        (source.is_frozen, Code.ACCOUNT_FROZEN, why_frozen(source)),
        (not target.number, Code.ACCOUNT_UNKNOWN, "The payee is not enrolled."),
        (target.is_dead, Code.WALLET_REPLACED, "It is the payee's."),
        (not (for_payments and rules.allows(source.holder_class, target.holder_class)), Code.NOT_ALLOWED, ""),
    )
    return next((Problem(code, detail) for wrong, code, detail in checks if wrong), None)
