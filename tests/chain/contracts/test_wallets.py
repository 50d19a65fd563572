# SPDX-License-Identifier: EUPL-1.2
"""Safes as residents, shops and officials of a city: the contract wallets people really have, on a real chain."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from eth_utils.crypto import keccak

from heitje.chain.account import Class
from tests.support.anvil import Anvil, rpc
from tests.support.city import ADMIN, ISSUER, TREASURER, City, Refused, signer_of
from tests.support.wallet import FACTORY, HANDLER, SINGLETON, Safe, place

#: What Safe's makers publish as the code of version 1.5.0 on every public chain (keccak of the deployed bytecode).
PUBLISHED = {
    SINGLETON: "180193227186ccb85316c94db1f0d156ed932b14712cfaac78901899178572dc",
    FACTORY: "967dae4cda22b0c9ef7f31b010bdc1ceb0af9904b0c3dc060b5302e4c18a4529",
    HANDLER: "3c6a85bcf7b563daa624b884b4e9a1b9fa5371edde7be945d998071a48f28bbc",
}
GAS_OF_A_WALLET = 200_000
"""What the contracts give a wallet to answer with."""
HOUR = 3600
NUMBERS = count(10_001)
SALTS = count()


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil() as anvil:
        yield anvil


@pytest.fixture(scope="module")
def founded(anvil: Anvil) -> City:
    return City.found(anvil.url)


@pytest.fixture
def city(founded: City) -> City:
    """The city, with nobody's wallet in it yet."""
    founded.wallets.clear()
    return founded


def safe_of(city: City, owners: int = 3, threshold: int = 2) -> Safe:
    return Safe.deploy(city.url, [f"owner {n}" for n in range(owners)], threshold, next(SALTS))


def with_a_stranger(safe: Safe) -> Safe:
    """The same wallet, signed for by one person who owns none of it in the place of one who does."""
    signers = sorted([safe.owners[0], signer_of("stranger")], key=lambda key: key.address.lower())
    return replace(safe, owners=tuple(signers))


def member(city: City, kind: Class, wallet: Safe | None = None) -> int:
    number = next(NUMBERS)
    if wallet is not None:
        city.wallets[f"member {number}"] = wallet
    city.enrol(**{"residents" if kind is Class.RESIDENT else "merchants": [number]})
    return number


def resident(city: City, wallet: Safe | None = None) -> int:
    """A resident with 10 euros."""
    number = member(city, Class.RESIDENT, wallet)
    city.issue(city.open_activity(), {number: 120})
    return number


def balance(city: City, number: int) -> int:
    return int(city.call("token", "balanceOf", city.address_of(number)))


def wallet_calls(city: City, receipt: dict[str, Any], wallet: Safe) -> list[int]:
    """The gas that each question to a wallet took, of the transaction with this receipt."""

    def walk(call: dict[str, Any]) -> Iterator[int]:
        if call["to"].lower() == wallet.address.lower() and call["from"].lower() != wallet.address.lower():
            yield int(call["gasUsed"], 16)
            return
        for inner in call.get("calls", ()):
            yield from walk(inner)

    found = rpc(city.url, "debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
    return list(walk(found))


def test_the_wallets_are_the_code_that_safe_deploys_everywhere(anvil: Anvil) -> None:
    for file, published in PUBLISHED.items():
        code = anvil.rpc("eth_getCode", place(anvil.url, file), "latest")
        assert keccak(hexstr=code).hex() == published, file


def test_a_safe_and_a_key_pay_in_one_batch(city: City) -> None:
    club, person, shop = resident(city, safe_of(city)), resident(city), member(city, Class.MERCHANT)
    payments = [city.payment(club, shop, 400), city.payment(person, shop, 300)]
    receipt = city.pay_batch(payments)
    digests = "".join(payment.digest.hex() for payment in payments)
    assert receipt["logs"][-1]["data"].endswith(digests)
    assert (balance(city, club), balance(city, person), balance(city, shop)) == (600, 700, 700)


def test_a_payment_that_a_stranger_signed_for_a_safe_does_nothing_and_stops_nobody_else(city: City) -> None:
    safe = safe_of(city)
    club, person, shop = resident(city, safe), resident(city), member(city, Class.MERCHANT)
    city.wallets[f"member {club}"] = with_a_stranger(safe)
    receipt = city.pay_batch([city.payment(club, shop, 400), city.payment(person, shop, 300)])
    assert len(receipt["logs"]) == 2
    assert (balance(city, club), balance(city, shop)) == (1000, 300)
    assert city.call("token", "paymentNonce", safe.address) == 0
    city.wallets[f"member {club}"] = safe
    city.pay(club, shop, 400)
    assert balance(city, shop) == 700


def test_a_safe_signs_reports_as_attester_and_another_releases_them_as_issuer(city: City) -> None:
    attester, issuer = safe_of(city), safe_of(city)
    city.wallets |= {"union": attester, "office": issuer}
    city.send("programme", "registry", "setAttester", city.programme, attester.address, True)
    city.send("admin", "authority", "grantRole", ISSUER, issuer.address, 0)
    number, activity = member(city, Class.RESIDENT), city.open_activity()
    city.wallets["office"] = with_a_stranger(issuer)
    with pytest.raises(Refused):
        city.send("carrier", "registry", "issue", *report(city, activity, number))
    city.wallets |= {"union": with_a_stranger(attester), "office": issuer}
    with pytest.raises(Refused):
        city.send("carrier", "registry", "issue", *report(city, activity, number))
    assert balance(city, number) == 0
    city.wallets["union"] = attester
    city.send("carrier", "registry", "issue", *report(city, activity, number))
    assert balance(city, number) == 500


def report(city: City, activity: int, number: int) -> tuple[Any, ...]:
    return city.report(activity, {number: 60}, attester="union", issuer="office").arguments


def test_a_shop_with_a_safe_redeems_and_a_treasurer_with_a_safe_locks(city: City) -> None:
    treasurer = safe_of(city)
    city.send("admin", "authority", "grantRole", TREASURER, treasurer.address, 0)
    person, shop = resident(city), member(city, Class.MERCHANT, safe_of(city))
    city.pay(person, shop, 900)
    redemption = city.redeem(shop, 900)
    city.wallets["treasurer"] = with_a_stranger(treasurer)
    with pytest.raises(Refused):
        city.lock([redemption])
    city.wallets["treasurer"] = treasurer
    city.lock([redemption])
    with pytest.raises(Refused):
        city.settle([(city.reference("by the one who locked"), [redemption])], treasurer="treasurer")
    settled = city.call("token", "ledger")[1]
    city.settle([(city.reference("by another"), [redemption])])
    assert city.call("token", "ledger")[1] == settled + 900


def test_a_safe_that_is_administrator_schedules_waits_and_executes(city: City, anvil: Anvil) -> None:
    safe = safe_of(city)
    city.wallets["board"] = safe
    city.send("admin", "authority", "grantRole", ADMIN, safe.address, HOUR)
    role, somebody = TREASURER, signer_of("new treasurer").address
    grant = city._interfaces["authority"].encode("grantRole", role, somebody, 0)
    with pytest.raises(Refused, match="AccessManagerNotScheduled"):
        city.send("board", "authority", "grantRole", role, somebody, 0)
    city.send("board", "authority", "schedule", city.addresses["authority"], grant, 0)
    anvil.move_time_to(anvil.now() + HOUR)
    safe.execute(city.addresses["authority"], grant)
    assert city.call("authority", "hasRole", role, somebody)[0]


@pytest.mark.parametrize(("owners", "most"), [(1, 23_000), (2, 29_000), (3, 35_000), (24, 163_000)])
def test_what_a_safe_takes_to_answer_fits_in_what_it_gets(city: City, owners: int, most: int) -> None:
    safe = safe_of(city, owners, owners)
    club, shop = resident(city, safe), member(city, Class.MERCHANT)
    (gas,) = wallet_calls(city, city.pay(club, shop, 100), safe)
    assert balance(city, shop) == 100
    assert gas <= most < GAS_OF_A_WALLET
