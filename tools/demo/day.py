# SPDX-License-Identifier: EUPL-1.2
"""The day, hour by hour. Each step drives a public surface and checks what came of it."""

from __future__ import annotations

import datetime as dt
import json
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web3 import Web3
from web3.contract import Contract

from tools.demo.office import Office
from tools.demo.people import City, Person
from tools.demo.processes import ARTIFACTS
from tools.demo.story import ensure, heading, note, run, show
from tools.demo.wallet import Refused, Relayer, payment, redemption

SETTLED_WITHIN = 60.0
"""Seconds in which everything that was accepted must be final."""


@dataclass
class Day:
    """What the steps share."""

    city: City
    office: Office
    relayer: Relayer
    rpc: str
    report: Path
    seed: int = 2026

    def euros(self, cents: int | str) -> str:
        """An amount in cents as the demo prints it."""
        return f"€ {int(cents) // 100:,}.{int(cents) % 100:02d}"

    # ------------------------------------------------------------------ founding

    def found(self) -> None:
        """Deploys the city and gives every role its member."""
        place = self.city.place
        heading(f"{place.rules['name']} is founded: four contracts, every role its own key")
        note(f"A resident is called {place.called('resident')}; a merchant {place.called('merchant')}.")
        files = self.office.folder
        note("Nobody here waits for weeks: the days in which people can object are set to 0 in a copy of the profile.")
        show(
            self.office.ape(
                "deploy",
                *("--profile", files / "profile.toml", "--officials", files / "officials.toml", "--rehearsal"),
                *("--out", self.office.deployment),
                account="deployer",
            )
        )

    def prepare(self) -> None:
        """Members and activities: two officials at once, who do not wait for each other."""
        files = self.office.folder
        with ThreadPoolExecutor(2) as pool:
            enrolled = pool.submit(
                self.office.ape,
                *("enrol", files / "members.csv", "--register", self.office.register),
                *("--receipt", files / "receipts" / "enrol.json"),
                account="registrar",
            )
            opened = pool.submit(self._open_activities)
            heading("The registrar enrols the residents and the shops; no name leaves the town hall")
            show(enrolled.result(), most=12)
            heading("The council's programme, and the activities of this week")
            for ended in opened.result():
                show(ended)

    def _open_activities(self) -> list[Any]:
        files = self.office.folder
        receipts = files / "receipts"
        return [
            self.office.ape(
                "programme", files / "programme.toml", "--receipt", receipts / "programme.json", account="programme"
            ),
            self.office.ape(
                *("activity", files / "activities.csv", "--receipt", receipts / "activity.json"),
                *("--relayer", self.relayer.url),
                account="programme",
            ),
        ]

    # ------------------------------------------------------------------ earning

    def attest(self) -> None:
        """The attester signs what can be signed of a file with bad lines."""
        heading("The neighbourhood association hands in who did what; not every line is right")
        folder = self.office.folder / "reports"
        arguments: list[str | Path] = [self.report, "--register", self.office.register, "--out", folder]
        arguments += ["--receipt", self.office.folder / "receipts" / "attest.json"]
        with ThreadPoolExecutor(2) as pool:
            refused = pool.submit(self.office.ape, "attest", *arguments, "--dry-run", account="attester")
            signed = pool.submit(self.office.ape, "attest", *arguments, "--skip-bad", account="attester")
            if (checked := refused.result()).code != 0:
                show(checked, expected=1)
                note("All or nothing is the rule. The attester leaves out what nobody could sign:")
            show(signed.result(), most=24)
        ensure(bool(sorted(folder.glob("*.json"))), "there are signed reports")

    def mint(self) -> None:
        """The issuer mints one report by script, the others through the relayer, and all of them again."""
        heading("The issuer, who is somebody else, checks again and releases: by script, and through the relayer")
        first, *others = sorted((self.office.folder / "reports").glob("*.json"))
        receipts = self.office.folder / "receipts"
        direct = receipts / "mint-direct.json"
        show(self.office.ape("mint", first, "--skip-bad", "--receipt", direct, account="issuer"), most=24)
        if others:
            relayed = ("--relayer", self.relayer.url, "--receipt", receipts / "mint-relayed.json")
            show(self.office.ape("mint", *others, "--skip-bad", *relayed, account="issuer"), most=24)
        issued = int(self.ledger()["issued"])
        again = self.office.ape(
            "mint", first, *others, "--skip-bad", "--receipt", receipts / "mint-again.json", account="issuer"
        )
        show(again, most=10)
        ensure(issued > 0 and int(self.ledger()["issued"]) == issued, "minting the same files again mints nothing")
        self._expiring()

    def _expiring(self) -> None:
        """What was earned now goes when the city's profile says, as the token tells it."""
        web3 = Web3(Web3.HTTPProvider(self.rpc))
        token = self._token(web3)
        until = self.city.place.good_until(int(web3.eth.get_block("latest")["timestamp"]))
        found = set()
        for person in self.city.residents:
            first, first_at, second, second_at = token.functions.expiringOf(person.address).call()
            found |= {at for cents, at in ((first, first_at), (second, second_at)) if cents}
        months = self.city.place.rules["expiry"]["epoch_months"]
        last = dt.datetime.fromtimestamp(until - 1, dt.UTC)
        ensure(found == {until}, f"with epochs of {months} months, what was earned today is good to {last:%d %B %Y}")

    # ------------------------------------------------------------------ spending

    def spend(self) -> None:
        """Every resident pays, most of them twice before the first payment is on the chain."""
        heading("Residents pay in the shops: a signature from the phone, no gas, no account at the relayer")
        domain, prices = self.relayer.get("/v1/city")["domains"]["token"], self.city.place.prices
        payers = [
            (person, account)
            for person in self.city.residents
            if int((account := self.account(person))["spendable"]) >= 2 * max(prices)
        ]
        ensure(bool(payers), f"{len(payers)} residents have {self.euros(2 * max(prices))} or more to spend")

        person, account = payers[0]
        started = time.monotonic()
        bought = payment(domain, person, self.city.merchants[0].address, prices[0], int(account["nextNonce"]))
        paid = self.relayer.post("/v1/payments", bought, bought["signature"], wait=20)
        ensure(
            paid["state"] == "final",
            f"{self.city.place.purchase} for {self.euros(prices[0])} is paid in {_since(started)}",
        )
        again = self.relayer.post("/v1/payments", bought, bought["signature"])
        ensure(again["id"] == paid["id"], "the same payment sent again is the same payment")
        self._refuses_too_much(domain, person)

        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            waits = list(pool.map(lambda one: self._shop(domain, *one), enumerate(payers[1:])))
        count = sum(len(one) for one in waits)
        seconds = statistics.median([wait for one in waits for wait in one] or [0.0])
        ensure(
            count == 2 * (len(payers) - 1), f"{count} more payments, two of each resident in flight at once, are final"
        )
        note(f"Median from handing over to final: {seconds:.1f} s; all of them in {_since(started)}.")
        self._between_shops(domain)

    def _refuses_too_much(self, domain: dict[str, Any], person: Person) -> None:
        account = self.account(person)
        greedy = payment(
            domain, person, self.city.merchants[0].address, int(account["spendable"]) + 1, int(account["nextNonce"])
        )
        try:
            self.relayer.post("/v1/payments", greedy, greedy["signature"])
        except Refused as problem:
            note(f"One cent too much is refused: {json.loads(str(problem))['title']}")
        else:
            ensure(False, "one cent too much is refused")

    def _between_shops(self, domain: dict[str, Any]) -> None:
        """One shop pays another, which goes through if the city's profile lets merchants do so, and only then."""
        allowed = bool(self.city.place.rules.get("transfers", {}).get("merchant_to_merchant"))
        payer, *others = sorted(self.city.merchants, key=lambda shop: -int(self.account(shop)["spendable"]))
        account, cents = self.account(payer), self.city.place.prices[0]
        if not others or int(account["spendable"]) < cents:
            return
        supply = payment(domain, payer, others[0].address, cents, int(account["nextNonce"]))
        try:
            paid = self.relayer.post("/v1/payments", supply, supply["signature"], wait=20)
        except Refused as problem:
            title = json.loads(str(problem))["title"]
            ensure(not allowed, f"a shop cannot pay another shop, as the profile says: {title}")
        else:
            ensure(allowed and paid["state"] == "final", "a shop may pay another shop, as the profile says")

    def _shop(self, domain: dict[str, Any], turn: int, payer: tuple[Person, Any]) -> list[float]:
        """Two payments of one resident, the second before the first is on the chain. Returns seconds until final."""
        person, account = payer
        choose = random.Random(self.seed + turn)  # noqa: S311  -- a demo's shopping list
        nonce = int(account["nextNonce"])
        sent = []
        for step in (0, 1):
            shop = choose.choice(self.city.merchants)
            body = payment(domain, person, shop.address, choose.choice(self.city.place.prices), nonce + step)
            answer = self.relayer.post("/v1/payments", body, body["signature"])
            sent.append((answer["id"], time.monotonic()))
        return [self._until_final(f"/v1/payments/{id_}") - at for id_, at in sent]

    def _until_final(self, path: str) -> float:
        """Waits until an operation is final; returns when that was seen."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while True:
            state = self.relayer.get(path)["state"]
            if state == "final":
                return time.monotonic()
            if state in {"rejected", "failed", "expired"} or time.monotonic() > deadline:
                ensure(False, f"{path} becomes final; it is {state}")
            time.sleep(0.1)

    # ------------------------------------------------------------------ redeeming

    def redeem(self) -> None:
        """The shops redeem what they took; two treasurers pay it out."""
        heading("The shops redeem: credits into escrow until the euros are out")
        city = self.relayer.get("/v1/city")
        for merchant in self.city.merchants:
            cents = int(self.account(merchant)["spendable"])
            if cents == 0:
                continue
            body = redemption(city["domains"]["token"], merchant, city["contracts"]["desk"], cents)
            answer = self.relayer.post("/v1/redemptions", body, body["signature"])
            self._until_final(f"/v1/redemptions/{answer['id']}")
            note(f"{merchant.name} redeems {self.euros(cents)}")
        heading("One treasurer locks before the bank's file goes out; another settles when the bank has paid")
        receipts = self.office.folder / "receipts"
        show(self.office.ape("redemptions lock", "--receipt", receipts / "lock.json", account="treasurer"), most=20)
        show(
            self.office.ape("redemptions settle", "--receipt", receipts / "settle.json", account="treasurer2"),
            most=20,
        )

    # ------------------------------------------------------------------ proving

    def prove(self) -> None:
        """The audit, the status, and the equation as the API tells it."""
        token = self.office.contracts()["token"]
        heading("Anybody proves the books: from the chain alone")
        program: list[str | Path] = [
            Path(sys.executable).with_name("heitje"),
            "audit",
            "--rpc",
            self.rpc,
            "--token",
            token,
        ]
        with ThreadPoolExecutor(2) as pool:
            audited = pool.submit(run, program, {})
            status = pool.submit(self.office.ape, "status", account=None)
            show(audited.result(), most=60)
            show(status.result(), most=40)
        self._compare()

    def _compare(self) -> None:
        """The equation as the relayer tells it, against what web3.py reads from the chain."""
        books = {name: int(value) for name, value in self.ledger().items() if str(value).isdigit()}
        left = books["issued"] - books["settled"] - books["clawedBack"] - books["expired"]
        contract = self._token(Web3(Web3.HTTPProvider(self.rpc)))
        balances = sum(contract.functions.balanceOf(person.address).call() for person in self.city.members)
        ensure(
            left == books["totalSupply"] == contract.functions.totalSupply().call() == balances,
            f"issued {self.euros(books['issued'])} - settled {self.euros(books['settled'])} - clawed back "
            f"{self.euros(books['clawedBack'])} - expired {self.euros(books['expired'])} = "
            f"{self.euros(left)} in circulation",
        )
        ensure(
            books["settled"] > 0,
            f"{self.euros(books['settled'])} are the shops' in euros, accounted for to the cent",
        )

    # ------------------------------------------------------------------ reading

    def _token(self, web3: Web3) -> Contract:
        """The token, as any client reads it with nothing but its address and its ABI."""
        abi = json.loads((ARTIFACTS / "MunicipalToken.json").read_text())["abi"]
        return web3.eth.contract(address=Web3.to_checksum_address(self.office.contracts()["token"]), abi=abi)

    def ledger(self) -> Any:
        """The supply equation at the last indexed block."""
        return self.relayer.get("/v1/ledger")

    def account(self, person: Person) -> Any:
        """An account as the API shows it."""
        return self.relayer.get(f"/v1/accounts/{person.address}")


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"
