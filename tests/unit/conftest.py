# SPDX-License-Identifier: EUPL-1.2
import pytest

from heitje.store.session import Store
from tests.support.databases import place_of


@pytest.fixture
async def store(tmp_path):
    store = Store.of(place_of(tmp_path))
    await store.create_tables()
    yield store
    await store.close()
