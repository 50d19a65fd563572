# SPDX-License-Identifier: EUPL-1.2
"""What scripts read besides the chain: input files, the profile, the register's passphrase."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from heitje.city.profile import Profile, ProfileError, available_profiles, load_profile
from heitje.city.register import Register, RegisterError
from heitje.city.table import LineProblem, Row, TableError, read_table
from scripts._support.exits import Code, Stop

PASSPHRASE: Final = "HEITJE_REGISTER_PASSPHRASE"  # noqa: S105 -- the name of the variable, not what is in it


def read_bytes(path: Path) -> bytes:
    """A file as it is.

    Raises:
        Stop: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise Stop(Code.PROBLEMS, f"{path}: {error.strerror}") from error


def read_rows(
    path: Path, columns: Sequence[str], optional: Sequence[str] = (), synonyms: Mapping[str, str] | None = None
) -> list[Row]:
    """The rows of a table.

    Raises:
        Stop: it is no such table, or it has no rows.
    """
    try:
        rows = read_table(read_bytes(path), str(path), columns, optional=optional, synonyms=synonyms)
    except TableError as error:
        raise Stop(Code.PROBLEMS, f"{error}. Nothing was signed or sent.") from error
    if not rows:
        raise Stop(Code.PROBLEMS, f"{path}: there are no lines under the first. Nothing was signed or sent.")
    return rows


def profile_of(city: str, given: str | None) -> Profile:
    """The profile that was given, or else the one the city was founded with.

    Raises:
        Stop: there is none.
    """
    try:
        return load_profile(given or city)
    except ProfileError as error:
        hint = "" if given else f". The city is {city!r}; name its profile's file with --profile"
        raise Stop(Code.PROBLEMS, f"{error}{hint}") from error


def known_profile(city: str, given: str | None) -> Profile | None:
    """As `profile_of`, where a script can do without: None if none was given and the city's own does not come along.

    Raises:
        Stop: the one that was given cannot be used.
    """
    return profile_of(city, given) if given or city in available_profiles() else None


def open_register(path: Path, *, new: bool = False) -> Register:
    """The register of members, with the passphrase from the environment or from the keyboard.

    Raises:
        Stop: it cannot be opened.
    """
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        if not sys.stdin.isatty():
            raise Stop(Code.PROBLEMS, f"The register's passphrase is missing: set {PASSPHRASE}. Nothing was sent.")
        import click  # noqa: PLC0415 -- only where somebody is there to be asked

        beginning = new and not path.exists()
        text = f"Passphrase of the {'new ' if beginning else ''}register {path}"
        passphrase = click.prompt(text, hide_input=True, confirmation_prompt=beginning)
    try:
        return Register.open_or_new(path, passphrase) if new else Register.open(path, passphrase)
    except RegisterError as error:
        raise Stop(Code.PROBLEMS, f"{error}. Nothing was signed or sent.") from error


def save_register(register: Register) -> None:
    """Writes the register.

    Raises:
        Stop: somebody else wrote it meanwhile.
    """
    try:
        register.save()
    except RegisterError as error:
        raise Stop(Code.FILE, f"{error}. Nothing was signed or sent.") from error


def listing(problems: Iterable[LineProblem]) -> list[str]:
    """Problems by line, in words."""
    return [f"line {p.line}: {p.text}" for p in sorted(problems, key=lambda p: p.line)]


def stop_at(path: Path, problems: Sequence[LineProblem]) -> None:
    """Ends the script if anything is wrong.

    Raises:
        Stop: it is.
    """
    if problems:
        count = len({p.line for p in problems})
        text = f"{path}: {count} line{'s have' if count > 1 else ' has'} problems. Nothing was signed or sent."
        raise Stop(Code.PROBLEMS, text, listing(problems))
