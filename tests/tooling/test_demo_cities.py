# SPDX-License-Identifier: EUPL-1.2
"""The demo's cities: what it can be asked for, and that each city's data suits its profile."""

import csv
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from heitje.chain.calendar import end_of_epoch, epoch_of, month_of
from heitje.city.enrolments import class_words
from heitje.city.fields import parse_euros
from heitje.city.members import is_valid
from heitje.city.officials import parse_officials
from heitje.city.profile import available_profiles, load_profile
from tools.compile import ROOT
from tools.demo.office import Office
from tools.demo.people import City, MembersUnreadable
from tools.demo.place import UnknownCity, available, load


def demo(*arguments):
    command = [sys.executable, "-m", "tools.demo", "--once", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_every_profile_that_comes_along_can_be_lived_and_the_first_one_is_the_default():
    assert sorted(available()) == available_profiles()
    assert load(None) == load("heerlen")


def test_a_city_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UnknownCity, match="there are: heerlen, example"):
        load("atlantis")
    ended = demo("--city", "atlantis")
    assert ended.returncode == 1
    assert "There is no city 'atlantis'" in ended.stdout
    assert "Nothing was started" in ended.stdout


def test_a_members_file_that_is_none_stops_the_demo_before_it_starts(tmp_path):
    wrong = tmp_path / "members.csv"
    wrong.write_text("a;b\n1;2\n")
    with pytest.raises(MembersUnreadable, match="member, class and name"):
        City(load("example"), wrong)
    ended = demo("--city", "example", "--members", str(wrong))
    assert ended.returncode == 1
    assert "Nothing was started" in ended.stdout
    assert "There is no file" in demo("--report", str(tmp_path / "none.csv")).stdout


@pytest.mark.parametrize("name", available())
def test_the_data_of_a_city_suit_its_profile(name):
    place, profile = load(name), load_profile(load(name).profile)
    limits = profile.row_in_force(month_of(int(datetime.now(UTC).timestamp())))
    for activity in place.activities:
        most = limits.hourly_adult if activity.adult else limits.hourly_youth
        assert 0 < parse_euros(activity.euros_per_hour) <= most
    city = City(place, place.members)
    assert all(is_valid(person.member) for person in city.members)
    assert place.class_words() == {**class_words(profile.classes), "resident": "resident", "merchant": "merchant"}
    assert {person.role for person in city.members} == {"resident", "merchant"}
    with place.report.open(encoding="utf-8-sig") as file:
        separator = ";" if ";" in file.readline() else ","
        file.seek(0)
        reported = {row["activity"] for row in csv.DictReader(file, delimiter=separator)}
    assert {str(n) for n in range(1, place.open_activity)} < reported, "every activity but the open one, and a bad one"
    assert str(place.open_activity) not in reported


@pytest.mark.parametrize("name", available())
def test_the_officials_of_a_city_hold_every_role_apart(name, tmp_path):
    place = load(name)
    office = Office(tmp_path, "")
    city = City(place, place.members)
    office._write_officials(city)
    text = (tmp_path / "officials.toml").read_text()
    assert len(parse_officials(text, "officials.toml").members) == len({p.role for p in city.officials.values()}) - 3


@pytest.mark.parametrize("name", available())
@pytest.mark.parametrize("month", range(1, 13))
def test_what_is_earned_is_good_to_the_end_of_the_next_epoch(name, month):
    months = load_profile(load(name).profile).expiry.epoch_months
    moment = int(datetime(2027, month, 17, tzinfo=UTC).timestamp())
    assert load(name).good_until(moment) == end_of_epoch(epoch_of(moment, months) + 1, months)
