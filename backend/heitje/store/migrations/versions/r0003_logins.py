# SPDX-License-Identifier: EUPL-1.2
"""Who asks: logins by wallet, and the keys of machines."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "challenge",
        sa.Column("nonce", sa.String(64), nullable=False, comment="given out to be signed once"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_table(
        "login_session",
        sa.Column("digest", sa.String(66), nullable=False, comment="SHA-256 of the token"),
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "api_key",
        sa.Column("prefix", sa.String(12), nullable=False, comment="shown in lists, and part of the key"),
        sa.Column("digest", sa.String(66), nullable=False, comment="SHA-256 of the whole key"),
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), comment="empty: until it is deleted"),
        sa.PrimaryKeyConstraint("prefix"),
    )
    op.create_index("ix_api_key_address", "api_key", ["address"])


def downgrade() -> None:
    """Drop them: people log in anew, and machines need new keys."""
    op.drop_table("api_key")
    op.drop_table("login_session")
    op.drop_table("challenge")
