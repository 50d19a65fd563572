# SPDX-License-Identifier: EUPL-1.2
"""The command `heitje`."""

import asyncio
import enum
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer
from pydantic import ValidationError

from heitje import member_commands, upkeep_commands
from heitje.audit.command import audit_url
from heitje.audit.findings import AuditImpossible

_ABOUT = "Heitje, the municipal reward currency: check the books, or run the service."

app = typer.Typer(
    name="heitje",
    help=_ABOUT,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Role(enum.StrEnum):
    """What one process of the service does."""

    ALL = "all"
    API = "api"
    RELAY = "relay"
    INDEX = "index"
    DELIVER = "deliver"


Rpc = Annotated[
    str, typer.Option("--rpc", metavar="URL", help="Address of a node of the chain, for instance your own.")
]
Token = Annotated[str, typer.Option("--token", metavar="ADDRESS", help="Address of the city's token (0x…).")]
Database = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="PATH|URL",
        envvar="HEITJE_DATABASE",
        help="An SQLite file, made if it is not there, or postgresql://user@host/name. A password belongs in the "
        "variable, where no list of processes shows it.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for machines.")]


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands over its switches by position
    if wanted:
        typer.echo(f"heitje {version('heitje')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version and exit.")
]


@app.callback(help=_ABOUT)
def heitje(_version: Version = False) -> None:  # noqa: FBT002 - a command's switch
    """Keeps `audit` and `serve` apart as commands of their own."""


@app.command(short_help="Check every credit of a city, from the chain alone.")
def audit(rpc: Rpc, token: Token, json: Json = False) -> None:  # noqa: FBT002 - a command's switch
    """Check every credit of a city, from activity to payout, from the chain alone.

    Needs no configuration, no database and no permission: only a node of the chain and the address of the token.
    It changes nothing.

    It finds the other contracts from the token, reads every event since the beginning, rebuilds every balance, checks
    every reward against its two signatures and every credit that left against its payout or its date, and compares the
    result with what the contracts say.

    Exit codes: 0 the books are right; 1 something is wrong, and it says what, in which block and transaction;
    2 the audit could not be made (wrong address, no answer from the node), which says nothing about the books.
    """
    try:
        result = asyncio.run(audit_url(rpc, token))
    except AuditImpossible as error:
        _give_up(_without_noise(error, rpc))
    except Exception as error:  # noqa: BLE001 - exit code 1 is for books that are wrong, not for a program that failed
        _give_up(f"the node's answers make no sense to this program ({type(error).__name__}: {error})")
    if json:
        sys.stdout.buffer.write(orjson.dumps(result.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
    else:
        typer.echo(result.to_text(), nl=False)
    raise typer.Exit(0 if result.is_clean else 1)


def _without_noise(error: AuditImpossible, rpc: str) -> str:
    """Why there is no audit; of a node that does not answer only that, not what the HTTP library says about it."""
    silent = f"no answer from the node at {rpc}"
    return f"{silent}; is it running?" if str(error).startswith(f"{silent}:") else str(error)


def _give_up(why: str) -> NoReturn:
    typer.echo(
        f"The audit could not be made: {why}{'' if why.endswith('?') else '.'} This says nothing about the books.",
        err=True,
    )
    raise typer.Exit(2)


@app.command(short_help="Run the service: API, relayer and index.")
def serve(
    rpc: Rpc,
    deployment: Annotated[
        Path, typer.Option("--deployment", metavar="FILE", help="The deployment.json that `ape run deploy` wrote.")
    ],
    keyfile: Annotated[
        Path | None,
        typer.Option(
            "--keyfile",
            metavar="FILE",
            help="The relayer's keystore file, opened by HEITJE_RELAYER_PASSPHRASE. Needed for relay and all.",
        ),
    ] = None,
    database: Database = "heitje.sqlite",
    role: Annotated[Role, typer.Option("--role", help="What this process does; all is everything in one.")] = Role.ALL,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Port to listen on; relay and index answer only /readyz.")
    ] = 8000,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=0, max=65_535, help="Port for Prometheus; not for the public."),
    ] = None,
    finality: Annotated[
        int, typer.Option("--finality", min=0, help="Blocks after which one is final; 0 where none is taken back.")
    ] = 0,
    fallback: Annotated[
        list[str] | None,
        typer.Option(
            "--fallback-rpc", metavar="URL", help="Another node, for when those before it are away or behind."
        ),
    ] = None,
) -> None:
    """Run the service: the HTTP API, the relayer that carries signed messages to the chain, and the index.

    The relayer holds no credits and no rights: a request is as good as its signature. Stop it with Ctrl-C; what it
    accepted is stored and goes on at the next start.

    Several processes can share one database, each with a role and a port of its own. Of those that relay, and of those
    that index, one works and the others stand by: when it stops or is killed, another takes over.

    Traces go to an OpenTelemetry collector if OTEL_EXPORTER_OTLP_ENDPOINT names one (docs/howto/telemetry.md).

    Exit codes: 0 stopped by a signal; 3 it cannot start or go on, and it says why.
    """
    from heitje import serve as service  # noqa: PLC0415 - an audit needs nothing of the service
    from heitje.listening import CannotServe  # noqa: PLC0415
    from heitje.settings import RoleName, Settings  # noqa: PLC0415

    try:
        settings = Settings(
            rpc=rpc,
            deployment=deployment,
            role=RoleName(role.value),
            database=database,
            keyfile=keyfile,
            host=host,
            port=port,
            metrics_port=metrics_port,
            finality=finality,
            fallback_rpc=tuple(fallback or ()),
        )
    except ValidationError as error:
        for wrong in error.errors(include_input=False):
            typer.echo(f"HEITJE_{'.'.join(map(str, wrong['loc'])).upper()}: {wrong['msg']}", err=True)
        typer.echo("The service did not start: set what is named here otherwise, or not at all.", err=True)
        raise typer.Exit(3) from None
    try:
        service.serve(settings)
    except CannotServe as error:
        typer.echo(f"The service stopped: {error}", err=True)
        raise typer.Exit(3) from None


@app.command(short_help="Bring the database to this version's tables, or back.")
def migrate(
    database: Database = "heitje.sqlite",
    to: Annotated[str, typer.Option("--to", metavar="REVISION", help="Up or down to this one.")] = "head",
    down: Annotated[bool, typer.Option("--down", help="One revision down.")] = False,  # noqa: FBT002 - a command's switch
) -> None:
    """Bring the tables of a database to those of this version, or to another revision.

    Stop the service and make a copy of the database first. All of it is one transaction: it is done, or nothing is.
    `heitje serve` makes the tables of an empty database by itself, and does not start on others than its own.

    Exit codes: 0 the tables are at that revision; 3 nothing was changed, and it says why.
    """
    from heitje.store.migrate import DOWN, CannotMigrate  # noqa: PLC0415 - an audit needs no database
    from heitje.store.session import CannotConnect, Store  # noqa: PLC0415

    async def run() -> tuple[str | None, str | None]:
        store = Store.of(database, statement_seconds=None)
        try:
            return await store.migrate(DOWN if down else to)
        finally:
            await store.close()

    try:
        before, after = asyncio.run(run())
    except (CannotMigrate, CannotConnect, ValueError) as error:
        typer.echo(f"Nothing was changed: {error}.", err=True)
        raise typer.Exit(3) from None
    was = "as it was" if before == after else f"it was at {before}" if before else "it was empty"
    typer.echo(f"The database is at revision {after}; {was}.")


upkeep_commands.register(app)
member_commands.register(app)


def main() -> None:
    """Runs the command."""
    app()
