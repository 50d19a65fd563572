# SPDX-License-Identifier: EUPL-1.2
from itertools import count

import pytest
from playwright.sync_api import sync_playwright

from tests.support.pages import CHROMIUM, FLAGS
from tests.support.service import Service
from tests.support.town import RESIDENTS, town


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/web/" in item.nodeid:
            item.add_marker(pytest.mark.web)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright):
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield running
    running.close()


@pytest.fixture(scope="module")
def chain_and_city():
    with town() as found:
        yield found


@pytest.fixture(scope="module")
def anvil(chain_and_city):
    return chain_and_city[0]


@pytest.fixture(scope="module")
def city(chain_and_city):
    return chain_and_city[1]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    # A passkey needs the name localhost; what people log in to must be where they are.
    with Service(tmp_path_factory.mktemp("service"), city, HEITJE_PUBLIC_URL="http://localhost:{port}") as running:
        yield running


@pytest.fixture(scope="module")
def url(service):
    return f"http://localhost:{service.port}"


@pytest.fixture(scope="module")
def residents(city):
    """Residents nobody has used yet, each with all the credits the town began with."""
    numbers = _unused(city)
    return lambda: next(numbers)


def _unused(city):
    yield from RESIDENTS
    for first in count(20_000, 20):
        more = range(first, first + 20)
        city.enrol(residents=more)
        city.issue(city.open_activity(), dict.fromkeys(more, 240))
        yield from more
