# SPDX-License-Identifier: EUPL-1.2
"""Sends transactions of one account, and finds out what became of them.

Safe to run again: before anything is decided, what the account sent earlier must be mined or gone (`settle_down`), so
that a script that was killed between sending and hearing reads a chain that knows its transaction. Every transaction
has zero fees and at most 15.5 million gas (EIP-7825 caps one at 2^24).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_utils.crypto import keccak

from scripts._support.exits import Code, Stop
from scripts._support.keys import Key
from scripts._support.rpc import NoAnswer, Refused, Rpc

MOST_GAS: Final = 15_500_000
_POLL: Final = 0.2
_RESEND: Final = 10.0
_PATIENCE: Final = 120.0
"""Seconds: between looks, between sending the same bytes again, and until the outcome is called unknown."""
_KNOWN: Final = ("already known", "already imported", "known transaction", "alreadyknown")


@dataclass(frozen=True)
class Transaction:
    """What to do on the chain: call `to` (None deploys) with `data`. `what` says it in words."""

    what: str
    to: str | None
    data: bytes
    gas: int | None = None


def gas_for(rpc: Rpc, sender: str, transaction: Transaction) -> int:
    """Tries a transaction of any account, also of a contract, without sending it; returns the gas to allow.

    Raises:
        Stop: it would be refused, or needs too much gas.
    """
    call = {"from": sender, "data": "0x" + transaction.data.hex(), "gas": hex(MOST_GAS)}
    call |= {"to": transaction.to} if transaction.to else {}
    try:
        needed = int(rpc.call("eth_estimateGas", call), 16)
    except Refused as refused:
        text = f"The chain would refuse to {transaction.what}: {refused}"
        raise Stop(Code.REFUSED, text) from refused
    return min(needed + needed // 4, MOST_GAS)


class Sender:
    """The transactions of one key."""

    def __init__(self, rpc: Rpc, chain_id: int, key: Key) -> None:
        self._rpc = rpc
        self._chain_id = chain_id
        self._key = key

    def settle_down(self) -> None:
        """Waits until nothing of this account is under way.

        Raises:
            Stop: something still is, after two minutes.
        """
        deadline = time.monotonic() + _PATIENCE
        while self._count("pending") > self._count("latest"):
            if time.monotonic() > deadline:
                text = (
                    f"An earlier transaction of {self._key.alias} is still under way. Run the same command again later."
                )
                raise Stop(Code.NO_ANSWER, text)
            time.sleep(_POLL)

    def next_nonce(self) -> int:
        """The nonce of the account's next transaction."""
        return self._count("latest")

    def check(self, transaction: Transaction) -> int:
        """Tries a transaction without sending it; returns the gas to allow.

        Raises:
            Stop: it would be refused, or needs too much gas.
        """
        return gas_for(self._rpc, self._key.address, transaction)

    def send(self, transaction: Transaction) -> dict[str, Any]:
        """Tries, sends and waits for the receipt. See `check` and `send_all`."""
        gas = transaction.gas or self.check(transaction)
        return self.send_all([Transaction(transaction.what, transaction.to, transaction.data, gas)])[0]

    def send_all(
        self, transactions: Sequence[Transaction], done: Callable[[], None] = lambda: None
    ) -> list[dict[str, Any]]:
        """Sends transactions whose gas is known one after another without waiting, then waits for all receipts.

        Raises:
            Stop: one was refused, or what became of one is not known.
        """
        nonce = self.next_nonce()
        signed = [self._sign(transaction, nonce + i) for i, transaction in enumerate(transactions)]
        for raw in signed:
            self._push(raw)
        receipts = []
        for transaction, raw in zip(transactions, signed, strict=True):
            receipts.append(self._wait(transaction, raw))
            done()
        return receipts

    def _count(self, tag: str) -> int:
        return int(self._rpc.call("eth_getTransactionCount", self._key.address, tag), 16)

    def _sign(self, transaction: Transaction, nonce: int) -> bytes:
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": nonce,
            "value": 0,
            "data": transaction.data,
            "gas": transaction.gas,
            "max_fee": 0,
            "max_priority_fee": 0,
        }
        return self._key.sign_transaction(fields | ({"receiver": transaction.to} if transaction.to else {}))

    def _push(self, raw: bytes) -> None:
        """Sends signed bytes. An answer that does not come is no failure: `_wait` finds out."""
        try:
            self._rpc.call("eth_sendRawTransaction", "0x" + raw.hex())
        except NoAnswer:
            return
        except Refused as refused:
            text = refused.message.lower()
            if any(known in text for known in _KNOWN) or self._receipt(raw):
                return
            raise Stop(Code.REFUSED, f"The node did not take the transaction: {refused}") from refused

    def _receipt(self, raw: bytes) -> dict[str, Any] | None:
        receipt: dict[str, Any] | None = self._rpc.call("eth_getTransactionReceipt", "0x" + keccak(raw).hex())
        return receipt

    def _wait(self, transaction: Transaction, raw: bytes) -> dict[str, Any]:
        name = "0x" + keccak(raw).hex()
        start = sent = time.monotonic()
        while True:
            try:
                receipt = self._receipt(raw)
                if receipt:
                    break
                if time.monotonic() - sent > _RESEND:
                    sent = time.monotonic()
                    self._push(raw)
            except NoAnswer:
                pass
            if time.monotonic() - start > _PATIENCE:
                text = f"What became of the transaction to {transaction.what} ({name}) is not known. Run the same"
                raise Stop(Code.NO_ANSWER, f"{text} command again: it asks the chain, and does nothing twice.")
            time.sleep(_POLL)
        if int(receipt["status"], 16) != 1:
            reason = self._reason(transaction, receipt)
            raise Stop(Code.REFUSED, f"The chain refused to {transaction.what}: {reason} (transaction {name})")
        return receipt

    def _reason(self, transaction: Transaction, receipt: dict[str, Any]) -> str:
        call = {"from": self._key.address, "data": "0x" + transaction.data.hex(), "gas": hex(MOST_GAS)}
        call |= {"to": transaction.to} if transaction.to else {}
        try:
            self._rpc.call("eth_call", call, receipt["blockNumber"])
        except Refused as refused:
            return str(refused)
        return "no reason given"
