# SPDX-License-Identifier: EUPL-1.2
"""How credits become euros."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Hash, block_number, metadata

redemption: Final = sa.Table(
    "redemption",
    metadata,
    sa.Column("id", Hash, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("payout_commitment", Hash, nullable=False),
    sa.Column("salt", Hash, nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("log_index", sa.Integer, nullable=False),
    block_number(),
)

redemption_step: Final = sa.Table(
    "redemption_step",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False, comment="place within its event"),
    sa.Column("id", Hash, nullable=False, index=True),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("tx_hash", Hash, nullable=False),
    sa.Column("detail", sa.String(80), comment="lock id, payout reference or reason, as the status has it"),
)
