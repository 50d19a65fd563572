# SPDX-License-Identifier: EUPL-1.2
"""Reports that are cancelled and rewards that are reduced, through the real service to a real chain."""

import pytest

from heitje.chain.words import uid_of
from tests.support.acts import come_to_now, long_ago, reduction_body, report_cancellation_body
from tests.support.city import DAY, City
from tests.support.service import Service, report_body, until

MEMBERS = (101, 102, 103)


@pytest.fixture(scope="module")
def place():
    """A city with an activity in which something was reduced long enough ago to be taken back now."""
    with long_ago(60) as anvil:
        city = City.found(anvil.url, months_back=3)
        city.enrol(residents=MEMBERS, merchants=[500])
        activity = city.open_activity(closes_in=90 * DAY)
        city.issue(activity, dict.fromkeys(MEMBERS, 120))
        city.send("programme", "registry", "reduce", uid_of(activity, 103), 60)
        city.pay(103, 500, 900)
        come_to_now(anvil)
        yield city, activity


@pytest.fixture(scope="module")
def city(place):
    return place[0]


@pytest.fixture(scope="module")
def activity(place):
    return place[1]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city) as running:
        yield running


def test_an_attester_takes_minutes_off_and_the_reward_says_so(service, city, activity):
    uid = uid_of(activity, 101)
    path = f"/v1/attestations/{uid}"
    before = service.get(path).body
    assert (before["status"], before["kept"], before["struck"], before["corrections"]) == ("issued", 120, "0", [])
    body = reduction_body(city, uid, 90)
    answer = service.post(f"{path}/reductions", body, wait=30)
    assert (answer.status, answer.body["state"], answer.body["kind"]) == (200, "final", "reduction")
    assert service.get(answer.headers["location"]).body["uid"] == str(uid)
    after = service.get(path).body
    assert (after["status"], after["minutes"], after["kept"], after["struck"]) == ("reduced", 120, 90, "250")
    assert after["corrections"][0]["attester"] == body["attester"]
    rewards = service.get(f"/v1/rewards?activity={activity}&number=101").body["items"]
    assert [(one["amount"], one["struck"], one["clawbackFrom"]) for one in rewards] == [
        ("1000", "250", after["clawbackFrom"])
    ]
    assert service.post(f"{path}/reductions", body).body["state"] == "final"
    late = service.post(f"{path}/reductions", reduction_body(city, uid, 90))
    assert (late.status, late.code) == (409, "reward_final")


def test_a_reduction_to_less_is_another_and_overtakes_one_to_more(service, city, activity):
    uid = uid_of(activity, 102)
    path = f"/v1/attestations/{uid}/reductions"
    assert service.post(path, reduction_body(city, uid, 100), wait=30).body["state"] == "final"
    both = [service.post(path, reduction_body(city, uid, kept)) for kept in (80, 60)]
    city.send("programme", "registry", "reduce", uid, 50)
    ended = [service.wait_for(answer.headers["location"]) for answer in both if answer.status in (200, 202)]
    assert all(one["state"] == "final" or one["failure"]["code"] == "reduced_otherwise" for one in ended)
    shown = until(lambda: service.get(f"/v1/attestations/{uid}").body, lambda body: body["kept"] == 50)
    assert shown["corrections"][-1]["attester"] is None


def test_what_is_taken_back_is_told_with_what_was_not_there(service, city, activity):
    uid = uid_of(activity, 103)
    city.send("clawback", "registry", "clawback", uid)
    shown = until(lambda: service.get(f"/v1/attestations/{uid}").body, lambda body: body["status"] == "clawed_back")
    # 1000 cents were earned and 900 spent; 500 were struck.
    assert (shown["struck"], shown["burned"], shown["writtenOff"]) == ("500", "100", "400")
    assert [step["kind"] for step in shown["corrections"]] == ["reduction", "clawback"]
    held = service.get(f"/v1/activities/{activity}").body
    assert (held["issued"], held["clawedBack"]) == ("3000", "100")
    ledger = service.get("/v1/ledger").body
    assert (ledger["clawedBack"], ledger["holds"]) == ("100", True)
    assert service.get(f"/v1/accounts/{city.address_of(103)}").body["balance"] == "0"
    late = service.post(f"/v1/attestations/{uid}/reductions", reduction_body(city, uid, 0))
    assert (late.status, late.code) == (409, "reward_final")


def test_only_a_present_attester_reduces_what_there_is(service, city, activity):
    uid = uid_of(activity, 101)
    stranger = service.post(f"/v1/attestations/{uid}/reductions", reduction_body(city, uid, 1, "stranger"))
    assert (stranger.status, stranger.body["contract"]["error"]) == (422, "AttesterNotAppointed")
    nothing = uid_of(activity, 999)
    assert service.post(f"/v1/attestations/{nothing}/reductions", reduction_body(city, nothing, 1)).status == 404
    assert service.get(f"/v1/attestations/{nothing}").code == "not_found"
    changed = {**reduction_body(city, uid, 2), "minutes": 1}
    assert service.post(f"/v1/attestations/{uid}/reductions", changed).code == "signature_invalid"
    assert service.post(f"/v1/attestations/{uid}/reductions", reduction_body(city, uid, 1, deadline=1)).code == (
        "deadline_passed"
    )


def test_a_cancelled_report_is_not_issued_any_more(service, city):
    report = city.report(city.open_activity(), {101: 30})
    path = f"/v1/reports/0x{report.digest.hex()}/cancellation"
    own = f"?attester={city.signer('attester').address}"
    assert service.get(path + own).code == "not_found"
    answer = service.post(path, report_cancellation_body(city, report.digest), wait=30)
    assert (answer.status, answer.body["state"], answer.headers["location"]) == (200, "final", path + own)
    assert service.get(path + own).body["id"] == answer.body["id"]
    late = service.post("/v1/reports", report_body(report))
    assert (late.status, late.code) == (409, "report_cancelled")


def test_another_attesters_cancellation_is_not_told_as_the_reports(service, city):
    report, programme = city.report(city.open_activity(), {101: 30}), city.programme
    city.open_programme(1_000, attester="attester of others")
    city.programme = programme
    path = f"/v1/reports/0x{report.digest.hex()}/cancellation"
    body = report_cancellation_body(city, report.digest, "attester of others")
    until(lambda: service.post(path, body, wait=30).status, lambda status: status == 200)
    by_others = f"{path}?attester={body['attester']}"

    unknown = service.get(path)
    assert (unknown.status, unknown.code, "name its attester" in unknown.body["detail"]) == (404, "not_found", True)
    assert service.get(by_others).body["attester"] == body["attester"]

    issued = service.post("/v1/reports", report_body(report), wait=30)
    assert issued.body["state"] == "final"
    assert (service.get(path).status, service.get(by_others).status) == (404, 200)


def test_a_report_that_was_issued_cannot_be_cancelled(service, city):
    report = city.report(city.open_activity(), {101: 30})
    assert service.post("/v1/reports", report_body(report), wait=30).body["state"] == "final"
    path = f"/v1/reports/0x{report.digest.hex()}/cancellation"
    late = service.post(path, report_cancellation_body(city, report.digest))
    assert (late.status, late.code) == (409, "report_issued")
    other = service.post(path, report_cancellation_body(city, report.digest, "stranger"))
    assert (other.status, other.code) == (422, "not_its_attester")


def test_a_report_under_way_has_failed_when_the_municipality_cancels_it(city, tmp_path):
    report = city.report(city.open_activity(), {102: 30})
    # It waits for others to share the transaction, for longer than the municipality takes.
    with Service(tmp_path, city, HEITJE_LINGER="8") as slow:
        taken = slow.post("/v1/reports", report_body(report))
        assert taken.status == 202
        city.send("programme", "registry", "cancelReport", report.digest)
        ended = slow.wait_for(taken.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "report_cancelled")
    assert "Nothing was minted" in ended["failure"]["title"]
