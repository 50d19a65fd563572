# SPDX-License-Identifier: EUPL-1.2
"""A small day in a city, and two months after it, with everything in it that an honest city does."""

from dataclasses import dataclass, field
from typing import Any, Final

from eth_utils.crypto import keccak

from heitje.chain.account import Class
from heitje.chain.logs import REPORT_ISSUED
from heitje.chain.typed_data import refund_nonce
from tests.support.city import DAY, ISSUER, YEAR, City, Payment, signer_of
from tests.support.wallet import Safe

BEGINS: Final = 1_772_366_400
"""1 March 2026, 12:00 UTC: all of it lies in one half-year, whenever the tests are run."""
RESIDENTS = (71, 72, 73, 74, 75)
BAKER, BARBER, LATE = 500, 501, 502


@dataclass
class Day:
    """What happened, by name: the receipts."""

    city: City
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: dict[str, int] = field(default_factory=dict)

    @property
    def reports(self) -> dict[str, bytes]:
        """Digests of the reports that were issued, by the name of the receipt."""
        return {
            name: bytes.fromhex(log["topics"][1][2:])
            for name, receipt in self.receipts.items()
            for log in receipt["logs"]
            if log["topics"][0] == REPORT_ISSUED
        }

    def block(self, name: str) -> int:
        return int(self.receipts[name]["blockNumber"], 16)

    def transaction(self, name: str) -> str:
        return str(self.receipts[name]["transactionHash"])


def live(city: City) -> Day:
    """Lives it: earning, paying, refunds, redemptions, corrections, lost phones, pauses, freezes, changes of class."""
    day = Day(city)
    done = day.receipts
    done["enrol"] = city.enrol(RESIDENTS, [BAKER, BARBER, LATE])
    garden, kitchen = city.open_activity(), city.open_activity(cents_per_hour=330, max_minutes=120, adult=False)
    day.activities |= {"garden": garden, "kitchen": kitchen, "walk": city.open_activity()}
    done["garden"] = city.issue(garden, {71: 120, 72: 90, 73: 60, 74: 30})
    done["kitchen"] = city.issue(kitchen, {71: 61, 99: 60, 75: 7}, skip=0b010)
    _pay(day)
    _refund(day)
    _redeem(day)
    _before_reports(day)
    _report_by_wallets(day)
    _reduce(day)
    lost = _lose_phones(day)
    stuck = _leave_redemptions(day)
    city.wait(14 * DAY)
    _replace_phones(day, lost)
    city.wait(16 * DAY)
    done["reclaim"] = city.reclaim(stuck[0])
    city.wait(12 * DAY)
    _claw_back(day)
    city.wait(18 * DAY)
    done["reclaim stuck"] = city.reclaim(stuck[1])
    _officials(day)
    done["extend"] = city.extend(YEAR)
    done["close"] = city.close_desk()
    done["last"] = city.pay(71, BAKER, 5)
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


def _before_reports(day: Day) -> None:
    """A report cancelled by programme staff, one by its attester, and a year lowered twice."""
    city, done, walk = day.city, day.receipts, day.activities["walk"]
    done["cancel report"] = city.cancel_report(city.report(walk, {73: 240}))
    done["withdraw report"] = city.cancel_report(city.report(walk, {73: 230}), by_attester=True)
    done["lower"] = city.lower_year(73, 2026, 90)
    done["lower again"] = city.lower_year(73, 2026, 50)


def _report_by_wallets(day: Day) -> None:
    """A report that two Safes sign, as attester and as issuer."""
    city, done = day.city, day.receipts
    house = Safe.deploy(city.url, ["chair", "secretary"], threshold=2)
    board = Safe.deploy(city.url, ["clerk", "alderman", "controller"], threshold=2)
    city.wallets |= {"house": house, "board": board}
    city.send("programme", "registry", "setAttester", city.programme, house.address, True)
    city.send("admin", "authority", "grantRole", ISSUER, board.address, 0)
    report = city.report(day.activities["walk"], {73: 60, 75: 60}, attester="house", issuer="board")
    done["walk"] = city.send("carrier", "registry", "issue", *report.arguments)


def _reduce(day: Day) -> None:
    """Rewards that were too high: one of which is reduced twice, one revoked, one left as it is afterwards."""
    city, done, garden = day.city, day.receipts, day.activities["garden"]
    done["reduce"] = city.reduce(garden, 72, 60)
    done["reduce more"] = city.reduce(garden, 72, 30, attester="attester")
    done["revoke"] = city.reduce(garden, 74, 0)
    done["reduce by wallet"] = city.reduce(day.activities["walk"], 75, 6, attester="house")
    done["reduce little"] = city.reduce(garden, 73, 50)


def _lose_phones(day: Day) -> Payment:
    """A resident, a frozen shop with an open redemption, and a third who found the phone again; a payment before."""
    city, done = day.city, day.receipts
    before = city.payment(71, BAKER, 90)
    done["before"] = city.pay_batch([before])
    done["request"] = city.request_replacement(71, "new phone of 71")
    done["standing still"] = city.pay_batch([city.payment(71, BAKER, 10)])
    done["freeze shop"] = city.send("guardian", "token", "freeze", BARBER, 4)
    done["request shop"] = city.request_replacement(BARBER, "new till")
    done["request found"] = city.request_replacement(LATE, "never used")
    done["cancel replacement"] = city.cancel_replacement(LATE)
    return before


def _replace_phones(day: Day, before: Payment) -> None:
    """What waits is carried out; the old phone fails for ever, and what it paid is refunded to the new one."""
    city, done = day.city, day.receipts
    too_late = city.payment(71, BAKER, 10)
    done["replace"] = city.execute_replacement(71, "new phone of 71")
    done["replace shop"] = city.execute_replacement(BARBER, "new till")
    done["dead"] = city.pay_batch([too_late])
    done["by new phone"] = city.pay(71, BAKER, 7)
    done["refund to new phone"] = city.transfer_with_authorization(BAKER, 71, 40, refund_nonce(before.digest, 0))
    done["unfreeze shop"] = city.send("unpauser", "token", "unfreeze", BARBER)


def _leave_redemptions(day: Day) -> tuple[bytes, bytes]:
    """One that nobody locks, and one that nobody settles."""
    city, done = day.city, day.receipts
    unlocked, stuck = city.redeem(BAKER, 30, "unlocked"), city.redeem(BAKER, 35, "stuck")
    done["lock stuck"] = city.lock([stuck])
    return unlocked, stuck


def _claw_back(day: Day) -> None:
    """All that was struck, a part of it because the rest is spent, and nothing at all."""
    city, done, garden = day.city, day.receipts, day.activities["garden"]
    done["clawback"] = city.clawback(garden, 72)
    city.pay(74, BAKER, 150)
    done["clawback part"] = city.clawback(garden, 74)
    city.pay(75, BAKER, city.account(75).balance)
    done["clawback nothing"] = city.clawback(day.activities["walk"], 75)


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
