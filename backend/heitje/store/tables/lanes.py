# SPDX-License-Identifier: EUPL-1.2
"""What we signed, and who alone may."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, Serial, Words, block_number, metadata

lane: Final = sa.Table(
    "lane",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("chain_id", sa.BigInteger, nullable=False),
    sa.Column("address", Address, nullable=False),
    sa.Column("next_nonce", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.String(36), nullable=False, comment="process that holds the lease"),
    sa.Column("lease_until", sa.Float, nullable=False),
    sa.Column(
        "fence", sa.BigInteger, nullable=False, comment="rises with every new holder; older holders write nothing"
    ),
    sa.Column("frozen", Words, comment="why nothing is sent; empty when all is well"),
    sa.UniqueConstraint("chain_id", "address"),
)

batch: Final = sa.Table(
    "batch",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("lane_id", sa.BigInteger, nullable=False),
    sa.Column("nonce", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("size", sa.Integer, nullable=False, comment="operations in it"),
    sa.Column("gas", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, comment="signed, sent, mined or reverted"),
    sa.Column("fence", sa.BigInteger, nullable=False),
    block_number(nullable=True),
    sa.UniqueConstraint("lane_id", "nonce"),
    sa.Index("batch_work", "lane_id", "state", "nonce"),
)

attempt: Final = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", Serial, primary_key=True, autoincrement=True),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    sa.Column("attempt_no", sa.Integer, nullable=False),
    sa.Column("tx_hash", Hash, nullable=False, unique=True),
    sa.Column("raw", sa.LargeBinary, nullable=False, comment="the signed bytes; never sent before they are here"),
    sa.Column("sends", sa.Integer, nullable=False),
    sa.Column("last_sent_at", sa.Float),
    sa.Column("last_answer", Words),
    sa.UniqueConstraint("batch_id", "attempt_no"),
)

lease: Final = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True, comment="what only one process may do at a time"),
    sa.Column("owner", sa.String(36), nullable=False, comment="process that holds it"),
    sa.Column("until", sa.Float, nullable=False),
    sa.Column(
        "fence", sa.BigInteger, nullable=False, comment="rises with every new holder; older holders write nothing"
    ),
)
