# SPDX-License-Identifier: EUPL-1.2
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from heitje.rest.fields import ActivityId, Cents, Minutes, Number, Seconds, Whole, digits_below

LIMITS = st.integers(11, 1 << 60)


@given(LIMITS, st.integers(0, 1 << 61))
def test_the_expression_for_digits_fits_exactly_the_numbers_below_its_limit(limit, number):
    assert bool(re.fullmatch(digits_below(limit), str(number))) == (number < limit)
    assert re.fullmatch(digits_below(limit), str(limit - 1))
    assert not re.fullmatch(digits_below(limit), str(limit))


@given(LIMITS)
def test_no_leading_zero_and_nothing_that_is_no_digit_fits(limit):
    assert not any(re.fullmatch(digits_below(limit), text) for text in ("", "00", "01", "-1", "1.0", "1e3", " 1"))


@pytest.mark.parametrize("kind", [Seconds, Number, ActivityId, Minutes])
def test_a_whole_number_may_be_written_with_a_fraction_of_zero(kind):
    # JSON knows one kind of number; JSON Schema calls 60.0 an integer.
    read = TypeAdapter(kind).validate_python(60.0)
    assert (read, type(read)) == (60, int)


@pytest.mark.parametrize("kind", [Seconds, Number, ActivityId, Minutes])
@pytest.mark.parametrize("value", [1.5, float("inf"), float("nan"), True, "60", None])
def test_what_is_no_whole_number_is_refused(kind, value):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_a_number_that_readers_of_json_may_change_must_be_text():
    whole = TypeAdapter(Whole)
    assert whole.validate_python(2**53 - 1) == str(2**53 - 1)
    assert whole.validate_python(str(2**256 - 1)) == str(2**256 - 1)
    for value in (2**53, 2.0**60, -1, True, str(2**256), "007"):
        with pytest.raises(ValidationError, match="as digits in text"):
            whole.validate_python(value)


def test_cents_are_text_below_two_to_the_forty_eight():
    cents = TypeAdapter(Cents)
    assert cents.validate_python(str(2**48 - 1)) == str(2**48 - 1)
    for value in (250, 2.5, "2.50", "٢", str(2**48), ""):
        with pytest.raises(ValidationError):
            cents.validate_python(value)
