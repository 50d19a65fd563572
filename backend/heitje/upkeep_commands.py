# SPDX-License-Identifier: EUPL-1.2
"""The commands with which an operator looks after a database: `check`, `reindex` and `lane`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from heitje.relay.thaw import LaneSight

T = TypeVar("T")

Rpc = Annotated[str, typer.Option("--rpc", metavar="URL", help="Address of a node of the chain.")]
Deployment = Annotated[
    Path, typer.Option("--deployment", metavar="FILE", help="The deployment.json that `ape run deploy` wrote.")
]
Database = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="PATH|URL",
        envvar="HEITJE_DATABASE",
        help="The service's database: an SQLite file, or postgresql://user@host/name.",
    ),
]
Finality = Annotated[
    int, typer.Option("--finality", min=0, help="As the service has it: blocks after which one is final.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

lane = typer.Typer(help="See what the relayer's key does, and let it go on after it stopped.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Make them commands of `heitje`."""
    app.command(short_help="Look whether everything that the service needs is as it must be.")(doctor)
    app.command(short_help="Compare the service's database with the chain.")(check)
    app.command(short_help="Read the whole chain anew, and keep what was asked.")(reindex)
    app.add_typer(lane, name="lane")


def doctor(
    rpc: Rpc,
    deployment: Deployment,
    database: Database = "heitje.sqlite",
    keyfile: Annotated[
        Path | None, typer.Option("--keyfile", metavar="FILE", help="The relayer's keystore file.")
    ] = None,
    fallback_rpc: Annotated[
        list[str] | None, typer.Option("--fallback-rpc", metavar="URL", help="Another node; may be given again.")
    ] = None,
) -> None:
    """Look whether everything that the service needs is there and as it must be: nodes, contracts, key, database, disk.

    Takes what `heitje serve` takes, changes nothing, and may be asked while the service runs.

    Exit codes: 0 nothing is bad; 1 something is, and it says what to do.
    """
    from heitje.doctor import Grade, Patient, examine  # noqa: PLC0415 - an audit needs nothing of the service

    passphrase = os.environ.get("HEITJE_RELAYER_PASSPHRASE", "")
    patient = Patient((rpc, *(fallback_rpc or ())), deployment, database, keyfile, passphrase)
    findings = asyncio.run(examine(patient))
    for found in findings:
        then = f". {found.next}" if found.next else ""
        typer.echo(f"{found.grade:<5}{found.thing}: {found.said}{then}")
    raise typer.Exit(1 if any(found.grade is Grade.BAD for found in findings) else 0)


def check(rpc: Rpc, deployment: Deployment, database: Database = "heitje.sqlite") -> None:
    """Compare the service's database with the chain, as of the block the index is at.

    Asks the contracts for every account (number, balance, nonce), for the four sums, for the supply and for every
    redemption. It changes nothing, and the service may run. For every night.

    Exit codes: 0 they are equal; 1 they differ, and it says where; 2 they could not be compared.
    """
    from heitje import upkeep  # noqa: PLC0415 - an audit needs nothing of the service

    found = _run(upkeep.compare(rpc, deployment, database))
    for difference in found.differences:
        typer.echo(f"block {found.block}: {difference}")
    if found.differences:
        typer.echo(
            f"{len(found.differences)} differences at block {found.block}. The chain is right: money is where the "
            "chain says. Do not pay out from this database; see docs/runbooks/reorganisation.md."
        )
        raise typer.Exit(1)
    typer.echo(
        f"The database says what the chain says, at block {found.block}: {found.accounts} accounts, "
        f"{found.redemptions} redemptions, all sums."
    )


def reindex(
    rpc: Rpc,
    deployment: Deployment,
    database: Database = "heitje.sqlite",
    finality: Finality = 0,
    yes: Yes = False,  # noqa: FBT002 - a command's switch
) -> None:
    """Read the whole chain anew, from the block the contracts were deployed in.

    For when the index has stopped, or `heitje check` finds differences. Deletes what the index wrote. Keeps what was
    asked, what was signed and which nonces were used; what the chain says decides about each operation again. Stop the
    service first. If this is cut off, call it again, or start the service: it goes on where it was.

    Exit codes: 0 done; 2 it could not be done, and it says why.
    """
    from heitje import upkeep  # noqa: PLC0415

    if not yes:
        typer.confirm(f"Delete what the index wrote into {database}, and read the chain anew?", abort=True)

    def tell(number: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\rblock {number}", err=True, nl=False)

    last = _run(upkeep.reindex(rpc, deployment, database, finality, tell))
    typer.echo(f"The chain is read up to block {last}. Now: heitje check, then start the service.")


@lane.command(short_help="Say what the relayer's key does, and why it does not.")
def show(rpc: Rpc, database: Database = "heitje.sqlite", finality: Finality = 0) -> None:
    """Say, for each key of this database, what it has signed, what the chain has of it, and why nothing is sent.

    It changes nothing, and the service may run.

    Exit codes: 0 every lane sends; 1 one has stopped; 2 it could not be seen.
    """
    from heitje import upkeep  # noqa: PLC0415

    sights = _run(upkeep.lanes(rpc, database, finality))
    for sight in sights:
        _describe(sight)
    if not sights:
        typer.echo("This database has no lane: nothing was ever sent from it.")
    raise typer.Exit(1 if any(sight.frozen for sight in sights) else 0)


@lane.command(short_help="Let a lane go on that has stopped, after somebody looked.")
def thaw(
    rpc: Rpc,
    database: Database = "heitje.sqlite",
    finality: Finality = 0,
    yes: Yes = False,  # noqa: FBT002 - a command's switch
) -> None:
    """Let a lane go on that has stopped. Only when it is certain that no other program has its key.

    What was signed for nonces that are still free is sent again as it is. What stands on a nonce that another
    transaction used goes back into the queue; the contracts refuse what was carried after all. The service may run.

    Exit codes: 0 it goes on; 2 it cannot yet, and it says why.
    """
    from heitje import upkeep  # noqa: PLC0415

    if not yes:
        typer.confirm("Is it certain that no other program, and no other database, uses the relayer's key?", abort=True)
    for sight in _run(upkeep.thaw_lanes(rpc, database, finality)):
        kept = len([one for one in sight.waiting if one.nonce >= sight.on_chain])
        typer.echo(
            f"{sight.address} goes on at nonce {sight.goes_on_at}: {kept} transactions are sent "
            f"again as they are, {len(sight.displaced)} were displaced and what they carried is queued again."
        )


def _describe(sight: LaneSight) -> None:
    typer.echo(f"{sight.address}: {f'stopped: {sight.frozen}' if sight.frozen else 'sends'}")
    typer.echo(
        f"  next nonce {sight.next_nonce}; the chain has used {sight.on_chain} (final: {sight.final}), "
        f"with the node's pool {sight.pending}"
    )
    if sight.is_missing:
        typer.echo(f"  the chain waits for nonce {sight.on_chain}, for which this database has no transaction")
    for one in sight.waiting:
        what = "in a block that the index has not read" if one.mined else f"sent {one.sends} times"
        if not one.mined and one.nonce < sight.on_chain:
            what = "its nonce is used by another transaction"
        said = f"; the node said: {one.answer}" if one.answer else ""
        typer.echo(f"  nonce {one.nonce}: {one.operations} operations, {one.tx_hash}, {what}{said}")


def _run(work: Coroutine[Any, Any, T]) -> T:
    from heitje import upkeep  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except upkeep.Impossible as error:
        _give_up(error)


def _give_up(error: Exception) -> NoReturn:
    typer.echo(f"Not done: {error}.", err=True)
    raise typer.Exit(2)
