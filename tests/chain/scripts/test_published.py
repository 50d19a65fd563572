# SPDX-License-Identifier: EUPL-1.2
"""`activity --relayer`: what is opened on the chain is described to residents, by the real script and service."""

from tests.support.city import City
from tests.support.scripts import day
from tests.support.service import Service

COLUMNS = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work;starts;where;places;lat;lon"


def test_activities_are_published_as_they_are_opened_and_a_second_run_publishes_what_was_missed(town):
    line = f"TUIN;Wieden;1;{day(1)};16:30;5,60;240;ja;ja;14:00;Bij de poort;12;50,88812;5,98045"
    town.write("guests.csv", f"{COLUMNS}\n{line}\n")
    act = ("activity", town.folder / "guests.csv", "--account", "programme", *town.common("guests.json"))
    said = town.run(*act, "--relayer", "http://127.0.0.1:9", code=6)
    assert "The activities are open; run the same command again" in said
    folder = town.folder / "relayer"
    folder.mkdir()
    town.anvil.mine()
    with Service(folder, City(town.anvil.url, 31_337, town.contracts)) as service:
        said = town.run(*act, "--relayer", service.url)
        assert "Published: 1 description." in said
        newest = service.get("/v1/activities?limit=1").body["items"][0]
    described = town.receipt("guests.json")["activities"][0]
    assert newest["id"] == described["activity"]
    assert newest["details"] == described["description"]
    assert (newest["details"]["place"], newest["places"]) == ("Bij de poort", 12)
