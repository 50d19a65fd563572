# SPDX-License-Identifier: EUPL-1.2
"""What we were asked."""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, Serial, Words, block_number, metadata

operation: Final = sa.Table(
    "operation",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True, comment="order of arrival; cursors point at it"),
    sa.Column("id", Hash, nullable=False, unique=True, comment="EIP-712 digest, or the redemption's id"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", Address, nullable=False, comment="who signed: payer, attester, merchant; or nobody"),
    sa.Column("payee", Address, index=True, comment="of a payment"),
    sa.Column("nonce", sa.BigInteger, comment="payment nonce of the actor"),
    sa.Column("value", sa.BigInteger, nullable=False, comment="cents that leave the actor's account if it succeeds"),
    sa.Column("deadline", sa.BigInteger, nullable=False, comment="last second at which it can be carried"),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False, comment="the signed struct and its signatures, JSON"),
    sa.Column("subject", Hash, index=True, comment="what it is about, where others can decide that too"),
    sa.Column("wallets", sa.Integer, nullable=False, default=0, comment="signatures that a contract is asked about"),
    sa.Column("batch_id", sa.BigInteger, index=True),
    sa.Column("reverts", sa.Integer, nullable=False, default=0, comment="reverted batches in a row it was part of"),
    sa.Column("batch_limit", sa.Integer, comment="at most so many in its next batch, after reverts"),
    sa.Column("tx_hash", Hash),
    block_number(nullable=True),
    sa.Column("failure", sa.String(40), comment="stable code"),
    sa.Column("failure_detail", Words),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Index("operation_work", "state", "kind", "seq"),
    sa.Index("operation_of", "actor", "kind", "state"),
)

idempotency: Final = sa.Table(
    "idempotency",
    metadata,
    sa.Column("route", sa.String(40), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("request_hash", Hash, nullable=False, comment="SHA-256 of the body as it came"),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("location", sa.String(200), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False, index=True),
)
