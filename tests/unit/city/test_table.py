# SPDX-License-Identifier: EUPL-1.2
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.city.table import TableError, read_table

COLUMNS = ("activity", "resident", "minutes", "evidence")
GOOD = "activity;resident;minutes;evidence\n1;10014;60;list 1\n"
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=("Cs", "Cc", "Zs")))


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_way_a_spreadsheet_saves_it_is_read(ends, mark, separator):
    raw = (mark + GOOD.replace(";", separator).replace("\n", ends)).encode()
    (row,) = read_table(raw, "x.csv", COLUMNS)
    assert (row.line, row.misfit) == (2, None)
    assert row.cells == {"activity": "1", "resident": "10014", "minutes": "60", "evidence": "list 1"}


def test_a_file_of_an_old_spreadsheet_is_read_too():
    raw = GOOD.replace("list 1", "cafélijst €").encode("cp1252")
    assert read_table(raw, "x.csv", COLUMNS)[0].cells["evidence"] == "cafélijst €"


@given(st.lists(st.lists(cells, min_size=4, max_size=4).filter(any), max_size=20), st.sampled_from(";,"))
def test_whatever_is_written_is_read_back(rows, separator):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    found = read_table(text.getvalue().encode(), "x.csv", COLUMNS)
    wanted = [tuple(cell.strip() for cell in row) for row in rows if any(cell.strip() for cell in row)]
    assert [tuple(row.cells.values()) for row in found] == wanted


def test_lines_are_counted_as_the_file_has_them_also_after_empty_ones_and_cells_of_several_lines():
    text = 'activity;resident;minutes;evidence\n\n1;10014;60;"list 1\nand 2"\n;;;\n2;10022;30;x\n'
    assert [row.line for row in read_table(text.encode(), "x.csv", COLUMNS)] == [3, 6]


def test_columns_come_in_any_order_and_case_with_other_words():
    raw = b"Minuten;EVIDENCE;resident;activity\n60;x;10014;1\n"
    (row,) = read_table(raw, "x.csv", COLUMNS, synonyms={"minuten": "minutes"})
    assert (row.cells["minutes"], row.cells["activity"]) == ("60", "1")


def test_a_row_with_too_many_or_too_few_cells_says_so():
    rows = read_table(b"activity;resident;minutes;evidence\n1;2;3;4;5\n1;2\n1;2;3;4;;\n", "x.csv", COLUMNS)
    assert [row.misfit for row in rows] == [
        "the line has 5 cells where there are 4 columns",
        "the line has 2 cells where there are 4 columns",
        None,
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "x.csv: the file is empty"),
        (b"activity;resident;minutes\n1;2;3\n", "missing: evidence"),
        (b"activity;resident;minutes;evidence;colour\n", "unknown: colour"),
        (b"activity;resident;minutes;evidence;minutes\n", "double: minutes"),
        (b'activity;resident;minutes;evidence\n1;2;3;"never closed\n', "x.csv, line 2: unexpected end"),
        (b"PK\x03\x04\0\0\x81\x8d", "not a text file"),
    ],
)
def test_what_is_no_such_table_is_refused_with_the_name_of_the_file(raw, words):
    with pytest.raises(TableError, match=words):
        read_table(raw, "x.csv", COLUMNS)
