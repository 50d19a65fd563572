# SPDX-License-Identifier: EUPL-1.2
"""What activities are, and who comes: descriptions and sign-ups on the real service and chain."""

import pytest

from heitje.city.openings import description_hash
from tests.support.people import JSON, Person
from tests.support.service import until
from tests.support.signed import signer_of
from tests.support.town import SHOPS

DAY = 86_400
GARDEN = {
    "code": "TUIN-1",
    "title": "Wieden in de buurttuin, samen: één uur",
    "date": "2026-12-01",
    "ends": "16:30",
    "neighbourhood": 9_171_001,
    "city": "testcity",
}
FULL = {**GARDEN, "starts": "14:00", "place": "Bij de poort", "places": 2, "lat": "50.88812", "lon": "5.98045"}


@pytest.fixture
def opened(service, city):
    """Opens an activity that is yet to come, and waits until the service knows it."""

    def opening(description=GARDEN, **others):
        others = {"held_in": DAY, **others}
        number = city.open_activity(description=description_hash(description), **others)
        until(lambda: service.get(f"/v1/activities/{number}").status, lambda status: status == 200)
        return number

    return opening


def put(service, activity, description):
    return service.request("PUT", f"/v1/activities/{activity}/description", description, JSON)


def test_before_somebody_brings_it_the_description_of_an_activity_is_unknown(service, opened):
    body = service.get(f"/v1/activities/{opened()}").body
    assert (body["details"], body["places"], body["signUps"]) == (None, None, 0)


def test_anybody_brings_the_description_whose_hash_is_on_the_chain(service, opened):
    activity = opened(FULL)
    assert put(service, activity, FULL).body["details"] == FULL
    again = put(service, activity, dict(reversed(FULL.items())))
    shown = service.get(f"/v1/activities/{activity}").body
    listed = service.get("/v1/activities?limit=1").body["items"][0]
    assert (again.status, shown["details"], shown["places"]) == (200, FULL, 2)
    assert listed == shown


@pytest.mark.parametrize(
    "change", [{"title": "Iets anders"}, {"places": 200}, {"place": "Elders"}, {"starts": None}, {"city": "elsewhere"}]
)
def test_another_description_is_refused(service, opened, change):
    activity = opened()
    refused = put(service, activity, GARDEN | change)
    assert (refused.status, refused.code) == (422, "description_differs")
    assert service.get(f"/v1/activities/{activity}").body["details"] is None


def test_a_description_of_nothing_or_of_another_form_is_refused(service, opened):
    activity = opened()
    assert put(service, 999_999, GARDEN).status == 404
    for wrong in ({**GARDEN, "more": 1}, {**GARDEN, "lat": 50.8}, {**GARDEN, "ends": "25:00"}, {"code": "x"}, [], "x"):
        assert put(service, activity, wrong).code == "invalid_request"


def test_a_resident_takes_a_place_sees_it_and_gives_it_back(service, city, residents, opened):
    person = Person.of(service, city.member(number := residents()))
    activity = opened()
    taken = person.post(f"/v1/activities/{activity}/sign-ups", None)
    assert (taken.status, taken.body["number"]) == (201, number)
    assert person.get("/v1/sign-ups").body["items"] == [taken.body]
    assert service.get(f"/v1/activities/{activity}").body["signUps"] == 1
    assert person.post(f"/v1/activities/{activity}/sign-ups", None).code == "already_signed_up"
    mine = f"/v1/activities/{activity}/sign-ups/mine"
    assert person.ask("DELETE", mine).status == 204
    assert person.ask("DELETE", mine).status == 404
    assert (person.get("/v1/sign-ups").body["items"], service.get(f"/v1/activities/{activity}").body["signUps"]) == (
        [],
        0,
    )


def test_when_all_places_are_taken_the_next_one_hears_so_until_one_is_given_back(service, city, residents, opened):
    activity = opened(FULL)
    assert put(service, activity, FULL).status == 200
    people = [Person.of(service, city.member(residents())) for _ in range(3)]
    path = f"/v1/activities/{activity}/sign-ups"
    assert [person.post(path, None).status for person in people] == [201, 201, 409]
    assert people[2].post(path, None).code == "activity_full"
    people[0].ask("DELETE", f"{path}/mine")
    assert people[2].post(path, None).status == 201


def test_nobody_signs_up_for_what_has_been_held_or_is_not_there(service, city, residents, opened):
    person = Person.of(service, city.member(residents()))
    held = opened(held_in=-60)
    assert person.post(f"/v1/activities/{held}/sign-ups", None).code == "activity_over"
    assert person.ask("DELETE", f"/v1/activities/{held}/sign-ups/mine").code == "activity_over"
    assert person.post("/v1/activities/999999/sign-ups", None).status == 404


def test_only_residents_sign_up(service, city, opened):
    activity = opened()
    for signer in (city.member(SHOPS[0]), signer_of("a stranger")):
        refused = Person.of(service, signer).post(f"/v1/activities/{activity}/sign-ups", None)
        assert (refused.status, refused.code) == (403, "not_a_resident")
    assert service.request("POST", f"/v1/activities/{activity}/sign-ups", None, {}).code == "not_logged_in"
    assert Person.of(service, signer_of("a stranger")).get("/v1/sign-ups").body["items"] == []


def test_attesters_of_the_programme_see_who_comes_and_others_do_not(service, city, residents, opened):
    activity = opened()
    numbers = [residents(), residents()]
    for number in numbers:
        Person.of(service, city.member(number)).post(f"/v1/activities/{activity}/sign-ups", None)
    path = f"/v1/activities/{activity}/sign-ups"
    seen = Person.of(service, signer_of("attester")).get(path).body["items"]
    assert [one["number"] for one in seen] == numbers
    for other in (city.member(numbers[0]), signer_of("issuer")):
        assert Person.of(service, other).get(path).code == "not_an_attester"


def test_ones_sign_ups_come_in_pages_the_last_first(service, city, residents, opened):
    person = Person.of(service, city.member(residents()))
    activities = [opened() for _ in range(3)]
    for activity in activities:
        person.post(f"/v1/activities/{activity}/sign-ups", None)
    first = person.get("/v1/sign-ups?limit=2").body
    rest = person.get(f"/v1/sign-ups?limit=2&cursor={first['next']}").body
    assert [one["activity"] for one in (*first["items"], *rest["items"])] == activities[::-1]
    assert rest["next"] is None
