# SPDX-License-Identifier: EUPL-1.2
"""How an official acts: with a key of ape, or as a Safe for which files are written and signatures are brought."""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from heitje.city.fields import FieldError, parse_address
from scripts._support.exits import Code, Stop

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Means:
    """What the command line says about who acts.

    Attributes:
        account: an alias of ape: the official, or with a Safe whoever brings its signatures to the chain.
        safe: the Safe that acts, EIP-55; None where the account does.
        export: the file to write for the Safe.
        signatures: what the Safe's owners signed; empty bytes where the Safe signed on the chain.
    """

    account: str | None
    safe: str | None = None
    export: Path | None = None
    signatures: tuple[bytes, ...] = ()

    def check(self, *, signs: bool, relayed: bool = False, dry_run: bool = False) -> None:
        """Whether these go together.

        Args:
            signs: whether the act is a signature that anybody can bring to the chain.
            relayed: whether the relayer brings it.
            dry_run: whether nothing is to happen.

        Raises:
            Stop: they do not.
        """
        wrong = ""
        if self.safe is None:
            if self.export or self.signatures:
                wrong = "--export, --signature and --signature-file are for a Safe: name it with --safe ADDRESS."
            elif self.account is None:
                wrong = "Say who acts: --account ALIAS, or --safe ADDRESS with --export FILE."
        elif self.signatures and not (self.account or relayed or dry_run):
            wrong = "Say who brings the Safe's signature to the chain: --account ALIAS of anybody, or --relayer URL."
            wrong = wrong if signs else ""
        elif not self.signatures and self.export is None and not dry_run:
            more = ", or bring its signature with --signature" if signs else ""
            wrong = f"A Safe's owners act elsewhere: say with --export FILE where to write what they shall do{more}."
        if wrong:
            raise Stop(Code.USAGE, f"{wrong} Nothing was signed or sent.")


def acts_as(who: str) -> Callable[[_Command], _Command]:
    """`--account`, `--safe` and `--export`, for acts that are transactions; the script gets `means`."""
    return _packed(_common(f"{who} Not with --safe."))


def signs_as(who: str) -> Callable[[_Command], _Command]:
    """The same for acts that are signed, with `--signature` and `--signature-file`; the script gets `means`."""
    account = f"{who} With --safe: whoever brings the Safe's signature to the chain."
    more = (
        click.option(
            "--signature-file",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="A file with the Safe's signatures, one a line.",
        ),
        click.option(
            "--signature",
            "signature",
            metavar="0x…",
            multiple=True,
            callback=_signatures,
            help="The Safe's signature of what --export wrote; may be repeated. 0x if it signed on the chain.",
        ),
    )
    return _packed((*more, *_common(account)))


def _common(account: str) -> Sequence[Callable[[Any], Any]]:
    return (
        click.option(
            "--export",
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Write what the Safe's owners shall do to this file, and stop.",
        ),
        click.option(
            "--safe", metavar="ADDRESS", callback=_address, help="A Safe that acts, instead of an account of yours."
        ),
        click.option("--account", metavar="ALIAS", help=f"Your ape account. {account}"),
    )


def _packed(options: Sequence[Callable[[Any], Any]]) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_means(
            *args: Any,
            account: str | None,
            safe: str | None,
            export: Path | None,
            signature: tuple[bytes, ...] = (),
            signature_file: Path | None = None,
            **options: Any,
        ) -> Any:
            brought = (*signature, *_read(signature_file))
            return command(*args, means=Means(account, safe, export, brought), **options)

        packed: Any = with_means
        for option in options:
            packed = option(packed)
        packed.__signature__ = inspect.signature(command)
        return packed  # type: ignore[no-any-return]

    return decorate


def _address(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return parse_address(text)
    except FieldError as error:
        raise click.BadParameter(str(error)) from error


def _signatures(_: click.Context, __: click.Parameter, texts: Sequence[str]) -> tuple[bytes, ...]:
    try:
        return tuple(map(_signature, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _signature(text: str) -> bytes:
    if not text.startswith("0x"):
        raise ValueError(f"a signature begins with 0x, not as {text[:12]!r}")
    try:
        return bytes.fromhex(text[2:])
    except ValueError as error:
        raise ValueError(f"{text[:12]}… is not hexadecimal: copy all of it, and nothing else") from error


def _read(path: Path | None) -> tuple[bytes, ...]:
    if path is None:
        return ()
    try:
        return tuple(_signature(line.strip()) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except ValueError as error:
        raise Stop(Code.PROBLEMS, f"{path}: {error}. Nothing was sent.") from error
