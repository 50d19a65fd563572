# SPDX-License-Identifier: EUPL-1.2
import csv
import io

import orjson
import pytest
from csvw import CSVW

from heitje.statistics.downloads import metadata, to_csv
from heitje.statistics.tables import DEFINITIONS, cents_text, make
from tests.unit.statistics.test_fold import Town, at

NAMES = {7: "=Mijn; buurt", 8: "Op 'e Berg"}


@pytest.fixture
def tables():
    town = Town()
    for person in range(1, 31):
        town.earn(person, 1_005, at(2026, 3, 2), programme=person % 2 + 1, neighbourhood=7 + person % 2)
        town.pay(person, 210, at(2026, 3, 12), shop="shop" if person % 2 else "other shop")
    for person in range(1, 6):
        town.earn(person, 100, at(2026, 4, 2))
    return make(town.fold.months(at(2026, 5, 6)), NAMES)


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_a_file_has_one_line_of_names_and_ends_its_lines_as_rfc_4180_says(tables):
    content = to_csv(tables["months"])
    lines = content.split(b"\r\n")
    assert lines[0].startswith(b"month,issued,spent,")
    assert lines[-1] == b""
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_amounts_are_credits_with_a_point_and_what_is_left_out_is_empty_and_says_why(tables):
    march, april, may = rows(to_csv(tables["months"]))
    assert (march["month"], march["issued"], march["spent"], march["people"]) == ("2026-03", "301.50", "63.00", "30")
    assert (april["issued"], april["people"], april["people_withheld"]) == ("5.00", "", "fewerThan10")
    assert may["people_withheld"] == "notOver"


def test_a_name_that_a_spreadsheet_would_run_is_text(tables):
    names = [row["names"] for row in rows(to_csv(tables["neighbourhoods"]))]
    assert names == ["'=Mijn, buurt", "Op 'e Berg", "'=Mijn, buurt"]


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-1_234, "-12.34")])
def test_cents_are_written_without_floats(cents, text):
    assert cents_text(cents) == text


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_published_reader_of_csv_on_the_web_finds_each_file_valid_and_reads_the_same(name, tables, tmp_path):
    (tmp_path / f"{name}.csv").write_bytes(to_csv(tables[name]))
    described = tmp_path / f"{name}.csv-metadata.json"
    described.write_bytes(orjson.dumps(metadata(DEFINITIONS[name])))
    read = CSVW(str(described), validate=True)
    assert read.is_valid, read.warnings
    table = read.tables[0]
    found = list(table.iterdicts(strict=True))
    assert len(found) == len(tables[name].rows)
    for row, ours in zip(found, tables[name].rows, strict=True):
        assert row.get("people") == ours["people"]


def test_the_published_reader_notices_a_file_that_is_not_as_described(tables, tmp_path):
    (tmp_path / "months.csv").write_bytes(to_csv(tables["months"]).replace(b",30,", b",many,"))
    described = tmp_path / "months.csv-metadata.json"
    described.write_bytes(orjson.dumps(metadata(DEFINITIONS["months"])))
    with pytest.raises(ValueError, match="many"):
        list(CSVW(str(described)).tables[0].iterdicts(strict=True))
