# SPDX-License-Identifier: EUPL-1.2
"""A small city on a test chain: the four contracts, officials with their roles, people, shops, and what they sign.

Everything goes to the contracts directly, past the scripts and the relayer, so that a test of those can compare.

    with Anvil() as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=[77], merchants=[500])
        activity = city.open_activity()
        city.issue(activity, {77: 120})
        city.pay(77, 500, 250)
        redemption = city.redeem(500, 250)
        city.lock([redemption])
        city.settle([(city.reference("payout 1"), [redemption])])
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from eth_utils.crypto import keccak

from heitje.chain import typed_data
from heitje.chain.abi import Interface, Revert, decode_revert, load
from heitje.chain.account import Account, Class
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.calendar import month_of
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain, Group, Line
from tests.support.anvil import RpcRefused, receipt_of, rpc
from tests.support.browser import DeviceKey, Passkey
from tests.support.later import LaterLife
from tests.support.signed import Payment, Report, signer_of
from tests.support.wallet import Safe

__all__ = ["City", "Payment", "Refused", "Report", "signer_of"]

ADMIN, RULES, PROGRAMME, REGISTRAR, REPLACER, ISSUER, TREASURER, CLAWBACK = range(8)
GUARDIAN, UNPAUSER, SEALED, MINTER, GOVERNANCE, CORRECTOR = range(8, 14)
OFFICIALS: Final = {
    "rules": RULES,
    "programme": PROGRAMME,
    "registrar": REGISTRAR,
    "replacer": REPLACER,
    "clawback": CLAWBACK,
    "issuer": ISSUER,
    "treasurer": TREASURER,
    "second treasurer": TREASURER,
    "guardian": GUARDIAN,
    "unpauser": UNPAUSER,
}
FUNCTIONS: Final[dict[str, dict[int, tuple[str, ...]]]] = {
    "token": {
        REGISTRAR: ("enrol", "setClass", "requestReplacement"),
        REPLACER: ("executeReplacement",),
        GUARDIAN: ("freeze", "pause", "cancelReplacement"),
        UNPAUSER: ("unfreeze", "unpause"),
        RULES: ("setTransferRule",),
        MINTER: ("issue",),
        CORRECTOR: ("clawback",),
        GOVERNANCE: ("setDesk", "extendWindDown"),
    },
    "registry": {
        PROGRAMME: ("openProgramme", "setProgrammeCap", "setAttester", "openActivity", "cancelReport", "reduce"),
        REGISTRAR: ("lowerYear",),
        CLAWBACK: ("clawback",),
        RULES: ("addRule",),
        ISSUER: ("issue",),
    },
    "desk": {TREASURER: ("lock", "settle", "refund"), GOVERNANCE: ("close",)},
}
GAS: Final = 16_000_000
YEAR: Final = 365 * 86_400
DAY: Final = 86_400

NOBODY_KNOWS = keccak(b"what it is")
"""The hash of a description that nobody has."""


class Refused(Exception):
    """A transaction reverted. `revert` is the contract's error, `hash` the transaction's."""

    def __init__(self, revert: Revert | None, transaction: str) -> None:
        super().__init__(f"{revert or 'no reason given'} in {transaction}")
        self.revert = revert
        self.hash = transaction


@dataclass
class City(LaterLife):
    """The contracts of a city and the keys of everybody in it. Members are told apart by their numbers."""

    url: str
    chain_id: int
    addresses: dict[str, str] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    programme: int = 0
    phones: dict[int, str] = field(default_factory=dict)
    """Whose key a member has now, where it is not the first one, by number."""
    wallets: dict[str, Safe | DeviceKey | Passkey] = field(default_factory=dict)
    """Contract wallets and browsers' keys, by the name of whom they stand for: they sign in place of that person's key.
    A contract wallet sends as well."""
    _interfaces: dict[str, Interface] = field(default_factory=dict)
    _nonces: dict[str, int] = field(default_factory=dict)
    _serial: int = 0

    # Founding

    @classmethod
    def found(
        cls,
        url: str,
        *,
        cap: int = 1_000_000,
        months_back: int = 2,
        epoch_months: int = 6,
        replacement_window: int = 14 * DAY,
    ) -> "City":
        """Deploys the contracts, gives the roles, adds a rule and opens a programme with one attester.

        Args:
            url: of the chain.
            cap: of the programme, in cents.
            months_back: how many months before the current one may still be rewarded.
            epoch_months: how many months an epoch has.
            replacement_window: seconds in which the owner of a lost phone can object.
        """
        city = cls(url, int(rpc(url, "eth_chainId"), 16))
        now = city.now()
        admin = signer_of("admin").address
        city._deploy("authority", "Authority", admin)
        authority = city.addresses["authority"]
        terms = (now + 3 * YEAR, now + 4 * YEAR, now + 5 * YEAR, 180 * DAY, 180 * DAY, replacement_window, epoch_months)
        city._deploy("token", "MunicipalToken", authority, "Test Heitje", "THT", terms)
        token = city.addresses["token"]
        city._deploy("registry", "ActivityRegistry", authority, token, ZERO_ADDRESS, months_back, 42 * DAY)
        city._deploy("desk", "RedemptionDesk", authority, token, 30 * DAY, 60 * DAY)
        city._give_roles()
        city.send("admin", "token", "setDesk", city.addresses["desk"], True)
        names = {"token": "Test Heitje", "registry": "Heitje ActivityRegistry", "desk": "Heitje RedemptionDesk"}
        city.domains = {part: Domain(name, "1", city.chain_id, city.addresses[part]) for part, name in names.items()}
        month = month_of(now)
        city.send("rules", "registry", "addRule", (month - 24, 560, 330, 21_000, 210_000, 0, keccak(b"source")))
        city.open_programme(cap)
        return city

    def _deploy(self, part: str, contract: str, *arguments: Any) -> None:
        interface = load(contract)
        sender = signer_of("admin")
        nonce = self._next_nonce(sender.address)
        receipt = self._transact(sender, None, interface.deployment(*arguments), nonce)
        self.addresses[part] = to_address(receipt["contractAddress"])
        self._interfaces[part] = interface

    def _give_roles(self) -> None:
        for part, roles in FUNCTIONS.items():
            for role, names in roles.items():
                selectors = [self._interfaces[part].function(name).selector for name in names]
                self.send("admin", "authority", "setTargetFunctionRole", self.addresses[part], selectors, role)
        for name, role in OFFICIALS.items():
            self.send("admin", "authority", "grantRole", role, signer_of(name).address, 0)
        for role in (MINTER, CORRECTOR):
            self.send("admin", "authority", "grantRole", role, self.addresses["registry"], 0)
        self.send("admin", "authority", "grantRole", GOVERNANCE, signer_of("admin").address, 0)

    # The chain

    def now(self) -> int:
        """The time of the last block, Unix time."""
        return int(rpc(self.url, "eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def call(self, part: str, function: str, *arguments: Any, block: int | str = "latest") -> Any:
        """What a view of `token`, `registry`, `desk` or `authority` answers."""
        interface = self._interfaces[part]
        call = {"to": self.addresses[part], "data": "0x" + interface.encode(function, *arguments).hex()}
        answer = rpc(self.url, "eth_call", call, block if isinstance(block, str) else hex(block))
        return interface.decode(function, bytes.fromhex(answer[2:]))

    def send(self, sender: str, part: str, function: str, *arguments: Any) -> dict[str, Any]:
        """Sends a transaction by a person's name and waits for its receipt.

        Raises:
            Refused: it reverted.
        """
        to, data = self.addresses[part], self._interfaces[part].encode(function, *arguments)
        signer = self.signer(sender)
        if isinstance(signer, Safe):
            to, data, signer = signer.address, signer.transaction(to, data), signer_of("carrier")
        return self._transact(signer, to, data, self._next_nonce(signer.address))

    def _next_nonce(self, address: str) -> int:
        return int(rpc(self.url, "eth_getTransactionCount", address, "pending"), 16)

    def _transact(self, signer: KeySigner, to: str | None, data: bytes, nonce: int) -> dict[str, Any]:
        fields: dict[str, Any] = {"chainId": self.chain_id, "nonce": nonce, "value": 0, "gas": GAS, "data": data}
        fields |= {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0} | ({"to": to} if to else {})
        sent = str(rpc(self.url, "eth_sendRawTransaction", "0x" + signer.sign_transaction(fields).hex()))
        receipt = self.receipt(sent)
        if int(receipt["status"], 16) != 1:
            raise Refused(self._reason(signer.address, to, data, int(receipt["blockNumber"], 16)), sent)
        return receipt

    def receipt(self, transaction: str, within: float = 30.0) -> dict[str, Any]:
        """Waits for a transaction's receipt, at most so many seconds."""
        return receipt_of(self.url, transaction, within)

    def _reason(self, sender: str, to: str | None, data: bytes, block: int) -> Revert | None:
        call = {"from": sender, "data": "0x" + data.hex(), "gas": hex(GAS)} | ({"to": to} if to else {})
        try:
            rpc(self.url, "eth_call", call, hex(block))
        except RpcRefused as refused:
            return decode_revert(bytes.fromhex((refused.data or "0x")[2:]))
        return None

    # Members

    def signer(self, name: str) -> KeySigner | Safe | DeviceKey | Passkey:
        """A person's key, or the wallet that stands for it."""
        return self.wallets.get(name) or signer_of(name)

    def member(self, number: int) -> KeySigner | Safe | DeviceKey | Passkey:
        """The key or wallet of the member with this number: another one after a replacement."""
        return self.signer(self.phones.get(number, f"member {number}"))

    def address_of(self, number: int) -> str:
        """The address of the member with this number."""
        return self.member(number).address

    def enrol(self, residents: Sequence[int] = (), merchants: Sequence[int] = ()) -> dict[str, Any]:
        """Enrols members by number."""
        opened = [(self.address_of(n), n, Class.RESIDENT) for n in residents]
        opened += [(self.address_of(n), n, Class.MERCHANT) for n in merchants]
        return self.send("registrar", "token", "enrol", opened)

    def account(self, number: int) -> Account:
        """A member's account as the token stores it."""
        return Account.from_word(self.call("token", "wordsOf", [self.address_of(number)])[0])

    # Earning

    def open_programme(self, cap: int, attester: str = "attester") -> int:
        """Opens a programme for this year and the next, with an attester, and makes it the city's present one."""
        month = month_of(self.now())
        self.send("programme", "registry", "openProgramme", cap, month - month % 12, month + 12)
        self.programme = int(self.call("registry", "counts")[0])
        attester_address = self.signer(attester).address
        self.send("programme", "registry", "setAttester", self.programme, attester_address, True)
        return self.programme

    def open_activity(
        self,
        *,
        cents_per_hour: int = 500,
        max_minutes: int = 240,
        held_in: int = -3600,
        closes_in: int = 30 * DAY,
        adult: bool = True,
        description: bytes = NOBODY_KNOWS,
    ) -> int:
        """Opens an activity of the present programme, by default held an hour ago; returns its number."""
        now = self.now()
        details = (
            self.programme,
            month_of(now),
            cents_per_hour,
            max_minutes,
            now + held_in,
            now + closes_in,
            0,
            adult,
            True,
            description,
        )
        self.send("programme", "registry", "openActivity", details)
        return int(self.call("registry", "counts")[1])

    def report(
        self,
        activity: int,
        minutes: Mapping[int, int],
        *,
        skip: int = 0,
        attester: str = "attester",
        issuer: str = "issuer",
    ) -> Report:
        """A report of minutes by member number, signed by attester and issuer, that nobody has carried yet."""
        self._serial += 1
        lines = tuple(
            Line(number, spent, keccak(f"evidence {activity} {number} {self._serial}".encode()))
            for number, spent in minutes.items()
        )
        signer, releaser = self.signer(attester), self.signer(issuer)
        deadline = self.now() + DAY
        domain = self.domains["registry"]
        digest = typed_data.report_digest(domain, signer.address, activity, lines, deadline, self._serial)
        release = typed_data.release_digest(domain, releaser.address, digest, skip)
        return Report(
            signer.address,
            activity,
            lines,
            deadline,
            self._serial,
            digest,
            signer.sign_digest(digest),
            releaser.address,
            releaser.sign_digest(release),
            skip,
        )

    def issue(self, activity: int, minutes: Mapping[int, int], *, skip: int = 0) -> dict[str, Any]:
        """Signs and issues a report of minutes by member number."""
        return self.send("carrier", "registry", "issue", *self.report(activity, minutes, skip=skip).arguments)

    # Paying

    def payment(self, payer: int, payee: int, cents: int, *, nonce: int | None = None) -> Payment:
        """A payment between members, signed, that nobody has carried yet. The nonce is the payer's next by default."""
        sender, recipient = self.member(payer), self.address_of(payee)
        if nonce is None:
            nonce = int(self.call("token", "paymentNonce", sender.address))
        deadline = self.now() + 600
        request = keccak(f"request {payer} {payee} {nonce}".encode())
        fields = (sender.address, recipient, cents, nonce, deadline, request)
        digest = typed_data.payment_digest(self.domains["token"], *fields)
        return Payment(*fields, digest, sender.sign_digest(digest))

    def pay_batch(self, payments: Sequence[Payment]) -> dict[str, Any]:
        """Carries signed payments."""
        items = [payment.struct for payment in payments]
        return self.send("carrier", "token", "payBatch", items, [payment.signature for payment in payments])

    def pay(self, payer: int, payee: int, cents: int) -> dict[str, Any]:
        """Signs and carries one payment."""
        return self.pay_batch([self.payment(payer, payee, cents)])

    def authorize(self, payer: int, payee: int, cents: int, nonce: bytes) -> tuple[bytes, tuple[Any, ...]]:
        """An EIP-3009 transfer between members: its digest, and the arguments of `transferWithAuthorization`."""
        signer = self.member(payer)
        fields = (signer.address, self.address_of(payee), cents, 0, self.now() + 600, nonce)
        digest = typed_data.transfer_with_authorization_digest(self.domains["token"], *fields)
        return digest, (*fields, signer.sign_digest(digest))

    def transfer_with_authorization(self, payer: int, payee: int, cents: int, nonce: bytes) -> dict[str, Any]:
        """Signs and carries an EIP-3009 transfer. From a shop to a resident it is a refund."""
        function = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
        return self.send("carrier", "token", function, *self.authorize(payer, payee, cents, nonce)[1])

    # Redeeming

    @staticmethod
    def reference(text: str) -> bytes:
        """The hash of an EndToEndId."""
        return keccak(text.encode())

    def redeem(self, merchant: int, cents: int, salt: str = "") -> bytes:
        """Signs and carries a redemption request; returns its id."""
        signer = self.member(merchant)
        commitment, salted = keccak(b"payout account"), keccak(f"salt {merchant} {cents} {salt}".encode())
        redemption = typed_data.redemption_id(merchant, cents, commitment, salted)
        before = self.now() + 600
        digest = typed_data.receive_with_authorization_digest(
            self.domains["token"], signer.address, self.addresses["desk"], cents, 0, before, redemption
        )
        request = (signer.address, cents, 0, before, commitment, salted)
        self.send("carrier", "desk", "request", [request], [signer.sign_digest(digest)])
        return redemption

    def cancel(self, merchant: int, redemption: bytes) -> dict[str, Any]:
        """The merchant takes a redemption back."""
        digest = typed_data.cancel_digest(self.domains["desk"], redemption)
        return self.send("carrier", "desk", "cancel", redemption, self.member(merchant).sign_digest(digest))

    def lock(self, redemptions: Sequence[bytes], treasurer: str = "treasurer") -> dict[str, Any]:
        """A treasurer locks redemptions."""
        signer, deadline = self.signer(treasurer), self.now() + 600
        digest = typed_data.lock_digest(self.domains["desk"], signer.address, redemptions, deadline)
        ids = list(redemptions)
        return self.send("carrier", "desk", "lock", signer.address, ids, deadline, signer.sign_digest(digest))

    def settle(
        self, groups: Sequence[tuple[bytes, Sequence[bytes]]], treasurer: str = "second treasurer"
    ) -> dict[str, Any]:
        """Another treasurer settles groups of (payout reference, redemption ids)."""
        signer, deadline = self.signer(treasurer), self.now() + 600
        paid = [Group(reference, list(ids)) for reference, ids in groups]
        digest = typed_data.settle_digest(self.domains["desk"], signer.address, paid, deadline)
        items = [tuple(group) for group in paid]
        return self.send("carrier", "desk", "settle", signer.address, items, deadline, signer.sign_digest(digest))

    def refund(
        self, redemptions: Sequence[bytes], reason: int = 1, treasurer: str = "second treasurer"
    ) -> dict[str, Any]:
        """A treasurer gives redemptions back."""
        signer, deadline = self.signer(treasurer), self.now() + 600
        digest = typed_data.refund_digest(self.domains["desk"], signer.address, redemptions, reason, deadline)
        arguments = (signer.address, list(redemptions), reason, deadline, signer.sign_digest(digest))
        return self.send("carrier", "desk", "refund", *arguments)
