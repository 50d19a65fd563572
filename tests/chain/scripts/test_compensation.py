# SPDX-License-Identifier: EUPL-1.2
"""The limits of the volunteer compensation, to the cent and to the minute, on a chain whose clock is the test's.

The scripts must name what is over a limit, and the registry must refuse it from whoever comes without them.
"""

import json
from datetime import datetime

import pytest

from heitje.chain import typed_data
from heitje.chain.abi import decode_revert
from heitje.chain.words import uid_of
from heitje.city.profile import profile_text
from tests.chain.audit.command import heitje
from tests.chain.scripts.conftest import found, officials
from tests.support.anvil import Anvil, RpcRefused
from tests.support.scripts import Town
from tests.support.signed import signer_of

HALF = 1125
"""Minutes at 5.60 an hour that are 105.00: half of a month's limit."""
HEAD = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work\n"


def utc(text):
    """A moment such as `2027-12-31T22:30` as Unix time; a `+01:00` may follow."""
    moment = datetime.fromisoformat(text)
    return int(datetime.fromisoformat(text if moment.tzinfo else f"{text}+00:00").timestamp())


def city_at(folder, start, activities):
    """A city founded at that moment by the real scripts, with these activities and three residents."""
    with Anvil(f"--timestamp={utc(start)}") as anvil, Town(folder, anvil) as town:
        town.write("profile.toml", profile_text("heerlen")[0])
        town.write("officials.toml", officials())
        attester = signer_of("attester").address
        town.write(
            "programme.toml",
            f'[[programme]]\nname = "all"\nbudget_euros = 9000\nfrom = "2027-01"\nto = "2028-12"\n'
            f'attesters = ["{attester}"]\n',
        )
        town.write("activities.csv", HEAD + "\n".join(activities))
        town.members_file("members.csv", dict.fromkeys(("ann", "bea", "cas", "beside"), "resident"))
        town.run(*found(town, "--rehearsal"))
        town.run(*town.enrol("members.csv"))
        programme = ("--account", "programme", *town.common("programme.json"))
        town.run("programme", town.folder / "programme.toml", *programme)
        town.run("activity", town.folder / "activities.csv", *programme)
        yield town
        audited = heitje(folder, "audit", "--rpc", anvil.url, "--token", town.contracts["token"])
        assert audited.returncode == 0, audited.stdout + audited.stderr
        assert "THE BOOKS ARE RIGHT" in audited.stdout


def earn(town, name, *lines):
    """Attests and mints a file of (activity, person, minutes), all of which must be right."""
    town.report_file(f"{name}.csv", [(activity, town.number(who), minutes, "") for activity, who, minutes in lines])
    town.run(*town.attest(f"{name}.csv"))
    town.run(*town.mint(name))


def must_be_refused(town, name, activity, who, minutes, words, error):
    """The line is named by `attest` and by `mint`, and the registry itself refuses the report with this error.

    A good line stands beside it, because a report of which nothing could be minted is not even signed.
    """
    issued = town.call("token", "ledger")
    lines = [(activity, town.number(person), spent, "") for person, spent in (("beside", 1), (who, minutes))]
    town.report_file(f"{name}.csv", lines)
    assert words in town.run(*town.attest(f"{name}.csv"), code=1)
    town.run(*town.attest(f"{name}.csv", "--skip-bad"))
    assert words in town.run(*town.mint(name), code=1)
    (path,) = (town.folder / name).glob("*.report.json")
    assert issue_past_the_scripts(town, path) == error
    assert town.call("token", "ledger") == issued


def issue_past_the_scripts(town, path):
    """What the registry says to a signed report that an issuer releases whole: the name of its error, or None."""
    document = json.loads(path.read_text())
    body = document["report"]
    lines = [(item["number"], item["minutes"], bytes.fromhex(item["evidence"][2:])) for item in body["lines"]]
    report = (body["attester"], body["activity"], lines, body["deadline"], int(body["serial"]))
    issuer, digest = signer_of("issuer"), bytes.fromhex(document["digest"][2:])
    release = typed_data.release_digest(town.domain("registry"), issuer.address, digest, 0)
    signatures = (bytes.fromhex(document["signature"][2:]), issuer.address, issuer.sign_digest(release))
    try:
        town.call("registry", "issue", report, *signatures, 0)
    except RpcRefused as refused:
        return decode_revert(bytes.fromhex(refused.data[2:])).name
    return None


def months_of_2027():
    """Two activities of 105.00 and one of a cent in every month; the third can go over a limit by a cent."""
    for month in range(1, 12):
        for number, rate in enumerate(("5,60", "5,60", "0,60"), 1):
            yield f"{month}-{number};Garden;1;2027-{month:02d}-02;12:00;{rate};{HALF};yes;yes"


def halves(month):
    """The numbers of a month's two activities of 105.00."""
    return 3 * month - 2, 3 * month - 1


def a_cent(month):
    """The number of a month's activity of a cent a minute."""
    return 3 * month


@pytest.fixture
def year(tmp_path):
    yield from city_at(tmp_path, "2027-01-10T12:00", months_of_2027())


def test_the_month_and_the_year_are_full_at_the_last_cent_and_not_before(year):
    town = year
    earn(town, "january", *((activity, "ann", HALF) for activity in halves(1)))
    assert town.call("token", "balanceOf", town.person("ann").address) == 210_00
    words = "0.01 euros, but member {} has 0.00 euros left in 2027-01".format(town.number("ann"))
    must_be_refused(town, "over_a_month", a_cent(1), "ann", 1, words, "LineMonthLimit")
    earn(town, "another_person", (a_cent(1), "bea", 1))

    for last in (3, 6, 9, 10):
        town.anvil.move_time_to(utc(f"2027-{last:02d}-20T12:00"))
        months = range(max(2, last - 2), last + 1) if last < 10 else (10,)
        lines = [(activity, "ann", HALF) for month in months for activity in halves(month)]
        earn(town, f"until_{last}", *lines)
    issued = town.call("token", "ledger")[0]
    assert issued == 2_100_00 + 1

    town.anvil.move_time_to(utc("2027-11-20T12:00"))
    words = "0.01 euros, but member {} has 0.00 euros left in 2027".format(town.number("ann"))
    must_be_refused(town, "over_a_year", a_cent(11), "ann", 1, words, "LineYearLimit")
    earn(town, "another_in_november", (a_cent(11), "bea", 1))


def test_one_cent_below_the_months_limit_leaves_room_for_exactly_one(year):
    town = year
    one, other = halves(1)
    earn(town, "nearly", (one, "cas", HALF), (other, "cas", HALF - 1))
    # 1 124 minutes at 5.60 are 104.906…; whole cents are paid, rounded down: 104.90. What is left is 0.10.
    assert town.call("token", "balanceOf", town.person("cas").address) == 209_90
    words = "0.11 euros, but member {} has 0.10 euros left in 2027-01".format(town.number("cas"))
    must_be_refused(town, "eleven", a_cent(1), "cas", 11, words, "LineMonthLimit")
    earn(town, "ten", (a_cent(1), "cas", 10))
    assert town.call("token", "balanceOf", town.person("cas").address) == 210_00


@pytest.fixture
def new_year(tmp_path):
    activities = [
        f"D1;Garden;1;2027-12-05;12:00;5,60;{HALF};yes;yes",
        f"D2;Garden;1;2027-12-06;12:00;5,60;{HALF};yes;yes",
        "EVE;Night watch;1;2027-12-31;23:30;5,60;240;yes;yes",
        "DAY;Night watch;1;2028-01-01;0:30;5,60;240;yes;yes",
    ]
    yield from city_at(tmp_path, "2027-12-20T12:00", activities)


EVE, DAY = 3, 4


def test_the_day_on_the_citys_calendar_decides_the_month_although_the_chain_counts_in_utc(new_year):
    """Half past midnight of 1 January in Amsterdam is half past eleven of 31 December in UTC."""
    town = new_year
    opened = [town.call("registry", "activityOf", number) for number in (EVE, DAY)]
    assert [item["month"] for item in opened] == [12 * 2027 + 11, 12 * 2028]
    assert [item["opensAt"] for item in opened] == [utc("2027-12-31T22:30"), utc("2027-12-31T23:30")]
    earn(town, "december", (1, "ann", HALF), (2, "ann", HALF))

    town.anvil.move_time_to(utc("2027-12-31T23:40"))
    full = "has 0.00 euros left in 2027-12"
    must_be_refused(town, "eve", EVE, "ann", 60, full, "LineMonthLimit")
    earn(town, "eve_of_another", (EVE, "bea", 60))
    # The first minutes of the city's January are December to the chain, which rewards no month to come.
    early = "is of 2028-01; rewards are for 2027-10 to 2027-12"
    town.report_file("early.csv", [(DAY, town.number("ann"), 60, "")])
    assert early in town.run(*town.attest("early.csv"), code=1)

    town.anvil.move_time_to(utc("2028-01-01T00:10"))
    earn(town, "day", (DAY, "ann", 60))
    must_be_refused(town, "eve_again", EVE, "ann", 60, full, "LineMonthLimit")
    for activity, who, month in ((EVE, "bea", 12 * 2027 + 11), (DAY, "ann", 12 * 2028)):
        attestation = town.call("registry", "attestationOf", uid_of(activity, town.number(who)))
        assert (attestation["month"], attestation["amount"]) == (month, 5_60)


def test_an_activity_for_under_21_cannot_pay_what_adults_may_get(new_year):
    town = new_year
    refused = "line 2: 5.60 euros an hour; the limit for under 21 is 3.30 euros"
    line = "Y;Swings;1;2027-12-19;12:00;{};60;{};yes"
    programme = ("--account", "programme", *town.common("young.json"))
    town.write("young.csv", HEAD + line.format("5,60", "no"))
    assert refused in town.run("activity", town.folder / "young.csv", *programme, code=1)
    town.write("young.csv", HEAD + line.format("3,31", "no"))
    assert "line 2: 3.31 euros an hour" in town.run("activity", town.folder / "young.csv", *programme, code=1)
    assert open_past_the_scripts(town, 331, adult=False) == "RateAboveLimit"
    assert open_past_the_scripts(town, 330, adult=False) is None
    assert open_past_the_scripts(town, 560, adult=True) is None
    assert open_past_the_scripts(town, 561, adult=True) == "RateAboveLimit"

    town.write("young.csv", HEAD + line.format("3,30", "no"))
    town.run("activity", town.folder / "young.csv", *programme)
    earn(town, "young", (5, "cas", 60))
    assert town.call("token", "balanceOf", town.person("cas").address) == 3_30


def open_past_the_scripts(town, rate, *, adult):
    """What the registry says to the programme's officer who opens an activity with this rate in cents an hour."""
    now = town.anvil.now()
    details = (1, 12 * 2027 + 11, rate, 60, now, now + 86_400, 0, adult, True, b"d" * 32)
    officer = signer_of("programme").address
    try:
        town.call("registry", "openActivity", details, sender=officer)
    except RpcRefused as refused:
        return decode_revert(bytes.fromhex(refused.data[2:])).name
    return None
