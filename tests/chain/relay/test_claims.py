# SPDX-License-Identifier: EUPL-1.2
"""From what a resident hands in to the reward, through the service and the chain as they are."""

import hashlib
import json
import sqlite3
import time
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from heitje.chain import typed_data
from heitje.chain.typed_data import Line
from tests.support.people import JSON, Person
from tests.support.photos import GPS, jpeg, png, webp
from tests.support.service import Service, until
from tests.support.signed import signer_of
from tests.support.town import SHOPS

DAY = 86_400


@pytest.fixture
def held(service, city):
    """Opens an activity that has been held, and waits until the service knows it."""

    def opening(**others):
        number = city.open_activity(**others)
        until(lambda: service.get(f"/v1/activities/{number}").status, lambda status: status == 200)
        return number

    return opening


@pytest.fixture(scope="module")
def attester(service):
    return Person.of(service, signer_of("attester"))


@pytest.fixture(scope="module")
def issuer(service):
    return Person.of(service, signer_of("issuer"))


@pytest.fixture
def resident(service, city, residents):
    return Person.of(service, city.member(residents()))


def hand_in(person, activity, minutes=120, note="Wieden"):
    return person.post(f"/v1/activities/{activity}/claims", {"minutes": minutes, "note": note})


def confirm(attester, claim, minutes=90):
    return attester.post(f"/v1/claims/{claim['id']}/decision", {"state": "confirmed", "minutes": minutes})


def confirmed(attester, person, activity):
    return confirm(attester, hand_in(person, activity).body).body


def signed(city, draft):
    """The draft's report, signed by its attester, as the shelf takes it."""
    signature = signer_of("attester").sign_digest(bytes.fromhex(draft["digest"][2:]))
    return {"report": draft["report"], "attesterSignature": "0x" + signature.hex()}


def released(city, shelved):
    """The same with an issuer's release."""
    issuer = signer_of("issuer")
    digest = bytes.fromhex(shelved["digest"][2:])
    release = typed_data.release_digest(city.domains["registry"], issuer.address, digest, 0)
    both = {name: shelved[name] for name in ("report", "attesterSignature")}
    return {**both, "issuer": issuer.address, "issuerSignature": "0x" + issuer.sign_digest(release).hex(), "skip": "0"}


# Handing in


def test_a_resident_hands_in_and_sees_what_becomes_of_it(service, resident, held):
    activity = held()
    made = hand_in(resident, activity)
    assert made.status == 201
    assert (made.body["state"], made.body["minutes"], made.body["note"]) == ("handed_in", 120, "Wieden")
    assert (made.body["evidence"], made.body["amount"], made.body["hasPhoto"]) == (None, None, False)
    assert resident.get(made.headers["location"]).body == made.body
    assert resident.get("/v1/claims").body["items"] == [made.body]


def test_it_is_handed_in_once_unless_it_was_declined(resident, attester, held):
    activity = held()
    first = hand_in(resident, activity).body
    assert hand_in(resident, activity).code == "claim_exists"
    declined = attester.post(f"/v1/claims/{first['id']}/decision", {"state": "declined", "reason": "Was er niet"})
    assert (declined.body["state"], declined.body["reason"]) == ("declined", "Was er niet")
    assert resident.get(f"/v1/claims/{first['id']}").body["reason"] == "Was er niet"
    assert hand_in(resident, activity).status == 201


def test_what_cannot_be_rewarded_cannot_be_handed_in(resident, service, city, held):
    assert hand_in(resident, held(), minutes=241).code == "too_many_minutes"
    assert hand_in(resident, held(), minutes=0).code == "invalid_request"
    assert hand_in(resident, held(held_in=DAY)).code == "activity_not_held"
    assert hand_in(resident, 999_999).status == 404
    for signer in (city.member(SHOPS[0]), signer_of("a stranger")):
        assert hand_in(Person.of(service, signer), held()).code == "not_a_resident"


def test_who_was_rewarded_without_a_claim_cannot_hand_in(service, city, residents, held):
    activity, number = held(), residents()
    city.issue(activity, {number: 60})
    until(lambda: service.get(f"/v1/rewards?activity={activity}").body["items"], bool)
    assert hand_in(Person.of(service, city.member(number)), activity).code == "claim_exists"


def test_nobody_else_sees_a_claim(service, city, residents, resident, held, issuer):
    claim = hand_in(resident, held()).body
    for other in (Person.of(service, city.member(residents())), issuer):
        assert other.get(f"/v1/claims/{claim['id']}").code == "not_an_attester"
        assert other.get(f"/v1/claims/{claim['id']}/photo").code == "not_an_attester"
        assert other.post(f"/v1/claims/{claim['id']}/decision", {"state": "confirmed", "minutes": 1}).status == 403
    assert service.get(f"/v1/claims/{claim['id']}").code == "not_logged_in"


# Photos


@pytest.mark.parametrize(("photo", "kind"), [(jpeg(), "image/jpeg"), (png(), "image/png"), (webp(), "image/webp")])
def test_a_photo_is_kept_without_what_the_camera_wrote(resident, attester, held, photo, kind):
    claim = hand_in(resident, held()).body
    path = f"/v1/claims/{claim['id']}/photo"
    put = resident.ask("PUT", path, photo, **{"content-type": kind})
    shown = attester.get(path)
    assert (put.status, put.body["hasPhoto"], shown.headers["content-type"]) == (200, True, kind)
    assert shown.headers["x-content-type-options"] == "nosniff"
    raw = resident.service.raw(path, resident.token)
    assert GPS in photo
    assert GPS not in raw
    assert 0 < len(raw) < len(photo)


def test_what_is_no_photo_or_too_large_is_refused(resident, held):
    claim = hand_in(resident, held()).body
    path = f"/v1/claims/{claim['id']}/photo"
    for wrong in (b"", b"GIF89a", jpeg()[:-70], png()[:-20], b"<svg onload=alert(1)>", jpeg() + b"\0" * 2_000_000):
        refused = resident.ask("PUT", path, wrong, **{"content-type": "image/jpeg"})
        assert refused.code in ("photo_refused", "body_too_large")
    assert resident.get(path).status == 404


def test_a_photo_is_of_one_s_own_claim_until_it_is_decided(service, city, residents, resident, attester, held):
    claim = hand_in(resident, held()).body
    path = f"/v1/claims/{claim['id']}/photo"
    other = Person.of(service, city.member(residents()))
    assert other.ask("PUT", path, png()).status == 404
    confirm(attester, claim)
    assert resident.ask("PUT", path, png()).code == "claim_decided"


@pytest.mark.sqlite
def test_photos_are_deleted_after_their_days_and_the_claim_stays(tmp_path, city, residents):
    activity = city.open_activity()
    with Service(tmp_path, city) as service:
        person = Person.of(service, city.member(residents()))
        claim = hand_in(person, activity).body
        person.ask("PUT", f"/v1/claims/{claim['id']}/photo", png())
    with sqlite3.connect(tmp_path / "db.sqlite") as database:
        database.execute("UPDATE claim_photo SET at = ?", (time.time() - 61 * DAY,))
    database.close()
    with Service(tmp_path, city) as service:
        person = Person(service, person.address, person.token)
        path = f"/v1/claims/{claim['id']}"
        until(lambda: person.get(path).body["hasPhoto"], lambda has: not has)
        assert person.get(f"{path}/photo").status == 404
        assert person.get(path).body["minutes"] == 120


# Confirming


def test_attesters_of_the_programme_find_what_was_handed_in_and_confirm_it(resident, attester, held):
    activity = held()
    claim = hand_in(resident, activity).body
    listed = attester.get(f"/v1/claims?activity={activity}&state=handed_in").body["items"]
    assert [one["id"] for one in listed] == [claim["id"]]
    everything = attester.get("/v1/claims?scope=programme&state=handed_in&limit=200").body["items"]
    assert claim["id"] in [one["id"] for one in everything]
    done = confirm(attester, claim)
    assert (done.body["state"], done.body["confirmedMinutes"]) == ("confirmed", 90)
    assert attester.get(f"/v1/claims?activity={activity}&state=handed_in").body["items"] == []
    assert confirm(attester, claim).code == "claim_decided"


def test_more_than_the_activity_allows_is_not_confirmed(resident, attester, held):
    claim = hand_in(resident, held()).body
    assert confirm(attester, claim, 241).code == "too_many_minutes"
    for wrong in ({"state": "confirmed"}, {"state": "declined"}, {"state": "maybe", "minutes": 1}, {}):
        assert attester.post(f"/v1/claims/{claim['id']}/decision", wrong).code == "invalid_request"


def test_the_evidence_is_what_was_handed_in_under_a_salt_that_is_kept(resident, attester, held):
    activity = held()
    claim = hand_in(resident, activity, note="Blad geruimd\u0000\n€").body
    photo = png()
    resident.ask("PUT", f"/v1/claims/{claim['id']}/photo", photo)
    kept = resident.service.raw(f"/v1/claims/{claim['id']}/photo", resident.token)
    evidence = confirm(attester, claim).body["evidence"]
    text = json.loads(evidence["text"])
    salt = bytes.fromhex(evidence["salt"][2:])
    assert evidence["commitment"] == "0x" + keccak(salt + evidence["text"].encode()).hex()
    assert text["photo"] == "0x" + hashlib.sha256(kept).hexdigest()
    assert (text["activity"], text["minutes"], text["note"]) == (activity, 120, "Blad geruimd\ufffd\n€")


def test_an_attester_whose_appointment_ended_sees_and_confirms_nothing(service, city, residents, held):
    activity = held()
    former = signer_of("a former attester")
    city.send("programme", "registry", "setAttester", city.programme, former.address, True)
    claim = hand_in(Person.of(service, city.member(residents())), activity).body
    person = Person.of(service, former)
    until(lambda: person.get(f"/v1/claims?activity={activity}").status, lambda status: status == 200)
    city.send("programme", "registry", "setAttester", city.programme, former.address, False)
    until(lambda: person.get(f"/v1/claims?activity={activity}").status, lambda status: status == 403)
    assert confirm(person, claim).code == "not_an_attester"
    assert person.get("/v1/claims?scope=programme").body["items"] == []


# Reports


def test_confirmed_claims_become_a_report_that_is_signed_shelved_released_and_rewarded(
    service, city, residents, attester, issuer, held
):
    activity = held()
    people = [Person.of(service, city.member(residents())) for _ in range(3)]
    claims = [confirmed(attester, person, activity) for person in people]
    draft = attester.post(f"/v1/activities/{activity}/report-draft", None).body
    assert [line["evidence"] for line in draft["report"]["lines"]] == [one["evidence"]["commitment"] for one in claims]
    assert (draft["left"], draft["report"]["attester"]) == (0, attester.address)
    deposited = service.request("POST", "/v1/report-drafts", signed(city, draft), JSON)
    again = service.request("POST", "/v1/report-drafts", signed(city, draft), JSON)
    assert (deposited.status, deposited.body["state"], again.status) == (201, "waiting", 200)
    waiting = issuer.get("/v1/report-drafts?state=waiting").body["items"]
    assert draft["digest"] in [one["digest"] for one in waiting]
    issued = service.post("/v1/reports", released(city, deposited.body), wait=20)
    assert issued.body["state"] in ("mined", "final")
    until(
        lambda: [one["digest"] for one in issuer.get("/v1/report-drafts?state=issued").body["items"]],
        lambda digests: draft["digest"] in digests,
    )
    mine = people[0].get("/v1/claims").body["items"][0]
    assert (mine["state"], mine["amount"], mine["report"]) == ("rewarded", "750", draft["digest"])
    assert attester.post(f"/v1/activities/{activity}/report-draft", None).code == "nothing_to_report"


def test_a_draft_that_nobody_signed_holds_nothing_and_one_that_waits_holds_its_claims(
    service, city, residents, attester, held
):
    activity = held()
    for _ in range(2):
        confirmed(attester, Person.of(service, city.member(residents())), activity)
    path = f"/v1/activities/{activity}/report-draft"
    first, second = attester.post(path, None).body, attester.post(path, None).body
    assert first["report"]["lines"] == second["report"]["lines"]
    assert first["digest"] != second["digest"]
    assert service.request("POST", "/v1/report-drafts", signed(city, second), JSON).status == 201
    assert attester.post(path, None).code == "nothing_to_report"
    late = confirmed(attester, Person.of(service, city.member(residents())), activity)
    third = attester.post(path, None).body
    assert [line["number"] for line in third["report"]["lines"]] == [late["number"]]


def test_what_was_in_a_cancelled_report_can_be_reported_anew(service, city, residents, attester, issuer, held):
    activity = held()
    confirmed(attester, Person.of(service, city.member(residents())), activity)
    path = f"/v1/activities/{activity}/report-draft"
    draft = attester.post(path, None).body
    service.request("POST", "/v1/report-drafts", signed(city, draft), JSON)
    key = signer_of("attester")
    digest = typed_data.cancel_report_digest(city.domains["registry"], key.address, bytes.fromhex(draft["digest"][2:]))
    body = {"attester": key.address, "signature": "0x" + key.sign_digest(digest).hex()}
    service.post(f"/v1/reports/{draft['digest']}/cancellation", body, wait=20)
    anew = until(lambda: attester.post(path, None), lambda answer: answer.status == 200).body
    assert anew["report"]["lines"] == draft["report"]["lines"]
    cancelled = issuer.get("/v1/report-drafts?state=cancelled").body["items"]
    assert draft["digest"] in [one["digest"] for one in cancelled]


def test_a_report_has_at_most_two_hundred_lines(service, city, attester, held, tmp_path, anvil):
    activity = held()
    numbers = range(2_000, 2_203)
    city.enrol(residents=numbers)
    until(lambda: service.get(f"/v1/accounts/{city.address_of(2_202)}").status, lambda status: status == 200)
    for number in numbers:
        confirmed(attester, Person.of(service, city.member(number)), activity)
    draft = attester.post(f"/v1/activities/{activity}/report-draft", None).body
    assert (len(draft["report"]["lines"]), draft["left"]) == (200, 3)


def test_only_attesters_of_the_programme_draft(resident, issuer, held):
    for person in (resident, issuer):
        assert person.post(f"/v1/activities/{held()}/report-draft", None).code == "not_an_attester"


def test_the_shelf_takes_only_what_an_attester_has_signed_and_could_be_issued(service, city, held):
    activity = held()

    def deposit(signer="attester", by=None, **others):
        fields = {"activity": activity, "deadline": int(time.time()) + DAY, "minutes": 60, "numbers": [101], **others}
        key, serial = signer_of(signer), 7
        lines = [Line(number, fields["minutes"], bytes(32)) for number in fields["numbers"]]
        chosen = (key.address, fields["activity"], lines, fields["deadline"], serial)
        digest = typed_data.report_digest(city.domains["registry"], *chosen)
        said = [{"number": n, "minutes": m, "evidence": "0x" + e.hex()} for n, m, e in lines]
        report = {"attester": key.address, "activity": fields["activity"], "lines": said}
        report |= {"deadline": fields["deadline"], "serial": str(serial)}
        signature = "0x" + signer_of(by or signer).sign_digest(digest).hex()
        body = {"report": report, "attesterSignature": signature}
        return service.request("POST", "/v1/report-drafts", body, JSON)

    assert deposit(by="issuer").code == "signature_invalid"
    assert deposit(signer="issuer").code == "not_an_attester"
    assert deposit(activity=999_999).status == 404
    assert deposit(deadline=int(time.time()) - 9).code == "deadline_passed"
    assert deposit(minutes=241).code == "too_many_minutes"
    assert deposit(minutes=0).code == "too_many_minutes"
    assert deposit(numbers=[101, 102, 101]).code == "report_overlaps"
    assert deposit().status == 201


def test_residents_do_not_see_the_shelf(resident):
    assert resident.get("/v1/report-drafts").code == "role_needed"


def test_no_word_of_a_claim_is_in_a_log(tmp_path, city, residents):
    activity = city.open_activity()
    with Service(tmp_path, city) as service:
        person = Person.of(service, city.member(residents()))
        hand_in(person, activity, note="Iets heel persoonlijks")
    for file in Path(tmp_path).glob("*.log"):
        assert "persoonlijks" not in file.read_text()
