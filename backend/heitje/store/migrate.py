# SPDX-License-Identifier: EUPL-1.2
"""The tables' revisions: which one a database is at, and how it gets to another.

`migrations/versions/` holds a file for each revision. A database without tables is made by going through all of them,
so there is one way to the tables and not two. All of a change is one transaction, on both databases: it is done, or
nothing is.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from heitje.store import tables

_PLACE: Final = Path(__file__).with_name("migrations")

DOWN: Final = "-1"
"""One revision down, as the target of a change."""

HEAD: Final = "head"
"""The newest revision, as the target of a change."""


class WrongSchema(Exception):
    """The tables are not those of this version; the message says which way they are not, and what to do."""


class CannotMigrate(Exception):
    """The tables stay as they are; the message says why."""


def revisions() -> list[str]:
    """All revisions, the oldest first."""
    return [script.revision for script in ScriptDirectory(str(_PLACE)).walk_revisions()][::-1]


def prepare(connection: sa.Connection) -> None:
    """Make the tables of an empty database.

    Raises:
        WrongSchema: It is not empty, and its tables are not those of this version.
    """
    known, at = revisions(), revision(connection)
    if at == known[-1]:
        return
    if at is None and not _has_tables(connection):
        command.upgrade(_config(connection), HEAD)
        return
    if at is not None and at not in known:
        raise WrongSchema(
            f"the database is at revision {at}, which is newer than this program, which knows up to {known[-1]}: "
            "nothing was changed. Use the newer program, or let that one bring it down: heitje migrate --to "
            f"{known[-1]}"
        )
    raise WrongSchema(
        f"the database is at revision {at or 'none'}, older than this program, which needs {known[-1]}: nothing was "
        "changed. Make a copy of it, and bring it up: heitje migrate"
    )


def change(connection: sa.Connection, to: str) -> tuple[str | None, str | None]:
    """Bring the tables to a revision, up or down; the revisions before and after.

    Args:
        connection: A transaction in which nobody else writes.
        to: A revision, `HEAD` or `DOWN`.

    Raises:
        CannotMigrate: Nothing was changed, and why.
    """
    known, before = revisions(), revision(connection)
    if before is not None and before not in known:
        raise CannotMigrate(
            f"the database is at revision {before}, which this program does not know: only the newer program that made "
            "it can bring it down"
        )
    is_unnumbered = before is None and _has_tables(connection)
    if is_unnumbered:
        # Made before revisions were numbered: these are the first one's tables.
        before = known[0]
    target = _target(known, before, to)
    if before is not None:
        _refuse_while_held(connection, before, known)
    if is_unnumbered:
        command.stamp(_config(connection), known[0])
    if before is None or known.index(target) > known.index(before):
        command.upgrade(_config(connection), target)
    elif target != before:
        command.downgrade(_config(connection), target)
    return before, target


def _target(known: list[str], before: str | None, to: str) -> str:
    if to == HEAD:
        return known[-1]
    if to == DOWN:
        if before is None or before == known[0]:
            raise CannotMigrate("there is nothing older than the first revision")
        return known[known.index(before) - 1]
    if to not in known:
        raise CannotMigrate(f"there is no revision {to}; there are {', '.join(known)}")
    return to


def _refuse_while_held(connection: sa.Connection, before: str, known: list[str]) -> None:
    """A process at work would meet tables it does not know."""
    now = time.time()
    held = list(connection.execute(sa.select(tables.lane.c.owner).where(tables.lane.c.lease_until >= now)))
    if known.index(before) >= known.index(_WITH_LEASES):
        held += connection.execute(sa.select(tables.lease.c.owner).where(tables.lease.c.until >= now))
    if held:
        raise CannotMigrate(
            "a process of the service is at work on this database. Stop all of them first; after a crash, wait until "
            "their leases have run out (HEITJE_LEASE, 6 seconds unless set)"
        )


_WITH_LEASES: Final = "0002"


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_PLACE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision(connection: sa.Connection) -> str | None:
    """The revision of the tables; None where there are none, or they are from before revisions were numbered."""
    return MigrationContext.configure(connection).get_current_revision()


def _has_tables(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table(tables.operation.name)
