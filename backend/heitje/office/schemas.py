# SPDX-License-Identifier: EUPL-1.2
"""Transactions of officials, in JSON."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from heitje.rest.fields import Answer, Model

MOST_HEX: Final = 2 + 2 * 131_072
"""Nodes take no transaction above 128 KiB."""


class OfficialAccountBody(Answer):
    """An official's account on the chain."""

    address: str
    nonce: Annotated[int, Field(description="Number of its next transaction.")]


class TransactionRequest(Model):
    """A transaction that an official has signed (EIP-1559), for one of the city's contracts."""

    raw: Annotated[str, StringConstraints(pattern=r"^0x([0-9a-fA-F]{2})+$", max_length=MOST_HEX, strict=True)]


class TransactionBody(Answer):
    """A transaction that is on its way. What becomes of it, the chain tells: `eth_getTransactionReceipt`."""

    hash: str
