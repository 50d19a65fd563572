# SPDX-License-Identifier: EUPL-1.2
"""What a script shows: tables, questions, progress, and the words at the end."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from scripts._support.exits import Code, Stop

_WIDTH_OF_A_PIPE = 140
DRY_RUN: Final = "Dry run: nothing was signed or sent, and no file was written."


def _width_of_a_pipe() -> int:
    """`COLUMNS`, if that is a number."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else _WIDTH_OF_A_PIPE


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, width=None if stream.isatty() else _width_of_a_pipe(), highlight=False, soft_wrap=True
    )


out = _console()
err = _console(stderr=True)


def say(text: str) -> None:
    """One line, as it is."""
    out.print(escape(text))


def count(number: int, one: str, many: str = "") -> str:
    """A number of things: `1 report`, `2 reports`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def were(number: int) -> str:
    """How many were something: `1 was`, `2 were`."""
    return count(number, "was", "were")


def warn(text: str) -> None:
    """One line that must not be missed."""
    err.print(f"[bold yellow]{escape(text)}[/]")


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table. Columns whose name ends in `€` (amounts) or `#` stand to the right; the mark is not shown."""
    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for column in columns:
        name = column.rstrip("#€")
        table.add_column(name, justify="right" if column.endswith(("#", "€")) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out.print(table, soft_wrap=False)


@contextmanager
def asking() -> Iterator[None]:
    """While somebody is asked something, which is always before anything is signed or sent.

    Raises:
        Stop: they pressed Ctrl-C, or Ctrl-D.
    """
    try:
        yield
    except (KeyboardInterrupt, EOFError, click.Abort) as error:
        out.print()
        raise Stop(Code.INTERRUPTED, "Interrupted. Nothing was signed or sent.") from error


def confirm(question: str, *, yes: bool, dry_run: bool) -> None:
    """Asks before anything is signed or sent.

    Raises:
        Stop: the answer was no, or this is a dry run, or there is nobody to ask.
    """
    if dry_run:
        raise Stop(Code.DONE, DRY_RUN)
    if yes:
        return
    if not sys.stdin.isatty():
        raise Stop(Code.DECLINED, "There is nobody to ask; add --yes to go ahead. Nothing was signed or sent.")
    with asking():
        answer = out.input(f"{escape(question)} \\[y/N] ")
    if answer.strip().lower() not in ("y", "yes", "j", "ja"):
        raise Stop(Code.DECLINED, "Nothing was signed or sent.")


def nothing_more(*, dry_run: bool) -> None:
    """Ends a dry run that has nothing to ask about, before anything is written.

    Raises:
        Stop: this is a dry run.
    """
    if dry_run:
        raise Stop(Code.DONE, DRY_RUN)


def progress() -> Progress:
    """A progress bar; silent where nobody sees it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=out,
        disable=not sys.stdout.isatty(),
    )


def tell_stop(stop: Stop) -> None:
    """The last words of a script that stopped."""
    printer = out if stop.code is Code.DONE else err
    style = "green" if stop.code is Code.DONE else "bold red" if stop.code is not Code.WAITING else "bold yellow"
    printer.print(f"[{style}]{escape(stop.message)}[/]")
    for line in stop.listing:
        printer.print(f"  {escape(line)}")
