# SPDX-License-Identifier: EUPL-1.2
"""Whether an authorization can be taken on: inside the transaction that stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heitje.authorizations import repository
from heitje.authorizations.repository import Paid
from heitje.chain.account import Account, Class
from heitje.problems import Code, Problem
from heitje.relay import repository as operations
from heitje.relay.operation import UNDER_WAY, Kind, Operation, State, Submission
from heitje.relay.standing import Rules, Standing, accounts_of, rules_now, standings_of, why_frozen
from heitje.store.session import ReadSession, WriteSession

_AUTHORIZED = (Kind.REFUND, Kind.AUTHORIZATION)
_SHOPS = (Class.MERCHANT, Class.CLOSING)


class AuthorizationAdmitter:
    """Decides about refunds and other authorizations. It only looks, so that it can be asked without storing."""

    async def admit(self, session: ReadSession, wanted: Sequence[Submission], now: float) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        rules = await rules_now(session)
        if rules is None:
            return [Problem(Code.NOT_READY, "The index has not read the chain yet.")] * len(wanted)
        signers = await standings_of(session, (one.actor for one in wanted))
        payees = await accounts_of(session, (one.payload["to"] for one in wanted))
        nonces = await _nonces_of(session, wanted)
        given_back: dict[str, int] = {}
        decisions: list[State | Problem] = []
        for one in wanted:
            signer = signers.get(one.actor)
            refusal = _refusal(one, signer, payees.get(one.payload["to"]), rules, now)
            refusal = refusal or nonces.refusal(one)
            if refusal is None and one.kind is Kind.REFUND:
                payment = one.payload["payment"]
                paid = await repository.find_paid(session, payment)
                refusal = judge_refund(one, paid, signer, payees[one.payload["to"]], given_back.get(payment, 0))
            refusal = refusal or _short(one, signer, rules, now)
            if refusal is None and signer is not None:
                signer.take_on(one.id, one.value)
                nonces.take(one)
                payment = one.payload.get("payment", "")
                given_back[payment] = given_back.get(payment, 0) + one.value
            decisions.append(State.QUEUED if refusal is None else refusal)
        return decisions


class WithdrawalAdmitter:
    """Decides about cancellations of authorizations."""

    async def admit(
        self,
        session: WriteSession,
        wanted: Sequence[Submission],
        now: float,  # noqa: ARG002 - a withdrawal has no deadline
    ) -> list[State | Problem]:
        """See `heitje.relay.intake.Admitter`."""
        return [
            Problem(Code.AUTHORIZATION_USED)
            if await repository.is_used(session, one.actor, one.payload["nonce"])
            else State.QUEUED
            for one in wanted
        ]


def judge_refund(
    refund: Submission, paid: Paid | None, signer: Standing | None, payee: Account, taken_on: int
) -> Problem | None:
    """Why a refund does not fit its payment; None if it does.

    Args:
        refund: What the shop signed.
        paid: The payment, with what was given back of it.
        signer: The shop.
        payee: Who would be paid.
        taken_on: Cents of refunds of the same payment that are taken on together with this one.
    """
    payment = refund.payload["payment"]
    if paid is None:
        return Problem(Code.PAYMENT_UNKNOWN, f"No payment {payment} has been carried out.")
    if signer is None or paid.payee != signer.account.number:
        return Problem(Code.PAYMENT_UNKNOWN, "That payment was to somebody else than who signs this refund.")
    if paid.payer != payee.number:
        return Problem(Code.PAYMENT_UNKNOWN, "That payment was by somebody else than who is to get this refund.")
    if not paid.is_final:
        return Problem(Code.PAYMENT_NOT_FINAL)
    left = max(0, paid.left - taken_on)
    if refund.value > left:
        return Problem(Code.REFUND_TOO_LARGE, f"{left} cents are left, {refund.value} are to be given back.")
    return _numbered_otherwise(refund, paid)


def _numbered_otherwise(refund: Submission, paid: Paid) -> Problem | None:
    """Whether the shop, by whichever of its wallets, gave this number to another refund of the payment."""
    k = refund.payload["k"]
    if any(k == used for used, _ in paid.used):
        return Problem(Code.AUTHORIZATION_USED, f"Refund {k} of this payment was made, or withdrawn, before.")
    other = next((one.id for waiting, one in paid.under_way if waiting == k), None)
    return None if other is None else Problem(Code.AUTHORIZATION_TAKEN, f"It is {other}.")


def _refusal(
    one: Submission, signer: Standing | None, payee: Account | None, rules: Rules, now: float
) -> Problem | None:
    """The first thing that is wrong with the moment or the two accounts."""
    source = signer.account if signer is not None else Account()
    target = payee if payee is not None else Account()
    checks = (
        (rules.paused and source.is_resident, Code.PAUSED, ""),
        (now > rules.pay_until, Code.PAYMENTS_ENDED, ""),
        (one.payload["validAfter"] >= now, Code.NOT_YET_VALID, ""),
        (one.deadline < now + 1, Code.DEADLINE_PASSED, ""),
        (one.actor == one.payload["to"], Code.SAME_ACCOUNT, ""),
        (one.value == 0, Code.ZERO_VALUE, ""),
        (not source.number, Code.ACCOUNT_UNKNOWN, "The signer is not enrolled."),
        (source.is_dead, Code.WALLET_REPLACED, "It is the signer's."),
        (source.is_frozen, Code.ACCOUNT_FROZEN, why_frozen(source)),
        (not target.number, Code.ACCOUNT_UNKNOWN, "The payee is not enrolled."),
        (target.is_dead, Code.WALLET_REPLACED, "It is the payee's."),
        (not rules.allows(source.holder_class, target.holder_class), Code.NOT_ALLOWED, ""),
        *_ways(one.kind, source, target),
    )
    return next((Problem(code, detail) for wrong, code, detail in checks if wrong), None)


def _short(one: Submission, signer: Standing | None, rules: Rules, now: float) -> Problem | None:
    free = max(signer.spendable(now, rules), 0) if signer is not None else 0
    if one.value <= free:
        return None
    detail = f"{free} cents can be spent, {one.value} are asked for."
    return Problem(Code.INSUFFICIENT, detail, spendable=str(free))


def _ways(kind: Kind, source: Account, target: Account) -> tuple[tuple[bool, Code, str], ...]:
    """What a shop gives a resident is a refund, and nothing else is."""
    is_refund = source.holder_class in _SHOPS and target.is_resident
    return (
        (kind is Kind.REFUND and not is_refund, Code.NOT_ALLOWED, "A refund is by a shop to a resident."),
        (kind is not Kind.REFUND and is_refund, Code.NOT_ALLOWED, "What a shop gives back goes to /v1/refunds."),
    )


@dataclass(slots=True)
class _Nonces:
    """What is known of the nonces of some authorizations. Keys are pairs of authorizer and nonce.

    Attributes:
        used: On the chain. An authorization that failed did because another was carried out: that is in here.
        withdrawn: Withdrawals under way, by their ids.
        taken: Authorizations under way, and those taken on together with these, by their ids.
    """

    used: set[tuple[str, str]]
    withdrawn: dict[tuple[str, str], str]
    taken: dict[tuple[str, str], str]

    def refusal(self, one: Submission) -> Problem | None:
        """Why this one's nonce cannot be used; None if it can."""
        key = (one.actor, str(one.subject))
        if key in self.used:
            return Problem(Code.AUTHORIZATION_USED)
        if (withdrawal := self.withdrawn.get(key)) is not None:
            return Problem(Code.WITHDRAWAL_TAKEN, f"It is {withdrawal}.")
        other = self.taken.get(key)
        return None if other is None else Problem(Code.AUTHORIZATION_TAKEN, f"It is {other}.")

    def take(self, one: Submission) -> None:
        """This one is taken on."""
        self.taken[one.actor, str(one.subject)] = one.id


async def _nonces_of(session: ReadSession, wanted: Sequence[Submission]) -> _Nonces:
    nonces = {str(one.subject) for one in wanted}
    withdrawals = await operations.about(session, (Kind.AUTHORIZATION_CANCELLATION,), nonces, (*UNDER_WAY, State.MINED))
    live = await operations.about(session, _AUTHORIZED, nonces)
    return _Nonces(await repository.used(session, nonces), _first_ids(withdrawals), _first_ids(live))


def _first_ids(found: Mapping[str, Sequence[Operation]]) -> dict[tuple[str, str], str]:
    """The oldest operation's id for each pair of actor and nonce."""
    return {(one.actor, nonce): one.id for nonce, several in found.items() for one in reversed(several)}
