# SPDX-License-Identifier: EUPL-1.2
"""No set of published figures lets anybody compute one that was left out. Checked without the code under test: by
looking whether the figure is a linear combination of the published ones, in exact fractions."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heitje.statistics.disclosure import DOMINANCE, THRESHOLD, Cell, break_down


def cell(shares):
    """A cell of these cents by person."""
    made = Cell()
    for person, cents in shares.items():
        made.add(person, cents, 60, 1)
    return made


def crowd(people, first=1, cents=500):
    return cell({first + i: cents for i in range(people)})


def breaks_the_rule(shares):
    sizes = [cents for cents in shares.values() if cents]
    return len(sizes) < THRESHOLD or max(sizes) * 100 > sum(sizes) * DOMINANCE


def published(parts, breakdown):
    """Each published sum as the set of cells it is the sum of; the whole month too."""
    places = list(parts)
    sums = [[1] * len(places)]
    for side, groups in enumerate((breakdown.programmes, breakdown.neighbourhoods)):
        sums += [[int(place[side] in group.members) for place in places] for group in groups]
    return sums


def reduced(rows):
    """Gauss's elimination, in fractions: the rows of the reduced form that are not zero, by their pivot."""
    pivots = {}
    for row in rows:
        left = [Fraction(value) for value in row]
        for column, pivot in pivots.items():
            if left[column]:
                factor = left[column]
                left = [a - factor * b for a, b in zip(left, pivot, strict=True)]
        column = next((i for i, value in enumerate(left) if value), None)
        if column is not None:
            pivots[column] = [value / left[column] for value in left]
    return pivots


def can_be_computed(wanted, pivots):
    left = [Fraction(value) for value in wanted]
    for column, pivot in pivots.items():
        if left[column]:
            factor = left[column]
            left = [a - factor * b for a, b in zip(left, pivot, strict=True)]
    return not any(left)


def disclosed(parts, breakdown):
    """Every set of cells whose sum can be computed and breaks the rule."""
    places = list(parts)
    pivots = reduced(published(parts, breakdown))
    return [
        chosen
        for size in range(1, len(places) + 1)
        for chosen in combinations(range(len(places)), size)
        if breaks_the_rule(Cell.of(parts[places[i]] for i in chosen).cents)
        and can_be_computed([int(i in chosen) for i in range(len(places))], pivots)
    ]


PEOPLE = st.dictionaries(st.integers(1, 40), st.integers(1, 3_000), min_size=1, max_size=16)
MONTHS = st.dictionaries(st.tuples(st.integers(1, 4), st.integers(1, 4)), PEOPLE, min_size=1, max_size=8)


@given(MONTHS)
@settings(max_examples=400, deadline=None)
def test_nothing_that_breaks_the_rule_can_be_computed_from_what_is_published(month):
    parts = {place: cell(shares) for place, shares in month.items()}
    breakdown = break_down(parts)
    if breakdown is None:
        assert Cell.of(parts.values()).withheld
    else:
        assert disclosed(parts, breakdown) == []


@given(MONTHS)
@settings(max_examples=200, deadline=None)
def test_every_programme_and_neighbourhood_is_in_one_group_and_the_groups_add_up_to_the_whole(month):
    parts = {place: cell(shares) for place, shares in month.items()}
    breakdown = break_down(parts)
    if breakdown is None:
        return
    for side, groups in enumerate((breakdown.programmes, breakdown.neighbourhoods)):
        members = [member for group in groups for member in group.members]
        assert sorted(members) == sorted({place[side] for place in parts})
        total = sum(cents for shares in month.values() for cents in shares.values())
        assert sum(group.cell.figures.cents for group in groups) == total


def test_the_check_of_these_tests_notices_a_difference_that_gives_somebody_away():
    # Programme 1 works in neighbourhood 7 only, where programme 2 has a single person.
    parts = {(1, 7): crowd(20), (2, 7): crowd(1, 50), (2, 8): crowd(20, 60)}
    split = [{key: Cell.of(c for place, c in parts.items() if place[side] == key)} for side, key in ((0, 1), (1, 7))]
    sums = [[1, 1, 1], [1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 1]]
    assert all(not made.withheld for cells in split for made in cells.values())
    assert can_be_computed([0, 1, 0], reduced(sums))
    breakdown = break_down(parts)
    assert disclosed(parts, breakdown) == []
    assert [group.members for group in breakdown.neighbourhoods] == [(7, 8)]


def test_a_programme_with_nine_people_is_merged_and_one_with_ten_is_not():
    ten = break_down({(1, 1): crowd(10), (2, 1): crowd(10, 20)})
    nine = break_down({(1, 1): crowd(9), (2, 1): crowd(10, 20), (3, 1): crowd(30, 40)})
    assert [group.members for group in ten.programmes] == [(1,), (2,)]
    assert [group.members for group in nine.programmes] == [(1, 2), (3,)]


def test_somebody_with_more_than_half_is_merged_and_with_exactly_half_is_not():
    half = {1: 1_000, **dict.fromkeys(range(2, 12), 100)}
    more = {**half, 1: 1_001}
    others = crowd(20, 40, 2_000)
    assert [g.members for g in break_down({(1, 1): cell(half), (2, 1): others}).programmes] == [(1,), (2,)]
    assert [g.members for g in break_down({(1, 1): cell(more), (2, 1): others}).programmes] == [(1, 2)]


@pytest.mark.parametrize("parts", [{(1, 1): crowd(9)}, {(1, 1): crowd(5), (2, 2): crowd(4, 20)}, {}])
def test_a_month_of_fewer_than_ten_people_is_not_broken_down_at_all(parts):
    assert break_down(parts) is None


def test_a_city_of_ninety_neighbourhoods_and_thirty_programmes_is_split_within_seconds():
    parts = {(p, n): crowd(3 + (p * n) % 9, 40 * n) for n in range(90) for p in range(n % 30, 30, 11)}
    breakdown = break_down(parts)
    assert len(breakdown.programmes) > 1
    assert all(not group.cell.withheld for group in breakdown.neighbourhoods)
