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
from scripts._support.console import asking, warn
from scripts._support.documents import Deployment
from scripts._support.exits import Code, Stop

PASSPHRASE: Final = "HEITJE_REGISTER_PASSPHRASE"  # noqa: S105 -- the name of the variable, not what is in it
SHORTEST: Final = 12
"""Characters of a new register's passphrase."""


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


def profile_of(where: Deployment, given: str | None = None) -> Profile:
    """The profile that was given, or else the one beside the deployment file, or else the program's own of this city.

    Raises:
        Stop: there is none, or it is another city's.
    """
    try:
        profile = load_profile(given or str(where.profile or where.city))
    except ProfileError as error:
        hint = "" if given else f". The city is {where.city!r}; name its profile's file with --profile"
        raise Stop(Code.PROBLEMS, f"{error}{hint}") from error
    if not given and profile.id != where.city:
        text = f"{where.profile} is the profile of {profile.id!r}, but the city is {where.city!r}"
        raise Stop(Code.PROBLEMS, f"{text}; name the right one with --profile. Nothing was signed or sent.")
    return profile


def known_profile(where: Deployment, given: str | None) -> Profile | None:
    """As `profile_of`, where a script can do without: None if none was given and there is none of the city's own.

    Raises:
        Stop: the one that was given, or the city's own, cannot be used.
    """
    return profile_of(where, given) if given or where.profile or where.city in available_profiles() else None


def open_register(path: Path, *, new: bool = False) -> Register:
    """The register of members, with the passphrase from the environment or from the keyboard.

    Raises:
        Stop: it cannot be opened.
    """
    beginning = new and not path.exists()
    passphrase = os.environ.get(PASSPHRASE, "")
    if not passphrase:
        if not sys.stdin.isatty():
            raise Stop(Code.PROBLEMS, f"The register's passphrase is missing: set {PASSPHRASE}. Nothing was sent.")
        import click  # noqa: PLC0415 -- only where somebody is there to be asked

        text = f"Passphrase of the {'new ' if beginning else ''}register {path}"
        with asking():
            passphrase = click.prompt(text, hide_input=True, confirmation_prompt=beginning)
    _must_be_long(path, passphrase, beginning=beginning)
    try:
        return Register.open_or_new(path, passphrase) if new else Register.open(path, passphrase)
    except RegisterError as error:
        raise Stop(Code.PROBLEMS, f"{error}. Nothing was signed or sent.") from error


def _must_be_long(path: Path, passphrase: str, *, beginning: bool) -> None:
    """Whoever copies the file can try passphrases for years: a new register gets none that is found soon.

    Raises:
        Stop: it is too short for a new one.
    """
    if len(passphrase) >= SHORTEST:
        return
    if beginning:
        text = f"The passphrase of a new register has at least {SHORTEST} characters: take words that nobody guesses"
        raise Stop(Code.PROBLEMS, f"{text}. Nothing was written, signed or sent.")
    warn(f"{path}: its passphrase is shorter than {SHORTEST} characters. Whoever has the file may guess it.")


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
