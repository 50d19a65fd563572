# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.city.members import with_check_digit
from heitje.city.table import read_table
from heitje.reports.lines import COLUMNS, read_claims
from heitje.reports.problems import SKIPPABLE, Fault, euros

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def claims(*lines):
    return read_claims(read_table(("activity;resident;minutes;evidence\n" + "\n".join(lines)).encode(), "x", COLUMNS))


@given(st.integers(1, 10**6), st.integers(1, 400_000_000).map(with_check_digit), st.integers(0, 65_535), st.booleans())
def test_a_claim_is_read_as_it_was_written(activity, number, minutes, quoted):
    line = ";".join(f'"{cell}"' if quoted else str(cell) for cell in (activity, number, minutes, "photo"))
    (claim,), problems = claims(line)
    assert problems == []
    assert (claim.activity, claim.resident, claim.minutes, claim.line) == (activity, number, minutes, 2)


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.lower(), "0x" + ADDRESS[2:].upper()])
def test_an_address_works_too(address):
    (claim,), problems = claims(f"1;{address};60;")
    assert (claim.resident, problems) == (address, [])


def test_evidence_is_the_same_text_however_its_accents_are_written():
    composed, decomposed = (claims(f"1;10014;60;{text}")[0][0].evidence for text in ("caf\u00e9", "cafe\u0301"))
    assert composed == decomposed


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("x;10014;60;", Fault.ACTIVITY_UNREADABLE),
        ("0;10014;60;", Fault.ACTIVITY_UNREADABLE),
        (";10014;60;", Fault.ACTIVITY_UNREADABLE),
        ("1;;60;", Fault.RESIDENT_UNREADABLE),
        ("1;Jan;60;", Fault.RESIDENT_UNREADABLE),
        ("1;0x1234;60;", Fault.RESIDENT_UNREADABLE),
        ("1;99999999999;60;", Fault.RESIDENT_UNREADABLE),
        ("1;10015;60;", Fault.RESIDENT_CHECKSUM),
        (f"1;{ADDRESS.replace('C5', 'c5')};60;", Fault.RESIDENT_CHECKSUM),
        ("1;10014;;", Fault.MINUTES_UNREADABLE),
        ("1;10014;an hour;", Fault.MINUTES_UNREADABLE),
        ("1;10014;60.5;", Fault.MINUTES_UNREADABLE),
        ("1;10014;-60;", Fault.MINUTES_UNREADABLE),
        ("1;10014;65536;", Fault.MINUTES_UNREADABLE),
        ("1;10014;٦٠;", Fault.MINUTES_UNREADABLE),
        ("1;10014", Fault.CELLS),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line_and_gives_no_claim(line, fault):
    found, (problem,) = claims(line)
    assert (found, problem.line, problem.fault) == ([], 2, fault)
    assert fault not in SKIPPABLE


def test_all_that_is_wrong_with_a_line_is_said_at_once():
    _, problems = claims("x;10015;never;")
    assert [problem.fault for problem in problems] == [
        Fault.ACTIVITY_UNREADABLE,
        Fault.RESIDENT_CHECKSUM,
        Fault.MINUTES_UNREADABLE,
    ]


@given(st.integers(-(10**12), 10**12))
def test_euros_keep_every_cent(cents):
    text = euros(cents).removesuffix(" euros").replace(",", "").replace(".", "")
    assert int(text) == cents
