# SPDX-License-Identifier: EUPL-1.2
"""Transactions of officials: taken from those that have no node of their own, and what became of them.

A wallet sends by the node that it knows. One that knows none can hand what it signed to this service, which passes it
on if it calls one of the city's contracts and comes from somebody with an office; it is signed, so nothing of it can be
changed on the way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from heitje.chain.abi import Revert
from heitje.chain.addresses import to_address
from heitje.chain.node import RpcError
from heitje.office.chain import Chain
from heitje.problems import Code, Problem
from heitje.relay.errors import Answer, classify_send_error

Holds = Callable[[str], Awaitable[bool]]
"""Whether an account holds an office."""

UNKNOWN: Final = "unknown"
WAITING: Final = "waiting"
DONE: Final = "done"
REFUSED: Final = "refused"

_DYNAMIC_FEE: Final = 2
"""EIP-1559's kind of transaction."""


class SendingService:
    """Takes transactions on, and tells what became of them."""

    def __init__(self, chain: Chain, chain_id: int, holds_office: Holds, indexed: Callable[[], Awaitable[int]]) -> None:
        self._chain = chain
        self._chain_id = chain_id
        self._holds_office = holds_office
        self._indexed = indexed

    async def next_nonce(self, address: str) -> int:
        """The number of an account's next transaction.

        Raises:
            Problem: The node cannot be asked.
        """
        answer = await self._chain.raw("eth_getTransactionCount", address, "pending")
        if isinstance(answer, RpcError):
            raise Problem(Code.NODE_UNREACHABLE, answer.message)
        return int(answer, 16)

    async def send(self, raw: bytes) -> str:
        """Pass a signed transaction on; its hash. The same one again is the same one.

        Raises:
            Problem: It is none, or calls something else, or comes from somebody without an office, or is refused.
        """
        sender, fields = _read(raw)
        name = "0x" + keccak(raw).hex()
        if (await self.outcome(name))[0] != UNKNOWN:
            return name
        to = to_address("0x" + bytes(fields["to"]).hex()) if fields.get("to") else None
        if to is None or self._chain.contract_at(to) is None or int(fields["value"]):
            raise Problem(
                Code.TRANSACTION_REFUSED, "It calls none of the city's contracts, or carries money of the chain."
            )
        if int(fields["chainId"]) != self._chain_id:
            raise Problem(Code.TRANSACTION_REFUSED, f"It is for chain {fields['chainId']}; this is {self._chain_id}.")
        if not await self._holds_office(sender):
            raise Problem(Code.ROLE_NEEDED, f"{sender} holds no office here.")
        refusal = await self._chain.try_out(sender, to, bytes(fields["data"]))
        if refusal is not None:
            raise Problem(Code.REFUSED_BY_CONTRACT, f"It says {refusal}.")
        answer = await self._chain.raw("eth_sendRawTransaction", "0x" + raw.hex())
        if isinstance(answer, RpcError) and classify_send_error(answer) is not Answer.ACCEPTED:
            raise Problem(Code.TRANSACTION_REFUSED, f"The chain's node does not take it: {answer.message}.")
        return name

    async def outcome(self, transaction: str) -> tuple[str, Revert | None]:
        """What became of a transaction: `unknown`, `waiting`, `done` (and our index knows it), or `refused` and why.

        Raises:
            Problem: The node cannot be asked.
        """
        receipt = await self._chain.raw("eth_getTransactionReceipt", transaction)
        if isinstance(receipt, RpcError) or receipt is None:
            sent = await self._chain.raw("eth_getTransactionByHash", transaction)
            return (UNKNOWN if isinstance(sent, RpcError) or sent is None else WAITING), None
        block = int(receipt["blockNumber"], 16)
        if int(receipt["status"], 16) == 0:
            return REFUSED, await self._why(transaction, receipt)
        return (DONE if block <= await self._indexed() else WAITING), None

    async def _why(self, transaction: str, receipt: dict[str, Any]) -> Revert | None:
        sent = await self._chain.raw("eth_getTransactionByHash", transaction)
        if isinstance(sent, RpcError) or sent is None or not receipt.get("to"):
            return None
        data = bytes.fromhex(str(sent["input"])[2:])
        return await self._chain.try_out(sent["from"], receipt["to"], data, receipt["blockNumber"])


def _read(raw: bytes) -> tuple[str, dict[str, Any]]:
    """Who signed a transaction, and what is in it.

    Raises:
        Problem: It is no signed transaction of the kind that wallets make.
    """
    try:
        fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        sender = to_address(Account.recover_transaction(HexBytes(raw)))
    except Exception:  # noqa: BLE001 - the library raises whatever it meets in bytes of strangers
        raise Problem(Code.TRANSACTION_REFUSED, "It is no signed transaction with a dynamic fee (EIP-1559).") from None
    if int(fields["type"]) != _DYNAMIC_FEE:
        raise Problem(Code.TRANSACTION_REFUSED, "It is of another kind than EIP-1559.")
    return sender, fields
