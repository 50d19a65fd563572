# SPDX-License-Identifier: EUPL-1.2
"""A small day in a city, with everything in it that an honest city does."""

from dataclasses import dataclass, field
from typing import Any

from eth_utils.crypto import keccak

from heitje.chain.account import Class
from heitje.chain.typed_data import refund_nonce
from tests.support.city import City, signer_of

RESIDENTS = (71, 72, 73, 74, 75)
BAKER, BARBER, LATE = 500, 501, 502


@dataclass
class Day:
    """What happened, by name: the receipts."""

    city: City
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)

    def block(self, name: str) -> int:
        return int(self.receipts[name]["blockNumber"], 16)

    def transaction(self, name: str) -> str:
        return str(self.receipts[name]["transactionHash"])


def live(city: City) -> Day:
    """Lives the day: earning, paying, refunds, redemptions, pauses, freezes and changes of class."""
    day = Day(city)
    done = day.receipts
    done["enrol"] = city.enrol(RESIDENTS, [BAKER, BARBER, LATE])
    garden, kitchen = city.open_activity(), city.open_activity(cents_per_hour=330, max_minutes=120, adult=False)
    done["garden"] = city.issue(garden, {71: 120, 72: 90, 73: 60, 74: 30})
    done["kitchen"] = city.issue(kitchen, {71: 61, 99: 60, 75: 7}, skip=0b010)
    _pay(day)
    _refund(day)
    _redeem(day)
    _officials(day)
    return day


def _pay(day: Day) -> None:
    city, done = day.city, day.receipts
    done["pay"] = city.pay(71, BAKER, 250)
    first = city.payment(72, BAKER, 100)
    too_much = city.payment(72, BARBER, 100_000, nonce=first.nonce + 1)
    third = city.payment(72, BARBER, 50, nonce=first.nonce + 2)
    to_resident = city.payment(73, 74, 10)
    stale = city.payment(71, BARBER, 10, nonce=0)
    done["batch"] = city.pay_batch([first, too_much, stale, third, to_resident])
    done["plain"] = city.send("member 73", "token", "transfer", city.address_of(BARBER), 40)
    done["zero"] = city.send("member 73", "token", "transfer", city.address_of(BARBER), 0)
    done["voucher"] = city.transfer_with_authorization(74, BAKER, 60, keccak(b"voucher"))


def _refund(day: Day) -> None:
    city, done = day.city, day.receipts
    payment = city.payment(71, BAKER, 200)
    done["to refund"] = city.pay_batch([payment])
    done["refund"] = city.transfer_with_authorization(BAKER, 71, 120, refund_nonce(payment.digest, 0))
    done["second refund"] = city.transfer_with_authorization(BAKER, 71, 80, refund_nonce(payment.digest, 1))


def _redeem(day: Day) -> None:
    city, done = day.city, day.receipts
    first, second = city.redeem(BAKER, 150), city.redeem(BAKER, 50)
    third, fourth = city.redeem(BARBER, 60), city.redeem(BARBER, 20)
    city.cancel(BARBER, fourth)
    done["lock"] = city.lock([first, second, third])
    done["settle"] = city.settle([(city.reference("baker 1"), [first, second])])
    done["desk refund"] = city.refund([third])
    city.redeem(BARBER, 25, "open")


def _officials(day: Day) -> None:
    city, done = day.city, day.receipts
    done["pause"] = city.send("guardian", "token", "pause")
    done["redeem while paused"] = city.send("carrier", "token", "expire", [city.address_of(71)])
    done["unpause"] = city.send("unpauser", "token", "unpause")
    done["freeze"] = city.send("guardian", "token", "freeze", 72, 3)
    frozen = city.payment(72, BAKER, 10)
    done["frozen"] = city.pay_batch([frozen])
    done["unfreeze"] = city.send("unpauser", "token", "unfreeze", 72)
    done["closing"] = city.send("registrar", "token", "setClass", BARBER, Class.CLOSING)
    done["none"] = city.send("registrar", "token", "setClass", LATE, Class.NONE)
    done["resident"] = city.send("registrar", "token", "setClass", LATE, Class.RESIDENT)
    done["rule on"] = city.send("rules", "token", "setTransferRule", Class.RESIDENT, Class.RESIDENT, True)
    done["gift"] = city.pay(71, LATE, 30)
    done["rule off"] = city.send("rules", "token", "setTransferRule", Class.RESIDENT, Class.RESIDENT, False)
    done["cap"] = city.send("programme", "registry", "setProgrammeCap", city.programme, 900_000)
    attester = signer_of("attester").address
    done["dismissed"] = city.send("programme", "registry", "setAttester", city.programme, attester, False)
    done["last"] = city.pay(71, BAKER, 5)
