# SPDX-License-Identifier: EUPL-1.2
"""What goes wrong in a city, and how it is put right: a purchase given back, a wrong report, a freeze, a lost phone."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, cast

from web3 import Web3

from tools.demo.day import SETTLED_WITHIN, Day
from tools.demo.people import Person
from tools.demo.processes import ARTIFACTS
from tools.demo.story import Ended, ensure, heading, note, show
from tools.demo.wallet import Refused, payment, refund


@dataclass(frozen=True)
class Rewarded:
    """One line of a report that was minted."""

    member: int
    activity: int
    minutes: int


class Mishaps:
    """The part of the day that nobody planned."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self._city, self._office, self._relayer = day.city, day.office, day.relayer
        self._web3 = Web3(Web3.HTTPProvider(day.rpc))

    def live(self) -> None:
        """All four. The officials do not wait for each other; what they said is shown one after the other."""
        self._give_back()
        corrected, frozen, lost = self._people()
        with ThreadPoolExecutor(3) as pool:
            correction = pool.submit(self._correct, corrected)
            freeze = pool.submit(self._freeze, frozen)
            replacement = pool.submit(self._replace, lost)
            heading("A report was too high: the attester strikes minutes, an official takes back what they earned")
            self._show_correction(corrected, correction.result())
            heading("A phone may be in the wrong hands: the guardian freezes the account, somebody else lifts that")
            self._show_freeze(frozen, *freeze.result())
            heading("A phone is lost: the registrar asks for a new wallet, somebody else carries it out")
            self._show_replacement(lost, *replacement.result())

    # ------------------------------------------------------------------ a purchase given back

    def _give_back(self) -> None:
        """A shop gives half of a purchase back."""
        heading("A customer brings something back: the shop refunds by signature, a part of what was paid")
        payer, shop, price = self._city.residents[0], self._city.merchants[0], self._city.place.prices[0]
        account = self._day.account(payer)
        bought = payment(self._domain(), payer, shop.address, price, int(account["nextNonce"]))
        paid = self._relayer.post("/v1/payments", bought, bought["signature"], wait=20)
        before = int(self._day.account(payer)["spendable"])
        part = price // 2
        given = refund(self._domain(), shop, payer.address, part, paid["id"], 0)
        answer = self._relayer.post("/v1/refunds", given, given["signature"], wait=20)
        after = int(self._day.account(payer)["spendable"])
        ensure(
            answer["state"] == "final" and after == before + part,
            f"{shop.name} gave back {self._day.euros(part)} of {self._day.euros(price)}",
        )
        too_much = refund(self._domain(), shop, payer.address, price, paid["id"], 1)
        try:
            self._relayer.post("/v1/refunds", too_much, too_much["signature"])
        except Refused as problem:
            note(f"More than was paid is refused: {json.loads(str(problem))['title']}")
        else:
            ensure(False, "more than was paid cannot be given back")

    # ------------------------------------------------------------------ a wrong report

    def _correct(self, found: Rewarded) -> list[Ended]:
        about = ("--member", str(found.member), "--activity", str(found.activity))
        receipts = self._office.folder / "receipts"
        return [
            self._office.ape(
                "correct reduce",
                *(*about, "--minutes", str(found.minutes - found.minutes // 2)),
                *("--receipt", receipts / "correct-reduce.json"),
                account="attester",
            ),
            self._office.ape(
                "correct clawback", *about, "--receipt", receipts / "correct-clawback.json", account="clawback"
            ),
        ]

    def _show_correction(self, found: Rewarded, said: list[Ended]) -> None:
        for ended in said:
            show(ended)
        registry = self._contract("registry", "ActivityRegistry")
        uid = found.activity << 32 | found.member
        state = registry.functions.attestationOf(uid).call()
        self._wait_for_block(int(self._web3.eth.block_number))
        books = self._day.ledger()
        ensure(
            state[0] == 3 and state[6] > 0 and int(books["clawedBack"]) > 0,
            f"{self._day.euros(state[6])} were struck, {self._day.euros(books['clawedBack'])} taken back",
        )

    # ------------------------------------------------------------------ a freeze

    def _freeze(self, person: Person) -> tuple[list[Ended], str]:
        """Freezes, tries to pay, lifts. Returns what the scripts said, and the code of the payment's refusal."""
        receipts = self._office.folder / "receipts"
        frozen = self._office.ape(
            "freeze",
            *(str(person.member), "--reason", self._reason(), "--receipt", receipts / "freeze.json"),
            account="guardian",
        )
        refused = self._try_to_pay(person)
        lifted = self._office.ape(
            "freeze", str(person.member), "--lift", "--receipt", receipts / "lift.json", account="unpauser"
        )
        return [frozen, lifted], refused

    def _reason(self) -> str:
        """The first code of the city's published list."""
        return str(next(iter(self._city.place.rules["freeze_reasons"])))

    def _show_freeze(self, person: Person, said: list[Ended], refused: str) -> None:
        frozen, lifted = said
        show(frozen)
        ensure("frozen" in refused, f"{person.name} cannot pay: {refused}")
        show(lifted)

    # ------------------------------------------------------------------ a lost phone

    def _replace(self, person: Person) -> tuple[list[Ended], Person, str, int]:
        """Replaces a wallet. Returns what was said, who has it now, why the old phone cannot pay, what moved."""
        receipts, register = self._office.folder / "receipts", self._office.register
        new = replace(person, key=Person(person.name, person.role).key)
        cents = int(self._day.account(person)["balance"])
        asked = self._office.ape(
            "replace request",
            *(str(person.member), new.address, "--register", register),
            *("--receipt", receipts / "replace-request.json"),
            account="registrar",
        )
        refused = self._try_to_pay(person)
        done = self._office.ape(
            "replace execute",
            *(str(person.member), "--register", register, "--receipt", receipts / "replace-execute.json"),
            account="replacer",
        )
        return [asked, done], new, refused, cents

    def _show_replacement(self, old: Person, said: list[Ended], new: Person, refused: str, cents: int) -> None:
        asked, done = said
        show(asked)
        note(f"The old phone cannot pay any more: {refused}")
        show(done)
        self._city.residents[self._city.residents.index(old)] = new
        token = self._contract("token", "MunicipalToken")
        moved = token.functions.balanceOf(new.address).call()
        ensure(moved == cents, f"{new.name} has all {self._day.euros(moved)} on the new phone, with their dates")
        account, shop, price = self._day.account(new), self._city.merchants[0], self._city.place.prices[0]
        bought = payment(self._domain(), new, shop.address, price, int(account["nextNonce"]))
        paid = self._relayer.post("/v1/payments", bought, bought["signature"], wait=20)
        ensure(paid["state"] == "final", f"the new phone pays {self._day.euros(price)}")

    # ------------------------------------------------------------------ what they share

    def _people(self) -> tuple[Rewarded, Person, Person]:
        """Whose reward is corrected, who is frozen, and who loses a phone: three people with something to spend."""
        registry = self._contract("registry", "ActivityRegistry")
        rewarded = [
            Rewarded(line["number"], event["args"]["activity"], line["minutes_"])
            for event in registry.events.ReportIssued().get_logs(from_block=0)
            for index, line in enumerate(event["args"]["lines"])
            if not event["args"]["skip"] >> index & 1 and line["minutes_"] > 1
        ]
        price = max(self._city.place.prices)
        rich = [p for p in self._city.residents[1:] if int(self._day.account(p)["spendable"]) >= 2 * price]
        known = {person.member for person in rich}
        corrected = next((item for item in rewarded if item.member in known), None)
        others = [person for person in rich if corrected is None or person.member != corrected.member]
        if corrected is None or len(others) < 2:
            ensure(False, "three residents have something to spend, for what goes wrong now")
        return cast("Rewarded", corrected), others[0], others[1]

    def _try_to_pay(self, person: Person) -> str:
        """What the relayer answers to a payment of somebody who cannot pay, once it has seen that."""
        shop, price = self._city.merchants[0], self._city.place.prices[0]
        self._wait_for_block(int(self._web3.eth.block_number))
        account = self._day.account(person)
        bought = payment(self._domain(), person, shop.address, price, int(account["nextNonce"]))
        try:
            self._relayer.post("/v1/payments", bought, bought["signature"])
        except Refused as problem:
            return str(json.loads(str(problem))["title"]).lower()
        return ""

    def _wait_for_block(self, number: int) -> None:
        """Until the relayer has seen a block."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while int(self._day.ledger()["block"]) < number:
            ensure(time.monotonic() < deadline, f"the relayer sees block {number}")
            time.sleep(0.1)

    def _domain(self) -> Any:
        return self._relayer.get("/v1/city")["domains"]["token"]

    def _contract(self, part: str, name: str) -> Any:
        abi = json.loads((ARTIFACTS / f"{name}.json").read_text())["abi"]
        return self._web3.eth.contract(address=Web3.to_checksum_address(self._office.contracts()[part]), abi=abi)
