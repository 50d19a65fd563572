# SPDX-License-Identifier: EUPL-1.2
"""The process that delivers is killed, and whatever moment it was, no event is lost."""

import threading

import pytest

from tests.support.hooks import ask, register, told
from tests.support.receiver import Receiver, say
from tests.support.service import PATIENCE, Service, digest_of, signed_payment
from tests.support.town import RESIDENTS, SHOPS, town

SHOP = SHOPS[0]


@pytest.fixture(scope="module")
def city():
    with town() as (_, found):
        yield found


def pay(service, city, payers):
    bodies = [signed_payment(city, payer, SHOP, 10, 0) for payer in payers]
    for body in bodies:
        assert service.post("/v1/payments", body).status == 202
    return [digest_of(city, body) for body in bodies]


def test_killed_while_a_receiver_decides_the_event_is_told_again_with_the_same_id(city, tmp_path):
    settings, received = told(), threading.Event()
    with Receiver() as receiver:

        def take_and_say_nothing(_request, _number):
            received.set()
            receiver.released.wait(PATIENCE)

        receiver.behaviour = take_and_say_nothing
        service = Service(tmp_path, city, **settings)
        try:
            service.wait_until_alive()
            hook = register(service, SHOP, receiver.url)
            digests = pay(service, city, RESIDENTS[:3])
            assert received.wait(PATIENCE)
        finally:
            service.kill()
        receiver.behaviour = say(204)
        with Service(tmp_path, city, **settings) as again:
            # Whoever was killed holds the webhook for some seconds more: it could have been another process.
            messages = receiver.wait_for(4)
            assert messages[0].id == messages[1].id
            assert sorted(message.verified(hook["secret"])["subject"] for message in messages[1:]) == sorted(digests)
            assert ask(again, SHOP, "GET", f"/{hook['id']}").body["failures"] == 0


def test_killed_again_and_again_every_event_arrives_and_in_order(city, tmp_path):
    settings = told()
    with Receiver() as receiver:
        payers = iter(RESIDENTS[3:])
        digests: list[str] = []
        for round_ in range(3):
            service = Service(tmp_path, city, **settings)
            try:
                service.wait_until_alive()
                if not round_:
                    register(service, SHOP, receiver.url)
                before = len(receiver.got)
                digests += pay(service, city, [next(payers) for _ in range(3)])
                if round_ % 2:
                    receiver.wait_for(before + 1)  # in the midst of telling
            finally:
                service.kill()
        with Service(tmp_path, city, **settings) as last:
            for digest in digests:
                last.wait_for(f"/v1/payments/{digest}")
            seen: dict[str, int] = {}
            expected = set(digests)
            number = len(digests)
            while set(seen) != expected:
                for message in receiver.wait_for(number):
                    seen.setdefault(message.event["subject"], int(message.event["id"]))
                number = len(receiver.got) + (set(seen) != expected)
        # What is told again is told again at once: the first time each is told, they are in order.
        assert list(seen.values()) == sorted(seen.values())
