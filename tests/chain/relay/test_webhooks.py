# SPDX-License-Identifier: EUPL-1.2
"""Webhooks: registered at the real service, delivered to a real server, checked by the published library."""

import json
from contextlib import ExitStack

import pytest
from standardwebhooks import WebhookVerificationError

from tests.support.hooks import STRANGER, ask, register, told
from tests.support.receiver import Receiver, first, say
from tests.support.service import Service, digest_of, redemption_body, signed_payment, until, write_files
from tests.support.town import RESIDENTS, SHOPS

SHOP, OTHER = SHOPS
PAYER = RESIDENTS[-1]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city, **told()) as running:
        yield running


@pytest.fixture
def pay(service, city, residents):
    """Somebody pays a shop; the payment's digest."""

    def paid(cents=100, shop=SHOP):
        body = signed_payment(city, residents(), shop, cents, 0)
        assert service.post("/v1/payments", body).status == 202
        return digest_of(city, body)

    return paid


@pytest.fixture(autouse=True)
def none_left(service):
    """No webhook of a test is there in the next one."""
    yield
    for number in (SHOP, OTHER, PAYER):
        for hook in ask(service, number, "GET").body["items"]:
            assert ask(service, number, "DELETE", f"/{hook['id']}").status == 204


def deliveries(service, hook, number=SHOP):
    return ask(service, number, "GET", f"/{hook['id']}/deliveries").body["items"]


def shown(service, hook, number=SHOP):
    return ask(service, number, "GET", f"/{hook['id']}").body


def test_a_shop_is_told_of_a_payment_within_seconds_and_can_check_that_it_is_true(service, city, pay):
    with Receiver() as receiver:
        hook = register(service, SHOP, receiver.url)
        assert hook["secret"].startswith("whsec_")
        digest = pay(120)
        (message,) = receiver.wait_for(1)
        event = message.verified(hook["secret"])
        assert (event["type"], event["subject"]) == ("payment.final", digest)
        assert (event["operation"]["value"], event["operation"]["to"]) == ("120", city.address_of(SHOP))
        assert event["operation"] == {**event["operation"], "id": digest, "state": "final"}
        assert message.headers["content-type"] == "application/json"
        (delivery,) = until(lambda: deliveries(service, hook), bool)
        assert (delivery["state"], delivery["status"], delivery["attempt"]) == ("delivered", 204, 1)
        assert delivery["event"] == event["id"]


def test_what_is_told_holds_nothing_that_the_api_does_not_show_to_everybody(service, pay):
    with Receiver() as receiver:
        register(service, SHOP, receiver.url)
        digest = pay()
        event = receiver.wait_for(1)[0].event
        assert event["operation"] == service.get(f"/v1/payments/{digest}").body
        assert "ignature" not in json.dumps(event)


def test_the_payer_is_told_and_a_shop_that_has_nothing_to_do_with_it_is_not(service, city, pay):
    with Receiver() as payers, Receiver() as others:
        register(service, PAYER, payers.url)
        register(service, OTHER, others.url)
        body = signed_payment(city, PAYER, SHOP, 10, 0)
        service.post("/v1/payments", body)
        assert payers.wait_for(1)[0].event["subject"] == digest_of(city, body)
        to_other = pay(shop=OTHER)
        assert [message.event["subject"] for message in others.wait_for(1)] == [to_other]
        assert len(payers.got) == 1


def test_a_merchant_is_told_of_each_step_of_a_redemption(service, city, pay, salts):
    digest = pay(900)
    service.wait_for(f"/v1/payments/{digest}")
    with Receiver() as receiver:
        register(service, SHOP, receiver.url)
        identity = service.post("/v1/redemptions", redemption_body(city, SHOP, 700, salts()), wait=30).body["id"]
        city.lock([bytes.fromhex(identity[2:])])
        city.settle([(city.reference("E2E 1"), [bytes.fromhex(identity[2:])])])
        told_of = [message.event for message in receiver.wait_for(3)]
    assert [event["type"] for event in told_of] == ["redemption.final", "redemption.locked", "redemption.settled"]
    assert {event["subject"] for event in told_of} == {identity}
    assert told_of[2]["operation"]["onChain"]["status"] == "settled"


def test_only_the_types_that_were_asked_for_are_told(service, city, pay, salts):
    with Receiver() as receiver:
        register(service, SHOP, receiver.url, "redemption.final")
        service.wait_for(f"/v1/payments/{pay(500)}")
        service.post("/v1/redemptions", redemption_body(city, SHOP, 30, salts()), wait=30)
        assert [message.event["type"] for message in receiver.wait_for(1)] == ["redemption.final"]


def test_payments_that_others_carried_are_told_too(service, city, residents):
    with Receiver() as receiver:
        register(service, SHOP, receiver.url)
        carried = city.payment(residents(), SHOP, 70)
        city.pay_batch([carried])
        event = receiver.wait_for(1)[0].event
        assert (event["subject"], event["operation"]["value"]) == ("0x" + carried.digest.hex(), "70")


def test_while_a_new_secret_is_brought_to_the_receiver_messages_pass_with_either(service, pay):
    with Receiver() as receiver:
        hook = register(service, SHOP, receiver.url)
        rotated = ask(service, SHOP, "POST", f"/{hook['id']}/rotation")
        assert rotated.status == 200
        assert rotated.body["oldSecretUntil"].endswith("Z")
        pay()
        message = receiver.wait_for(1)[0]
        assert message.verified(hook["secret"]) == message.verified(rotated.body["secret"])
        again = ask(service, SHOP, "POST", f"/{hook['id']}/rotation").body["secret"]
        pay()
        message = receiver.wait_for(2)[1]
        message.verified(again)
        with pytest.raises(WebhookVerificationError):
            message.verified(hook["secret"])


def test_events_are_told_in_order_and_none_overtakes_one_that_fails(service, pay):
    with Receiver(first(500, 503)) as receiver:
        hook = register(service, SHOP, receiver.url)
        digests = [pay() for _ in range(4)]
        for digest in digests:
            service.wait_for(f"/v1/payments/{digest}")
        got = receiver.wait_for(6)
        ids = [message.id for message in got]
        assert ids[0] == ids[1] == ids[2]
        assert len(set(ids)) == 4
        assert sorted(int(message.event["id"]) for message in got[2:]) == [int(m.event["id"]) for m in got[2:]]
        assert {message.event["subject"] for message in got} == set(digests)
        found = until(lambda: deliveries(service, hook), lambda rows: len(rows) == 6)
        assert [row["attempt"] for row in reversed(found)] == [1, 2, 3, 1, 1, 1]
        assert shown(service, hook)["failures"] == 0


def test_a_receiver_that_keeps_failing_is_disabled_says_why_and_goes_on_where_it_stopped(service, pay):
    with Receiver(say(500, b"out of order")) as receiver:
        hook = register(service, SHOP, receiver.url)
        digest = pay()
        ended = until(lambda: shown(service, hook), lambda seen: seen["state"] == "disabled")
        assert "answered with 500, 4 times in a row" in ended["disabledBecause"]
        assert "No money" in ended["disabledBecause"]
        assert len(receiver.got) == 4
        assert deliveries(service, hook)[0]["response"] == "out of order"
        later = pay()
        service.wait_for(f"/v1/payments/{later}")
        receiver.behaviour = say(204)
        assert ask(service, SHOP, "POST", f"/{hook['id']}/resumption").body["state"] == "active"
        assert [message.event["subject"] for message in receiver.wait_for(6)[4:]] == [digest, later]


def test_a_receiver_that_is_gone_is_disabled_at_once(service, pay):
    with Receiver(say(410)) as receiver:
        hook = register(service, SHOP, receiver.url)
        pay()
        ended = until(lambda: shown(service, hook), lambda seen: seen["state"] == "disabled")
        assert "410" in ended["disabledBecause"]
        assert len(receiver.got) == 1


def test_a_delivery_can_be_asked_for_again_by_hand_also_when_disabled(service, pay):
    with Receiver(say(410)) as receiver:
        hook = register(service, SHOP, receiver.url)
        pay()
        until(lambda: shown(service, hook), lambda seen: seen["state"] == "disabled")
        receiver.behaviour = say(200, b"thanks")
        (failed,) = deliveries(service, hook)
        again = ask(service, SHOP, "POST", f"/{hook['id']}/deliveries/{failed['id']}/redelivery")
        assert (again.status, again.body["state"]) == (202, "waiting")
        messages = receiver.wait_for(2)
        assert messages[0].id == messages[1].id
        row = until(lambda: deliveries(service, hook)[0], lambda row: row["state"] == "delivered")
        assert (row["id"], row["response"], row["attempt"]) == (again.body["id"], "thanks", 0)


def test_one_receiver_that_hangs_does_not_hold_up_another(service, city, pay):
    with Receiver() as hanging, Receiver() as good:
        hanging.behaviour = hanging.hang
        register(service, SHOP, hanging.url)
        register(service, SHOP, good.url)
        pay()
        hanging.wait_for(1)
        good.wait_for(1)
        pay()
        good.wait_for(2)
        # Who hangs has ten seconds to answer; both were told before it was tried a second time.
        assert all(message.at > good.got[1].at for message in hanging.got[1:])


def test_after_a_restart_what_was_not_delivered_is_and_what_was_is_not(city, tmp_path, residents):
    settings = told(retries="[0.5, 1000]")
    with Receiver(first(204, 500, 500)) as receiver:
        digests = []
        with Service(tmp_path, city, **settings) as service:
            hook = register(service, SHOP, receiver.url)
            for count in (1, 2):
                body = signed_payment(city, residents(), SHOP, 10, 0)
                service.post("/v1/payments", body, wait=30)
                digests.append(digest_of(city, body))
                receiver.wait_for(count)
            until(lambda: shown(service, hook), lambda seen: seen["failures"] == 2)
        with Service(tmp_path, city, **settings) as service:
            ask(service, SHOP, "POST", f"/{hook['id']}/resumption")
            receiver.wait_for(4)
            assert shown(service, hook)["state"] == "active"
        subjects = [message.event["subject"] for message in receiver.got]
        assert subjects == [digests[0], digests[1], digests[1], digests[1]]


def test_who_is_not_known_and_who_has_no_account_gets_no_webhook(service):
    nobody = ask(service, None, "POST", "", {"url": "https://example.org/"})
    assert (nobody.status, nobody.code, nobody.headers["www-authenticate"]) == (401, "not_logged_in", "Bearer")
    stranger = ask(service, STRANGER, "POST", "", {"url": "https://example.org/"})
    assert (stranger.status, stranger.code) == (422, "account_unknown")


def test_others_webhooks_are_not_there(service):
    hook = register(service, SHOP, "https://example.org/hook")
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/rotation"),
        ("POST", "/resumption"),
        ("GET", "/deliveries"),
        ("POST", f"/deliveries/{hook['id']}/redelivery"),
    ):
        assert ask(service, OTHER, method, f"/{hook['id']}{path}").status == 404
    assert ask(service, OTHER, "GET").body["items"] == []
    assert [row["id"] for row in ask(service, SHOP, "GET").body["items"]] == [hook["id"]]
    assert "secret" not in shown(service, hook)


def test_an_account_can_have_five(service):
    for _ in range(5):
        register(service, SHOP, "https://example.org/hook")
    more = ask(service, SHOP, "POST", "", {"url": "https://example.org/hook"})
    assert (more.status, more.code) == (409, "too_many_webhooks")


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://10.0.0.1/", "https://example.org:22/", "https://[::ffff:10.0.0.1]/", "ftp://x.y/"],
)
def test_where_nothing_is_sent_to_is_refused_at_once(service, url):
    refused = ask(service, SHOP, "POST", "", {"url": url})
    assert (refused.status, refused.code) == (422, "webhook_url_refused")
    assert "https://" in refused.body["detail"]


def test_a_process_that_does_nothing_else_delivers_what_others_take_on_and_index(city, tmp_path, residents):
    write_files(tmp_path, city)  # before four processes want them at once
    roles = ("index", "relay", "deliver")
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver())
        for role in roles:
            process = Service(tmp_path, city, f"--role={role}", **told())
            stack.callback(process.kill)
            if role == "index":
                process.wait_until_alive()  # whoever comes first makes the tables
        api = stack.enter_context(Service(tmp_path, city, "--role=api", **told()))
        register(api, SHOP, receiver.url)
        body = signed_payment(city, residents(), SHOP, 33, 0)
        assert api.post("/v1/payments", body, wait=30).body["state"] == "final"
        assert receiver.wait_for(1)[0].event["subject"] == digest_of(city, body)
