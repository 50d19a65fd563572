# SPDX-License-Identifier: EUPL-1.2
import json
from contextlib import contextmanager

import pytest

from tests.support.anvil import Anvil
from tests.support.city import GUARDIAN, PROGRAMME, City, signer_of
from tests.support.pages import DESKTOP, person
from tests.support.people import Person
from tests.support.service import Service, write_files
from tests.web.desk.officials import sit_down

RESIDENTS = tuple(range(101, 121))
SHOPS = (500, 501, 502)
DELAY = 8
"""Seconds between announcing and doing, for slow programme staff."""
WINDOW = 4
"""Seconds in which the owner of a lost phone can object."""


@pytest.fixture(scope="module")
def chain_and_city():
    with Anvil() as anvil:
        city = City.found(anvil.url, replacement_window=WINDOW)
        city.enrol(residents=RESIDENTS, merchants=SHOPS)
        city.issue(city.open_activity(), dict.fromkeys(RESIDENTS, 240))
        city.send("admin", "authority", "grantRole", PROGRAMME, signer_of("slow programme").address, DELAY)
        city.send("admin", "authority", "setRoleGuardian", PROGRAMME, GUARDIAN)
        anvil.rpc("evm_setAutomine", False)
        anvil.rpc("evm_setIntervalMining", 1)
        yield anvil, city


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    write_files(folder, city)
    # A city with a profile: published reasons, neighbourhoods and languages.
    deployment = json.loads((folder / "deployment.json").read_text())
    (folder / "deployment.json").write_text(json.dumps({**deployment, "city": "heerlen"}))
    (folder / "people.json").write_text(json.dumps({"actors": []}))
    environment = {"HEITJE_PUBLIC_URL": "http://localhost:{port}", "HEITJE_DEMO": str(folder / "people.json")}
    with Service(folder, city, **environment) as running:
        yield running


@pytest.fixture
def resident(service, city, url):
    """A member in the app, logged in: `resident(101)`."""
    return lambda number: Person.of(service, city.member(number), origin=url)


@pytest.fixture
def at_the_desk(browser, url):
    """An official in a browser of their own, logged in: `with at_the_desk("guardian") as page`."""

    @contextmanager
    def sit(name, device=DESKTOP, language="en"):
        with person(browser, url, device, language) as page:
            sit_down(page, signer_of(name), name, language)
            yield page

    return sit
