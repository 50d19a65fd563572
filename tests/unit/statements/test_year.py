# SPDX-License-Identifier: EUPL-1.2
"""A member's year, added up."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from heitje.statements.document import Words, document
from heitje.statements.year import Reward, Year, bounds, year_of

ME, OLD, SHOP, NOBODY = "0xme", "0xold", "0xshop", "0x0"
KINDS = ("earned", "given_back", "received", "spent", "expired", "taken_back")


def move(kind, sender, to, cents):
    return {"kind": kind, "from": sender, "to": to, "value": str(cents)}


def summed(*moves):
    return year_of(2026, 77, (ME, OLD), moves, ())


def test_each_kind_of_move_has_its_sum():
    year = summed(
        move("reward", NOBODY, OLD, 2_000),
        move("payment", OLD, SHOP, 300),
        move("authorization", ME, SHOP, 200),
        move("authorization", SHOP, ME, 50),
        move("expiry", ME, NOBODY, 100),
        move("correction", ME, NOBODY, 10),
    )
    assert year.sums == {
        "earned": 2_000,
        "given_back": 50,
        "received": 0,
        "spent": 500,
        "expired": 100,
        "taken_back": 10,
    }
    assert year.difference == 1_440


def test_a_new_phone_is_neither_income_nor_expense():
    year = summed(move("replacement", OLD, ME, 1_234))
    assert set(year.sums.values()) == {0}


@given(st.lists(st.tuples(st.sampled_from(["in", "out", "gone"]), st.integers(1, 10_000)), max_size=30))
def test_the_difference_is_what_a_balance_rose_by(steps):
    moves, balance = [], 0
    for step, cents in steps:
        kind, sender, to = {
            "in": ("reward", NOBODY, ME),
            "out": ("payment", ME, SHOP),
            "gone": ("expiry", ME, NOBODY),
        }[step]
        moves.append(move(kind, sender, to, cents))
        balance += cents if step == "in" else -cents
    assert summed(*moves).difference == balance


def test_a_year_begins_at_midnight_of_the_city():
    first, after = bounds(2026, "Europe/Amsterdam")
    assert datetime.fromtimestamp(first, UTC).isoformat() == "2025-12-31T23:00:00+00:00"
    assert after - first == 365 * 86_400


def test_the_document_is_the_same_each_time_and_bears_letters_its_font_lacks():
    year = Year(2026, 77, (Reward("2026-03-01T10:00:00Z", "Ворота schilderen", 60, 500),), dict.fromkeys(KINDS, 0))
    words = Words(
        "nl",
        "Titel",
        ("één",),
        "Som",
        {kind: kind for kind in KINDS},
        "verschil",
        "Lijst",
        ("a", "b", "c", "d"),
        "geen",
        "voet",
    )
    made = datetime(2027, 1, 2, tzinfo=UTC)
    pages = [document(year, words, money=lambda cents: f"€ {cents}", day=str, made_at=made) for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0].startswith(b"%PDF-")
