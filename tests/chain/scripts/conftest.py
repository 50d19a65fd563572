# SPDX-License-Identifier: EUPL-1.2
"""A small city that the real scripts founded: members, two programmes, seven activities."""

import shutil

import pytest

from heitje.city.profile import profile_text
from tests.support.anvil import Anvil
from tests.support.scripts import Town, day, month, officials
from tests.support.signed import signer_of

RESIDENTS = ("ann", "bea", "cas", "dik", "eva", "fem", "official")
SHOPS = ("bakery", "bikes")
BIG, BIG_TOO, SMALL, TOMORROW, FOREIGN, POOR, CLOSED = range(1, 8)


def profile():
    """Heerlen, but with a year's limit that can be reached within a month."""
    return profile_text("heerlen")[0].replace("year_limit = 210000", "year_limit = 21000")


def programmes():
    attesters = ", ".join(f'"{signer_of(name).address}"' for name in ("attester", "admin"))
    months = f'from = "{month(-3)}"\nto = "{month(1)}"\n'
    return (
        f'[[programme]]\nname = "rich"\nbudget_euros = 5000\n{months}attesters = [{attesters}]\n'
        f'[[programme]]\nname = "not theirs"\nbudget_euros = 70\n{months}attesters = []\n'
        f'[[programme]]\nname = "poor"\nbudget_euros = 10\n{months}attesters = [{attesters}]\n'
    )


def activities():
    yesterday, tomorrow, before = day(-1), day(1), day(-2)
    end = "ja;ja;"
    return "\r\n".join(
        [
            "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work;closes",
            f"BIG;Festival;1;{yesterday};16:30;5,60;1440;{end}",
            f"BIG2;Festival 2;1;{yesterday};16:30;5,60;1440;{end}",
            f"SMALL;Litter;1;{yesterday};12:00;5,60;240;{end}",
            f"TOMORROW;Roses;1;{tomorrow};12:00;5,60;240;{end}",
            f"FOREIGN;Library;2;{yesterday};12:00;5,60;240;{end}",
            f"POOR;Pond;3;{yesterday};12:00;5,60;240;{end}",
            f"CLOSED;Park;1;{before};12:00;5,60;240;{end}{before}",
        ]
    )


def found(town, *more):
    """Founds the city of a town."""
    files = ("--profile", town.folder / "profile.toml", "--officials", town.folder / "officials.toml")
    return "deploy", *files, "--out", town.deployment, "--account", "deployer", "--yes", *more


@pytest.fixture(scope="package")
def city(tmp_path_factory):
    """The city; tests ask for `town`."""
    with Anvil() as anvil, Town(tmp_path_factory.mktemp("town"), anvil) as town:
        town.write("profile.toml", profile())
        town.write("officials.toml", officials())
        town.write("programmes.toml", programmes())
        town.write("activities.csv", activities())
        town.members_file("members.csv", dict.fromkeys(RESIDENTS, "resident") | dict.fromkeys(SHOPS, "merchant"))
        town.run_alone(*found(town, "--rehearsal"))
        town.run(*town.enrol("members.csv"))
        programme = ("--account", "programme", *town.common("programme.json"))
        town.run("programme", town.folder / "programmes.toml", *programme)
        town.run("activity", town.folder / "activities.csv", *programme)
        yield town


@pytest.fixture
def town(city):
    """The city as it was founded; what a test does to the chain and to the folder is undone."""
    snapshot = city.anvil.snapshot()
    files = {path: path.read_bytes() for path in city.folder.iterdir() if path.is_file()}
    before = set(city.folder.iterdir())
    yield city
    city.anvil.revert(snapshot)
    for path in set(city.folder.iterdir()) - before:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path, content in files.items():
        path.write_bytes(content)
