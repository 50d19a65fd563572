# SPDX-License-Identifier: EUPL-1.2
"""Accounts and the public ledger in JSON."""

from typing import Annotated, Literal

from pydantic import Field

from heitje.index.rows import TransferKind
from heitje.rest.fields import Answer


class ExpiringBody(Answer):
    """Cents, and the first moment at which they are gone."""

    amount: str
    at: str


class AccountBody(Answer):
    """An account at the indexed block, less what is under way here."""

    address: str
    number: int
    holder_class: Annotated[Literal["none", "resident", "merchant", "closing", "desk"], Field(alias="class")]
    frozen: Annotated[bool, Field(description="Whether nothing may leave, for whatever reason.")]
    replacing: Annotated[bool, Field(description="Whether another wallet was asked for; nothing may leave meanwhile.")]
    replaced_by: Annotated[str | None, Field(description="The wallet that has taken this one's place, for good.")]
    balance: Annotated[str, Field(description="Cents, what has expired included until it is burnt.")]
    spendable: Annotated[str, Field(description="Cents free to spend now.")]
    under_way: Annotated[str, Field(description="Cents of payments and redemptions under way here.")]
    next_nonce: Annotated[str, Field(description="The nonce of the next payment to sign.")]
    open_redemptions: int
    expiring: list[ExpiringBody]
    block: int


class LedgerBody(Answer):
    """issued - settled - clawedBack - expired = totalSupply = the sum of all balances, at a block."""

    block: int
    block_hash: str
    time: str
    final_block: int
    issued: str
    settled: str
    clawed_back: str
    expired: str
    total_supply: str
    balances: Annotated[str, Field(description="Sum of all balances.")]
    escrow: Annotated[str, Field(description="Of which at the desk, or desks.")]
    holds: Annotated[bool, Field(description="Whether the equation holds.")]


class TransferBody(Answer):
    """One move of credits."""

    kind: TransferKind
    sender: Annotated[str, Field(alias="from")]
    to: str
    value: str
    operation: Annotated[
        str | None, Field(description="Digest of the payment, authorization or report, or id of the redemption.")
    ]
    time: str
    block: int
    log_index: int
    transaction: str


class TransferPage(Answer):
    """Moves of credits, the newest first."""

    items: list[TransferBody]
    next: str | None
