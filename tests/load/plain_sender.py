# SPDX-License-Identifier: EUPL-1.2
"""A sender as web3.py's manual leads to it: what a relayer is measured against."""

from __future__ import annotations

import threading
from typing import Any, Final

from web3 import Web3

from heitje.chain.abi import load

_GAS: Final = 200_000
_RECEIPT_WITHIN: Final = 60.0
"""Seconds."""


class PlainSender:
    """Carries each authorization in a transaction of its own, for many threads, with one key.

    It counts its nonces under a lock, in which a transaction is made from the contract's ABI, signed and sent, so that
    they reach the node in order. Then it asks for the receipt ten times a second. It checks no signature, stores
    nothing, sends nothing twice and takes what is mined for final: when it is stopped, it does not know what became of
    what it sent.
    """

    def __init__(self, url: str, token: str, key: str) -> None:
        self._web3 = Web3(Web3.HTTPProvider(url))
        self._account = self._web3.eth.account.from_key(key)
        self._token = self._web3.eth.contract(self._web3.to_checksum_address(token), abi=load("MunicipalToken").abi)
        self._chain_id = self._web3.eth.chain_id
        self._lock = threading.Lock()
        self._nonce = self._web3.eth.get_transaction_count(self._account.address)

    def carry(self, payload: dict[str, Any]) -> bool:
        """Send one, and wait for its receipt; whether it succeeded."""
        signed = payload["authorization"]
        checksum = self._web3.to_checksum_address
        transfer = self._token.get_function_by_signature(
            "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
        )(
            checksum(signed["from"]),
            checksum(signed["to"]),
            *(int(signed[name]) for name in ("value", "validAfter", "validBefore")),
            signed["nonce"],
            payload["signature"],
        )
        with self._lock:
            transaction = transfer.build_transaction(
                {
                    "from": self._account.address,
                    "chainId": self._chain_id,
                    "nonce": self._nonce,
                    "gas": _GAS,
                    "maxFeePerGas": 0,
                    "maxPriorityFeePerGas": 0,
                }
            )
            raw = self._account.sign_transaction(transaction).raw_transaction
            sent = self._web3.eth.send_raw_transaction(raw)
            self._nonce += 1
        receipt = self._web3.eth.wait_for_transaction_receipt(sent, timeout=_RECEIPT_WITHIN)
        return bool(receipt["status"] == 1)
