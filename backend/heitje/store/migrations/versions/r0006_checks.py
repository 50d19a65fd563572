# SPDX-License-Identifier: EUPL-1.2
"""What came of the last comparison of the index with the chain."""

import sqlalchemy as sa
from alembic import op

from heitje.store.tables import Words

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add columns."""
    for column in (
        sa.Column("checked_at", sa.Float(), comment="when the index was last compared with the chain"),
        sa.Column("checked_block", sa.BigInteger(), comment="as of this block"),
        sa.Column("differences", sa.Integer(), comment="how many were found"),
        sa.Column("difference", Words(), comment="the first of them; empty when there are none"),
    ):
        op.add_column("cursor", column)


def downgrade() -> None:
    """Drop them: what was found is in the log."""
    for column in ("difference", "differences", "checked_block", "checked_at"):
        op.drop_column("cursor", column)
