# SPDX-License-Identifier: EUPL-1.2
"""How credits are earned: programmes, attesters, activities, rewards and what was corrected."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, block_number, metadata

programme: Final = sa.Table(
    "programme",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("from_month", sa.Integer, nullable=False),
    sa.Column("to_month", sa.Integer, nullable=False),
    block_number(),
)

programme_cap: Final = sa.Table(
    "programme_cap",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("programme", sa.BigInteger, nullable=False, index=True),
    sa.Column("cap", sa.BigInteger, nullable=False),
)

attester: Final = sa.Table(
    "attester",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("programme", sa.BigInteger, nullable=False),
    sa.Column("attester", Address, nullable=False, index=True),
    sa.Column("appointed", sa.Boolean, nullable=False),
)

activity: Final = sa.Table(
    "activity",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("programme", sa.BigInteger, nullable=False, index=True),
    sa.Column("month", sa.Integer, nullable=False),
    sa.Column("cents_per_hour", sa.BigInteger, nullable=False),
    sa.Column("max_minutes", sa.Integer, nullable=False),
    sa.Column("opens_at", sa.BigInteger, nullable=False),
    sa.Column("closes_at", sa.BigInteger, nullable=False),
    sa.Column("neighbourhood", sa.BigInteger, nullable=False),
    sa.Column("adult", sa.Boolean, nullable=False),
    sa.Column("description", Hash, nullable=False),
    block_number(),
)

reward: Final = sa.Table(
    "reward",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("report", Hash, nullable=False, index=True),
    sa.Column("activity", sa.BigInteger, nullable=False, index=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("tx_hash", Hash, nullable=False),
)

correction: Final = sa.Table(
    "correction",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("activity", sa.BigInteger, nullable=False, index=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("attester", Address, comment="who signed the reduction; empty if it was the municipality"),
    sa.Column("minutes", sa.Integer, comment="what is kept; empty for a clawback"),
    sa.Column("struck", sa.BigInteger, comment="cents struck in all; empty for a clawback"),
    sa.Column("clawback_from", sa.BigInteger, comment="first second; empty for a clawback"),
    sa.Column("burned", sa.BigInteger, comment="cents taken back; empty for a reduction"),
    sa.Column("written_off", sa.BigInteger, comment="cents that were not there; empty for a reduction"),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("tx_hash", Hash, nullable=False),
)
