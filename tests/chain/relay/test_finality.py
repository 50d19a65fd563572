# SPDX-License-Identifier: EUPL-1.2
"""What is told of a verdict in a block that may still be taken back."""

import pytest
from eth_utils.crypto import keccak

from tests.support.acts import (
    authorization_body,
    carry_behind_the_relayers_back,
    withdraw_behind_the_relayers_back,
)
from tests.support.service import Service, signed_payment, until
from tests.support.town import FUNDS, RESIDENTS, SHOPS, town

SHOP, OTHER = SHOPS
SIGNER = RESIDENTS[0]
FINALITY = 8
"""Blocks that must follow."""


@pytest.fixture
def place(tmp_path):
    """A chain of its own, whose blocks are taken back, and a service that waits for eight blocks."""
    with town() as (anvil, city):
        anvil.mine(FINALITY)
        with Service(tmp_path, city, f"--finality={FINALITY}") as service:
            until(lambda: funds(service, city), lambda cents: cents == FUNDS)
            yield anvil, city, service


def funds(service, city):
    answer = service.get(f"/v1/accounts/{city.address_of(SIGNER)}")
    return int(answer.body["spendable"]) if answer.status == 200 else None


def test_a_voucher_whose_withdrawal_is_not_final_is_told_as_no_end_and_keeps_its_value(place):
    anvil, city, service = place
    nonce = keccak(b"withdrawn for a while")
    anvil.rpc("evm_setIntervalMining", 0)
    sent = service.post("/v1/authorizations", authorization_body(city, SIGNER, SHOP, 700, nonce))
    voucher = sent.headers["location"]
    service.wait_for(voucher, "submitted")
    withdraw_behind_the_relayers_back(anvil, city, SIGNER, nonce)

    told = service.wait_for(voucher, "failing")
    assert told["failure"] is None
    assert told["underWayUntil"] is not None
    assert funds(service, city) == FUNDS - 700
    again = service.post("/v1/payments", signed_payment(city, SIGNER, OTHER, FUNDS - 699, 0))
    assert (again.status, again.code) == (422, "insufficient_credits")

    anvil.rpc("anvil_reorg", 4, [])
    anvil.rpc("evm_setIntervalMining", 1)
    assert service.wait_for(voucher)["state"] == "final"
    assert funds(service, city) == FUNDS - 700


def test_a_voucher_whose_withdrawal_is_final_has_failed_and_its_value_is_free_again(place):
    anvil, city, service = place
    nonce = keccak(b"withdrawn for good")
    anvil.rpc("evm_setIntervalMining", 0)
    sent = service.post("/v1/authorizations", authorization_body(city, SIGNER, SHOP, 700, nonce))
    voucher = sent.headers["location"]
    service.wait_for(voucher, "submitted")
    withdraw_behind_the_relayers_back(anvil, city, SIGNER, nonce)
    service.wait_for(voucher, "failing")

    anvil.mine(FINALITY)
    ended = service.wait_for(voucher)
    assert (ended["state"], ended["failure"]["code"]) == ("failed", "withdrawn")
    assert funds(service, city) == FUNDS


def test_a_payment_whose_nonce_another_used_in_a_block_that_is_taken_back_is_carried_out_after_all(place):
    anvil, city, service = place
    anvil.rpc("evm_setIntervalMining", 0)
    sent = service.post("/v1/payments", signed_payment(city, SIGNER, SHOP, 700, 0))
    payment = sent.headers["location"]
    service.wait_for(payment, "submitted")
    rival = city.payment(SIGNER, OTHER, 300, nonce=0)
    fields = (rival.sender, rival.recipient, rival.value, rival.nonce, rival.deadline, rival.request_id)
    signature = "pay((address,address,uint256,uint256,uint256,bytes32),bytes)"
    carry_behind_the_relayers_back(anvil, city, signature, fields, rival.signature)

    assert service.wait_for(payment, "failing")["failure"] is None
    anvil.rpc("anvil_reorg", 4, [])
    anvil.rpc("evm_setIntervalMining", 1)
    assert service.wait_for(payment)["state"] == "final"
    assert funds(service, city) == FUNDS - 700
