# SPDX-License-Identifier: EUPL-1.2
"""A year as a PDF. The words come from outside, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.fonts import FontFace

from heitje.statements.year import Year

_SMALL, _TEXT, _HEADING, _TITLE = 9, 11, 13, 18
"""Sizes of letters, in points."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the document says.

    Attributes:
        language: ISO 639-1.
        title: with the year.
        about: paragraphs before the figures: whose, of which city, when it was made.
        sums: heading, then the label of each kind of `Year.sums` in order, and of the difference.
        rewards: heading of the list, then of its columns: day, activity, minutes, amount.
        none: instead of the list where there is no reward.
        foot: what it is worth.
    """

    language: str
    title: str
    about: Sequence[str]
    sums_heading: str
    sums: Mapping[str, str]
    difference: str
    rewards_heading: str
    columns: tuple[str, str, str, str]
    none: str
    foot: str


def document(
    year: Year, words: Words, *, money: Callable[[int], str], day: Callable[[str], str], made_at: datetime
) -> bytes:
    """The PDF. With the same `made_at` it is the same, byte by byte.

    Args:
        year: what it says.
        words: how.
        money: cents as people write them.
        day: a moment (RFC 3339) as people write its day.
        made_at: when it was made, with a time zone.
    """
    pdf = FPDF(format="A4")
    # Of the fonts that every reader has; Windows-1252 has the euro sign and every letter of western Europe.
    pdf.core_fonts_encoding = "windows-1252"
    pdf.set_title(words.title)
    pdf.set_lang(words.language)
    pdf.set_creation_date(made_at)
    pdf.set_margin(20)
    pdf.add_page()
    _line(pdf, words.title, _TITLE, bold=True)
    for paragraph in words.about:
        _line(pdf, paragraph, _TEXT)
    _line(pdf, words.sums_heading, _HEADING, bold=True)
    sums = [(label, money(year.sums[kind])) for kind, label in words.sums.items()]
    _table(pdf, (120, 50), [*sums, (words.difference, money(year.difference))], headed=False)
    _line(pdf, words.rewards_heading, _HEADING, bold=True)
    if year.rewards:
        rows = [(day(one.time), one.activity, str(one.minutes), money(one.cents)) for one in year.rewards]
        _table(pdf, (38, 72, 25, 35), [words.columns, *rows], headed=True)
    else:
        _line(pdf, words.none, _TEXT)
    _line(pdf, words.foot, _SMALL)
    return bytes(pdf.output())


def _line(pdf: FPDF, text: str, size: int, *, bold: bool = False) -> None:
    pdf.set_font("helvetica", "B" if bold else "", size)
    pdf.multi_cell(0, size * 0.5, _printable(text), new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(2)


def _table(pdf: FPDF, widths: tuple[int, ...], rows: Sequence[Sequence[str]], *, headed: bool) -> None:
    pdf.set_font("helvetica", "", _TEXT - 1)
    align = ("LEFT",) * (len(widths) - 1) + ("RIGHT",)
    with pdf.table(
        col_widths=widths,
        text_align=align,
        borders_layout="HORIZONTAL_LINES",
        line_height=6,
        first_row_as_headings=headed,
        headings_style=FontFace(emphasis="BOLD"),
    ) as table:
        for cells in rows:
            table.row([_printable(cell) for cell in cells])
    pdf.ln(4)


def _printable(text: str) -> str:
    """What the font has; anything else as a question mark rather than no document at all."""
    # Spaces that do not break are written as plain ones.
    plain = text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")
    return plain.encode("windows-1252", "replace").decode("windows-1252")
