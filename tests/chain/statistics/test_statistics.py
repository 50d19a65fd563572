# SPDX-License-Identifier: EUPL-1.2
"""The statistics of a city that has lived for some months, as the real service tells them."""

import csv
import io
import time

import pytest

from heitje.chain.calendar import month_of, month_text
from tests.support.lived import AGO, RESIDENTS, lived
from tests.support.service import Service, signed_payment


@pytest.fixture(scope="module")
def city():
    with lived() as (_, found):
        yield found


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("statistics"), city) as running:
        yield running


@pytest.fixture(scope="module")
def months(service):
    return {item["month"]: item for item in service.get("/v1/statistics/months").body["items"]}


def test_the_months_add_up_to_the_four_sums_of_the_ledger(service, months):
    ledger = service.get("/v1/ledger").body
    names = {"issued": "issued", "redeemed": "settled", "expired": "expired", "clawedBack": "clawedBack"}
    for ours, theirs in names.items():
        assert sum(int(month[ours]) for month in months.values()) == int(ledger[theirs])


def test_there_is_a_line_for_every_month_up_to_now(months, city):
    first, last = month_of(int(time.time()) - AGO), month_of(city.now())
    assert list(months) == [month_text(month) for month in range(first, last + 1)]


def test_the_first_month_of_many_is_told_and_the_one_of_five_people_says_fewer_than_ten(months, city, service):
    through = service.get("/v1/statistics").body["through"]
    told = [month for month in months.values() if month["people"] is not None]
    few = [month for month in months.values() if month["peopleWithheld"] == "fewerThan10" and int(month["issued"])]
    assert [month["people"] for month in told] == [24]
    assert [int(month["issued"]) for month in few] == [5 * 500]
    assert list(months.values())[-1]["peopleWithheld"] == "notOver"
    assert through == list(months)[-2]


def test_a_programme_is_told_and_what_was_spent_and_after_how_many_days(service, months):
    rows = [row for row in service.get("/v1/statistics/programmes").body["items"] if row["issued"] is not None]
    assert [(row["programmes"], row["people"], row["issued"]) for row in rows] == [
        ([1], 12, str(12 * 1_000)),
        ([2], 15, str(12 * 500 + 3 * 250)),
    ]
    assert [month["spent"] for month in months.values() if month["spent"] is not None] == [str(24 * 300)]
    times = [row for row in service.get("/v1/statistics/spending-time").body["items"] if row["people"]]
    assert [(row["firstQuartileDays"], row["medianDays"], row["people"]) for row in times] == [(10, 10, 24)]


def test_a_download_says_the_same_as_json_and_names_its_description(service, months):
    answer = service.get("/ledger/downloads/months.csv")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert "months.csv-metadata.json" in answer.headers["link"]
    rows = list(csv.DictReader(io.StringIO(answer.body, newline="")))
    assert [row["month"] for row in rows] == list(months)
    assert [row["people"] for row in rows] == [str(month["people"] or "") for month in months.values()]
    described = service.get("/ledger/downloads/months.csv-metadata.json")
    assert [column["name"] for column in described.body["tableSchema"]["columns"]] == list(rows[0])


def test_a_table_that_is_not_there_is_a_problem(service):
    assert service.get("/ledger/downloads/people.csv").status == 422
    assert service.get("/v1/statistics/people").code == "not_found"


def test_the_statistics_hold_no_address_and_no_time_of_day(service, city):
    for name in ("months", "programmes", "neighbourhoods", "spending-time"):
        text = str(service.get(f"/v1/statistics/{name}").body)
        assert "0x" not in text
        assert "T" not in text.replace("True", "").replace("fewerThan10", "")


def test_what_happens_in_the_month_that_is_not_over_moves_only_the_sums(service, city, months):
    before = service.get("/v1/statistics/programmes").body["items"]
    city.issue(city.open_activity(), dict.fromkeys(RESIDENTS, 60))
    deadline = time.monotonic() + 15
    while (now := service.get("/v1/statistics/months").body["items"][-1])["issued"] == "0":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert (now["issued"], now["people"]) == (str(24 * 500), None)
    assert service.get("/v1/statistics/programmes").body["items"] == before


def test_a_payment_after_a_restart_is_read_from_the_same_books(city, tmp_path, service, months):
    payment = signed_payment(city, 101, 500, 50, int(city.call("token", "paymentNonce", city.address_of(101))))
    assert service.post("/v1/payments", payment, wait=10).body["state"] == "final"
    with Service(tmp_path, city) as anew:
        told = anew.get("/v1/statistics/months").body["items"]
        assert told[:-1] == [month for name, month in months.items()][:-1]
