# SPDX-License-Identifier: EUPL-1.2
"""A facilitator of x402's `exact` scheme. It moves nothing itself: it takes vouchers on, as `/v1/authorizations`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from heitje.authorizations.service import AuthorizationService
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.typed_data import Domain
from heitje.problems import Code, Problem
from heitje.relay.operation import UNDER_WAY, Failure, Operation, State
from heitje.rest.fields import rfc3339
from heitje.x402.payload import SCHEME, VERSIONS, Offer, Refused, network_of, read
from heitje.x402.schemas import FacilitatorRequest, KindBody, Reason, SettleBody, SupportedBody, VerifyBody

SLACK: Final = 6
"""Seconds of validity that must be left, as the reference implementations ask: a block or two."""

REASONS: Final = {
    Code.SIGNATURE_INVALID: Reason.SIGNATURE,
    Code.NOT_YET_VALID: Reason.VALID_AFTER,
    Code.DEADLINE_PASSED: Reason.VALID_BEFORE,
    Code.INSUFFICIENT: Reason.FUNDS,
    Code.AUTHORIZATION_USED: Reason.NONCE_USED,
    Code.AUTHORIZATION_TAKEN: Reason.NONCE_USED,
    Code.WITHDRAWAL_TAKEN: Reason.NONCE_USED,
    # The protocol has no words for these: the message, and `code`, say which it is.
    Code.ACCOUNT_UNKNOWN: Reason.STATE,
    Code.ACCOUNT_FROZEN: Reason.STATE,
    Code.WALLET_REPLACED: Reason.STATE,
    Code.SAME_ACCOUNT: Reason.STATE,
    Code.ZERO_VALUE: Reason.STATE,
    Code.NOT_ALLOWED: Reason.STATE,
    Code.PAUSED: Reason.STATE,
    Code.PAYMENTS_ENDED: Reason.STATE,
    Code.REFUSED_BY_CONTRACT: Reason.STATE,
}
"""What our problems are in the protocol. Those that are not here say nothing about the payment: they stay problems."""

_ENDS: Final = {
    Failure.AUTHORIZATION_USED: Reason.NONCE_USED,
    Failure.WITHDRAWN: Reason.NONCE_USED,
    Failure.DEADLINE_PASSED: Reason.VALID_BEFORE,
    Failure.INSUFFICIENT: Reason.FUNDS,
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """A payment that is taken on: its digest, and how many seconds to wait for its end."""

    digest: str
    patience: float

    @property
    def location(self) -> str:
        """Where it can be looked up."""
        return f"/v1/authorizations/{self.digest}"


class FacilitatorService:
    """What shops ask."""

    def __init__(
        self, authorizations: AuthorizationService, domain: Domain, carrier: str, clock: Callable[[], float]
    ) -> None:
        self._authorizations = authorizations
        self._domain = domain
        self._carrier = carrier
        self._clock = clock

    def supported(self) -> SupportedBody:
        """The one way to pay, in both versions of the protocol. Without a key here, another process sends."""
        network, domain = network_of(self._domain), self._domain
        extra = {"name": domain.name, "version": domain.version, "asset": domain.contract, "decimals": "2"}
        kinds = [KindBody(x402_version=one, scheme=SCHEME, network=network, extra=extra) for one in VERSIONS]
        signers = {} if self._carrier == ZERO_ADDRESS else {"eip155:*": [self._carrier]}
        return SupportedBody(kinds=kinds, extensions=[], signers=signers)

    async def verify(self, request: FacilitatorRequest) -> VerifyBody:
        """Whether a settlement would pay now. One that was paid with before does not: anyone can read it on the chain.

        Raises:
            Problem: That cannot be said now.
        """
        try:
            offer = read(request, self._domain)
            before = await self._authorizations.recall(offer.authorization)
            # Under way, it is known to its payer and its shop only, and a settlement tells what becomes of it.
            if before is None or before.state not in UNDER_WAY:
                await self._judge(offer)
        except Refused as refused:
            return VerifyBody(
                is_valid=False,
                invalid_reason=refused.reason,
                invalid_message=refused.message,
                payer=refused.payer,
                extra=_explained(refused),
            )
        return VerifyBody(is_valid=True, payer=offer.authorization.sender)

    async def settle(self, request: FacilitatorRequest) -> Settlement | SettleBody:
        """Take a payment on. One that was taken on before is the same payment, and is looked up.

        Returns:
            What to wait for; or the answer, if it is not taken on.

        Raises:
            Problem: It is not taken on for a reason that says nothing about the payment.
        """
        try:
            offer = read(request, self._domain)
            if await self._authorizations.recall(offer.authorization) is None:
                await self._take_on(offer)
        except Refused as refused:
            return SettleBody(
                success=False,
                error_reason=refused.reason,
                error_message=refused.message,
                payer=refused.payer,
                transaction="",
                network=network_of(self._domain),
                extra=_explained(refused),
            )
        return Settlement(self._authorizations.digest(offer.authorization), offer.patience)

    async def find(self, digest: str) -> Operation | None:
        """A payment that was taken on."""
        return await self._authorizations.find(digest)

    async def outcome(self, settlement: Settlement) -> SettleBody:
        """What has become of a payment.

        Raises:
            Problem: It is not there, which cannot be.
        """
        found = await self.find(settlement.digest)
        if found is None:
            raise Problem(Code.INTERNAL, f"{settlement.digest} was taken on, but is not there.")
        reason, message = _why(found)
        sent = await self._authorizations.sent_as(found) if reason in (None, Reason.PENDING) else None
        return SettleBody(
            success=reason is None,
            error_reason=reason,
            error_message=message,
            payer=found.actor,
            transaction=sent or "",
            network=network_of(self._domain),
            amount=str(found.value) if reason is None else None,
            extra={"operation": settlement.location, "state": found.state},
        )

    async def _judge(self, offer: Offer) -> None:
        """Raise why a settlement that is new would not pay."""
        if self._is_late(offer):
            raise _too_late(offer)
        try:
            await self._authorizations.judge(offer.authorization, self._clock())
        except Problem as problem:
            raise _refused(problem, offer) from None

    async def _take_on(self, offer: Offer) -> None:
        try:
            if self._is_late(offer) and await self._authorizations.is_new(offer.authorization):
                raise _too_late(offer)
            # The digest is what makes it the same payment; a key would only stand in the way of a second request.
            await self._authorizations.authorize(offer.authorization, str(uuid.uuid4()))
        except Problem as problem:
            raise _refused(problem, offer) from None

    def _is_late(self, offer: Offer) -> bool:
        return offer.authorization.valid_before < self._clock() + SLACK


def _too_late(offer: Offer) -> Refused:
    signed = offer.authorization
    until = rfc3339(signed.valid_before)
    message = f"It is valid before {until}; {SLACK} seconds must be left. Nothing moved. Sign again."
    return Refused(Reason.VALID_BEFORE, message, signed.sender, Code.DEADLINE_PASSED)


def _refused(problem: Problem, offer: Offer) -> Exception:
    """The problem in the protocol's words; itself if it says nothing about the payment."""
    reason = REASONS.get(problem.code)
    if reason is None:
        return problem
    return Refused(reason, str(problem.body()["detail"]), offer.authorization.sender, problem.code)


def _explained(refused: Refused) -> dict[str, str] | None:
    return None if refused.code is None else {"code": str(refused.code)}


def _why(found: Operation) -> tuple[Reason | None, str | None]:
    """Why a payment is not paid for good, and what to tell people; nothing if it is."""
    if found.state is State.FINAL:
        return None, None
    if not found.is_ended:
        until = rfc3339(found.deadline)
        told = f"It is under way, and may be paid until {until}. Send the same again to learn what became of it."
        return Reason.PENDING, told
    failure = found.failure
    if failure is None:
        return Reason.STATE, found.state.meaning
    told = " ".join(part for part in (found.failure_detail, failure.explanation) if part)
    return _ENDS.get(failure, Reason.STATE), told
