# SPDX-License-Identifier: EUPL-1.2
"""The rest of a credit's life in the small city of a test: corrections, lost phones, lowered years, ends that move."""

from abc import ABC, abstractmethod
from typing import Any

from heitje.chain import typed_data
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain
from heitje.chain.words import uid_of
from tests.support.anvil import rpc
from tests.support.signed import Report
from tests.support.wallet import Safe


class LaterLife(ABC):
    """What a `City` can do with rewards, accounts and redemptions after they were made."""

    url: str
    addresses: dict[str, str]
    domains: dict[str, Domain]
    phones: dict[int, str]
    """Whose key a member has now, where it is not the first one, by number."""

    @abstractmethod
    def send(self, sender: str, part: str, function: str, *arguments: Any) -> dict[str, Any]:
        """Sends a transaction by a person's name."""

    @abstractmethod
    def call(self, part: str, function: str, *arguments: Any, block: int | str = "latest") -> Any:
        """What a view answers."""

    @abstractmethod
    def now(self) -> int:
        """The time of the last block, Unix time."""

    @abstractmethod
    def signer(self, name: str) -> KeySigner | Safe:
        """The key or the wallet of a person."""

    # Time

    def wait(self, seconds: int) -> None:
        """Lets time pass on the chain, and a block go by."""
        rpc(self.url, "evm_setNextBlockTimestamp", self.now() + seconds)
        rpc(self.url, "anvil_mine", "0x1")

    # Corrections

    def cancel_report(self, report: Report, *, by_attester: bool = False) -> dict[str, Any]:
        """Cancels a report nobody has carried yet: programme staff for all, or its attester by signature."""
        if not by_attester:
            return self.send("programme", "registry", "cancelReport", report.digest)
        signer = self.signer("attester")
        digest = typed_data.cancel_report_digest(self.domains["registry"], signer.address, report.digest)
        arguments = (signer.address, report.digest, signer.sign_digest(digest))
        return self.send("carrier", "registry", "cancelReportBySignature", *arguments)

    def reduce(self, activity: int, number: int, minutes: int, *, attester: str = "") -> dict[str, Any]:
        """Strikes minutes of a member's attestation down to these: programme staff, or an attester by signature."""
        uid = uid_of(activity, number)
        if not attester:
            return self.send("programme", "registry", "reduce", uid, minutes)
        signer, deadline = self.signer(attester), self.now() + 600
        digest = typed_data.reduce_digest(self.domains["registry"], signer.address, uid, minutes, deadline)
        arguments = (signer.address, uid, minutes, deadline, signer.sign_digest(digest))
        return self.send("carrier", "registry", "reduceBySignature", *arguments)

    def clawback(self, activity: int, number: int) -> dict[str, Any]:
        """Takes back what was struck of a member's attestation."""
        return self.send("clawback", "registry", "clawback", uid_of(activity, number))

    def lower_year(self, number: int, year: int, euros: int) -> dict[str, Any]:
        """Lowers what a member can earn in a year."""
        return self.send("registrar", "registry", "lowerYear", number, year, euros)

    # Lost phones

    def request_replacement(self, number: int, phone: str, *, registrar: str = "registrar") -> dict[str, Any]:
        """A registrar asks for the key of this name as the new one of a member."""
        signer, deadline, new = self.signer(registrar), self.now() + 600, self.signer(phone).address
        domain = self.domains["token"]
        digest = typed_data.request_replacement_digest(domain, signer.address, number, new, deadline)
        arguments = (signer.address, number, new, deadline, signer.sign_digest(digest))
        return self.send("carrier", "token", "requestReplacement", *arguments)

    def execute_replacement(self, number: int, phone: str, *, replacer: str = "replacer") -> dict[str, Any]:
        """A replacer carries out what waits for a member, whose key is the one of this name from then on."""
        request = self.call("token", "replacementOf", number)[0]
        signer, deadline = self.signer(replacer), self.now() + 600
        digest = typed_data.execute_replacement_digest(self.domains["token"], signer.address, request, deadline)
        arguments = (signer.address, number, request, deadline, signer.sign_digest(digest))
        receipt = self.send("carrier", "token", "executeReplacement", *arguments)
        self.phones[number] = phone
        return receipt

    def replace(self, number: int, phone: str) -> dict[str, Any]:
        """A member gets a new key, with the time to object in between."""
        self.request_replacement(number, phone)
        self.wait(int(self.call("token", "replacementWindow")))
        return self.execute_replacement(number, phone)

    def cancel_replacement(self, number: int) -> dict[str, Any]:
        """GUARDIAN cancels what waits for a member."""
        return self.send("guardian", "token", "cancelReplacement", number)

    # Ends

    def reclaim(self, redemption: bytes) -> dict[str, Any]:
        """Anyone has a redemption given back that was not ended in time."""
        return self.send("carrier", "desk", "reclaim", redemption)

    def close_desk(self) -> dict[str, Any]:
        """The desk takes no new requests."""
        return self.send("admin", "desk", "close")

    def extend(self, seconds: int) -> dict[str, Any]:
        """Moves all three dates of winding down away by so much."""
        dates = [date + seconds for date in self.call("token", "rules")[2:]]
        return self.send("admin", "token", "extendWindDown", *dates)
