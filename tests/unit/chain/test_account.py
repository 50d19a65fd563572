# SPDX-License-Identifier: EUPL-1.2
"""The account: its word, and its two buckets over the half-years."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.account import Account, Class, Flag

cents = st.integers(0, 2**40)
accounts = st.builds(
    Account,
    fresh=cents,
    stale=cents,
    epoch=st.integers(4000, 4100),
    nonce=st.integers(0, 2**48 - 1),
    number=st.integers(0, 2**32 - 1),
    holder_class=st.sampled_from(list(Class)).map(int),
    flags=st.integers(0, 7),
    open_redemptions=st.integers(0, 2**16 - 1),
)
residents = st.builds(Account, cents, cents, st.integers(4000, 4100), holder_class=st.just(int(Class.RESIDENT)))


@given(st.integers(0, 2**256 - 1))
def test_every_word_survives_unpacking_and_packing(word: int) -> None:
    assert Account.from_word(word).to_word() == word


def test_the_fields_lie_where_the_contract_draws_them() -> None:
    word = 1 | 2 << 48 | 3 << 96 | 4 << 112 | 5 << 160 | 1 << 192 | 1 << 200 | 7 << 208
    account = Account(1, 2, 3, 4, 5, int(Class.RESIDENT), int(Flag.FROZEN), 7)
    assert Account.from_word(word) == account
    assert account.is_resident
    assert account.is_frozen


@given(residents, st.integers(0, 5))
def test_a_roll_never_makes_or_loses_a_cent(account: Account, passed: int) -> None:
    rolled, burned = account.roll(account.epoch + passed)
    assert rolled.balance + burned == account.balance
    assert rolled.epoch == account.epoch + passed


def test_credits_are_good_to_the_end_of_the_half_year_after_the_one_they_were_earned_in() -> None:
    account = Account(fresh=300, stale=50, epoch=4053, holder_class=int(Class.RESIDENT))
    assert account.roll(4053) == (account, 0)
    assert account.roll(4054) == (Account(0, 300, 4054, holder_class=int(Class.RESIDENT)), 50)
    assert account.roll(4055) == (Account(0, 0, 4055, holder_class=int(Class.RESIDENT)), 350)
    assert account.spendable(4054) == 300


@given(residents, st.integers(0, 3), st.integers(0, 3))
def test_rolling_twice_is_rolling_once(account: Account, first: int, second: int) -> None:
    once = account.roll(account.epoch + first + second)
    middle, burned_first = account.roll(account.epoch + first)
    end, burned_second = middle.roll(account.epoch + first + second)
    assert (end, burned_first + burned_second) == once


@given(residents)
def test_after_the_last_day_of_paying_everything_has_expired(account: Account) -> None:
    rolled, burned = account.roll(account.epoch, ended=True)
    assert (rolled.balance, burned) == (0, account.balance)


@given(accounts.filter(lambda a: a.holder_class != Class.RESIDENT), st.integers(0, 5), st.booleans())
def test_expiry_touches_residents_only(account: Account, passed: int, ended: bool) -> None:  # noqa: FBT001 - drawn by position
    assert account.roll(account.epoch + passed, ended=ended) == (account, 0)


@given(accounts, cents)
def test_spending_takes_stale_first(account: Account, value: int) -> None:
    if value > account.balance:
        with pytest.raises(ValueError, match="more than the balance"):
            account.debit(value)
        return
    after = account.debit(value)
    assert after.balance == account.balance - value
    assert after.fresh == account.fresh or after.stale == 0


@given(accounts, cents)
def test_only_a_reward_lands_in_fresh(account: Account, value: int) -> None:
    assert account.credit(value).fresh == account.fresh
    assert account.credit(value).stale == account.stale + value
    assert account.reward(value).fresh == account.fresh + value
    assert account.reward(value).stale == account.stale
