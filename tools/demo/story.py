# SPDX-License-Identifier: EUPL-1.2
"""What the demo tells: headings, what a program said, and what was checked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tools.demo.processes import ROOT, die_with_parent

_MARGIN = "          │ "
console = Console(highlight=False, soft_wrap=True)


class NotAsItShouldBe(RuntimeError):
    """Something in the demo went otherwise than it must; the message says what."""


@dataclass(frozen=True)
class Ended:
    """A program that has ended, and what it printed."""

    command: str
    code: int
    output: str
    seconds: float


def _width() -> int:
    """How wide what a program prints may be: the terminal without our margin, at least what a table needs."""
    return max(88, min(140, shutil.get_terminal_size((140, 24)).columns - len(_MARGIN)))


def heading(text: str) -> None:
    """Begins a step."""
    console.print()
    console.print(f"[bold cyan]{time.strftime('%H:%M:%S')}  {text}[/]")


def note(text: str) -> None:
    """Says something within a step."""
    console.print(f"          {text}")


def ensure(holds: bool, what: str) -> None:  # noqa: FBT001  -- a condition is what it takes
    """Says that `what` holds.

    Raises:
        NotAsItShouldBe: it does not.
    """
    if not holds:
        raise NotAsItShouldBe(f"This should hold and does not: {what}")
    console.print(f"        [green]✔[/] {what}")


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> Ended:
    """Runs a program to its end and keeps what it prints."""
    parts = [str(part) for part in command]
    started = time.monotonic()
    ended = subprocess.run(  # noqa: S603  -- our own programs with our own arguments
        parts,
        cwd=ROOT,
        env={**os.environ, **environment, "COLUMNS": str(_width()), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        preexec_fn=die_with_parent,
    )
    text = ended.stdout.decode(errors="replace").rstrip()
    return Ended(" ".join([Path(parts[0]).name, *parts[1:]]), ended.returncode, text, time.monotonic() - started)


def show(ended: Ended, expected: int = 0, most: int = 16) -> str:
    """Prints what a program said, shortened in the middle to `most` lines, and insists on how it ended.

    Raises:
        NotAsItShouldBe: it ended with another code than `expected`. All it said is printed then.
    """
    console.print(f"          [bold]$ {_short(ended.command)}[/]  [dim]({ended.seconds:.0f} s)[/]")
    lines = [line.rstrip() for line in ended.output.splitlines() if "Connecting to a" not in line]
    if len(lines) > most and ended.code == expected:
        lines = [*lines[: most - 6], f"… {len(lines) - most + 1} lines more", *lines[-5:]]
    for line in lines:
        console.print(_MARGIN + _short(line), markup=False, style="dim")
    if ended.code != expected:
        raise NotAsItShouldBe(f"`{_short(ended.command)}` ended with {ended.code} instead of {expected}.")
    return ended.output


def _short(command: str) -> str:
    return command.replace(f"{ROOT}{os.sep}", "")


def fail(text: str) -> int:
    """Says what went wrong; returns the exit code."""
    console.print()
    console.print(f"[bold red]The demo stopped.[/] {text}")
    sys.stdout.flush()
    return 1
