# SPDX-License-Identifier: EUPL-1.2
"""People who log in with their wallets, and ask as themselves."""

import time
from dataclasses import dataclass
from typing import Any, Self

from heitje.chain.typed_data import login_digest
from tests.support.service import Answer, Service

JSON = {"content-type": "application/json"}


def wallet_login(service: Service, signer: Any, **others: Any) -> dict[str, Any]:
    """What a browser sends to log a wallet in; any member can be given."""
    body: dict[str, Any] = {
        "account": signer.address,
        "origin": service.url,
        "issuedAt": int(time.time()),
        **others,
    }
    body.setdefault("nonce", service.get("/v1/sessions/nonce").body["nonce"])
    fields = (body["account"], body["origin"], bytes.fromhex(body["nonce"][2:]), body["issuedAt"])
    digest = login_digest(service.city.domains["token"], *fields)
    return {**body, "signature": "0x" + signer.sign_digest(digest).hex()}


@dataclass(frozen=True)
class Person:
    """Somebody with a session."""

    service: Service
    address: str
    token: str

    @classmethod
    def of(cls, service: Service, signer: Any, **others: Any) -> Self:
        """Who has this key or wallet; `others` as in `wallet_login`."""
        began = service.request("POST", "/v1/sessions/wallet", wallet_login(service, signer, **others), JSON)
        return cls(service, signer.address, began.body["token"])

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Any request, as this person; a body is JSON unless it is bytes."""
        kind = {} if body is None or isinstance(body, bytes) else JSON
        return self.service.request(method, path, body, {"authorization": f"Bearer {self.token}", **kind, **headers})

    def get(self, path: str) -> Answer:
        """GET."""
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Answer:
        """POST."""
        return self.ask("POST", path, body)
