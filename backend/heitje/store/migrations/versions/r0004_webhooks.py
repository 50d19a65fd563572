# SPDX-License-Identifier: EUPL-1.2
"""Who wants to be told: webhooks, what was delivered, and whom an event concerns."""

import sqlalchemy as sa
from alembic import op

from heitje.store.tables import Words

revision = "0004"
down_revision = "0003"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add tables, columns and indexes. Events of before name nobody, so nobody is told of them again."""
    op.create_table(
        "webhook",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(42), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", sa.Text(), nullable=False, comment="types of events wanted, a space between; empty for all"),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("old_secret", sa.String(64), comment="signs too, until `old_until`"),
        sa.Column("old_until", sa.Float()),
        sa.Column(
            "cursor", sa.BigInteger(), nullable=False, comment="last event that was delivered, or is of no concern"
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="attempts in a row that failed"),
        sa.Column("next_at", sa.Float(), nullable=False, comment="not before"),
        sa.Column("claim", sa.String(36), comment="of the process that delivers now"),
        sa.Column("claimed_until", sa.Float(), nullable=False),
        sa.Column("disabled", sa.Text(), comment="why nothing is delivered; empty when all is well"),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_webhook_owner", "webhook", ["owner"])
    op.create_table(
        "webhook_delivery",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("webhook_id", sa.String(36), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(66), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, comment="waiting, delivered or failed"),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="1 for the first; 0 when it was asked for by hand"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float()),
        sa.Column("http_status", sa.Integer()),
        sa.Column("response", Words(), comment="the first 2 048 characters"),
        sa.Column("error", Words(), comment="why there was no answer, or why it is no success"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_webhook_delivery_at", "webhook_delivery", ["at"])
    op.create_index("webhook_delivery_of", "webhook_delivery", ["webhook_id", "seq"])
    op.create_index("webhook_delivery_waiting", "webhook_delivery", ["state", "webhook_id"])
    for table, column, comment in (
        ("event", "sender", "whom it concerns: payer, merchant or signer"),
        ("event", "recipient", "whom it concerns as well: the payee"),
        ("outcome", "sender", "payer, merchant or authorizer, where its logs name one"),
        ("outcome", "recipient", "payee, where its logs name one"),
    ):
        op.add_column(table, sa.Column(column, sa.String(42), comment=comment))
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column("event", "type", comment="kind of operation, a dot, and what became of it")
        op.alter_column("event", "subject", comment="id of the operation")
    op.create_index("event_from", "event", ["sender", "seq"])
    op.create_index("event_to", "event", ["recipient", "seq"])


def downgrade() -> None:
    """Drop them: nobody is told any more, and webhooks must be registered anew."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("event", "type", comment=None)
        op.alter_column("event", "subject", comment=None)
    op.drop_index("event_to", "event")
    op.drop_index("event_from", "event")
    for table in ("outcome", "event"):
        for column in ("recipient", "sender"):
            op.drop_column(table, column)
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
