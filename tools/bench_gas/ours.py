# SPDX-License-Identifier: EUPL-1.2
"""Our own operations, in a city that is founded for it with its authority and all its roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eth_utils.crypto import keccak

from tests.support.browser import DeviceKey, Passkey
from tests.support.city import City, Payment
from tools.bench_gas.chain import PAYEES, Chain
from tools.bench_gas.rows import OURS, Kind

KEYS, DEVICES, PASSKEYS, SHOPS = 10_000, 20_000, 30_000, 50_000
"""The first numbers of the residents by how they sign, and of the shops."""
_CAP: Final = 10_000_000
_MINUTES: Final = 90
_CENTS: Final = 25


def measure_ours(chain: Chain) -> City:
    """Everything here; returns the city."""
    city = _found(chain)
    _rewards(chain, city)
    _payments(chain, city)
    _payouts(chain, city)
    return city


def _numbers(first: int, count: int) -> range:
    return range(first, first + count)


def _found(chain: Chain) -> City:
    """Everybody is enrolled, nobody has earned anything."""
    city = City.found(chain.url, cap=_CAP)
    for number in _numbers(DEVICES, chain.size):
        city.wallets[f"member {number}"] = DeviceKey(f"phone of {number}")
    for number in _numbers(PASSKEYS, chain.size):
        city.wallets[f"member {number}"] = Passkey(f"passkey of {number}")
    for first in (KEYS, DEVICES, PASSKEYS):
        city.enrol(residents=_numbers(first, chain.size))
    city.enrol(merchants=_numbers(SHOPS, chain.size))
    return city


def _rewards(chain: Chain, city: City) -> None:
    """The second report of the same residents is the usual case, the first opens their year."""
    count = chain.size
    rewards = dict.fromkeys(_numbers(KEYS, count), _MINUTES)
    first, second = (city.issue(city.open_activity(), rewards) for _ in range(2))
    chain.measured(Kind.REWARD, OURS, f"`issue({count})`, to residents who earned before", second, count, 42_000)
    operation = f"`issue({count})`, the first reward of the year"
    chain.measured(Kind.REWARD, OURS, operation, first, count, 60_000)
    chain.measured(Kind.REWARD, OURS, "`issue(1)`", city.issue(city.open_activity(), {KEYS: _MINUTES}))
    for browsers in (DEVICES, PASSKEYS):
        city.issue(city.open_activity(), dict.fromkeys(_numbers(browsers, count), _MINUTES))


def _payments(chain: Chain, city: City) -> None:
    """Shops have been paid before; so has every browser's key paid before."""
    count = chain.size
    shops = _numbers(SHOPS, min(PAYEES, count))
    # 200 cents to each shop, for what they redeem later.
    city.pay_batch([city.payment(KEYS + i, SHOPS + i, 200) for i in range(count)])

    def batch(payers: Sequence[int]) -> list[Payment]:
        return [city.payment(payer, shops[i % len(shops)], _CENTS) for i, payer in enumerate(payers)]

    for browsers in (DEVICES, PASSKEYS):
        city.pay_batch(batch(_numbers(browsers, count)))

    half, quarter = count - 2 * (count // 4), count // 4
    mixed = [*_numbers(KEYS, half), *_numbers(DEVICES, quarter), *_numbers(PASSKEYS, quarter)]
    for words, payers, budget in (
        ("keys (secp256k1)", _numbers(KEYS, count), 17_000),
        ("device keys (P-256)", _numbers(DEVICES, count), 24_000),
        ("passkeys (WebAuthn)", _numbers(PASSKEYS, count), 36_000),
        (f"{half} keys, {quarter} device keys, {quarter} passkeys", mixed, None),
    ):
        receipt = city.pay_batch(batch(payers))
        operation = f"`payBatch({count})` signed by {words}"
        chain.measured(Kind.PAYMENT, OURS, operation, receipt, count, budget)
    chain.measured(Kind.PAYMENT, OURS, "`payBatch(1)` signed by a key", city.pay(KEYS, shops[0], _CENTS))
    _authorizations(chain, city, shops[0])
    receipt = city.send(f"member {KEYS}", "token", "transfer", city.address_of(shops[0]), _CENTS)
    chain.measured(Kind.TRANSFER, OURS, "ERC-20 `transfer` to a holder", receipt)


def _authorizations(chain: Chain, city: City, shop: int) -> None:
    """ERC-3009 in both forms: ours with a signature of any kind, and the standard's for keys only."""
    receipt = city.transfer_with_authorization(KEYS, shop, _CENTS, keccak(b"random nonce"))
    chain.measured(Kind.PAYMENT, OURS, "ERC-3009 `transferWithAuthorization`, any signature", receipt, 1, 71_000)
    *fields, signed = city.authorize(KEYS, shop, _CENTS, keccak(b"another nonce"))[1]
    function = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
    receipt = city.send("carrier", "token", function, *fields, signed[64], signed[:32], signed[32:64])
    chain.measured(Kind.PAYMENT, OURS, "ERC-3009 `transferWithAuthorization`, v, r, s", receipt)


def _payouts(chain: Chain, city: City) -> None:
    """One redemption stays open, so that the desk never becomes empty."""
    count = chain.size
    groups = min(PAYEES, count)
    city.redeem(SHOPS, 1, "stays open")
    for words, shops, budget in (
        (f"{groups} groups", groups, 12_500),
        ("groups of one", count, 36_000),
    ):
        each = count // shops
        asked = [
            (City.reference(f"{words} {i}"), [city.redeem(SHOPS + i, 9, f"{words} {j}") for j in range(each)])
            for i in range(shops)
        ]
        city.lock([redemption for _, ids in asked for redemption in ids])
        operation = f"`settle({count})` in {words}"
        chain.measured(Kind.PAYOUT, OURS, operation, city.settle(asked), count, budget)
