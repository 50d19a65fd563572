# SPDX-License-Identifier: EUPL-1.2
"""Reports through the real service to a real chain."""

import pytest

from tests.support.service import report_body

NEW = (101, 102, 103)


@pytest.fixture
def activity(city):
    return city.open_activity(max_minutes=120)


def test_a_report_is_issued_and_every_reward_is_listed(service, city, activity):
    answer = service.post("/v1/reports", report_body(city.report(activity, dict.fromkeys(NEW, 60))), wait=30)
    assert (answer.status, answer.body["state"]) == (200, "final")
    digest = answer.body["id"]
    rewards = service.get(f"/v1/rewards?report={digest}").body["items"]
    assert {(reward["number"], reward["amount"]) for reward in rewards} == {(number, "500") for number in NEW}
    shown = service.get(f"/v1/activities/{activity}").body
    assert (shown["rewarded"], shown["issued"]) == (3, "1500")
    assert int(city.call("registry", "counts")[1]) >= activity


@pytest.mark.parametrize(
    ("minutes", "error", "index", "words"),
    [
        ({101: 60, 102: 121}, "LineMinutes", 1, "Line 2: 121 minutes; the activity allows 120."),
        ({101: 60, 999: 60}, "NotResident", 1, "Line 2: member 999 is not a resident."),
        ({500: 60}, "NotResident", 0, "Line 1: member 500 is not a resident."),
        ({101: 0}, "LineAmountZero", 0, "It says: line amount zero."),
    ],
)
def test_a_bad_line_is_named_before_it_costs_a_transaction(service, city, activity, minutes, error, index, words):
    answer = service.post("/v1/reports", report_body(city.report(activity, minutes)))
    assert (answer.status, answer.code) == (422, "refused_by_contract")
    assert answer.body["contract"]["error"] == error
    assert answer.body["contract"]["index"] == index
    assert answer.body["detail"].startswith(words)


def test_bad_lines_that_the_issuer_leaves_out_do_no_harm(service, city, activity):
    report = city.report(activity, {101: 60, 102: 121}, skip=0b10)
    answer = service.post("/v1/reports", report_body(report), wait=30)
    assert answer.body["state"] == "final"
    assert service.get(f"/v1/activities/{activity}").body["rewarded"] == 1


def test_a_report_is_issued_once_whoever_asks_and_however_often(service, city, activity):
    report = city.report(activity, {101: 60})
    for _ in range(3):
        answer = service.post("/v1/reports", report_body(report), wait=30)
        assert (answer.status, answer.body["state"]) == (200, "final")
    assert len(service.get(f"/v1/rewards?activity={activity}").body["items"]) == 1


def test_a_report_somebody_else_carried_is_final_here_too(service, city, activity):
    report = city.report(activity, {101: 60})
    city.send("carrier", "registry", "issue", *report.arguments)
    service.wait_for(f"/v1/reports/0x{report.digest.hex()}", "final")
    answer = service.post("/v1/reports", report_body(report))
    assert (answer.status, answer.body["state"]) == (200, "final")


def test_the_same_person_twice_in_two_reports_under_way_is_refused(service, city, activity):
    first = service.post("/v1/reports", report_body(city.report(activity, {101: 60, 102: 60})))
    second = service.post("/v1/reports", report_body(city.report(activity, {102: 60, 103: 60})))
    assert second.code in ("report_overlaps", "refused_by_contract")
    assert service.wait_for(first.headers["location"])["state"] == "final"


def test_signatures_are_checked(service, city, activity):
    body = report_body(city.report(activity, {101: 60}))
    changed = {**body, "report": {**body["report"], "lines": [{**body["report"]["lines"][0], "minutes": 61}]}}
    assert service.post("/v1/reports", changed).code == "signature_invalid"
    assert service.post("/v1/reports", {**body, "skip": "2"}).code == "signature_invalid"
    assert service.post("/v1/reports", {**body, "issuerSignature": body["attesterSignature"]}).code == (
        "signature_invalid"
    )


def test_only_an_issuer_and_an_attester_can_sign(service, city, activity):
    nobody = service.post("/v1/reports", report_body(city.report(activity, {101: 60}, issuer="stranger")))
    assert nobody.code == "issuer_not_allowed"
    stranger = service.post("/v1/reports", report_body(city.report(activity, {101: 60}, attester="stranger")))
    assert stranger.body["contract"]["error"] == "AttesterNotAppointed"
