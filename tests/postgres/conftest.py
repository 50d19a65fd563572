# SPDX-License-Identifier: EUPL-1.2
"""What only PostgreSQL does: `make test-postgres` runs these, and nothing else can."""

import pytest

from heitje.store.session import Store
from tests.support.databases import place_of, server

collect_ignore_glob = [] if server() else ["test_*.py"]


@pytest.fixture
async def store(tmp_path):
    store = Store.of(place_of(tmp_path))
    yield store
    await store.close()


@pytest.fixture
async def other(tmp_path, store):
    """The same database, opened by somebody else."""
    other = Store.of(place_of(tmp_path))
    yield other
    await other.close()
