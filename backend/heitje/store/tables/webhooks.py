# SPDX-License-Identifier: EUPL-1.2
"""Who wants to be told, and what was sent to them."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, Serial, Words, metadata

webhook: Final = sa.Table(
    "webhook",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("owner", Address, nullable=False, index=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("types", sa.Text, nullable=False, comment="types of events wanted, a space between; empty for all"),
    sa.Column("secret", sa.String(64), nullable=False),
    sa.Column("old_secret", sa.String(64), comment="signs too, until `old_until`"),
    sa.Column("old_until", sa.Float),
    sa.Column("cursor", sa.BigInteger, nullable=False, comment="last event that was delivered, or is of no concern"),
    sa.Column("failures", sa.Integer, nullable=False, comment="attempts in a row that failed"),
    sa.Column("next_at", sa.Float, nullable=False, comment="not before"),
    sa.Column("claim", sa.String(36), comment="of the process that delivers now"),
    sa.Column("claimed_until", sa.Float, nullable=False),
    sa.Column("disabled", sa.Text, comment="why nothing is delivered; empty when all is well"),
    sa.Column("created_at", sa.Float, nullable=False),
)

webhook_delivery: Final = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("webhook_id", sa.String(36), nullable=False),
    sa.Column("event_seq", sa.BigInteger, nullable=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("subject", Hash, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, comment="waiting, delivered or failed"),
    sa.Column("attempt", sa.Integer, nullable=False, comment="1 for the first; 0 when it was asked for by hand"),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("seconds", sa.Float),
    sa.Column("http_status", sa.Integer),
    sa.Column("response", Words, comment="the first 2 048 characters"),
    sa.Column("error", Words, comment="why there was no answer, or why it is no success"),
    sa.Index("webhook_delivery_of", "webhook_id", "seq"),
    sa.Index("webhook_delivery_waiting", "state", "webhook_id"),
)
