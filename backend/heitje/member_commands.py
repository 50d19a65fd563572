# SPDX-License-Identifier: EUPL-1.2
"""`heitje member`: what the service's database holds of a member, told to who asks for it, and erased."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from heitje.upkeep_commands import Database, Yes

member = typer.Typer(help="Tell or erase what the database holds of a member.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The member number.")]


def register(app: typer.Typer) -> None:
    """Make it a command of `heitje`."""
    app.add_typer(member, name="member")


@member.command(short_help="Tell all that the database holds of a member, as JSON.")
def show(number: Number, database: Database = "heitje.sqlite") -> None:
    """Tell all that the database holds of a member beside what the chain has: sign-ups, claims, photos, complaints.

    For a request for access, with what `ape run access` writes. It is personal data: send it into a file that only you
    can read. It changes nothing, and the service may run.

    Exit codes: 0 done; 3 the database cannot be used.
    """
    typer.echo(json.dumps(_ask(database, number, erase=False), indent=2, ensure_ascii=False))


@member.command(short_help="Erase what the database holds of a member.")
def erase(
    number: Number,
    database: Database = "heitje.sqlite",
    yes: Yes = False,  # noqa: FBT002 - a command's switch
) -> None:
    """Erase all that the database holds of a member beside what the chain has. It cannot be undone.

    What was rewarded stays rewarded. With the salts goes the only way to show what a report's line was about. Copies of
    the database still have it: destroy them, or call this again after one was restored. The service may run.

    Exit codes: 0 done; 1 you said no; 3 the database cannot be used.
    """
    if not yes:
        typer.confirm(f"Erase what {database} holds of member {number}? This cannot be undone.", abort=True)
    counts: dict[str, int] = _ask(database, number, erase=True)
    if not any(counts.values()):
        typer.echo(f"Nothing is kept of member {number}.")
        return
    typer.echo("Erased: " + ", ".join(f"{what}: {times}" for what, times in counts.items()))


def _ask(database: str, number: int, *, erase: bool) -> Any:
    from heitje import upkeep  # noqa: PLC0415 - an audit needs nothing of the service

    try:
        return asyncio.run(upkeep.member(database, number, erase=erase))
    except upkeep.Impossible as error:
        typer.echo(f"Nothing was done: {error}.", err=True)
        raise typer.Exit(3) from None
