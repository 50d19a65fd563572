# SPDX-License-Identifier: EUPL-1.2
"""Device keys and passkeys as residents, shops and officials of a city, on a real chain."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heitje.chain.browser_keys import signer_of as key_of
from heitje.chain.signing import SignatureError
from heitje.chain.typed_data import refund_nonce
from heitje.relay.batch import DEVICE_KEY_GAS, PASSKEY_GAS, gas_of
from heitje.relay.operation import Kind
from tests.support.anvil import Anvil, RpcRefused, rpc
from tests.support.browser import DeviceKey, Passkey, WebCryptoKey, twin
from tests.support.city import ISSUER, City, Payment, Refused
from tests.support.wallet import Safe

NUMBERS = count(20_001)
SHOP = 500
WITHOUT_PRECOMPILE = 280_000
"""Gas the contracts take to verify a P-256 signature by themselves."""


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil() as anvil:
        yield anvil


@pytest.fixture(scope="module")
def city(anvil: Anvil) -> City:
    founded = City.found(anvil.url)
    founded.enrol(merchants=[SHOP])
    return founded


def resident(city: City, key: Any = None) -> int:
    """A resident with 10 euros."""
    number = next(NUMBERS)
    if key is not None:
        city.wallets[f"member {number}"] = key
    city.enrol(residents=[number])
    city.issue(city.open_activity(), {number: 120})
    return number


def fresh(kind: type[Any], **how: Any) -> Any:
    return kind(f"browser {next(NUMBERS)}", **how)


def balance(city: City, number: int) -> int:
    return int(city.call("token", "balanceOf", city.address_of(number)))


def test_a_key_a_device_key_a_passkey_and_a_safe_pay_in_one_batch(city: City) -> None:
    safe = Safe.deploy(city.url, ["Jo", "Kim", "Lou"], 2, next(NUMBERS))
    people = [resident(city, key) for key in (None, fresh(DeviceKey), WebCryptoKey(), fresh(Passkey), safe)]
    before = balance(city, SHOP)
    payments = [city.payment(person, SHOP, 100 + place) for place, person in enumerate(people)]
    receipt = city.pay_batch(payments)
    assert receipt["logs"][-1]["data"].endswith("".join(payment.digest.hex() for payment in payments))
    assert [balance(city, person) for person in people] == [900, 899, 898, 897, 896]
    assert balance(city, SHOP) == before + 510


def test_what_a_browsers_key_did_not_sign_does_nothing_and_stops_nobody_else(city: City) -> None:
    phone, passkey = fresh(DeviceKey), fresh(Passkey)
    people = [resident(city, phone), resident(city, passkey), resident(city)]
    good = [city.payment(person, SHOP, 10) for person in people]
    unverified = passkey.without_verification()
    wrong = [
        replace(good[0], signature=twin(good[0].signature)),
        replace(good[0], signature=phone.sign_digest(keccak(b"else"))),
        replace(good[0], signature=passkey.sign_digest(good[0].digest)),
        replace(good[1], signature=twin(good[1].signature)),
        replace(good[1], signature=passkey.sign_digest(keccak(b"else"))),
        replace(good[1], signature=unverified.sign_digest(good[1].digest)),
        replace(good[1], signature=good[1].signature[:-1]),
    ]
    city.pay_batch([*wrong, good[2]])
    assert [balance(city, person) for person in people] == [1000, 1000, 990]
    assert [city.account(person).nonce for person in people] == [0, 0, 1]
    city.pay_batch(good[:2])
    assert [balance(city, person) for person in people] == [990, 990, 990]


def test_a_device_key_that_signs_the_digest_without_hashing_is_no_browser(city: City) -> None:
    """No browser can do this: WebCrypto hashes. A program that does must not pass for one."""
    phone = fresh(DeviceKey)
    person = resident(city, phone)
    item = city.payment(person, SHOP, 10)
    signature = phone.sign_without_hashing(item.digest)
    city.pay_batch([replace(item, signature=signature)])
    assert balance(city, person) == 1000


def test_a_passkey_shop_is_paid_refunds_and_redeems_and_cancels(city: City) -> None:
    shop, person = next(NUMBERS), resident(city, fresh(DeviceKey))
    city.wallets[f"member {shop}"] = fresh(Passkey)
    city.enrol(merchants=[shop])
    payment = city.payment(person, shop, 600)
    city.pay_batch([payment])
    city.transfer_with_authorization(shop, person, 100, refund_nonce(payment.digest, 0))
    assert (balance(city, person), balance(city, shop)) == (500, 500)
    redemption = city.redeem(shop, 300)
    city.cancel(shop, city.redeem(shop, 200, "another"))
    city.lock([redemption])
    city.settle([(city.reference("passkey shop"), [redemption])])
    assert balance(city, shop) == 200


def test_a_device_key_and_a_passkey_pay_by_authorization(city: City) -> None:
    for key in (fresh(DeviceKey), fresh(Passkey)):
        person = resident(city, key)
        city.transfer_with_authorization(person, SHOP, 60, keccak(key.address.encode()))
        assert balance(city, person) == 940


def test_a_device_key_signs_reports_as_attester_and_a_passkey_releases_them_as_issuer(city: City) -> None:
    attester, issuer = fresh(DeviceKey), fresh(Passkey)
    city.send("programme", "registry", "setAttester", city.programme, attester.address, True)
    city.send("admin", "authority", "grantRole", ISSUER, issuer.address, 0)
    city.wallets |= {"phone of the union": attester, "security key of the office": issuer}
    names = {"attester": "phone of the union", "issuer": "security key of the office"}
    number, activity = resident(city), city.open_activity()
    report = city.report(activity, {number: 60}, **names)
    first, *middle, last, skip = report.arguments
    for lie in ((first, twin(report.attester_signature), *middle[1:], last, skip), (first, *middle, twin(last), skip)):
        with pytest.raises(Refused):
            city.send("carrier", "registry", "issue", *lie)
    city.send("carrier", "registry", "issue", *report.arguments)
    assert balance(city, number) == 1500


def paid(city: City, item: Payment, gas: int = 1_000_000) -> int:
    """What `pay` would answer."""
    data = city._interfaces["token"].encode("pay", item.struct, item.signature)
    call = {"to": city.addresses["token"], "data": "0x" + data.hex(), "gas": hex(gas)}
    return int(rpc(city.url, "eth_call", call, "latest"), 16)


@pytest.mark.parametrize("kind", [DeviceKey, Passkey])
def test_the_contract_and_python_agree_about_every_changed_bit(city: City, kind: type[Any]) -> None:
    item = city.payment(resident(city, fresh(kind)), SHOP, 10)
    good = item.signature

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 8 * len(good) - 1), st.sampled_from([None, *range(0, len(good), 7)]))
    def agree(bit: int, length: int | None) -> None:
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        for signature in (bytes(changed), good[:length]):
            try:
                expected = key_of(item.digest, signature) == item.sender
            except SignatureError:
                expected = False
            assert paid(city, replace(item, signature=signature)) == expected

    agree()


@pytest.mark.parametrize("kind", [DeviceKey, Passkey])
def test_with_too_little_gas_a_good_signature_is_never_taken_for_a_wrong_one(city: City, kind: type[Any]) -> None:
    item = city.payment(resident(city, fresh(kind)), SHOP, 10)
    answers = set()
    for gas in range(24_000, 150_000, 600):
        try:
            answers.add(paid(city, item, gas))
        except RpcRefused:
            answers.add("reverts")
    assert answers == {"reverts", 1}


@pytest.mark.parametrize(
    ("kind", "how", "reserved"),
    [
        (DeviceKey, {}, DEVICE_KEY_GAS),
        (Passkey, {}, PASSKEY_GAS),
        (Passkey, {"more": ',"crossOrigin":false,"other":"' + "x" * 3_700 + '"'}, PASSKEY_GAS),
    ],
    ids=["device key", "passkey", "longest passkey"],
)
def test_a_batch_of_browsers_keys_takes_no_more_than_the_relayer_reserves(
    city: City, kind: type[Any], how: dict[str, str], reserved: int
) -> None:
    people = [resident(city, fresh(kind, **how)) for _ in range(8)]
    keys = [resident(city) for _ in range(8)]
    items = [city.payment(person, SHOP, 10) for person in people]
    used = int(city.pay_batch(items)["gasUsed"], 16)
    by_keys = int(city.pay_batch([city.payment(person, SHOP, 10) for person in keys])["gasUsed"], 16)
    extra = len(items[0].signature) - 65
    assert (used - by_keys) / 8 < reserved + 40 * extra
    assert used < gas_of(Kind.PAYMENT, 8, extra_bytes=8 * extra, browser_gas=8 * reserved)


def test_without_the_precompile_the_contracts_verify_by_themselves_and_take_less_than_280_000() -> None:
    with Anvil(fork="prague") as anvil:
        city = City.found(anvil.url)
        city.enrol(merchants=[SHOP])
        key, phone, passkey = resident(city), resident(city, fresh(DeviceKey)), resident(city, fresh(Passkey))
        by_key = int(city.pay(key, SHOP, 10)["gasUsed"], 16)
        for person in (phone, passkey):
            item = city.payment(person, SHOP, 10)
            city.pay_batch([replace(item, signature=twin(item.signature))])
            assert balance(city, person) == 1000
            used = int(city.pay_batch([item])["gasUsed"], 16)
            assert balance(city, person) == 990
            assert 200_000 < used - by_key < WITHOUT_PRECOMPILE
        shop = next(NUMBERS)
        city.wallets[f"member {shop}"] = fresh(Passkey)
        city.enrol(merchants=[shop])
        city.pay(phone, shop, 50)
        city.redeem(shop, 50)
        assert balance(city, shop) == 0
