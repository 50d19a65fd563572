# SPDX-License-Identifier: EUPL-1.2
"""Payments through the real service to a real chain."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.databases import rows
from tests.support.service import digest_of, paid_on_chain, payment_body, signed_payment
from tests.support.town import FUNDS, SHOPS

SHOP, OTHER_SHOP = SHOPS


def times_paid(city, digest):
    return paid_on_chain(city).count(digest)


def post_all(service, bodies):
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(lambda body: service.post("/v1/payments", body), bodies))


def test_a_payment_is_stored_at_once_and_final_within_seconds(service, city, residents):
    payer = residents()
    body = signed_payment(city, payer, SHOP, 250, 0)
    answer = service.post("/v1/payments", body)
    digest = digest_of(city, body)
    assert answer.status == 202
    assert answer.headers["location"] == f"/v1/payments/{digest}"
    assert answer.headers["api-version"] == "1.0.0"
    assert answer.body["state"] == "queued"
    assert answer.body["underWayUntil"].endswith("Z")
    assert "signature" not in answer.body
    final = service.wait_for(answer.headers["location"])
    assert final["state"] == "final"
    assert final["failure"] is None
    assert city.receipt(final["transaction"]["hash"])["status"] == "0x1"
    assert times_paid(city, digest) == 1
    account = service.get(f"/v1/accounts/{city.address_of(payer)}").body
    assert (account["balance"], account["nextNonce"], account["underWay"]) == (str(FUNDS - 250), "1", "0")


def test_a_caller_can_wait_for_the_end(service, city, residents):
    body = signed_payment(city, residents(), SHOP, 100, 0)
    answer = service.post("/v1/payments", body, wait=30)
    assert (answer.status, answer.body["state"]) == (200, "final")
    assert answer.headers["preference-applied"] == "wait=30"


def test_the_same_payment_posted_many_times_at_once_is_one_payment(service, city, residents):
    body = signed_payment(city, residents(), SHOP, 100, 0)
    answers = post_all(service, [body] * 20)
    assert {answer.status for answer in answers} <= {200, 202}
    assert len({answer.headers["location"] for answer in answers}) == 1
    service.wait_for(answers[0].headers["location"])
    assert times_paid(city, digest_of(city, body)) == 1


def test_nonces_that_come_in_any_order_are_paid_in_theirs(service, city, residents):
    payer = residents()
    bodies = [signed_payment(city, payer, SHOP, 10, nonce) for nonce in range(12)]
    shuffled = random.Random(7).sample(bodies[1:], 11)
    for body in shuffled:
        assert service.post("/v1/payments", body).body["state"] == "received"
    service.post("/v1/payments", bodies[0])
    digests = [digest_of(city, body) for body in bodies]
    for digest in digests:
        assert service.wait_for(f"/v1/payments/{digest}")["state"] == "final"
    assert [digest for digest in paid_on_chain(city) if digest in digests] == digests


def test_a_nonce_too_far_ahead_is_refused(service, city, residents):
    payer = residents()
    assert service.post("/v1/payments", signed_payment(city, payer, SHOP, 10, 17)).code == "nonce_too_far"
    assert service.post("/v1/payments", signed_payment(city, payer, SHOP, 10, 16)).status == 202


def test_another_payment_for_a_nonce_under_way_or_used_is_refused(service, city, residents):
    payer = residents()
    first = service.post("/v1/payments", signed_payment(city, payer, SHOP, 10, 0))
    other = service.post("/v1/payments", signed_payment(city, payer, SHOP, 11, 0))
    assert (other.status, other.code) == (409, "nonce_taken")
    service.wait_for(first.headers["location"])
    late = service.post("/v1/payments", signed_payment(city, payer, SHOP, 12, 0))
    assert (late.status, late.code) == (409, "nonce_used")


def test_the_same_key_gets_the_same_answer_and_another_body_is_refused(service, city, residents):
    payer = residents()
    body = signed_payment(city, payer, SHOP, 10, 0)
    first = service.post("/v1/payments", body, key="till-1-0001")
    service.wait_for(first.headers["location"])
    again = service.post("/v1/payments", body, key="till-1-0001")
    assert (again.status, again.body, again.headers["location"]) == (
        first.status,
        first.body,
        first.headers["location"],
    )
    assert again.headers["idempotency-replayed"] == "true"
    other = service.post("/v1/payments", signed_payment(city, payer, SHOP, 10, 1), key="till-1-0001")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert service.request("POST", "/v1/payments", body).code == "idempotency_key_missing"


def test_posting_what_is_known_again_and_again_fills_nothing(service, city, residents):
    body = signed_payment(city, residents(), SHOP, 10, 0)
    assert service.post("/v1/payments", body, wait=30).body["state"] == "final"
    before = rows(service.log.parent, "SELECT count(*) FROM idempotency")
    assert {service.post("/v1/payments", body).status for _ in range(5)} == {200}
    assert rows(service.log.parent, "SELECT count(*) FROM idempotency") == before


def test_a_refused_request_leaves_its_key_free(service, city, residents):
    payer = residents()
    assert service.post("/v1/payments", signed_payment(city, payer, SHOP, FUNDS + 1, 0), key="k").status == 422
    assert service.post("/v1/payments", signed_payment(city, payer, SHOP, FUNDS, 0), key="k").status == 202


def test_what_is_under_way_cannot_be_spent_twice(service, city, residents):
    payer = residents()
    bodies = [signed_payment(city, payer, SHOP, 300, nonce) for nonce in range(10)]
    answers = [service.post("/v1/payments", body) for body in bodies]
    accepted = [answer for answer in answers if answer.status == 202]
    assert len(accepted) == FUNDS // 300
    assert {answer.code for answer in answers if answer.status != 202} == {"insufficient_credits"}
    for answer in accepted:
        assert service.wait_for(answer.headers["location"])["state"] == "final"


def test_of_many_payments_with_one_nonce_posted_at_once_one_is_taken_on(service, city, residents):
    payer = residents()
    bodies = [signed_payment(city, payer, SHOP, 10 + place, 0) for place in range(20)]
    answers = post_all(service, bodies)
    accepted = [answer for answer in answers if answer.status == 202]
    assert len(accepted) == 1
    assert {answer.code for answer in answers if answer.status != 202} == {"nonce_taken"}
    assert service.wait_for(accepted[0].headers["location"])["state"] == "final"


def test_of_many_payments_posted_at_once_only_what_the_account_holds_is_taken_on(service, city, residents):
    payer = residents()
    answers = post_all(service, [signed_payment(city, payer, SHOP, 300, nonce) for nonce in range(16)])
    assert sum(answer.status == 202 for answer in answers) == FUNDS // 300


def test_a_payment_somebody_else_carried_is_final_here_too(service, city, residents):
    payer = residents()
    carried = city.payment(payer, SHOP, 70)
    city.pay_batch([carried])
    digest = "0x" + carried.digest.hex()
    foreign = service.wait_for(f"/v1/payments/{digest}", "final")
    assert foreign["value"] == "70"
    answer = service.post("/v1/payments", payment_body(carried))
    assert (answer.status, answer.body["state"]) == (200, "final")
    assert answer.body["transaction"] == foreign["transaction"]
    assert times_paid(city, digest) == 1


def test_what_waits_for_a_payment_that_another_carries_goes_on(service, city, residents):
    payer = residents()
    parked = service.post("/v1/payments", signed_payment(city, payer, SHOP, 20, 1))
    assert parked.body["state"] == "received"
    city.pay(payer, SHOP, 30)
    assert service.wait_for(parked.headers["location"])["state"] == "final"


def test_a_payment_whose_nonce_another_used_has_failed(service, city, residents):
    payer = residents()
    parked = service.post("/v1/payments", signed_payment(city, payer, SHOP, 20, 1))
    city.pay(payer, SHOP, 30)
    beside = city.payment(payer, OTHER_SHOP, 40, nonce=1)
    # Both want nonce 1 now; whichever the chain takes, the other has failed, and one was paid.
    city.pay_batch([beside])
    ended = service.wait_for(parked.headers["location"])
    other_paid = times_paid(city, "0x" + beside.digest.hex())
    if ended["state"] == "failed":
        assert ended["failure"]["code"] == "nonce_used"
        assert other_paid == 1
    else:
        assert (ended["state"], other_paid) == ("final", 0)


def test_a_parked_payment_fails_for_certain_when_its_nonce_is_used(service, city, residents):
    payer = residents()
    parked = service.post("/v1/payments", signed_payment(city, payer, SHOP, 20, 2))
    city.pay_batch([city.payment(payer, SHOP, 5, nonce=nonce) for nonce in range(3)])
    ended = service.wait_for(parked.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "nonce_used")
    assert "Nothing was paid" in ended["failure"]["title"]


def test_a_parked_payment_expires_when_a_final_block_is_past_its_deadline(service, city, residents):
    payer = residents()
    deadline = int(time.time()) + 4
    parked = service.post("/v1/payments", signed_payment(city, payer, SHOP, 20, 3, deadline=deadline))
    assert parked.status == 202
    ended = service.wait_for(parked.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) == ("expired", "deadline_passed")
    assert city.now() > deadline
    freed = service.post("/v1/payments", signed_payment(city, payer, SHOP, FUNDS, 0))
    assert freed.status == 202


def test_a_payment_the_contract_fails_says_why_and_does_not_hold_up_others(service, city, residents):
    bad, good = residents(), residents()
    parked = service.post("/v1/payments", signed_payment(city, bad, SHOP, 20, 1))
    first = city.payment(bad, SHOP, 10, nonce=0)
    city.send("guardian", "token", "freeze", bad, 1)
    city.pay_batch([first])  # consumes nonce 0: refused because the account is frozen
    beside = service.post("/v1/payments", signed_payment(city, good, SHOP, 20, 0))
    ended = service.wait_for(parked.headers["location"])
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "frozen")
    assert ended["transaction"] is not None
    assert service.wait_for(beside.headers["location"])["state"] == "final"
    refused = service.post("/v1/payments", signed_payment(city, bad, SHOP, 20, 2))
    assert (refused.status, refused.code) == (422, "account_frozen")


def test_while_paused_payments_are_refused_and_go_on_afterwards(service, city, residents):
    payer = residents()
    parked = service.post("/v1/payments", signed_payment(city, payer, SHOP, 20, 0))
    service.wait_for(parked.headers["location"])
    city.send("guardian", "token", "pause")
    service.wait_until_indexed()
    body = signed_payment(city, payer, SHOP, 20, 1)
    refused = service.post("/v1/payments", body)
    assert (refused.status, refused.code) == (503, "paused")
    assert refused.headers["retry-after"]
    city.send("unpauser", "token", "unpause")
    service.wait_until_indexed()
    assert service.post("/v1/payments", body, wait=30).body["state"] == "final"


def test_many_payers_at_once_share_transactions(service, city, residents):
    bodies = [signed_payment(city, residents(), SHOP, 10, 0) for _ in range(8)]
    answers = post_all(service, bodies)
    finals = [service.wait_for(answer.headers["location"]) for answer in answers]
    assert {final["state"] for final in finals} == {"final"}
    assert len({final["transaction"]["hash"] for final in finals}) < len(bodies)


def test_the_list_of_payments_is_complete_without_repeats(service, city, residents):
    payer = residents()
    bodies = [signed_payment(city, payer, SHOP, 1, nonce) for nonce in range(5)]
    post_all(service, bodies)
    seen, cursor = [], ""
    while True:
        page = service.get(f"/v1/payments?account={city.address_of(payer)}&limit=2{cursor}").body
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(seen) == sorted(digest_of(city, body) for body in bodies)


def test_the_ledger_holds_and_names_every_move(service, city, residents):
    # One of its own: which tests came before in this process is chance.
    paid = service.post("/v1/payments", signed_payment(city, residents(), SHOP, 1, 0), wait=30)
    assert paid.body["state"] == "final"
    ledger = service.get("/v1/ledger").body
    assert ledger["holds"] is True
    assert ledger["totalSupply"] == ledger["balances"]
    transfers = service.get("/v1/ledger/transfers?limit=200").body["items"]
    assert {item["kind"] for item in transfers} == {"reward", "payment"}
    assert all(item["operation"] for item in transfers)
