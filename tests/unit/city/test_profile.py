# SPDX-License-Identifier: EUPL-1.2
import pytest

from heitje.city.profile import ProfileError, available_profiles, load_profile, parse_profile, profile_text
from heitje.city.profile_checks import contrast
from heitje.city.roles import AT_ONCE, DUTIES, Role

HEERLEN = profile_text("heerlen")[0]
JANUARY_2026 = 12 * 2026
NEW_ROW = """[[rules]]
valid_from = "2026-01"
valid_to = "2026-12"
hourly_adult = 570
hourly_youth = 340
month_limit = 21000
year_limit = 210000
headroom = 0
confirmed = true
source = "made up by a test"

"""


def with_row(row):
    """Heerlen with one more row of limits."""
    before, rest = HEERLEN.split("# Codes of Statistics Netherlands")
    return before + row + "# Codes of Statistics Netherlands" + rest


def line_with(text, words, after=""):
    """The number of the first line that begins with these words, after another such line."""
    lines = text.split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith(after))
    return next(n for n, line in enumerate(lines[start:], start + 1) if line.startswith(words))


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


def test_after_the_last_confirmed_row_it_stays_in_force_and_that_is_said():
    profile = load_profile("heerlen")
    for month in (JANUARY_2026, JANUARY_2026 + 23):
        assert profile.row_in_force(month).valid_from == "2025-01"
    said = profile.limits_problem(JANUARY_2026)
    assert "No limits of the volunteer compensation are confirmed for 2026-01" in said
    assert "those of 2025-01, which were read for 2025-01 to 2025-12" in said
    assert "add a row with its source" in said
    assert "ape run rules" in said
    assert profile.limits_problem(JANUARY_2026 - 1) is None


def test_a_draft_row_changes_nothing_until_it_is_confirmed():
    draft = NEW_ROW.replace("confirmed = true", "confirmed = false")
    profile = parse_profile(with_row(draft), "city.toml")
    assert [row.valid_from for row in profile.rules] == ["2023-01", "2024-01", "2025-01", "2026-01"]
    assert [row.valid_from for row in profile.confirmed_rules] == ["2023-01", "2024-01", "2025-01"]
    assert profile.row_in_force(JANUARY_2026).valid_from == "2025-01"
    assert "confirmed for 2026-01" in profile.limits_problem(JANUARY_2026)

    confirmed = parse_profile(with_row(NEW_ROW), "city.toml")
    assert confirmed.row_in_force(JANUARY_2026).valid_from == "2026-01"
    assert confirmed.row_in_force(JANUARY_2026 - 1).valid_from == "2025-01"
    assert confirmed.limits_problem(JANUARY_2026 + 11) is None


def test_before_the_first_confirmed_row_nothing_is_in_force():
    profile = load_profile("heerlen")
    assert profile.row_in_force(12 * 2022 + 11) is None
    assert "nothing can be rewarded yet" in profile.limits_problem(12 * 2022 + 11)


def test_every_text_for_people_is_there_in_every_language_the_main_one_first():
    profile = load_profile("heerlen")
    assert profile.languages == ("nl", "en")
    assert profile.reasons(profile.refund_reasons)["3"] == "De ondernemer heeft erom gevraagd"
    assert profile.reasons(profile.refund_reasons, "en")["3"] == "The merchant asked for it"
    assert profile.classes.resident == {"nl": "inwoner", "en": "resident"}


def test_the_second_city_differs_in_everything_a_city_may_choose():
    one, other = load_profile("heerlen"), load_profile("example")
    same = [name for name in type(one).model_fields if getattr(one, name) == getattr(other, name)]
    assert same == []
    assert all("FICTITIOUS" in item.source for item in (*other.rules, *other.neighbourhoods))
    assert not all(row.confirmed for row in other.rules)
    assert (other.transfers.resident_to_resident, other.transfers.merchant_to_merchant) == (False, True)
    assert one.transfers == type(one.transfers)()


def test_roles_that_act_at_once_have_no_delay():
    profile = load_profile("heerlen")
    assert all(profile.delay(role) == 0 for role in AT_ONCE)
    assert all(profile.delay(role) > 0 for role in (Role.ADMIN, Role.RULES, Role.PROGRAMME))


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("months_back = 2", "months_back = 99", "months_back", "less than or equal to 12"),
        ("month_limit = 19000", 'month_limit = "19000"', "rules[1].month_limit", "valid integer"),
        ('valid_from = "2024-01"', 'valid_from = "2022-01"', "rules[2].valid_from", "each row must begin after"),
        ('valid_to = "2024-12"', 'valid_to = "2024-13"', "rules[2].valid_to", "match pattern"),
        ('time_zone = "Europe/Amsterdam"', 'time_zone = "Mars/Olympus"', "time_zone", "not a time zone"),
        ("unpauser = 0", "issuer = 5", "delays.issuer", "issuer acts at once"),
        ("unpauser = 0", "mayor = 5", "delays.mayor", "no role 'mayor'"),
        ("unpauser = 0", "unpauser = -1", "delays.unpauser", "greater than or equal to 0"),
        ("code = 9171001", "code = 91710  # again", "neighbourhoods[2].code", "in the list before"),
        ("code = 9171001", "kode = 9171001", "neighbourhoods[2].kode", "Extra inputs are not permitted"),
        ('1 = { nl = "De bank', '0 = { nl = "De bank', "refund_reasons.0", "from 1 to 65535"),
        ('3 = { nl = "De ondernemer', '3 = { fr = "De ondernemer', "refund_reasons.3", "no text in 'nl'"),
        ('3 = { nl = "De ondernemer', '3 = { fr = "De ondernemer', "refund_reasons.3.fr", "none of the profile's"),
        ('resident = { nl = "inwoner"', 'resident = { nl = ""', "classes.resident.nl", "at least 1 character"),
        ('merchant = { nl = "ondernemer"', 'merchant = { nl = "Inwoner"', "classes.merchant.nl", "class resident is"),
        ('languages = ["nl", "en"]', 'languages = ["nl", "en", "nl"]', "languages[3]", "stands there twice"),
        ('name = "Heerlens Heitje"', f'name = "{"é" * 16}"', "token.name", "longer than 31 bytes"),
        ("merchant_to_merchant = false", "merchant_to_merchant = 0", "transfers.merchant_to_merchant", "valid boolean"),
    ],
)
def test_errors_name_the_file_the_line_and_the_field(old, new, place, words):
    assert HEERLEN.count(old) == 1
    text = HEERLEN.replace(old, new)
    line = line_with(text, new)
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "city.toml")
    first, *rest = str(caught.value).split("\n")
    assert first == f"city.toml: {len(rest)} thing{' is' if len(rest) == 1 else 's are'} wrong"
    (about,) = [problem for problem in rest if problem.startswith(f"  line {line}: {place}: ")]
    assert words in about


@pytest.mark.parametrize(
    ("old", "new", "around", "words"),
    [
        ('symbol = "HEITJE"', "", "[token]", "token.symbol: Field required"),
        ('desk = { nl = "inwisselloket", en = "redemption desk" }', "", "[classes]", "classes.desk: Field required"),
        ("headroom = 0", "headroom = 19001", "[[rules]]", "rules[1]: headroom <= month_limit"),
        ('valid_to = "2023-12"', 'valid_to = "2022-12"', "[[rules]]", "rules[1]: valid_to must not be before"),
        ("confirmed = true", "confirmed = false", "[[rules]]", "rules: no row is confirmed"),
    ],
)
def test_what_is_missing_or_does_not_go_together_is_named_at_its_table(old, new, around, words):
    text = HEERLEN.replace(old, new)
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "city.toml")
    assert f"  line {line_with(text, around)}: {words}" in str(caught.value)


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_file():
    text = HEERLEN.replace("months_back = 2", "months_back = 99").replace("reclaim_days = 30", "reclaim_days = 0")
    text = text.replace("issue_years = 5\n", "").replace('id = "heerlen"\n', "")
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "city.toml")
    assert [line.split(": ")[-2].strip() for line in str(caught.value).split("\n")[1:]] == [
        "id",
        "months_back",
        "wind_down.issue_years",
        "redemption.reclaim_days",
    ]
    assert "  id: Field required" in str(caught.value)


@pytest.mark.parametrize("name", available_profiles())
def test_the_profiles_that_come_along_promise_enough_for_real_money(name):
    assert load_profile(name, real_money=True) == load_profile(name)


@pytest.mark.parametrize(
    ("old", "new", "around", "words"),
    [
        (
            "admin = 172800",
            "admin = 86399",
            "admin",
            "delays.admin: 86399 is less than 86400 seconds (a day): GUARDIAN",
        ),
        ("admin = 172800", "", "[delays]", "delays.admin: 0 is less than 86400 seconds (a day): GUARDIAN must be able"),
        ("rules = 172800", "rules = 0", "rules", "delays.rules: 0 is less than 86400"),
        ("programme = 86400", "programme = 3599", "programme", "delays.programme: 3599 is less than 3600"),
        ("pay_gap = 31622400", "pay_gap = 1", "pay_gap", "wind_down.pay_gap: 1 is less than 2592000 seconds (30 days)"),
        ("redeem_gap = 15811200", "redeem_gap = 1", "redeem_gap", "wind_down.redeem_gap: 1 is less than 2592000"),
        ("\nreclaim_days = 30", "\nreclaim_days = 13", "reclaim_days", "redemption.reclaim_days: 13 is less than 14: "),
        (
            "locked_reclaim_days = 60",
            "locked_reclaim_days = 27",
            "locked_reclaim_days",
            "redemption.locked_reclaim_days: 27 is less than 28: a payment, and a second one if it comes back",
        ),
        (
            "locked_reclaim_days = 60",
            "locked_reclaim_days = 29",
            "locked_reclaim_days",
            "redemption.locked_reclaim_days: 29 is less than reclaim_days: a lock would shorten",
        ),
        (
            "replacement_days = 14",
            "replacement_days = 0",
            "replacement_days",
            "objection.replacement_days: 0 is less than 7",
        ),
        ("clawback_days = 42", "clawback_days = 13", "clawback_days", "objection.clawback_days: 13 is less than 14"),
    ],
)
def test_a_profile_that_voids_its_promises_is_refused_for_real_money_and_taken_in_a_rehearsal(old, new, around, words):
    assert HEERLEN.count(old) == 1
    text = HEERLEN.replace(old, new)
    parse_profile(text, "city.toml")
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "city.toml", real_money=True)
    assert f"  line {line_with(text, around)}: {words}" in str(caught.value)


def test_a_file_that_is_no_toml_is_refused_with_its_line():
    with pytest.raises(ProfileError, match=r"^city.toml: not valid TOML: .*line 5"):
        parse_profile(HEERLEN.replace('name = "Heerlen"', "name = Heerlen"), "city.toml")


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


def test_colours_on_which_text_cannot_be_read_are_named_with_their_contrast():
    text = profile_text("example")[0]
    text = text.replace('colour = "#1d4e89"', 'colour = "#9ec5f5"').replace('dark = "#12345c"', 'dark = "#e0e8f0"')
    with pytest.raises(ProfileError) as error:
        parse_profile(text, "example.toml")
    assert "theme.colour: its contrast with white is 1.8 to 1, and text needs 4.5 to 1" in str(error.value)
    assert "theme.dark: its contrast with the light colour is 1.1 to 1" in str(error.value)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#FFFFFF", 4.48), ("#123456", "#123456", 1.0)]
)
def test_contrast_is_that_of_the_guidelines(one, other, ratio):
    assert round(contrast(one, other), 2) == ratio
