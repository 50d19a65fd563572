# SPDX-License-Identifier: EUPL-1.2
from datetime import date

import pytest

from heitje.city.profile import ProfileError, available_profiles, load_profile, parse_profile, profile_text
from heitje.city.roles import AT_ONCE, DUTIES, Role

HEERLEN = profile_text("heerlen")[0]


def test_heerlen_can_be_loaded_by_name():
    profile = load_profile("heerlen")
    assert (profile.name, profile.token.name, profile.time_zone) == ("Heerlen", "Heerlens Heitje", "Europe/Amsterdam")
    assert "heerlen" in available_profiles()


def test_the_limits_are_those_of_the_published_years_and_no_year_is_guessed():
    rows = {row.valid_from: row for row in load_profile("heerlen").rules}
    assert list(rows) == ["2023-01", "2024-01", "2025-01"]
    last = rows["2025-01"]
    assert (last.hourly_adult, last.hourly_youth, last.month_limit, last.year_limit) == (560, 330, 21_000, 210_000)
    assert all(row.confirmed and row.source for row in rows.values())


def test_an_unconfirmed_year_is_said_in_words():
    profile = load_profile("heerlen")
    assert "2025-01 is the last one confirmed" in str(profile.unconfirmed_year(date(2026, 1, 1)))
    assert profile.unconfirmed_year(date(2025, 12, 31)) is None


def test_roles_that_act_at_once_have_no_delay():
    profile = load_profile("heerlen")
    assert all(profile.delay(role) == 0 for role in AT_ONCE)
    assert all(profile.delay(role) > 0 for role in (Role.ADMIN, Role.RULES, Role.PROGRAMME))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "Heerlen"', "name = Heerlen", r"city.toml: not valid TOML: .*line 5"),
        ("months_back = 2", "months_back = 99", "months_back: .*less than or equal to 12"),
        ("month_limit = 19000", 'month_limit = "19000"', r"rules\[1\].month_limit: .*integer"),
        ("headroom = 0", "headroom = 19001", r"rules\[1\]: headroom <= month_limit"),
        ('valid_from = "2024-01"', 'valid_from = "2022-01"', "each row must begin after"),
        ('time_zone = "Europe/Amsterdam"', 'time_zone = "Mars/Olympus"', "not a time zone"),
        ("unpauser = 0", "issuer = 5", "issuer acts at once"),
        ("unpauser = 0", "mayor = 5", "no role 'mayor'"),
        ("unpauser = 0", "unpauser = 0\nsurprise = true", "surprise"),
        ('1 = "The bank returned', '0 = "The bank returned', "from 1 to 65535"),
        ('symbol = "HEITJE"', "", "token.symbol: Field required"),
    ],
)
def test_errors_name_the_file_and_the_field(old, new, words):
    assert old in HEERLEN
    with pytest.raises(ProfileError, match=words) as caught:
        parse_profile(HEERLEN.replace(old, new), "city.toml")
    assert str(caught.value).startswith("city.toml")


def test_an_unknown_profile_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ProfileError, match=r"there are: .*heerlen"):
        load_profile("atlantis")
    with pytest.raises(ProfileError, match="no such file"):
        load_profile(str(tmp_path / "none.toml"))


def test_every_duty_is_of_one_role_and_nobody_holds_sealed():
    functions = [(duty.contract, duty.function) for duty in DUTIES]
    assert len(functions) == len(set(functions))
    assert Role.SEALED not in {duty.role for duty in DUTIES}


def test_no_function_belongs_to_admin_itself_because_nobody_could_cancel_it():
    assert Role.ADMIN not in {duty.role for duty in DUTIES}
