# SPDX-License-Identifier: EUPL-1.2
"""Makes requests of people who exist out of what schemathesis generates: known ids, next nonces, real signatures.

A generated body is well-formed, but nobody's. Each act has two steps: `fold` changes of it what must be changed for it
to be possible now, and `sign` signs whatever there is.
"""

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count, cycle
from typing import Any, Final, NamedTuple

from eth_utils.crypto import keccak

from heitje.access.message import digest
from heitje.chain import typed_data
from heitje.chain.addresses import to_address
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Line
from tests.fuzz.town import Town
from tests.support.facilitator import sale
from tests.support.signed import signer_of
from tests.support.town import RESIDENTS, SHOPS

PAYERS: Final = RESIDENTS[:24]
"""Those of `RESIDENTS` who have paid nothing yet."""

Body = dict[str, Any]


class UsedUp(Exception):
    """What a request like this would need is there no more."""


class Act(NamedTuple):
    """Something people sign: the path parameters and body that can be done now, and the signing of any."""

    fold: Callable[[Body, Body], tuple[Body, Body]]
    sign: Callable[[Body, Body], Body]


class Wallets:
    """The people of a town, and what they sign."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.city = town.city()
        self.acts: dict[str, Act] = {
            "POST /v1/sessions": Act(self._fold_login, self._sign_login),
            "POST /v1/sessions/wallet": Act(self._fold_wallet_login, self._sign_wallet_login),
            "POST /v1/payments": Act(self._fold_payment, self._sign_payment),
            "POST /v1/reports": Act(self._fold_report, self._sign_report),
            "POST /v1/report-drafts": Act(self._fold_deposit, self._sign_deposit),
            "POST /v1/redemptions": Act(self._fold_redemption, self._sign_redemption),
            "POST /v1/redemptions/{id}/cancellation": Act(self._fold_cancellation, self._sign_cancellation),
            "POST /v1/redemptions/{id}/reclaim": Act(self._fold_reclaim, self._mark_reclaim),
            "POST /v1/refunds": Act(self._fold_refund, self._sign_refund),
            "POST /v1/authorizations": Act(self._fold_voucher, self._sign_voucher),
            "POST /v1/authorizations/cancellations": Act(self._fold_withdrawal, self._sign_withdrawal),
            "POST /v1/reports/{digest}/cancellation": Act(self._fold_report_cancellation, self._sign_cancel_report),
            "POST /v1/attestations/{uid}/reductions": Act(self._fold_reduction, self._sign_reduction),
            "POST /x402/verify": Act(self._fold_sale, self._leave),
            "POST /x402/settle": Act(self._fold_sale, self._leave),
        }
        self._payers: Iterator[int] = cycle(PAYERS)
        self._shops: Iterator[int] = cycle(SHOPS)
        self._activities = iter(town.activities)
        self._redemptions = iter(town.redemptions)
        self._merchants = {identity: SHOPS[i % 2] for i, identity in enumerate([*town.redemptions, *town.reclaimable])}
        self._reclaimable = iter(town.reclaimable)
        self._refunds = ((paid, k) for k in range(16) for paid in town.payments)
        self._uids = cycle(town.uids)
        self._kept = dict.fromkeys(town.uids, 240)
        self._ending: set[str] = set()
        self._fresh = count(1)
        people = [self.city.member(number) for number in (*RESIDENTS, *SHOPS)]
        self._keys = {key.address: key for key in (*people, signer_of("attester"), signer_of("issuer"))}
        self.numbers = {self.city.address_of(number): number for number in (*RESIDENTS, *SHOPS)}

    def ask(self, path: str) -> Any:
        """What the API answers."""
        with urllib.request.urlopen(self.town.api + path, timeout=30) as response:
            return json.load(response)

    def somebody(self, body: Body) -> Body:
        """The same body, but by people whose keys are here."""
        roles = {
            "from": self._payer,
            "authorizer": self._payer,
            "attester": _address_of("attester"),
            "issuer": _address_of("issuer"),
        }
        if not isinstance(body, dict):
            return body
        return {name: roles[name]() if name in roles else value for name, value in body.items()}

    def _payer(self) -> str:
        return self.city.address_of(next(self._payers))

    def _sign_with(self, address: str, digest: bytes) -> str:
        return hexed(self._keys.get(address, _stranger()).sign_digest(digest))

    # Logging in

    def _fold_login(self, path: Body, body: Body) -> tuple[Body, Body]:
        return path, {**body, "message": self.ask(f"/v1/sessions/challenge?address={self._payer()}")["message"]}

    def _sign_login(self, _path: Body, body: Body) -> Body:
        named = re.search("0x[0-9a-fA-F]{40}", str(body.get("message")))
        return {**body, "signature": self._sign_with(named[0] if named else "", digest(str(body.get("message"))))}

    def _fold_wallet_login(self, path: Body, body: Body) -> tuple[Body, Body]:
        named = {"account": self._payer(), "origin": self.town.api, "issuedAt": int(time.time())}
        return path, {**body, **named, "nonce": self.ask("/v1/sessions/nonce")["nonce"]}

    def _sign_wallet_login(self, _path: Body, body: Body) -> Body:
        fields = (body["account"], body["origin"], unhex(body["nonce"]), int(body["issuedAt"]))
        return {
            **body,
            "signature": self._sign_with(body["account"], typed_data.login_digest(self._domain("token"), *fields)),
        }

    # Payments

    def _fold_payment(self, path: Body, body: Body) -> tuple[Body, Body]:
        payer, shop = self._payer(), self.city.address_of(next(self._shops))
        nonce = self.ask(f"/v1/accounts/{payer}")["nextNonce"]
        changed = {"from": payer, "to": shop, "value": str(1 + int(body["value"]) % 5), "nonce": nonce}
        return path, {**body, **changed, "deadline": soon(body["deadline"])}

    def _sign_payment(self, _path: Body, body: Body) -> Body:
        numbers = (int(body["value"]), int(body["nonce"]), int(body["deadline"]))
        request = unhex(body["requestId"])
        digest = typed_data.payment_digest(self._domain("token"), body["from"], body["to"], *numbers, request)
        return {**body, "signature": self._sign_with(body["from"], digest)}

    # Reports

    def _fold_report(self, path: Body, body: Body) -> tuple[Body, Body]:
        activity = self._next(self._activities)
        report = body["report"]
        lines = [
            {**line, "number": number, "minutes": 6 + line["minutes"] % 5}
            for number, line in zip(PAYERS[:3], report["lines"], strict=False)
        ]
        deadline = soon(report["deadline"])
        report = {**report, **self.somebody({"attester": ""}), "activity": activity, "lines": lines}
        return path, {**body, **self.somebody({"issuer": ""}), "report": {**report, "deadline": deadline}, "skip": "0"}

    def _sign_report(self, _path: Body, body: Body) -> Body:
        report, domain = body["report"], self._domain("registry")
        lines = [Line(int(line["number"]), int(line["minutes"]), unhex(line["evidence"])) for line in report["lines"]]
        numbers = (int(report["activity"]), lines, int(report["deadline"]), int(report["serial"]))
        digest = typed_data.report_digest(domain, report["attester"], *numbers)
        release = typed_data.release_digest(domain, body["issuer"], digest, int(body.get("skip", 0)))
        signatures = {
            "attesterSignature": self._sign_with(report["attester"], digest),
            "issuerSignature": self._sign_with(body["issuer"], release),
        }
        return {**body, **signatures}

    def _fold_deposit(self, path: Body, body: Body) -> tuple[Body, Body]:
        report = body["report"]
        lines = [
            {**line, "number": number, "minutes": 6 + line["minutes"] % 5}
            for number, line in zip(PAYERS, report["lines"], strict=False)
        ]
        changed = {"activity": self.town.activities[-1], "lines": lines, "deadline": soon(report["deadline"])}
        return path, {**body, "report": {**report, **self.somebody({"attester": ""}), **changed}}

    def _sign_deposit(self, path: Body, body: Body) -> Body:
        signed = self._sign_report(path, {**body, "issuer": _address_of("issuer")()})
        return {**body, "attesterSignature": signed["attesterSignature"]}

    # Redemptions

    def _fold_redemption(self, path: Body, body: Body) -> tuple[Body, Body]:
        shop, amount = self.city.address_of(next(self._shops)), str(1 + int(body["amount"]) % 5)
        valid = {"validAfter": body["validAfter"] % 1_000_000, "validBefore": soon(body["validBefore"])}
        return path, {**body, "from": shop, "amount": amount, **valid}

    def _sign_redemption(self, _path: Body, body: Body) -> Body:
        number, amount = self.numbers.get(body["from"], 0), int(body["amount"])
        identity = typed_data.redemption_id(number, amount, unhex(body["payoutCommitment"]), unhex(body["salt"]))
        valid = (int(body["validAfter"]), int(body["validBefore"]))
        digest = typed_data.receive_with_authorization_digest(
            self._domain("token"), body["from"], self.city.addresses["desk"], amount, *valid, identity
        )
        self._merchants[hexed(identity)] = number
        return {**body, "signature": self._sign_with(body["from"], digest)}

    def _fold_cancellation(self, path: Body, body: Body) -> tuple[Body, Body]:
        if self._is_at_desk(path["id"]):
            return path, body
        return {**path, "id": self._next(self._redemptions)}, body

    def _is_at_desk(self, identity: str) -> bool:
        """Whether a redemption that came out of an earlier request can be cancelled."""
        rows = self.ask("/v1/redemptions?status=requested&limit=200")["items"]
        return identity not in self._ending and any(row["id"] == identity for row in rows)

    def _sign_cancellation(self, path: Body, body: Body) -> Body:
        self._ending.add(path["id"].lower())
        merchant = self._merchants.get(path["id"], SHOPS[0])
        digest = typed_data.cancel_digest(self._domain("desk"), unhex(path["id"]))
        return {**body, "signature": hexed(self.city.member(merchant).sign_digest(digest))}

    def _fold_reclaim(self, path: Body, body: Body) -> tuple[Body, Body]:
        return {**path, "id": self._next(self._reclaimable)}, body

    def _mark_reclaim(self, path: Body, body: Body) -> Body:
        """Nobody signs a reclaim."""
        self._ending.add(path["id"].lower())
        return body

    # Authorizations

    def _fold_refund(self, path: Body, body: Body) -> tuple[Body, Body]:
        (payment, payer, shop), k = self._next(self._refunds)
        people = {"from": self.city.address_of(shop), "to": self.city.address_of(payer)}
        return path, {**self._carriable(body), **people, "payment": payment, "k": k}

    def _sign_refund(self, _path: Body, body: Body) -> Body:
        nonce = typed_data.refund_nonce(unhex(body["payment"]), int(body["k"]))
        return {**body, "signature": self._sign_authorization(body, nonce)}

    def _fold_voucher(self, path: Body, body: Body) -> tuple[Body, Body]:
        people = {"from": self._payer(), "to": self.city.address_of(next(self._shops))}
        return path, {**self._carriable(body), **people, "nonce": self._anew(body["nonce"])}

    def _sign_voucher(self, _path: Body, body: Body) -> Body:
        return {**body, "signature": self._sign_authorization(body, unhex(body["nonce"]))}

    def _fold_withdrawal(self, path: Body, body: Body) -> tuple[Body, Body]:
        return path, {**body, "authorizer": self._payer(), "nonce": self._anew(body["nonce"])}

    def _sign_withdrawal(self, _path: Body, body: Body) -> Body:
        digest = typed_data.cancel_authorization_digest(self._domain("token"), body["authorizer"], unhex(body["nonce"]))
        return {**body, "signature": self._sign_with(body["authorizer"], digest)}

    def _carriable(self, body: Body) -> Body:
        valid = {"validAfter": body["validAfter"] % 1_000_000, "validBefore": soon(body["validBefore"])}
        return {**body, **valid, "value": str(1 + int(body["value"]) % 5)}

    def _sign_authorization(self, body: Body, nonce: bytes) -> str:
        valid = (int(body["validAfter"]), int(body["validBefore"]))
        fields = (body["from"], body["to"], int(body["value"]), *valid, nonce)
        digest = typed_data.transfer_with_authorization_digest(self._domain("token"), *fields)
        return self._sign_with(body["from"], digest)

    # What web shops hand on: the description leaves its inside to the protocol, so all of it is made here.

    def _fold_sale(self, path: Body, body: Body) -> tuple[Body, Body]:
        number, version = next(self._fresh), 1 + int(body["x402Version"]) % 2
        buyer, shop, nonce = PAYERS[number % len(PAYERS)], SHOPS[number % 2], keccak(b"sale %d" % number)
        # Most do not wait: what is not final at once is pending, and that is an answer.
        patience = 0 if number % 8 else 60
        made = sale(self.city, buyer, shop, 1 + number % 5, nonce, version=version, patience=patience)
        return path, {**body, **made}

    def _leave(self, _path: Body, body: Body) -> Body:
        """It is signed when it is made, or nobody can."""
        return body

    # Corrections

    def _fold_report_cancellation(self, path: Body, body: Body) -> tuple[Body, Body]:
        return {**path, "digest": self._anew(path["digest"])}, self.somebody(body)

    def _sign_cancel_report(self, path: Body, body: Body) -> Body:
        digest = typed_data.cancel_report_digest(self._domain("registry"), body["attester"], unhex(path["digest"]))
        return {**body, "signature": self._sign_with(body["attester"], digest)}

    def _fold_reduction(self, path: Body, body: Body) -> tuple[Body, Body]:
        uid = next(self._uids)
        if not self._kept[uid]:
            raise UsedUp
        changed = {"minutes": self._kept[uid] - 1, "deadline": soon(body["deadline"])}
        return {**path, "uid": str(uid)}, {**self.somebody(body), **changed}

    def _sign_reduction(self, path: Body, body: Body) -> Body:
        uid, minutes = int(path["uid"]), int(body["minutes"])
        self._kept[uid] = min(self._kept.get(uid, 0), minutes)
        fields = (body["attester"], uid, minutes, int(body["deadline"]))
        digest = typed_data.reduce_digest(self._domain("registry"), *fields)
        return {**body, "signature": self._sign_with(body["attester"], digest)}

    def _anew(self, value: str) -> str:
        """32 bytes that were not seen before, most of them as they were."""
        return value[:50].lower() + next(self._fresh).to_bytes(8, "big").hex()

    def _next(self, pool: Iterator[Any]) -> Any:
        found = next((one for one in pool if not isinstance(one, str) or one not in self._ending), None)
        if found is None:
            raise UsedUp
        return found

    def _domain(self, part: str) -> typed_data.Domain:
        return self.city.domains[part]


def checksummed(value: Any) -> Any:
    """The same, with the checksum of every address: no JSON schema can ask for it. Whole numbers fit 256 bits."""
    if isinstance(value, dict):
        return {name: checksummed(part) for name, part in value.items()}
    if isinstance(value, list):
        return [checksummed(part) for part in value]
    if isinstance(value, str) and value.startswith("0x") and len(value) == 42:
        return to_address(value)
    if isinstance(value, str) and value.isdecimal() and len(value) == 78:
        return str(int(value) % (1 << 256))
    return value


def soon(seconds: int) -> int:
    """A time within the next day."""
    now = int(time.time())
    return seconds if seconds > now + 600 else now + 600 + seconds % 80_000


def hexed(value: bytes) -> str:
    """With `0x`."""
    return "0x" + value.hex()


def unhex(text: str) -> bytes:
    """The reverse."""
    return bytes.fromhex(text[2:])


def _address_of(name: str) -> Callable[[], str]:
    return lambda: signer_of(name).address


def _stranger() -> KeySigner:
    return signer_of("stranger")
