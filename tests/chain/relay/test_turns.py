# SPDX-License-Identifier: EUPL-1.2
"""What costs its signer nothing cannot hold up what others ask for."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from eth_utils.crypto import keccak

from heitje.chain.words import uid_of
from heitje.relay.operation import MOST_FREE
from tests.support.acts import reduction_body, withdrawal_body
from tests.support.anvil import rpc
from tests.support.service import Service, until

WITHDRAWALS = "/v1/authorizations/cancellations"
WINDOW = 16
"""Transactions the relayer has on their way at most: fewer than one signer may ask for."""


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("service"), city, HEITJE_WINDOW=str(WINDOW)) as running:
        yield running


def test_one_signers_withdrawals_hold_up_nobody_and_are_bounded(service, city, residents):
    signer, other, member = residents(), residents(), residents()
    activity = city.open_activity()
    city.issue(activity, {member: 120})
    uid = uid_of(activity, member)
    until(lambda: service.get(f"/v1/attestations/{uid}").status, lambda status: status == 200)
    bodies = [withdrawal_body(city, signer, keccak(f"withdrawn {place}".encode())) for place in range(MOST_FREE)]
    rpc(city.url, "evm_setIntervalMining", 0)
    try:
        with ThreadPoolExecutor(6) as pool:
            taken_on = list(pool.map(lambda body: service.post(WITHDRAWALS, body), bodies))
        assert {answer.status for answer in taken_on} == {202}

        one_more = service.post(WITHDRAWALS, withdrawal_body(city, signer, keccak(b"one more")))
        assert (one_more.status, one_more.code) == (429, "too_many_under_way")
        assert (one_more.headers["retry-after"], str(MOST_FREE) in one_more.body["detail"]) == ("1", True)
        assert service.post(WITHDRAWALS, bodies[0]).status == 202, "what is under way can still be asked for"
        others = service.post(WITHDRAWALS, withdrawal_body(city, other, keccak(b"another's")))
        assert others.status == 202
        reduction = service.post(f"/v1/attestations/{uid}/reductions", reduction_body(city, uid, 60))
        assert reduction.status == 202
    finally:
        rpc(city.url, "evm_setIntervalMining", 1)

    reduced = service.wait_for(reduction.headers["location"])
    done = [service.wait_for(answer.headers["location"]) for answer in taken_on]
    blocks = sorted(one["transaction"]["block"] for one in done)
    assert {one["state"] for one in (reduced, *done)} == {"final"}
    # Sixteen were on their way before it came; it goes with those that follow.
    assert reduced["transaction"]["block"] <= blocks[WINDOW + 1]
    free_again = service.post(WITHDRAWALS, withdrawal_body(city, signer, keccak(b"one more")), wait=30)
    assert free_again.body["state"] == "final"
