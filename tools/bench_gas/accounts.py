# SPDX-License-Identifier: EUPL-1.2
"""ERC-4337: an ERC-20 transfer by contract wallets, whose operations a bundler carries through the entry point."""

from __future__ import annotations

from typing import Any, Final

from tests.support.anvil import rpc
from tests.support.signed import signer_of
from tools.bench_gas.chain import PAYEES, Chain, payees, payers
from tools.bench_gas.peers import peer
from tools.bench_gas.rows import Kind

ERC4337: Final = "ERC-4337"
USUAL_BUNDLE: Final = 19
_VERIFICATION_GAS, _CALL_GAS, _FOUNDING_GAS = 80_000, 60_000, 600_000
_FOUNDED_AT_ONCE: Final = 20


def measure_accounts(chain: Chain) -> None:
    """Bundles of one, of the usual size, and of as many as a batch has.

    On a chain without fees no wallet pays for its gas; what it takes where each pays from its deposit stands beside.
    """
    bundler = _Bundler(chain)
    for first in range(0, chain.size, _FOUNDED_AT_ONCE):
        bundler.carry(range(first, min(first + _FOUNDED_AT_ONCE, chain.size)))
    for count in (1, min(USUAL_BUNDLE, chain.size), chain.size):
        name = f"`handleOps({count})`, SimpleAccount sends an ERC-20 transfer"
        chain.measured(Kind.PAYMENT, ERC4337, name, bundler.carry(range(count)), count)
    bundler.deposit(USUAL_BUNDLE)
    for count in (1, min(USUAL_BUNDLE, chain.size)):
        name = f"`handleOps({count})`, the same where wallets pay for gas"
        chain.measured(Kind.PAYMENT, ERC4337, name, bundler.carry(range(count), price=1), count)


class _Bundler:
    """Knows the wallets, one of each payer, and carries what they sign. A wallet's first operation founds it."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._entry_point = chain.deploy("EntryPoint")
        self._factory = chain.deploy("SimpleAccountFactory", self._entry_point)
        self._token = chain.deploy("PlainToken")
        self._owners, self._shops = payers(chain.size), payees(PAYEES)
        self._wallets = [chain.call(self._factory, "getAddress", owner.address, 0) for owner in self._owners]
        self._nonces = [0] * chain.size
        for holder in (*self._wallets, *self._shops):
            chain.send(self._token, "mint", holder, 1000)

    def deposit(self, count: int) -> None:
        """Makes the first so many wallets rich at the entry point."""
        rpc(self._chain.url, "anvil_setBalance", signer_of("carrier").address, hex(10**18))
        for wallet in self._wallets[:count]:
            self._chain.send(self._entry_point, "depositTo", wallet, value=10**12)

    def carry(self, wallets: range, price: int = 0) -> dict[str, Any]:
        """A transfer of each of these wallets, in one bundle at a price of gas in wei; returns the receipt.

        Raises:
            Failed: an operation in it was refused.
            ValueError: one was carried, and failed inside.
        """
        operations = [self._operation(i, price) for i in wallets]
        receipt = self._chain.send(self._entry_point, "handleOps", operations, signer_of("carrier").address)
        transfers = [log for log in receipt["logs"] if log["address"].lower() == self._token.lower()]
        if len(transfers) != len(operations):
            raise ValueError(f"{len(operations)} operations made {len(transfers)} transfers")
        return receipt

    def _operation(self, i: int, price: int) -> tuple[Any, ...]:
        owner, nonce = self._owners[i], self._nonces[i]
        found = bytes.fromhex(self._factory[2:]) + peer("SimpleAccountFactory").encode(
            "createAccount", owner.address, 0
        )
        transfer = peer("PlainToken").encode("transfer", self._shops[i % PAYEES], 25)
        execute = peer("SimpleAccount").encode("execute", self._token, 0, transfer)
        verification = _VERIFICATION_GAS if nonce else _FOUNDING_GAS
        limits = verification.to_bytes(16, "big") + _CALL_GAS.to_bytes(16, "big")
        fees = price.to_bytes(16, "big") * 2
        fields = (self._wallets[i], nonce, b"" if nonce else found, execute, limits, 0, fees, b"")
        signed = owner.sign_digest(self._chain.call(self._entry_point, "getUserOpHash", (*fields, b"")))
        self._nonces[i] += 1
        return (*fields, signed)
