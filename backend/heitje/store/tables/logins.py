# SPDX-License-Identifier: EUPL-1.2
"""Who asks."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, metadata

challenge: Final = sa.Table(
    "challenge",
    metadata,
    sa.Column("nonce", sa.String(64), primary_key=True, comment="given out to be signed once"),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

login_session: Final = sa.Table(
    "login_session",
    metadata,
    sa.Column("digest", Hash, primary_key=True, comment="SHA-256 of the token"),
    sa.Column("address", Address, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

api_key: Final = sa.Table(
    "api_key",
    metadata,
    sa.Column("prefix", sa.String(12), primary_key=True, comment="shown in lists, and part of the key"),
    sa.Column("digest", Hash, nullable=False, comment="SHA-256 of the whole key"),
    sa.Column("address", Address, nullable=False, index=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.BigInteger, comment="empty: until it is deleted"),
)
