# SPDX-License-Identifier: EUPL-1.2
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.abi import load
from heitje.chain.addresses import to_address
from heitje.relay.batch import DEVICE_KEY_GAS, PASSKEY_GAS, Item, Plan
from heitje.relay.calldata import Contracts, browser_gas, encode, extra_bytes, pay_batch
from heitje.relay.operation import Kind

words = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
addresses = st.binary(min_size=20, max_size=20).map(to_address)
payments = st.fixed_dictionaries(
    {
        "from": addresses,
        "to": addresses,
        "value": st.integers(0, 2**48 - 1).map(str),
        "nonce": st.integers(0, 2**48 - 1).map(str),
        "deadline": st.integers(0, 2**40),
        "requestId": words,
        # Of a key, or of a contract that wants something else.
        "signature": (st.binary(min_size=65, max_size=65) | st.binary(min_size=1, max_size=400)).map(
            lambda raw: "0x" + raw.hex()
        ),
    }
)


def by_the_abi(payloads):
    items = [
        (p["from"], p["to"], int(p["value"]), int(p["nonce"]), p["deadline"], bytes.fromhex(p["requestId"][2:]))
        for p in payloads
    ]
    return load("MunicipalToken").encode("payBatch", items, [bytes.fromhex(p["signature"][2:]) for p in payloads])


@given(st.lists(payments, max_size=12))
def test_a_batch_packed_by_hand_is_what_the_abi_says(payloads):
    assert pay_batch(payloads) == by_the_abi(payloads)


@given(st.lists(payments, min_size=1, max_size=30))
def test_a_plan_reserves_at_least_the_calldata_its_transaction_has(payloads):
    contracts = Contracts(*["0x" + "00" * 20] * 4)
    plan = Plan(Kind.PAYMENT)
    for i, payload in enumerate(payloads):
        plan.add(Item(i, Kind.PAYMENT, "a", i, extra_bytes=extra_bytes(payload)))
    assert len(encode(contracts, Kind.PAYMENT, payloads)[1]) <= plan.calldata


def test_the_gas_of_a_signature_is_that_of_its_kind_and_a_wallet_is_paid_for_otherwise():
    def gas(wallets, *lengths):
        names = ("attesterSignature", "issuerSignature")
        return browser_gas({name: "0x" + "ab" * n for name, n in zip(names, lengths, strict=False)}, wallets)

    assert [gas(0, length) for length in (65, 128, 260)] == [0, DEVICE_KEY_GAS, PASSKEY_GAS]
    assert gas(0, 128, 260) == DEVICE_KEY_GAS + PASSKEY_GAS
    assert (gas(1, 195), gas(2, 195, 195)) == (0, 0)
    # Which of the two is the wallet's is not known: the dearer one is reserved.
    assert gas(1, 128, 260) == PASSKEY_GAS
    assert browser_gas({"redemption": "0x00"}, 0) == 0
