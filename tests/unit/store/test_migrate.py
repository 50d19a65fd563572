# SPDX-License-Identifier: EUPL-1.2
"""From revision to revision, with rows in every table."""

import time

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from typer.testing import CliRunner

from heitje.cli import app
from heitje.store import tables
from heitje.store.migrate import DOWN, HEAD, CannotMigrate, WrongSchema, revisions
from heitje.store.session import Store
from tests.support.databases import empty

FIRST, *LATER = revisions()
ADDED_LATER = {
    tables.lease,
    tables.challenge,
    tables.login_session,
    tables.api_key,
    tables.webhook,
    tables.webhook_delivery,
    *tables.KEPT_HERE,
}
SAMPLES = {str: "0x5a", int: 7, float: 1.5, bytes: b"\x00\xff", bool: True}


@pytest.fixture
async def blank(tmp_path):
    store = Store.of(empty(tmp_path))
    yield store
    await store.close()


def row_of(table):
    """A value in each column that must have one."""
    return {column.name: SAMPLES[column.type.python_type] for column in table.columns if not column.nullable}


async def fill(store, without=frozenset()):
    async with store.write() as session:
        for table in set(tables.metadata.tables.values()) - without:
            await session.run(sa.insert(table).values(**row_of(table)))


async def contents(store, without=frozenset()):
    async with store.read() as session:
        return {
            # Columns that were added later can be empty, and are.
            table.name: [
                tuple(row) for row in await session.rows(sa.select(*(table.columns[c] for c in row_of(table))))
            ]
            for table in tables.metadata.tables.values()
            if table not in without
        }


async def set_revision(store, name):
    async with store.write() as session:
        await session._connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{name}'"))


async def test_a_database_made_by_migrating_has_the_tables_that_the_program_knows(blank):
    await blank.create_tables()
    async with blank.read() as session:
        found = await session._connection.run_sync(
            lambda connection: compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True}),
                tables.metadata,
            )
        )
    assert found == []


async def test_a_table_that_no_revision_makes_is_noticed(blank):
    await blank.create_tables()
    forgotten = sa.MetaData()
    for table in tables.metadata.tables.values():
        table.to_metadata(forgotten)
    sa.Table("forgotten", forgotten, sa.Column("id", sa.Integer, primary_key=True))
    async with blank.read() as session:
        found = await session._connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), forgotten)
        )
    assert [change for change, *_ in found] == ["add_table"]


async def test_up_and_down_keep_every_row(blank):
    assert await blank.migrate(FIRST) == (None, FIRST)
    await fill(blank, without=ADDED_LATER)
    before = await contents(blank, without=ADDED_LATER)
    assert all(before.values())
    assert await blank.migrate(HEAD) == (FIRST, LATER[-1])
    assert await contents(blank, without=ADDED_LATER) == before
    for expected in [FIRST, *LATER][-2::-1]:
        assert (await blank.migrate(DOWN))[1] == expected
    assert await contents(blank, without=ADDED_LATER) == before
    assert await blank.migrate(HEAD) == (FIRST, LATER[-1])
    assert await contents(blank, without=ADDED_LATER) == before


async def test_every_table_can_be_filled_at_the_newest_revision(blank):
    await blank.create_tables()
    await fill(blank)
    assert all((await contents(blank)).values())


async def test_a_database_from_before_revisions_is_taken_up_with_its_rows(blank):
    await blank.migrate(FIRST)
    await fill(blank, without=ADDED_LATER)
    before = await contents(blank, without=ADDED_LATER)
    async with blank.write() as session:
        await session._connection.execute(sa.text("DROP TABLE alembic_version"))
    with pytest.raises(WrongSchema, match=r"older than this program.*heitje migrate"):
        await blank.create_tables()
    assert await blank.migrate(HEAD) == (FIRST, LATER[-1])
    assert await contents(blank, without=ADDED_LATER) == before
    await blank.create_tables()


async def test_tables_of_another_version_are_refused_and_left_as_they_are(blank):
    await blank.migrate(FIRST)
    with pytest.raises(WrongSchema, match=f"at revision {FIRST}, older than this program.*heitje migrate"):
        await blank.create_tables()
    await blank.migrate(HEAD)
    await set_revision(blank, "9999")
    with pytest.raises(WrongSchema, match="at revision 9999, which is newer"):
        await blank.create_tables()
    with pytest.raises(CannotMigrate, match="does not know"):
        await blank.migrate(HEAD)


async def test_nothing_is_migrated_under_a_process_at_work(blank):
    await blank.create_tables()
    async with blank.write() as session:
        lease = {"name": "index", "owner": "somebody", "until": time.time() + 60, "fence": 1}
        await session.run(sa.insert(tables.lease).values(**lease))
    with pytest.raises(CannotMigrate, match="Stop all of them first"):
        await blank.migrate(DOWN)
    await blank.create_tables()


async def test_there_is_nothing_below_the_first_revision_and_none_that_nobody_wrote(blank):
    await blank.migrate(FIRST)
    with pytest.raises(CannotMigrate, match="nothing older"):
        await blank.migrate(DOWN)
    with pytest.raises(CannotMigrate, match="no revision 0815"):
        await blank.migrate("0815")


def test_the_command_brings_a_database_up_and_says_where_it_is(tmp_path):
    database = empty(tmp_path)

    def migrate(*options):
        return CliRunner().invoke(app, ["migrate", *options], env={"HEITJE_DATABASE": database})

    assert migrate().stdout == f"The database is at revision {LATER[-1]}; it was empty.\n"
    assert migrate("--down").stdout == f"The database is at revision {LATER[-2]}; it was at {LATER[-1]}.\n"
    assert migrate("--to", FIRST).stdout == f"The database is at revision {FIRST}; it was at {LATER[-2]}.\n"
    refused = migrate("--down")
    assert refused.exit_code == 3
    assert refused.stderr.startswith("Nothing was changed: there is nothing older")
    assert migrate("--to", LATER[-1]).stdout == f"The database is at revision {LATER[-1]}; it was at {FIRST}.\n"
    assert migrate().stdout == f"The database is at revision {LATER[-1]}; as it was.\n"


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("mysql://somebody@somewhere/heitje", "of the kind mysql"),
        ("postgresql://somebody:secret@localhost:1/heitje", "cannot be used"),
    ],
)
def test_a_database_that_is_not_there_is_named_without_its_password(database, said):
    answer = CliRunner().invoke(app, ["migrate", "--database", database])
    assert answer.exit_code == 3
    assert said in answer.stderr
    assert "secret" not in answer.stderr
