# SPDX-License-Identifier: EUPL-1.2
"""Rows of limits are added without touching what was issued; switches and dates say what they mean before they move."""

import pytest

from scripts._support.limits import additions, in_force
from tests.chain.scripts.conftest import BIG, profile
from tests.support.scripts import month

ROW = (
    '[[rules]]\nvalid_from = "{month}"\nvalid_to = "{month}"\n'
    "hourly_adult = {hourly}\nhourly_youth = 335\nmonth_limit = 21500\n"
    'year_limit = 215000\nheadroom = 0\nconfirmed = {confirmed}\nsource = "a test"\n\n'
)
NEXT = "# Codes of Statistics"


def with_rows(town, name, *rows):
    text = "".join(ROW.format(month=m, hourly=hourly, confirmed=confirmed) for m, hourly, confirmed in rows)
    return town.write(name, profile().replace(NEXT, text + NEXT, 1))


def rules(town, *more, code=0, account="rules"):
    return town.run("rules", *more, "--account", account, *town.common("rules.json"), code=code)


def test_everybody_sees_the_rows_and_which_is_in_force(town):
    said = town.run("rules", "--deployment", town.deployment)
    assert f"In force in {month(0)}, since 2025-01: 5.60 euros an hour (3.30 euros under 21)" in said
    assert "resident-to-resident: off" in said


def test_confirmed_rows_are_added_once_and_a_wrong_one_is_superseded(town):
    wrong = with_rows(town, "wrong.toml", (month(1), 999, "true"), (month(2), 580, "true"))
    rules(town, "--add", wrong)
    assert town.call("registry", "ruleFor", 12 * 3000)["hourlyAdult"] == 580
    mended = with_rows(town, "mended.toml", (month(1), 570, "true"), (month(2), 580, "true"))
    said = rules(town, "--add", mended)
    assert said.count("To do: add limits") == 2
    assert (town.folder / "deployment.profile.toml").read_text() == mended.read_text(), "what status compares with"
    index = int(month(1)[:4]) * 12 + int(month(1)[5:]) - 1
    assert town.call("registry", "ruleFor", index)["hourlyAdult"] == 570
    assert town.call("registry", "ruleFor", index + 1)["hourlyAdult"] == 580
    assert "Nothing was left to do" in rules(town, "--add", mended)
    assert f"row 3, from {month(1)}, superseded by a later row: 9.99 euros" in town.run(
        "rules", "--deployment", town.deployment
    )


def test_rows_without_a_source_or_for_months_already_issued_for_are_refused(town):
    guessed = with_rows(town, "guessed.toml", (month(1), 570, "false"))
    assert f"{month(1)}: its figures were not read in a published source" in rules(town, "--add", guessed, code=1)
    draft = with_rows(town, "draft.toml", (month(1), 570, "true"), (month(2), 580, "false"))
    assert f"Refused: {month(2)}: its figures" in rules(town, "--add", draft, "--dry-run")
    town.report_file("earned.csv", [(BIG, town.number("ann"), 60, "")])
    town.run(*town.attest("earned.csv"))
    town.run(*town.mint("earned"))
    late = with_rows(town, "late.toml", (month(-1), 570, "true"))
    said = rules(town, "--add", late, code=1)
    assert f"{month(-1)}: rewards were issued for" in said
    assert "corrected one by one, by a clawback" in said
    other = town.write("other.toml", profile().replace('id = "heerlen"', 'id = "elsewhere"'))
    assert "is the profile of elsewhere" in rules(town, "--add", other, code=1)
    assert "needs the role RULES" in rules(town, "--transfers", "resident-to-resident=on", account="admin", code=1)
    assert town.call("registry", "counts")[2] == 3


def test_payments_between_residents_are_switched_with_a_warning_about_the_law(town):
    def switch(*texts, code=0):
        return rules(town, *(part for text in texts for part in ("--transfers", text)), code=code)

    assert "WARNING: credits can then pass from hand to hand" in switch("resident-to-resident=on")
    said = town.run("rules", "--deployment", town.deployment)
    assert "resident-to-resident: ON, so the scheme is no longer a closed loop" in said
    assert "Nothing was left to do" in switch("resident-to-resident=on")
    said = switch("resident-to-resident=off merchant-to-merchant=on")
    assert town.receipt("rules.json")["transfers"] == {"resident-to-resident": False, "merchant-to-merchant": True}
    assert "WARNING" not in switch("merchant-to-merchant=off")
    for wrong in ("resident-to-merchant=off", "resident-to-resident=yes"):
        assert "is not one of" in switch(wrong, code=2)
    assert "both on and off" in switch("resident-to-resident=on", "resident-to-resident=off", code=2)


def test_dates_that_the_token_would_refuse_are_refused_in_words(town):
    def winddown(*more, code=0):
        return town.run("winddown", *more, "--account", "admin", *town.common("winddown.json"), code=code)

    said = winddown("--issue-until", "2027-01-01", code=1)
    assert "what was promised is not taken back" in said
    said = winddown("--issue-until", "2035-12-31", code=1)
    assert "pay-until must be at least 366 days after issue-until" in said
    assert "--pay-until 2036-12-31 or later" in said
    assert "is not a day such as" in winddown("--issue-until", "soon", code=2)
    ends = town.call("token", "rules")[2:]
    winddown("--issue-until", "2035-12-31", "--pay-until", "2036-12-31", "--redeem-until", "31-12-2037")
    assert all(new > old for new, old in zip(town.call("token", "rules")[2:], ends, strict=True))
    assert town.receipt("winddown.json")["issueUntil"]["text"] == "31 December 2035 23:59 (Europe/Amsterdam)"


def test_a_date_that_has_passed_cannot_be_moved(town):
    town.anvil.move_time_to(town.call("token", "rules")[2] + 1)
    arguments = ("--account", "admin", *town.common("winddown.json"))
    said = town.run("winddown", "--deployment", town.deployment)
    assert "No rewards are minted any more" in said
    said = town.run("winddown", "--issue-until", "2040-01-01", *arguments, code=1)
    assert "what has ended cannot begin again" in said
    town.run("winddown", "--redeem-until", "2040-01-01", *arguments)


# Which rows must be added


def row(month_, hourly):
    return {"validFrom": month_, "hourlyAdult": hourly}


A, B, C = row(100, 1), row(110, 2), row(120, 3)


@pytest.mark.parametrize(
    ("on_chain", "profile_rows", "last", "added"),
    [
        pytest.param([A], [A], 105, [], id="all are there"),
        pytest.param([A], [A, B, C], 105, [B, C], id="new rows"),
        pytest.param([A, C], [A, B, C], 105, [B, C], id="one in between also brings back the later one"),
        pytest.param([A, row(110, 9)], [A, B], 105, [B], id="a wrong one is superseded"),
        pytest.param([A, row(110, 9), B], [A, B], 105, [], id="it was superseded before"),
    ],
)
def test_rows_are_added_until_the_chain_says_what_the_profile_says(on_chain, profile_rows, last, added):
    found = additions(on_chain, profile_rows, last)
    assert (found.rows, found.problems) == (added, [])
    for month_ in range(last + 1, 130):
        assert in_force([*on_chain, *found.rows], month_) == in_force(profile_rows, month_)


def test_a_mistaken_row_that_only_an_old_row_could_undo_is_said_to_need_a_new_one():
    found = additions([A, row(110, 9)], [A], 105)
    assert ["put a row with its figures" in problem for problem in found.problems] == [True]
