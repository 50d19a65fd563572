# SPDX-License-Identifier: EUPL-1.2
"""Transactions of officials, in JSON."""

from typing import Annotated, Final, Literal

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
    """A transaction of an official, and what has become of it."""

    hash: str
    state: Annotated[
        Literal["waiting", "done", "refused"],
        Field(description="`done`: it is final, and everything here knows it. `refused`: the contract undid it."),
    ]
    contract: Annotated[str | None, Field(description="What the contract said when it refused.")]
