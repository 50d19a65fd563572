# SPDX-License-Identifier: EUPL-1.2
"""Tables as people save them: CSV with `;` or `,`, with or without a byte order mark, with any line ends.

A Dutch spreadsheet separates with `;`, and writes UTF-8 with a byte order mark, or Windows-1252 without. Both are read.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_SEPARATORS: Final = ";,\t"


class TableError(ValueError):
    """The file cannot be read as a table at all. The message names the file."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """Something wrong with one line of a file, in words for whoever has to put it right."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file it begins on (the first line is 1), and its cells by column, trimmed.

    `misfit` says what is wrong when the row has more or fewer cells than there are columns.
    """

    line: int
    cells: Mapping[str, str]
    misfit: str | None = None


def decode(raw: bytes, file: str) -> str:
    """The text of a file in UTF-8, or else in Windows-1252.

    Raises:
        TableError: it is neither.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(f"{file}: this is not a text file; save the table as CSV (UTF-8)")


def read_table(
    raw: bytes,
    file: str,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
    synonyms: Mapping[str, str] | None = None,
) -> list[Row]:
    """The rows of a table, empty ones left out.

    Args:
        raw: the file as it is.
        file: its name, for messages.
        columns: names that the first line must hold, in any order and in any case.
        optional: names it may hold as well.
        synonyms: other words for columns, in lower case.

    Raises:
        TableError: no text, no rows, a column is missing, double or unknown, or a quotation mark is never closed.
    """
    text = decode(raw, file)
    if "\0" in text:
        raise TableError(f"{file}: this is not a text file; save the table as CSV (UTF-8)")
    first = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(first), strict=True)
    names: list[str] = []
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = _columns(cells, file, columns, optional, synonyms or {})
                continue
            rows.append(_row(begins, cells, names))
    except csv.Error as error:
        raise TableError(f"{file}, line {line}: {error}") from error
    if not names:
        raise TableError(f"{file}: the file is empty; its first line must be {';'.join(columns)}")
    return rows


def _separator(first: str) -> str:
    return max(_SEPARATORS, key=first.count)


def _columns(
    cells: Sequence[str], file: str, columns: Sequence[str], optional: Sequence[str], synonyms: Mapping[str, str]
) -> list[str]:
    names = [synonyms.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = (*columns, *optional)
    missing = [name for name in columns if name not in names]
    unknown = [name or "(empty)" for name in names if name not in known]
    double = sorted({name for name in names if names.count(name) > 1})
    if missing or unknown or double:
        wrong = [
            *(
                f"{label}: {', '.join(found)}"
                for label, found in (
                    ("missing", missing),
                    ("unknown", unknown),
                    ("double", double),
                )
                if found
            ),
        ]
        raise TableError(f"{file}: the first line must name the columns {', '.join(columns)} ({'; '.join(wrong)})")
    return names


def _row(line: int, cells: Sequence[str], names: Sequence[str]) -> Row:
    kept = [cell.strip() for cell in cells]
    while len(kept) > len(names) and not kept[-1]:
        kept.pop()
    misfit = None if len(kept) == len(names) else f"the line has {len(kept)} cells where there are {len(names)} columns"
    padded = [*kept, *[""] * len(names)]
    return Row(line, dict(zip(names, padded, strict=False)), misfit)
