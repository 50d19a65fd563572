# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL of our own, from Debian's package, for as long as a command runs.

    python -m tools.postgres COMMAND …

Its data are in a folder of their own, gone when the command has ended; it listens on a socket in that folder and on no
network. `HEITJE_TEST_POSTGRES` tells the command its address, and that databases can be copied from `TEMPLATE`, which
has the tables. PostgreSQL refuses to run as root: root runs it as the user that Debian's package made.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from heitje.store.session import Store

VARIABLE: Final = "HEITJE_TEST_POSTGRES"
"""The environment variable with the folder of the socket."""

TEMPLATE: Final = "heitje_template"
"""A database with the tables, and nothing in them."""

USER: Final = "heitje"
_ACCOUNT: Final = "postgres"
_STARTS_WITHIN: Final = 30.0

_SETTINGS: Final = {"listen_addresses": "", "max_connections": "300"}

_HASTY: Final = {"fsync": "off", "full_page_writes": "off"}
"""Tests kill our processes, not the machine: nothing of theirs must survive a loss of power."""


class NoPostgres(Exception):
    """PostgreSQL cannot be run; the message says what to do."""


def programs(root: Path = Path("/usr/lib/postgresql")) -> Path:
    """The folder of the newest PostgreSQL's programs.

    Raises:
        NoPostgres: There is none.
    """
    found = [path.parent for path in root.glob("*/bin/postgres")]
    if not found:
        raise NoPostgres(
            f"There is no PostgreSQL server in {root}. Install Debian's (or Ubuntu's), which need not be running:\n"
            "  sudo apt-get install --no-install-recommends postgresql"
        )
    return max(found, key=lambda path: float(path.parent.name))


def url_of(folder: Path, database: str) -> str:
    """The address of a database, as `heitje serve --database` takes it."""
    url = sa.URL.create("postgresql", USER, database=database, query={"host": str(folder)})
    return url.render_as_string(hide_password=False)


def copy(folder: Path, source: str, name: str) -> None:
    """A new database, as another is now; nobody may be connected to that one."""
    _ask("createdb", folder, f"--template={source}", name)


def drop(folder: Path, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    _ask("dropdb", folder, "--force", name)


def names(folder: Path) -> list[str]:
    """The databases there are."""
    return rows(folder, "postgres", "SELECT datname FROM pg_database")


def rows(folder: Path, database: str, query: str) -> list[str]:
    """What a query finds, a line for each row."""
    words = ("--no-psqlrc", "--tuples-only", "--no-align", f"--command={query}", f"--dbname={database}")
    return _ask("psql", folder, *words).splitlines()


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Path]:
    """A running server: the folder of its socket.

    Args:
        durable: Whether what is committed survives a loss of power, as a city's does.

    Raises:
        NoPostgres: It cannot be run.
    """
    home = programs()
    with tempfile.TemporaryDirectory(prefix="heitje-postgres-") as place:
        folder = Path(place)
        identity = _identity(folder)
        _initialise(home, folder / "data", identity)
        settings = {**_SETTINGS, **({} if durable else _HASTY), "unix_socket_directories": str(folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            command = [str(home / "postgres"), "-D", str(folder / "data"), *options]
            # In a session of its own: Ctrl-C at a terminal is for the command, and ends the server after it.
            told: dict[str, Any] = {"stdout": log, "stderr": log, "start_new_session": True, **identity}
            server = subprocess.Popen(command, cwd=folder, **told)  # noqa: S603  -- our own program
        try:
            _wait_for(home, folder, server)
            copy(folder, "template1", TEMPLATE)
            asyncio.run(_make_tables(url_of(folder, TEMPLATE)))
            yield folder
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _identity(folder: Path) -> dict[str, Any]:
    """As whom the server runs, for `subprocess`; the folder is made theirs."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        raise NoPostgres(
            f"PostgreSQL does not run as root, and there is no user {_ACCOUNT}, which Debian's package makes. Run this "
            "as another user, or make that one:\n  adduser --system --group postgres"
        ) from None
    shutil.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initialise(home: Path, data: Path, identity: dict[str, Any]) -> None:
    options = (f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    command = [str(home / "initdb"), "--pgdata", str(data), *options]
    told: dict[str, Any] = {"capture_output": True, "text": True, **identity}
    done = subprocess.run(command, cwd=data.parent, check=False, **told)  # noqa: S603  -- our own program
    if done.returncode:
        raise NoPostgres(f"PostgreSQL cannot make a database cluster: {done.stderr.strip()}")


def _wait_for(home: Path, folder: Path, server: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    ready = [str(home / "pg_isready"), "--quiet", f"--host={folder}"]
    while subprocess.run(ready, check=False).returncode:  # noqa: S603  -- our own program
        if server.poll() is not None or time.monotonic() > deadline:
            raise NoPostgres(f"PostgreSQL does not start: {(folder / 'log').read_text()}")
        time.sleep(0.1)


def _ask(program: str, folder: Path, *words: str) -> str:
    command = [str(programs() / program), f"--host={folder}", f"--username={USER}", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  -- our own program


async def _make_tables(url: str) -> None:
    store = Store.of(url)
    try:
        await store.create_tables()
    finally:
        await store.close()


def main(command: Sequence[str]) -> int:
    """Run the command beside the server; its exit code, or 1 if there is no server."""
    # Whoever ends this by a signal leaves no server behind.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with postgres() as folder:
            variables = {**os.environ, VARIABLE: str(folder)}
            return subprocess.run(command, env=variables, check=False).returncode  # noqa: S603  -- what was asked for
    except NoPostgres as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
