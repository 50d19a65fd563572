# SPDX-License-Identifier: EUPL-1.2
"""What `make bench` keeps and shows."""

import json
from dataclasses import dataclass

import pytest

from tests.load import vouchers
from tests.load.__main__ import DOCUMENT, main
from tests.load.parts import PARTS
from tests.load.report import BEGIN, END, Line, described, read, record, renew

ORDER = tuple(PARTS)


@dataclass(frozen=True)
class Run:
    per_second: float


def runs(*figures):
    return [Run(figure) for figure in figures]


def test_parts_measured_at_different_times_stand_in_one_table(tmp_path):
    file = tmp_path / "build" / "bench.json"
    record(file, "peers", {}, {"plain": runs(30.0, 20.0, 25.0)}, [Line("a plain sender", "25")])
    record(file, "payments", {}, {"saturated": runs(1_000.0)}, [Line("payments", "1 000", "900")])
    known = record(file, "payments", {}, {"saturated": runs(1_500.0)}, [Line("payments", "1 500", "900")])
    assert known == read(file) == json.loads(file.read_text())
    shown = described(known, ORDER)
    assert "| payments | 1 500 | 900 |\n| a plain sender | 25 |  |" in shown
    assert "1 000" not in shown
    assert known["ratios"] == {"payments per second, in times of a plain web3.py sender's": 60.0}


def test_what_was_not_measured_is_compared_with_nothing(tmp_path):
    known = record(tmp_path / "bench.json", "ponder", {}, {"missing": "no npm"}, [Line("Ponder", "not measured")])
    assert known["ratios"] == {}
    assert "compared" not in described(known, ORDER)


def test_the_table_takes_its_place_in_the_document_and_nothing_else_changes(tmp_path):
    document = tmp_path / "page.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    renew(document, "new")
    renew(document, "newer")
    assert document.read_text() == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"
    document.write_text("no place")
    with pytest.raises(ValueError, match="no place for the table"):
        renew(document, "new")


def test_the_document_has_a_place_for_the_table():
    text = DOCUMENT.read_text()
    assert text.count(BEGIN) == text.count(END) == 1


@pytest.mark.parametrize("words", [["speed"], ["--quick", "--write"]])
def test_what_cannot_be_asked_for_is_refused_before_anything_is_measured(words, capsys):
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code == 2
    assert "there is no part speed" in (told := capsys.readouterr().err) or "make bench" in told


def test_ours_the_librarys_and_the_plain_sender_each_carry_every_payment_once(tmp_path):
    for carried in (vouchers.ours(tmp_path, 6), vouchers.published(6), vouchers.plain(6)):
        assert (carried.payments, carried.failed, carried.on_chain) == (6, 0, 6)
        assert 0 < carried.p50 <= carried.p95 < 60
