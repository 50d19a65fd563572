# SPDX-License-Identifier: EUPL-1.2
"""Who has what on the chain, how it moved, and by which rules."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, block_number, metadata

account: Final = sa.Table(
    "account",
    metadata,
    sa.Column("address", Address, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("word", sa.String(66), nullable=False, comment="as the token stores it"),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.Column("nonce", sa.BigInteger, nullable=False),
    block_number(),
)

rules: Final = sa.Table(
    "rules",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("matrix", sa.String(18), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("issue_until", sa.BigInteger, nullable=False),
    sa.Column("pay_until", sa.BigInteger, nullable=False),
    sa.Column("redeem_until", sa.BigInteger, nullable=False),
    sa.Column("epoch_months", sa.Integer, nullable=False),
)

transfer: Final = sa.Table(
    "transfer",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("tx_hash", Hash, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("sender", Address, nullable=False),
    sa.Column("recipient", Address, nullable=False),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Column("operation_id", Hash, index=True, comment="the digest, or the report or redemption it belongs to"),
)

ledger: Final = sa.Table(
    "ledger",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("issued", sa.BigInteger, nullable=False),
    sa.Column("settled", sa.BigInteger, nullable=False),
    sa.Column("clawed_back", sa.BigInteger, nullable=False),
    sa.Column("expired", sa.BigInteger, nullable=False),
)

authorization: Final = sa.Table(
    "authorization",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("authorizer", Address, nullable=False),
    sa.Column("nonce", Hash, nullable=False, index=True),
    sa.Column("digest", Hash, comment="what was carried out with it; empty if withdrawn, or a redemption"),
    sa.Column("value", sa.BigInteger, nullable=False, comment="cents that moved"),
    sa.Column("tx_hash", Hash, nullable=False),
)

replacement: Final = sa.Table(
    "replacement",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("new_holder", Address, nullable=False),
)

desk: Final = sa.Table(
    "desk",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("address", Address, nullable=False, comment="became a desk"),
)
