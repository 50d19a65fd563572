# SPDX-License-Identifier: EUPL-1.2
"""Logging in, over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from heitje.access.schemas import (
    ChallengeBody,
    KeyRequest,
    KeysBody,
    NewKeyBody,
    NonceBody,
    SessionBody,
    SessionRequest,
    WalletSessionRequest,
    WhoBody,
)
from heitje.access.service import SESSION_SECONDS, AccessService
from heitje.rest.fields import Address
from heitje.rest.principal import COOKIE, Known, Person
from heitje.rest.requests import json_response

Prefix = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="Of the key, from when it was made.")]


def router(service: AccessService) -> APIRouter:
    """The endpoints, for this service."""
    routes = APIRouter(prefix="/v1", tags=["access"])

    @routes.get("/sessions/challenge", response_model=ChallengeBody)
    async def get_challenge(address: Annotated[Address, Query(description="Who will sign.")]) -> Response:
        """A message to sign (ERC-4361), good once and for five minutes."""
        return json_response(await service.challenge(address), headers=_NOT_KEPT)

    @routes.post("/sessions", status_code=201, response_model=SessionBody)
    async def log_in(request: SessionRequest) -> Response:
        """Begin a session of twelve hours. Browsers get it as a cookie too."""
        return _begun(await service.log_in(request.message, request.signature), secure=service.secure)

    @routes.get("/sessions/nonce", response_model=NonceBody)
    async def get_nonce() -> Response:
        """A number that the login of a resident's or shop's wallet must name, good once and for five minutes."""
        return json_response(await service.nonce(), headers=_NOT_KEPT)

    @routes.post("/sessions/wallet", status_code=201, response_model=SessionBody)
    async def log_in_wallet(request: WalletSessionRequest) -> Response:
        """Begin a session of twelve hours by typed data that the client itself has hashed. Also as a cookie."""
        return _begun(await service.log_in_wallet(request), secure=service.secure)

    @routes.get("/sessions/current", response_model=WhoBody)
    async def get_session(who: Known) -> Response:
        """Who asks, and the roles that the chain gives them now."""
        return json_response(await service.whoami(who), headers=_NOT_KEPT)

    @routes.delete("/sessions/current", status_code=204)
    async def log_out(who: Person) -> Response:
        """End the session."""
        await service.log_out(who)
        ended = Response(status_code=204)
        ended.delete_cookie(COOKIE, path="/", secure=service.secure, httponly=True, samesite="strict")
        return ended

    @routes.post("/api-keys", status_code=201, response_model=NewKeyBody)
    async def make_key(who: Person, request: KeyRequest) -> Response:
        """Make a key for a machine. To renew one: make a second, change the machine, delete the first."""
        return json_response(await service.make_key(who, request.name, request.days), 201, _NOT_KEPT)

    @routes.get("/api-keys", response_model=KeysBody)
    async def list_keys(who: Person) -> Response:
        """The keys, without their secrets."""
        return json_response({"items": await service.keys(who)}, headers=_NOT_KEPT)

    @routes.delete("/api-keys/{prefix}", status_code=204)
    async def delete_key(who: Person, prefix: Prefix) -> Response:
        """Delete a key. It is good no longer, from now on."""
        await service.delete_key(who, prefix)
        return Response(status_code=204)

    return routes


def _begun(session: dict[str, Any], *, secure: bool) -> Response:
    """A session that has begun, with its cookie: no script can read it, and no other site's page can have it sent."""
    answer = json_response(session, 201, _NOT_KEPT)
    answer.set_cookie(
        COOKIE, session["token"], SESSION_SECONDS, path="/", secure=secure, httponly=True, samesite="strict"
    )
    return answer


_NOT_KEPT = {"Cache-Control": "no-store"}
