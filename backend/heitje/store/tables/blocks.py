# SPDX-License-Identifier: EUPL-1.2
"""How far the index is, what became of operations, and what happened to be told."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, Serial, Words, block_number, metadata

cursor: Final = sa.Table(
    "cursor",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("chain_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", Hash, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("final_number", sa.BigInteger, nullable=False),
    sa.Column("final_time", sa.BigInteger, nullable=False),
    sa.Column("halted", Words, comment="why the index stopped; empty when all is well"),
    sa.Column("checked_at", sa.Float, comment="when the index was last compared with the chain"),
    sa.Column("checked_block", sa.BigInteger, comment="as of this block"),
    sa.Column("differences", sa.Integer, comment="how many were found"),
    sa.Column("difference", Words, comment="the first of them; empty when there are none"),
)

block: Final = sa.Table(
    "block",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", Hash, nullable=False),
    sa.Column("parent", Hash, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
)

outcome: Final = sa.Table(
    "outcome",
    metadata,
    sa.Column("id", Hash, primary_key=True, comment="digest or id, whoever carried it"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("failure", sa.String(40)),
    sa.Column("sender", Address, comment="payer, merchant or authorizer, where its logs name one"),
    sa.Column("recipient", Address, comment="payee, where its logs name one"),
    sa.Column("tx_hash", Hash, nullable=False),
    block_number(),
    sa.Column("log_index", sa.Integer, nullable=False),
)

event: Final = sa.Table(
    "event",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("type", sa.String(40), nullable=False, comment="kind of operation, a dot, and what became of it"),
    sa.Column("subject", Hash, nullable=False, comment="id of the operation"),
    sa.Column("sender", Address, comment="whom it concerns: payer, merchant or signer"),
    sa.Column("recipient", Address, comment="whom it concerns as well: the payee"),
    sa.Column("block_number", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Index("event_from", "sender", "seq"),
    sa.Index("event_to", "recipient", "seq"),
)
