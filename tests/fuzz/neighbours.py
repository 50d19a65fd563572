# SPDX-License-Identifier: EUPL-1.2
"""People of the town who sign up, hand in, confirm, invite and complain, so that half of what is asked can be done."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cached_property
from itertools import count
from typing import Any, Final

from eth_utils.crypto import keccak
from schemathesis import Case

from heitje.chain.abi import load
from heitje.chain.calendar import month_of
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import join_digest
from heitje.counter.codes import code_hash
from tests.fuzz.town import DESCRIPTION, Town
from tests.support.photos import png
from tests.support.signed import signer_of
from tests.support.town import RESIDENTS

RESIDENT: Final = RESIDENTS[-20]
COMPLAINER: Final = RESIDENTS[-19]
OF_ATTESTER: Final = (
    "GET /v1/activities/{activity}/sign-ups",
    "GET /v1/claims",
    "POST /v1/claims/{claim}/decision",
    "POST /v1/activities/{activity}/report-draft",
    "GET /v1/report-drafts",
)
OF_REGISTRAR: Final = ("/v1/invitations", "/v1/complaints/to-answer", "/v1/complaints/{complaint}/answer")
TAKING_PART: Final = ("/sign-ups", "/v1/claims", "/claims", "/v1/complaints", "/v1/report-drafts", "/report-draft")


class Neighbours:
    """The people, each with a session; and what stands ready for a request of theirs."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._city = town.city()
        self._held = iter(town.held)
        self._numbers = count(4_000_000)
        self._wallets = count(1)
        self.good: dict[str, Callable[[Case], bool]] = {
            "PUT /v1/activities/{activity}/description": self._describe,
            "POST /v1/activities/{activity}/sign-ups": self._sign_up,
            "DELETE /v1/activities/{activity}/sign-ups/mine": self._cancel,
            "GET /v1/activities/{activity}/sign-ups": self._expect,
            "POST /v1/activities/{activity}/claims": self._hand_in,
            "GET /v1/claims": self._list_claims,
            "GET /v1/claims/{claim}": self._look,
            "PUT /v1/claims/{claim}/photo": self._show,
            "GET /v1/claims/{claim}/photo": self._look,
            "POST /v1/claims/{claim}/decision": self._decide,
            "POST /v1/activities/{activity}/report-draft": self._draft,
            "POST /v1/invitations": self._invite,
            "POST /v1/invitations/acceptance": self._accept,
            "POST /v1/invitations/{invitation}/revocation": self._revoke,
            "POST /v1/complaints/{complaint}/answer": self._answer,
            "POST /v1/office/transactions": self._send,
        }
        """What makes a well-formed request one that can be done; whether it must then be."""

    def token_for(self, case: Case) -> str | None:
        """The token of who does such a thing; None where it is not about taking part."""
        if case.operation.label in OF_ATTESTER:
            return self._attester
        if case.path.startswith(OF_REGISTRAR):
            return self._registrar
        return self._resident if any(part in case.path for part in TAKING_PART) else None

    @cached_property
    def _attester(self) -> str:
        return self._town.log_in_as(signer_of("attester"))

    @cached_property
    def _registrar(self) -> str:
        return self._town.log_in_as(signer_of("registrar"))

    @cached_property
    def _resident(self) -> str:
        return self._town.log_in_as(self._city.member(RESIDENT))

    @cached_property
    def _complainer(self) -> str:
        return self._town.log_in_as(self._city.member(COMPLAINER))

    def _ask(self, token: str, method: str, path: str, body: Any = None) -> Any:
        """What the API answers; None if it refuses."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "content-type": "application/json"}
        request = urllib.request.Request(self._town.api + path, raw, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                told = response.read()
        except urllib.error.HTTPError as error:
            error.close()
            return None
        return json.loads(told) if told else {}

    # Coming

    def _describe(self, case: Case) -> bool:
        case.path_parameters["activity"] = self._town.coming
        case.body = dict(DESCRIPTION)
        return True

    def _sign_up(self, case: Case) -> bool:
        case.path_parameters["activity"] = self._town.coming
        self._ask(self._resident, "DELETE", f"/v1/activities/{self._town.coming}/sign-ups/mine")
        return True

    def _cancel(self, case: Case) -> bool:
        case.path_parameters["activity"] = self._town.coming
        self._ask(self._resident, "POST", f"/v1/activities/{self._town.coming}/sign-ups")
        return True

    def _expect(self, case: Case) -> bool:
        case.path_parameters["activity"] = self._town.coming
        return True

    # Having been there

    def _hand_in(self, case: Case) -> bool:
        activity = next(self._held, None)
        if activity is None:
            return False
        case.path_parameters["activity"] = activity
        case.body["minutes"] = 1 + case.body["minutes"] % 240
        return True

    def _list_claims(self, case: Case) -> bool:
        if "activity" in case.query:
            case.query["activity"] = self._town.coming
        return True

    @cached_property
    def _kept(self) -> str:
        """A claim that is never decided, with a photo."""
        made = self._ask(self._resident, "POST", f"/v1/activities/{next(self._held)}/claims", {"minutes": 5})
        self._ask(self._resident, "PUT", f"/v1/claims/{made['id']}/photo", png())
        return str(made["id"])

    def _look(self, case: Case) -> bool:
        case.path_parameters["claim"] = self._kept
        return True

    def _show(self, case: Case) -> bool:
        case.path_parameters["claim"] = self._kept
        case.body = png()
        return False  # a generated decision may have been first

    def _decide(self, case: Case) -> bool:
        activity = next(self._held, None)
        if activity is None:
            return False
        made = self._ask(self._resident, "POST", f"/v1/activities/{activity}/claims", {"minutes": 5})
        if made is None:  # a generated request was first
            return False
        case.path_parameters["claim"] = made["id"]
        if "minutes" in case.body:
            case.body["minutes"] = 1 + case.body["minutes"] % 240
        return True

    @cached_property
    def _confirmed(self) -> int:
        """An activity with a confirmed claim that no report is signed for."""
        activity = next(self._held)
        made = self._ask(self._resident, "POST", f"/v1/activities/{activity}/claims", {"minutes": 5})
        decision = {"state": "confirmed", "minutes": 5}
        self._ask(self._attester, "POST", f"/v1/claims/{made['id']}/decision", decision)
        return activity

    def _draft(self, case: Case) -> bool:
        case.path_parameters["activity"] = self._confirmed
        return True

    # At the counter

    def _invite(self, case: Case) -> bool:
        case.body |= {"number": next(self._numbers), "kind": "join"}
        return True

    def _invitation(self) -> Any:
        body = {"number": next(self._numbers), "class": "resident", "kind": "join"}
        return self._ask(self._registrar, "POST", "/v1/invitations", body)

    def _accept(self, case: Case) -> bool:
        code = self._invitation()["code"]
        wallet = KeySigner(keccak(b"a new phone %d" % next(self._wallets)))
        digest = join_digest(self._city.domains["token"], wallet.address, code_hash(code))
        case.body = {"code": code, "address": wallet.address, "signature": "0x" + wallet.sign_digest(digest).hex()}
        return True

    def _revoke(self, case: Case) -> bool:
        case.path_parameters["invitation"] = self._invitation()["id"]
        return True

    def _send(self, case: Case) -> bool:
        """A registrar lowers a year, each time by another amount."""
        registrar, registry = signer_of("registrar"), load("ActivityRegistry")
        nonce = self._ask(self._registrar, "GET", f"/v1/office/accounts/{registrar.address}")["nonce"]
        data = registry.encode("lowerYear", RESIDENT, month_of(self._city.now()) // 12, next(self._wallets) % 1_000)
        fields = {"chainId": self._city.chain_id, "nonce": nonce, "value": 0, "gas": 200_000, "data": data}
        fields |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "to": self._city.addresses["registry"]}
        case.body = {"raw": "0x" + registrar.sign_transaction(fields).hex()}
        return True

    def _answer(self, case: Case) -> bool:
        waiting = self._ask(self._registrar, "GET", "/v1/complaints/to-answer?state=open&limit=1")["items"]
        lodged = waiting or [self._ask(self._complainer, "POST", "/v1/complaints", {"about": "other", "text": "Why?"})]
        case.path_parameters["complaint"] = lodged[0]["id"]
        return True
