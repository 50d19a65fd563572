# SPDX-License-Identifier: EUPL-1.2
"""The databases of tests: SQLite files, or PostgreSQL's where `make test-postgres` has started one.

A database has a folder and a name, as a file has. On PostgreSQL each pair is a database of its own, made from the
template with the tables when it is first asked for.
"""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tools import postgres


def server() -> Path | None:
    """The folder of PostgreSQL's socket; None where tests run on SQLite."""
    folder = os.environ.get(postgres.VARIABLE)
    return Path(folder) if folder else None


def place_of(folder: Path, name: str = "db", template: str = postgres.TEMPLATE) -> str:
    """What `--database` says of it."""
    if (running := server()) is None:
        return str(_file(folder, name))
    database = _database(folder, name)
    if database not in postgres.names(running):
        postgres.copy(running, template, database)
    return postgres.url_of(running, database)


def empty(folder: Path, name: str = "db") -> str:
    """What `--database` says of one without tables."""
    return place_of(folder, name, template="template0")


def backup(folder: Path, name: str, copy: str) -> None:
    """Makes a copy of one that no process has open."""
    if (running := server()) is None:
        shutil.copy(_file(folder, name), _file(folder, copy))
    else:
        postgres.copy(running, _database(folder, name), _database(folder, copy))


def restore(folder: Path, source: str, target: str) -> None:
    """Puts a copy in another's place, on PostgreSQL."""
    running = server()
    assert running is not None
    if (database := _database(folder, target)) in postgres.names(running):
        postgres.drop(running, database)
    postgres.copy(running, _database(folder, source), database)


def rows(folder: Path, query: str, name: str = "db") -> list[str]:
    """What a query of one column finds."""
    if (running := server()) is not None:
        return postgres.rows(running, _database(folder, name), query)
    with closing(sqlite3.connect(_file(folder, name))) as database:
        return [str(row[0]) for row in database.execute(query)]


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.sqlite"


def _database(folder: Path, name: str) -> str:
    return "test_" + hashlib.sha256(str(_file(folder, name)).encode()).hexdigest()[:32]
