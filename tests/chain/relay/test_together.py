# SPDX-License-Identifier: EUPL-1.2
"""Requests of several kinds at the same moment: together they spend no more, and do no more, than one by one."""

import threading

from eth_utils.crypto import keccak

from tests.support.acts import authorization_body
from tests.support.service import signed_payment
from tests.support.town import FUNDS, SHOPS

SHOP, OTHER = SHOPS
PAIRS = 10
"""How often each is tried: which requests share a transaction is a matter of microseconds."""


def post_at_once(service, requests):
    """All at the same moment; the answers in the order of the requests."""
    answers = [None] * len(requests)
    barrier = threading.Barrier(len(requests))

    def post(place):
        barrier.wait()
        answers[place] = service.post(*requests[place])

    threads = [threading.Thread(target=post, args=(place,)) for place in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def refused_of_each_pair(answers):
    """Of two answers in a row one is that it was taken on; the codes of the others."""
    pairs = list(zip(answers[::2], answers[1::2], strict=True))
    assert [min(answer.status for answer in pair) for pair in pairs] == [202] * len(pairs)
    assert not [pair for pair in pairs if pair[0].status == pair[1].status == 202]
    return {answer.code for pair in pairs for answer in pair if answer.status != 202}


def test_a_payment_and_a_voucher_at_the_same_moment_cannot_spend_the_same_credits(service, city, residents):
    requests = []
    for number in (residents() for _ in range(PAIRS)):
        requests.append(("/v1/payments", signed_payment(city, number, SHOP, FUNDS, 0)))
        nonce = keccak(f"together {number}".encode())
        requests.append(("/v1/authorizations", authorization_body(city, number, OTHER, FUNDS, nonce)))
    answers = post_at_once(service, requests)
    assert refused_of_each_pair(answers) == {"insufficient_credits"}
    taken_on = [answer.headers["location"] for answer in answers if answer.status == 202]
    assert {service.wait_for(place)["state"] for place in taken_on} == {"final"}
