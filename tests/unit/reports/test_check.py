# SPDX-License-Identifier: EUPL-1.2
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.calendar import start_of_month
from heitje.chain.words import Class
from heitje.reports.check import Checker, Entry
from heitje.reports.problems import Fault
from heitje.reports.state import ActivityState, Person, State

MONTH = 12 * 2026 + 10
NOW = start_of_month(MONTH) + 86_400
ATTESTER, ISSUER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
ACTIVITY = ActivityState(1, MONTH, 560, 1440, NOW - 10, NOW + 10, 560)


def person(number, holder_class=Class.RESIDENT, *, frozen=False):
    return Person(number, f"0x{number:040x}", holder_class, frozen)


def state(**changes):
    base = State(
        now=NOW,
        paused=False,
        issue_until=NOW + 1,
        months_back=2,
        activities={1: ACTIVITY, 2: ACTIVITY},
        budget_left={1: 100_000},
        appointed=frozenset({(1, ATTESTER)}),
        people={n: person(n) for n in range(1, 6)},
        numbers={ATTESTER: 0, ISSUER: 0},
        left={(n, MONTH): (17_500, 206_500) for n in range(1, 6)},
    )
    return replace(base, **changes)


def faults(checker, *entries):
    return [[problem.fault for problem in checker.line(entry, [ATTESTER, ISSUER])] for entry in entries]


def entry(number, minutes, activity=1, line=2):
    return Entry(line, activity, number, minutes)


def test_a_good_line_has_no_problem_and_its_cents_are_rounded_down():
    checker = Checker(state())
    assert faults(checker, entry(1, 61)) == [[]]
    assert checker.rewards == {(1, 1): 569}


@pytest.mark.parametrize(
    ("changes", "minutes", "fault"),
    [
        ({"people": {}}, 60, Fault.RESIDENT_UNKNOWN),
        ({"people": {1: person(1, Class.MERCHANT)}}, 60, Fault.RESIDENT_CLASS),
        ({"people": {1: person(1, frozen=True)}}, 60, Fault.RESIDENT_FROZEN),
        ({"people": {1: replace(person(1), replacing=True)}}, 60, Fault.RESIDENT_REPLACING),
        ({"numbers": {ATTESTER: 1, ISSUER: 0}}, 60, Fault.OWN_NUMBER),
        ({"numbers": {ATTESTER: 0, ISSUER: 1}}, 60, Fault.OWN_NUMBER),
        ({}, 0, Fault.MINUTES_ZERO),
        ({}, 1441, Fault.MINUTES_ABOVE),
        ({"activities": {1: replace(ACTIVITY, rate=1)}}, 59, Fault.AMOUNT_ZERO),
        ({"rewarded": frozenset({(1, 1)})}, 60, Fault.ALREADY_REWARDED),
        ({"left": {(1, MONTH): (559, 206_500)}}, 60, Fault.MONTH_LIMIT),
        ({"left": {(1, MONTH): (17_500, 559)}}, 60, Fault.YEAR_LIMIT),
        ({"budget_left": {1: 559}}, 60, Fault.BUDGET),
    ],
)
def test_each_bad_line_is_named(changes, minutes, fault):
    assert faults(Checker(state(**changes)), entry(1, minutes)) == [[fault]]


def test_what_is_left_is_said_in_euros():
    (problem,) = Checker(state(left={(1, MONTH): (559, 206_500)})).line(entry(1, 60), [])
    assert problem.text == "5.60 euros, but member 1 has 5.59 euros left in 2026-11"


def test_good_lines_count_towards_month_and_budget_and_bad_ones_do_not():
    checker = Checker(state(budget_left={1: 20_000}))
    lines = [entry(1, 1440), entry(1, 1440, 2), entry(2, 1440), entry(2, 700, 2), entry(1, 60, 2)]
    # 134.40 of 175.00; too much for the month; too much for the budget; 65.33 of 65.60; again, nothing else is left.
    assert faults(checker, *lines) == [[], [Fault.MONTH_LIMIT], [Fault.BUDGET], [], [Fault.DUPLICATE]]


def test_the_year_counts_over_months():
    before = replace(ACTIVITY, month=MONTH - 1)
    left = {(1, MONTH): (17_500, 20_000), (1, MONTH - 1): (17_500, 20_000)}
    checker = Checker(state(activities={1: ACTIVITY, 2: before}, left=left))
    assert faults(checker, entry(1, 1440), entry(1, 1440, 2)) == [[], [Fault.YEAR_LIMIT]]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"opens_at": NOW + 1}, Fault.ACTIVITY_NOT_HELD),
        ({"closes_at": NOW - 1}, Fault.ACTIVITY_CLOSED),
        ({"month": MONTH - 3}, Fault.MONTH_OUT_OF_RANGE),
        ({"month": MONTH + 1}, Fault.MONTH_OUT_OF_RANGE),
        ({"limit": 559}, Fault.RATE_ABOVE_LIMIT),
        ({"limit": None}, Fault.RATE_ABOVE_LIMIT),
        ({"programme": 2}, Fault.ATTESTER_NOT_APPOINTED),
    ],
)
def test_each_reason_against_an_activity_is_named(change, fault):
    checker = Checker(state(activities={1: replace(ACTIVITY, **change)}))
    assert [found for found, _ in checker.activity(1, ATTESTER)] == [fault]


def test_an_activity_that_is_not_there_and_a_good_one_are_told_apart():
    checker = Checker(state())
    assert [fault for fault, _ in checker.activity(9, ATTESTER)] == [Fault.ACTIVITY_UNKNOWN]
    assert checker.activity(1, ATTESTER.lower()) == []


def test_a_pause_and_the_end_of_issuing_stop_everything():
    problems = Checker(state(paused=True, issue_until=NOW - 1)).city()
    assert [problem.fault for problem in problems] == [Fault.PAUSED, Fault.ISSUING_ENDED]


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1, 2]), st.integers(0, 1500)), max_size=60))
def test_good_lines_never_exceed_any_limit(lines):
    checker = Checker(state(budget_left={1: 60_000}))
    for number, activity, minutes in lines:
        checker.line(entry(number, minutes, activity), [ATTESTER])
    assert sum(checker.rewards.values()) <= 60_000
    for number in range(1, 6):
        assert sum(cents for (_, n), cents in checker.rewards.items() if n == number) <= 17_500
