# SPDX-License-Identifier: EUPL-1.2
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from heitje.chain.account import Account, Class, Flag
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.calendar import month_text
from heitje.statistics.disclosure import Withheld
from heitje.statistics.fold import Fold
from heitje.statistics.spending import Ages, Lots, Quartiles


@dataclass
class Move:
    time: int
    kind: str
    sender: str
    recipient: str
    value: int
    number: int | None = None
    minutes: int | None = None
    activity: int | None = None
    programme: int | None = None
    neighbourhood: int | None = None


def at(year, month, day, hour=12):
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


SHOPS = {"shop": 900, "other shop": 901}


class Town:
    """Residents `r1`, `r2`, … with the numbers 1, 2, …, and two shops."""

    def __init__(self):
        self.fold = Fold()
        for number in range(1, 41):
            self.fold.directory.learn(f"r{number}", Account(number=number, holder_class=Class.RESIDENT).to_word())
        for name, number in SHOPS.items():
            self.fold.directory.learn(name, Account(number=number, holder_class=Class.MERCHANT).to_word())

    def earn(self, person, cents, time, activity=1, programme=1, neighbourhood=7):
        work = {"number": person, "minutes": 60, "activity": activity}
        place = {"programme": programme, "neighbourhood": neighbourhood}
        self.fold.take(Move(time, "reward", ZERO_ADDRESS, f"r{person}", cents, **work, **place))

    def pay(self, person, cents, time, shop="shop", kind="payment"):
        self.fold.take(Move(time, kind, f"r{person}", shop, cents))

    def move(self, kind, sender, recipient, cents, time):
        self.fold.take(Move(time, kind, sender, recipient, cents))

    def month(self, text, now=None):
        months = self.fold.months(at(2026, 12, 1) if now is None else now)
        return next(month for month in months if month_text(month.month) == text)


@pytest.fixture
def town():
    return Town()


def test_a_month_that_is_over_says_what_was_earned_spent_redeemed_expired_and_taken_back(town):
    for person in range(1, 13):
        town.earn(person, 1_000, at(2026, 3, 2), activity=person % 3)
        town.pay(person, 200, at(2026, 3, 12), shop="shop" if person % 2 else "other shop")
    town.pay(1, 50, at(2026, 3, 12))
    town.move("authorization", "shop", "r1", 50, at(2026, 3, 13))
    town.move("settlement", "desk", ZERO_ADDRESS, 700, at(2026, 3, 20))
    town.move("expiry", "r2", ZERO_ADDRESS, 30, at(2026, 3, 21))
    town.move("correction", "r3", ZERO_ADDRESS, 40, at(2026, 3, 22))
    month = town.month("2026-03")
    assert (month.issued, month.settled, month.expired, month.clawed_back) == (12_000, 700, 30, 40)
    assert month.spent == 12 * 200 + 50 - 50
    assert (month.earned.people, month.earned.activities, month.earned.minutes) == (12, 3, 720)
    assert month.spending == Quartiles(10, 10, 10, 12)


def test_the_month_that_is_not_over_has_only_the_four_sums_of_the_chain(town):
    for person in range(1, 13):
        town.earn(person, 1_000, at(2026, 3, 2))
    month = town.month("2026-03", now=at(2026, 3, 31, hour=23))
    assert month.issued == 12_000
    assert (month.earned, month.spent, month.programmes, month.spending) == (None, None, (), None)
    assert month.earned_withheld is Withheld.NOT_OVER


def test_a_month_of_nine_people_says_fewer_than_ten_and_names_its_programmes_without_figures(town):
    for person in range(1, 10):
        town.earn(person, 1_000, at(2026, 3, 2), programme=person % 2 + 1)
        town.pay(person, 100, at(2026, 3, 3))
    month = town.month("2026-03")
    assert (month.issued, month.earned, month.spent, month.spending) == (9_000, None, None, None)
    assert (month.earned_withheld, month.spent_withheld, month.spending_withheld) == (Withheld.FEW,) * 3
    assert [(part.members, part.figures) for part in month.programmes] == [((1, 2), None)]


def test_what_was_spent_is_not_shown_when_one_shop_took_more_than_half(town):
    for person in range(1, 13):
        town.earn(person, 1_000, at(2026, 3, 2))
        town.pay(person, 100, at(2026, 3, 3), shop="shop" if person < 8 else "other shop")
    assert town.month("2026-03").spent_withheld is Withheld.DOMINATED


def test_months_without_any_move_are_there_and_a_month_that_was_shown_never_changes(town):
    for person in range(1, 13):
        town.earn(person, 1_000, at(2026, 1, 5))
    shown = town.fold.months(at(2026, 3, 1))
    for person in range(1, 30):
        town.earn(person, 500, at(2026, 4, 5))
    again = town.fold.months(at(2026, 5, 1))
    assert [month_text(month.month) for month in again] == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    assert again[:2] == shown[:2]


def test_a_new_phone_is_the_same_person_and_a_closing_shop_is_still_a_shop(town):
    dead = Account(number=1, holder_class=Class.NONE, flags=Flag.DEAD)
    town.fold.directory.learn("r1", dead.to_word())
    town.fold.directory.learn("new phone", Account(number=1, holder_class=Class.RESIDENT).to_word())
    town.fold.directory.learn("shop", Account(number=900, holder_class=Class.CLOSING).to_word())
    assert town.fold.directory.numbers["r1"] == town.fold.directory.numbers["new phone"] == 1
    assert town.fold.directory.shops == {900, 901}


def test_the_first_earned_is_the_first_spent_and_what_came_back_is_spent_first_and_not_measured():
    lots = Lots()
    lots.earn(1, 100, 10)
    lots.earn(1, 100, 20)
    assert lots.spend(1, 150) == [(10, 100), (20, 50)]
    lots.receive(1, 70)
    assert lots.spend(1, 80) == [(20, 10)]
    lots.earn(1, 30, 40)
    lots.take_back(1, 30)
    assert lots.spend(1, 1_000) == [(20, 40)]
    assert lots.spend(2, 5) == []


def test_quartiles_are_by_credits_and_not_by_payments():
    ages = Ages()
    ages.add(1, 3, 100)
    ages.add(2, 5, 100)
    ages.add(3, 90, 800)
    assert ages.quartiles() == Quartiles(90, 90, 90, 3)
    ages.add(4, 3, 300)
    assert ages.quartiles() == Quartiles(3, 90, 90, 4)


def test_expired_credits_are_the_oldest_so_they_do_not_make_spending_look_slow(town):
    for person in range(1, 13):
        town.earn(person, 100, at(2026, 1, 1))
        town.earn(person, 100, at(2026, 3, 1))
        town.move("expiry", f"r{person}", ZERO_ADDRESS, 100, at(2026, 3, 2))
        town.pay(person, 100, at(2026, 3, 8))
    assert town.month("2026-03").spending == Quartiles(7, 7, 7, 12)
