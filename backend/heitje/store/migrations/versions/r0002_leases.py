# SPDX-License-Identifier: EUPL-1.2
"""Leases, so that several processes can share the work and one takes over from another."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "lease",
        sa.Column("name", sa.String(20), nullable=False, comment="what only one process may do at a time"),
        sa.Column("owner", sa.String(36), nullable=False, comment="process that holds it"),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column(
            "fence",
            sa.BigInteger(),
            nullable=False,
            comment="rises with every new holder; older holders write nothing",
        ),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Drop it: who holds what is known anew after a start."""
    op.drop_table("lease")
