# SPDX-License-Identifier: EUPL-1.2
"""Whatever an honest city does, in whatever order, over the epochs: its books are right."""

import random
from collections import Counter
from collections.abc import Callable

import pytest
from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.chain.account import Class
from tests.chain.audit.day import BEGINS
from tests.support.anvil import Anvil
from tests.support.city import DAY, City, Refused, signer_of

RESIDENTS = tuple(range(71, 79))
SHOPS = (500, 501, 502)
ACTIONS_PER_DAY = 200


class Citizen:
    """Does random things, many of which the contracts refuse."""

    def __init__(self, city: City, anvil: Anvil, seed: int) -> None:
        self.city, self.anvil, self.chance = city, anvil, random.Random(seed)
        self.waiting: list[bytes] = []
        self.locked: list[bytes] = []
        self.rewarded: list[tuple[int, int]] = []
        self.done: Counter[str] = Counter()
        self.count = 0

    def act(self) -> bool:
        """One action; whether it was carried out."""
        often: list[Callable[[], object]] = [self.pay, self.batch, self.earn, self.redeem]
        seldom: list[Callable[[], object]] = [self.plain, self.voucher, self.lock, self.settle, self.give_back]
        seldom += [self.freeze, self.change_class, self.expire, self.switch, self.pause, self.reclaim, self.extend]
        seldom += [self.lower, self.cancel_report, self.lose_phone, self.find_phone] + [self.let_time_pass] * 3
        corrections: list[Callable[[], object]] = [self.reduce, self.claw_back, self.replace_phone]
        action = self.chance.choice(often * 3 + seldom + corrections * 3)
        self.count += 1
        try:
            action()
        except Refused:
            return False
        self.done[action.__name__] += 1
        return True

    def anyone(self) -> int:
        return self.chance.choice(RESIDENTS + SHOPS)

    def cents(self) -> int:
        return self.chance.choice([0, 1, 5, 40, 150, 150, 900])

    def earn(self) -> None:
        activity = self.city.open_activity(closes_in=86_400)
        people = self.chance.sample(RESIDENTS, 3)
        skip = self.chance.choice([0, 0b010])
        self.city.issue(activity, {number: self.chance.randrange(1, 240) for number in people}, skip=skip)
        self.rewarded += [(activity, number) for i, number in enumerate(people) if not skip >> i & 1]

    def pay(self) -> None:
        self.city.pay(self.chance.choice(RESIDENTS), self.chance.choice(SHOPS), self.cents())

    def batch(self) -> None:
        nonces: dict[int, int] = {}
        payments = []
        for _ in range(self.chance.randrange(1, 6)):
            payer, payee = self.anyone(), self.anyone()
            if self.chance.random() < 0.5:
                payer, payee = self.chance.choice(RESIDENTS), self.chance.choice(SHOPS)
            nonce = nonces.get(payer, self.city.account(payer).nonce)
            nonces[payer] = nonce + 1
            payments.append(self.city.payment(payer, payee, self.cents(), nonce=nonce))
        self.city.pay_batch(payments)

    def plain(self) -> None:
        payer = self.anyone()
        sender = self.city.phones.get(payer, f"member {payer}")
        self.city.send(sender, "token", "transfer", self.city.address_of(self.anyone()), self.cents())

    def voucher(self) -> None:
        nonce = keccak(self.count.to_bytes(4, "big"))
        self.city.transfer_with_authorization(self.anyone(), self.anyone(), self.cents(), nonce)

    def redeem(self) -> None:
        self.waiting.append(self.city.redeem(self.chance.choice(SHOPS), self.cents(), str(self.count)))

    def lock(self) -> None:
        if self.waiting:
            redemption = self.chance.choice(self.waiting)
            self.city.lock([redemption])
            self.waiting.remove(redemption)
            self.locked.append(redemption)

    def settle(self) -> None:
        if self.locked:
            redemption = self.chance.choice(self.locked)
            self.city.settle([(self.city.reference(str(self.count)), [redemption])])
            self.locked.remove(redemption)

    def give_back(self) -> None:
        if self.waiting + self.locked:
            redemption = self.chance.choice(self.waiting + self.locked)
            self.city.refund([redemption])
            (self.waiting if redemption in self.waiting else self.locked).remove(redemption)

    def freeze(self) -> None:
        if self.chance.random() < 0.5:
            self.city.send("guardian", "token", "freeze", self.anyone(), 1)
        else:
            self.city.send("unpauser", "token", "unfreeze", self.anyone())

    def change_class(self) -> None:
        new = self.chance.choice([Class.NONE, Class.RESIDENT, Class.MERCHANT, Class.CLOSING])
        self.city.send("registrar", "token", "setClass", self.anyone(), new)

    def expire(self) -> None:
        holders = [self.city.address_of(self.anyone()) for _ in range(3)]
        self.city.send("carrier", "token", "expire", holders)

    def switch(self) -> None:
        which = self.chance.choice([Class.RESIDENT, Class.MERCHANT])
        self.city.send("rules", "token", "setTransferRule", which, which, self.chance.random() < 0.5)

    def pause(self) -> None:
        self.city.send("guardian", "token", "pause")
        self.city.send("unpauser", "token", "unpause")

    def let_time_pass(self) -> None:
        if self.chance.random() < 0.4:
            self.anvil.move_time_to(self.city.now() + self.chance.choice([15, 31, 45, 92]) * DAY)
            self.city.open_programme(1_000_000)

    # Corrections

    def reduce(self) -> None:
        if self.rewarded:
            activity, number = self.chance.choice(self.rewarded)
            attester = self.chance.choice(["", "attester"])
            self.city.reduce(activity, number, self.chance.randrange(200), attester=attester)

    def claw_back(self) -> None:
        if self.rewarded:
            self.city.clawback(*self.chance.choice(self.rewarded))

    def lower(self) -> None:
        self.city.lower_year(self.chance.choice(RESIDENTS), 2026, self.chance.choice([0, 50, 1_900]))

    def cancel_report(self) -> None:
        report = self.city.report(self.city.open_activity(), {self.chance.choice(RESIDENTS): 30})
        self.city.cancel_report(report, by_attester=self.chance.random() < 0.5)
        self.city.send("carrier", "registry", "issue", *report.arguments)  # refused

    # Lost phones

    def lose_phone(self) -> None:
        self.city.request_replacement(self.anyone(), f"phone {self.count}")

    def find_phone(self) -> None:
        self.city.cancel_replacement(self.anyone())

    def replace_phone(self) -> None:
        """Asked for, if it was not, and carried out after its time. The new phone's name is found by its address."""
        number = self.anyone()
        if not self.city.call("token", "replacementOf", number)[3]:
            self.city.request_replacement(number, f"phone {self.count}")
        _, wanted, _, begins = self.city.call("token", "replacementOf", number)
        if begins > self.city.now():
            self.anvil.move_time_to(begins)
        names = [f"phone {n}" for n in range(self.count + 1)]
        self.city.execute_replacement(number, next(name for name in names if signer_of(name).address == wanted))

    # Ends

    def reclaim(self) -> None:
        if self.waiting + self.locked:
            redemption = self.chance.choice(self.waiting + self.locked)
            self.city.reclaim(redemption)
            (self.waiting if redemption in self.waiting else self.locked).remove(redemption)

    def extend(self) -> None:
        self.city.extend(self.chance.choice([0, 30 * DAY]))


@pytest.mark.parametrize(("seed", "epoch_months"), [(0, 6), (1, 3), (2, 12), (3, 1), (4, 6), (5, 2)])
async def test_a_random_citys_books_are_right(seed: int, epoch_months: int) -> None:
    with Anvil(f"--timestamp={BEGINS}") as anvil:
        city = City.found(anvil.url, epoch_months=epoch_months)
        city.enrol(RESIDENTS, SHOPS)
        citizen = Citizen(city, anvil, seed)
        done = sum(citizen.act() for _ in range(ACTIONS_PER_DAY))
        result = await audit_url(city.url, city.addresses["token"])
    assert done > ACTIONS_PER_DAY // 4
    assert min(citizen.done[name] for name in ("reduce", "claw_back", "replace_phone")) > 0
    assert result.findings.listed == []
