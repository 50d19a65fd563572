# SPDX-License-Identifier: EUPL-1.2
"""Codes from the counter: made by a registrar, used by one new phone, on the real service and chain."""

import re
import sqlite3
import time
from itertools import count

import pytest

from heitje.chain.typed_data import join_digest
from heitje.counter.codes import code_hash
from tests.support.browser import DeviceKey, Passkey
from tests.support.people import JSON, Person
from tests.support.service import Service, until
from tests.support.signed import signer_of
from tests.support.town import RESIDENTS, SHOPS

DAY = 86_400
numbers = count(7_000)
wallets = count(1)


@pytest.fixture(scope="module")
def registrar(service):
    return Person.of(service, signer_of("registrar"))


def invite(registrar, number=None, kind="join", holder_class="resident"):
    body = {"number": number or next(numbers), "class": holder_class, "kind": kind}
    return registrar.post("/v1/invitations", body)


def new_wallet():
    return signer_of(f"a new phone {next(wallets)}")


def accept(service, code, wallet, by=None):
    digest = join_digest(service.city.domains["token"], wallet.address, code_hash(code))
    body = {"code": code, "address": wallet.address, "signature": "0x" + (by or wallet).sign_digest(digest).hex()}
    return service.request("POST", "/v1/invitations/acceptance", body, JSON)


def listed(registrar, made):
    return next(one for one in registrar.get("/v1/invitations?limit=200").body["items"] if one["id"] == made["id"])


def test_a_code_leads_from_the_letter_to_the_wallet_that_the_registrar_enrols(service, city, registrar):
    made = invite(registrar).body
    assert re.fullmatch(r"([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}", made["code"])
    assert (made["state"], made["class"], made["kind"]) == ("open", "resident", "join")
    wallet = new_wallet()
    accepted = accept(service, made["code"], wallet)
    expected = {"number": made["number"], "class": "resident", "kind": "join", "state": "accepted"}
    assert accepted.body == {**expected, "account": wallet.address}
    waiting = registrar.get("/v1/invitations?state=accepted").body["items"]
    assert (waiting[0]["id"], waiting[0]["account"]) == (made["id"], wallet.address)
    city.send("registrar", "token", "enrol", [(wallet.address, made["number"], 1)])
    until(lambda: listed(registrar, made)["state"], lambda state: state == "done")
    assert accept(service, made["code"], wallet).body["state"] == "done"


def test_the_code_is_good_however_it_is_typed(service, registrar):
    made = invite(registrar).body
    typed = " " + made["code"].lower().replace("-", " ") + " "
    assert accept(service, typed, new_wallet()).status == 200


@pytest.mark.parametrize("wallet", [Passkey("a new phone"), DeviceKey("an older phone")])
def test_wallets_of_browsers_accept(service, registrar, wallet):
    assert accept(service, invite(registrar).body["code"], wallet).body["account"] == wallet.address


def test_who_lost_the_answer_asks_again_and_nobody_else_can_use_the_code(service, registrar):
    code, wallet = invite(registrar).body["code"], new_wallet()
    first, again = accept(service, code, wallet), accept(service, code, wallet)
    assert again.body == first.body
    thief = accept(service, code, new_wallet())
    assert (thief.status, thief.code) == (409, "invitation_used")
    assert "tell the municipality at once" in thief.body["detail"]


def test_the_new_wallet_itself_must_sign(service, registrar):
    made = invite(registrar).body
    assert accept(service, made["code"], new_wallet(), by=new_wallet()).code == "signature_invalid"
    assert listed(registrar, made)["state"] == "open"


def test_a_wallet_that_is_a_members_already_cannot_join_again(service, city, registrar):
    code = invite(registrar).body["code"]
    assert accept(service, code, city.member(RESIDENTS[-1])).code == "address_taken"
    assert accept(service, code, new_wallet()).status == 200


def test_a_lost_phone_is_replaced_by_a_code_for_the_same_number(service, registrar):
    number = RESIDENTS[-2]
    assert invite(registrar, number, "join").code == "number_taken"
    made = invite(registrar, number, "replacement").body
    assert accept(service, made["code"], new_wallet()).body["kind"] == "replacement"
    assert invite(registrar, next(numbers), "replacement").code == "account_unknown"


def test_a_number_has_one_code_at_a_time_and_a_revoked_one_is_good_for_nothing(service, registrar):
    made = invite(registrar).body
    assert invite(registrar, made["number"]).code == "invitation_open"
    revoked = registrar.post(f"/v1/invitations/{made['id']}/revocation", None)
    assert (revoked.status, revoked.body["state"]) == (200, "revoked")
    assert registrar.post(f"/v1/invitations/{made['id']}/revocation", None).body == revoked.body
    assert accept(service, made["code"], new_wallet()).code == "invitation_revoked"
    assert invite(registrar, made["number"]).status == 201


def test_only_a_registrar_makes_and_revokes_and_only_who_needs_them_sees_invitations(service, city, registrar):
    made = invite(registrar).body
    for signer in (signer_of("issuer"), city.member(RESIDENTS[0]), city.member(SHOPS[0])):
        person = Person.of(service, signer)
        assert invite(person).code == "role_needed"
        assert person.get("/v1/invitations").code == "role_needed"
        assert person.post(f"/v1/invitations/{made['id']}/revocation", None).code == "role_needed"
    assert service.get("/v1/invitations").code == "not_logged_in"
    assert registrar.post("/v1/invitations/00000000-0000-0000-0000-000000000000/revocation", None).status == 404


@pytest.mark.sqlite
def test_a_code_is_good_for_fourteen_days_and_kept_nowhere(tmp_path, city):
    with Service(tmp_path, city) as service:
        registrar = Person.of(service, signer_of("registrar"))
        old, new = invite(registrar).body, invite(registrar).body
        listing = str(registrar.get("/v1/invitations").body)
    with sqlite3.connect(tmp_path / "db.sqlite") as database:
        late = (int(time.time()) - 1, old["id"])
        database.execute("UPDATE invitation SET expires_at = ? WHERE id = ?", late)
    database.close()
    with Service(tmp_path, city) as service:
        assert accept(service, old["code"], new_wallet()).code == "invitation_expired"
        assert accept(service, new["code"], new_wallet()).status == 200
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file()) + listing.encode()
    for code in (old["code"], new["code"]):
        for form in (code, code.replace("-", "")):
            assert form.encode() not in kept
            assert form.lower().encode() not in kept


def test_who_tries_codes_is_locked_out_and_a_right_code_waits_as_well(tmp_path, city):
    with Service(tmp_path, city, HEITJE_WRONG_CODES="3") as service:
        registrar = Person.of(service, signer_of("registrar"))
        right = invite(registrar).body["code"]
        wrong = [accept(service, f"AAAA-BBBB-CCCC-DDD{n}", new_wallet()) for n in (2, 3, 4, 5)]
        locked = accept(service, right, new_wallet())
    assert [one.code for one in wrong] == ["invitation_unknown"] * 3 + ["too_many_wrong_codes"]
    assert (wrong[0].status, locked.status, locked.code) == (404, 429, "too_many_wrong_codes")
