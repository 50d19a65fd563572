# SPDX-License-Identifier: EUPL-1.2
"""The tables as files: CSV (RFC 4180), and what their columns mean (W3C CSV on the Web, `tabular-metadata`)."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from heitje.statistics.disclosure import Withheld
from heitje.statistics.tables import Column, Definition, Kind, Table, Value, cents_text

LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

_COUNT: Final = {"base": "integer", "minimum": 0}
_DATATYPES: Final[dict[Kind, Any]] = {
    Kind.MONTH: "gYearMonth",
    Kind.CENTS: {"base": "decimal", "format": {"pattern": "#0.00", "decimalChar": "."}},
    Kind.COUNT: _COUNT,
    Kind.CODES: _COUNT,
    Kind.NAMES: "string",
    Kind.WITHHELD: {"base": "string", "format": "|".join(str(reason) for reason in Withheld)},
}
_SEPARATORS: Final = {Kind.CODES: " ", Kind.NAMES: ";"}


def to_csv(table: Table) -> bytes:
    """A table as CSV: UTF-8, one line of names, CRLF. Amounts are credits (euros) with a decimal point."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    columns = table.definition.columns
    writer.writerow([column.name for column in columns])
    writer.writerows([[_text(column, row[column.name]) for column in columns] for row in table.rows])
    return file.getvalue().encode()


def metadata(definition: Definition) -> dict[str, Any]:
    """The description of a table's file. It lies beside it, where readers of CSV on the Web look for it."""
    schema: dict[str, Any] = {"columns": [_column(column) for column in definition.columns]}
    if definition.is_by_month:
        schema["primaryKey"] = "month"
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{definition.name}.csv",
        "dc:title": [{"@value": text, "@language": language} for language, text in definition.titles.items()],
        "dc:description": {"@value": definition.about, "@language": "en"},
        "dc:license": {"@id": LICENCE},
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tableSchema": schema,
    }


def _column(column: Column) -> dict[str, Any]:
    # The header's word first: readers compare titles with what stands there.
    titles = {language: [column.name, text] for language, text in column.titles.items()}
    described: dict[str, Any] = {
        "name": column.name,
        "titles": titles,
        "dc:description": {"@value": column.about, "@language": "en"},
        "datatype": _DATATYPES[column.kind],
        "required": column.kind in (Kind.MONTH, Kind.CODES),
    }
    if column.kind in _SEPARATORS:
        described["separator"] = _SEPARATORS[column.kind]
    return described


def _text(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if column.kind is Kind.CENTS:
        return cents_text(value)
    if isinstance(value, tuple):
        parts = [_harmless(str(part).replace(";", ",")) for part in value]
        return _SEPARATORS[column.kind].join(parts)
    return str(value)


def _harmless(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
