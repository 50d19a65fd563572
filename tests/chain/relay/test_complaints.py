# SPDX-License-Identifier: EUPL-1.2
"""Complaints on the real service and chain: lodged by members, answered by officials, read by nobody else."""

import pytest

from tests.support.people import Person
from tests.support.service import Service, until
from tests.support.signed import signer_of
from tests.support.town import SHOPS


@pytest.fixture
def resident(service, city, residents):
    return Person.of(service, city.member(residents()))


@pytest.fixture(scope="module")
def guardian(service):
    return Person.of(service, signer_of("guardian"))


def lodge(person, about="freeze", text="Waarom?", **others):
    return person.post("/v1/complaints", {"about": about, "text": text, **others})


def to_answer(official, query=""):
    return official.get(f"/v1/complaints/to-answer?limit=200{query}").body["items"]


def test_a_member_complains_and_reads_the_answer(resident, guardian):
    made = lodge(resident, reference="0x" + "ab" * 32, text="Mijn heitjes staan vast.\nWaarom?")
    assert (made.status, made.body["state"], made.body["office"], made.body["answer"]) == (
        201,
        "open",
        "guardian",
        None,
    )
    assert resident.get("/v1/complaints").body["items"] == [made.body]
    assert made.body in to_answer(guardian, "&state=open")
    answered = guardian.post(f"/v1/complaints/{made.body['id']}/answer", {"text": "Het was een vergissing."})
    mine = resident.get("/v1/complaints").body["items"]
    assert (mine[0]["state"], mine[0]["answer"]) == ("answered", "Het was een vergissing.")
    assert mine == [answered.body]
    assert made.body["id"] not in [one["id"] for one in to_answer(guardian, "&state=open")]


def test_the_first_answer_stands(resident, guardian):
    path = f"/v1/complaints/{lodge(resident).body['id']}/answer"
    assert guardian.post(path, {"text": "Nee."}).status == 200
    assert guardian.post(path, {"text": "Ja."}).code == "complaint_answered"
    assert guardian.post("/v1/complaints/00000000-0000-0000-0000-000000000000/answer", {"text": "?"}).status == 404


def test_somebody_whose_wallet_is_frozen_can_complain(service, city, residents, guardian):
    person = Person.of(service, city.member(number := residents()))
    city.send("guardian", "token", "freeze", number, 1)
    until(lambda: service.get(f"/v1/accounts/{person.address}").body["frozen"], bool)
    assert lodge(person).status == 201


def test_shops_complain_and_strangers_cannot(service, city):
    assert lodge(Person.of(service, city.member(SHOPS[0])), about="redemption").body["office"] == "registrar"
    stranger = Person.of(service, signer_of("a stranger"))
    assert lodge(stranger).code == "account_unknown"
    assert stranger.get("/v1/complaints").body["items"] == []


def test_each_office_finds_what_is_its_own_to_answer(service, resident):
    made = {about: lodge(resident, about=about).body["id"] for about in ("freeze", "reward", "payment")}
    for office, about in (("guardian", "freeze"), ("programme", "reward"), ("registrar", "payment")):
        official = Person.of(service, signer_of(office))
        found = {one["id"] for one in to_answer(official, f"&office={office}")} & set(made.values())
        assert found == {made[about]}
        assert set(made.values()) <= {one["id"] for one in to_answer(official)}


def test_nobody_else_reads_or_answers(service, city, residents, resident):
    made = lodge(resident).body
    for signer in (city.member(residents()), signer_of("issuer"), signer_of("attester"), city.member(SHOPS[1])):
        other = Person.of(service, signer)
        assert made["id"] not in str(other.get("/v1/complaints").body)
        assert other.get("/v1/complaints/to-answer").code == "role_needed"
        assert other.post(f"/v1/complaints/{made['id']}/answer", {"text": "x"}).code == "role_needed"
    assert service.get("/v1/complaints").code == "not_logged_in"


def test_what_is_empty_too_long_or_about_nothing_is_refused(resident):
    for wrong in ({"text": ""}, {"text": "x" * 2_001}, {"about": "weather"}, {"reference": "a b"}, {"more": 1}):
        assert resident.post("/v1/complaints", {"about": "other", "text": "x", **wrong}).code == "invalid_request"
    assert lodge(resident, text="é" * 2_000).status == 201


def test_there_is_an_end_to_how_many_wait_for_an_answer(resident):
    assert [lodge(resident).status for _ in range(21)] == [201] * 20 + [409]
    assert lodge(resident).code == "too_many_complaints"


def test_no_word_of_a_complaint_is_in_a_log(tmp_path, city, residents):
    with Service(tmp_path, city) as service:
        person = Person.of(service, city.member(residents()))
        made = lodge(person, text="Iets heel persoonlijks").body
        answer = {"text": "Een persoonlijk antwoord"}
        Person.of(service, signer_of("guardian")).post(f"/v1/complaints/{made['id']}/answer", answer)
    logs = b"".join(file.read_bytes() for file in tmp_path.glob("*.log"))
    assert logs
    assert b"persoonlijk" not in logs
