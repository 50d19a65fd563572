# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.city import members

payloads = st.integers(1, members.LARGEST // 10 - 1)


def test_the_check_digit_is_that_of_the_standards_example():
    # ISO/IEC 7064 gives 0794 with check digit 5 for MOD 11,10.
    assert members.check_digit("0794") == 5


@given(payloads)
def test_a_number_with_its_check_digit_is_valid(payload):
    assert members.is_valid(members.with_check_digit(payload))


@given(payloads, st.data())
def test_every_single_wrong_digit_is_noticed(payload, data):
    digits = str(members.with_check_digit(payload))
    place = data.draw(st.integers(0, len(digits) - 1))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    with pytest.raises(members.MemberNumberError):
        members.parse(digits[:place] + wrong + digits[place + 1 :])


@given(payloads)
def test_a_number_is_read_back_as_people_write_it(payload):
    number = members.with_check_digit(payload)
    assert members.parse(f" {number:,} ".replace(",", ".")) == number


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12a4", "digits only"),
        ("", "digits only"),
        ("7", "too short"),
        ("99999999999", "too long"),
        ("10015", "check"),
        ("010014", "begins"),
    ],
)
def test_what_is_no_member_number_is_refused_in_words(text, words):
    with pytest.raises(members.MemberNumberError, match=words):
        members.parse(text)


def test_an_allotted_number_is_valid_and_free():
    taken = {members.allot(set()) for _ in range(200)}
    number = members.allot(taken)
    assert members.is_valid(number)
    assert number not in taken


def test_no_member_number_is_made_of_what_would_not_fit():
    for payload in (0, members.LARGEST):
        with pytest.raises(ValueError, match="no member number"):
            members.with_check_digit(payload)
