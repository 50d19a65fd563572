# SPDX-License-Identifier: EUPL-1.2
"""The tables that databases had before revisions were numbered."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of an empty database."""
    _create_what_we_were_asked()
    _create_what_we_signed()
    _create_blocks_and_accounts()
    _create_money()
    _create_programmes()
    _create_activities()
    _create_redemptions()


def downgrade() -> None:
    """Never done: `heitje.store.migrate` goes no further back than this."""
    raise NotImplementedError


def _create_what_we_were_asked() -> None:
    op.create_table(
        "operation",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False, comment="order of arrival; cursors point at it"),
        sa.Column("id", sa.String(66), nullable=False, comment="EIP-712 digest, or the redemption's id"),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(42), nullable=False, comment="who signed: payer, attester, merchant; or nobody"),
        sa.Column("payee", sa.String(42), comment="of a payment"),
        sa.Column("nonce", sa.BigInteger(), comment="payment nonce of the actor"),
        sa.Column(
            "value", sa.BigInteger(), nullable=False, comment="cents that leave the actor's account if it succeeds"
        ),
        sa.Column("deadline", sa.BigInteger(), nullable=False, comment="last second at which it can be carried"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="the signed struct and its signatures, JSON"),
        sa.Column("subject", sa.String(66), comment="what it is about, where others can decide that too"),
        sa.Column("wallets", sa.Integer(), nullable=False, comment="signatures that a contract is asked about"),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("reverts", sa.Integer(), nullable=False, comment="reverted batches in a row it was part of"),
        sa.Column("batch_limit", sa.Integer(), comment="at most so many in its next batch, after reverts"),
        sa.Column("tx_hash", sa.String(66)),
        sa.Column("block_number", sa.BigInteger()),
        sa.Column("failure", sa.String(40), comment="stable code"),
        sa.Column("failure_detail", sa.Text()),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_operation_batch_id", "operation", ["batch_id"])
    op.create_index("ix_operation_block_number", "operation", ["block_number"])
    op.create_index("ix_operation_payee", "operation", ["payee"])
    op.create_index("ix_operation_subject", "operation", ["subject"])
    op.create_index("operation_of", "operation", ["actor", "kind", "state"])
    op.create_index("operation_work", "operation", ["state", "kind", "seq"])
    op.create_table(
        "idempotency",
        sa.Column("route", sa.String(40), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("request_hash", sa.String(66), nullable=False, comment="SHA-256 of the body as it came"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("route", "key"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])


def _create_what_we_signed() -> None:
    op.create_table(
        "lane",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("next_nonce", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(36), nullable=False, comment="process that holds the lease"),
        sa.Column("lease_until", sa.Float(), nullable=False),
        sa.Column(
            "fence", sa.BigInteger(), nullable=False, comment="rises with every new holder; older holders write nothing"
        ),
        sa.Column("frozen", sa.Text(), comment="why nothing is sent; empty when all is well"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chain_id", "address"),
    )
    op.create_table(
        "batch",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("lane_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="operations in it"),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, comment="signed, sent, mined or reverted"),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lane_id", "nonce"),
    )
    op.create_index("batch_work", "batch", ["lane_id", "state", "nonce"])
    op.create_index("ix_batch_block_number", "batch", ["block_number"])
    op.create_table(
        "attempt",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False, comment="the signed bytes; never sent before they are here"),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", sa.Float()),
        sa.Column("last_answer", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("batch_id", "attempt_no"),
        sa.UniqueConstraint("tx_hash"),
    )


def _create_blocks_and_accounts() -> None:
    op.create_table(
        "cursor",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("final_number", sa.BigInteger(), nullable=False),
        sa.Column("final_time", sa.BigInteger(), nullable=False),
        sa.Column("halted", sa.Text(), comment="why the index stopped; empty when all is well"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("parent", sa.String(66), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "outcome",
        sa.Column("id", sa.String(66), nullable=False, comment="digest or id, whoever carried it"),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("failure", sa.String(40)),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outcome_block_number", "outcome", ["block_number"])
    op.create_table(
        "account",
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.String(66), nullable=False, comment="as the token stores it"),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_index("ix_account_block_number", "account", ["block_number"])
    op.create_index("ix_account_number", "account", ["number"])
    op.create_table(
        "rules",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("matrix", sa.String(18), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("issue_until", sa.BigInteger(), nullable=False),
        sa.Column("pay_until", sa.BigInteger(), nullable=False),
        sa.Column("redeem_until", sa.BigInteger(), nullable=False),
        sa.Column("epoch_months", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("block_number"),
    )


def _create_money() -> None:
    op.create_table(
        "transfer",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sender", sa.String(42), nullable=False),
        sa.Column("recipient", sa.String(42), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.String(66), comment="the digest, or the report or redemption it belongs to"),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_transfer_operation_id", "transfer", ["operation_id"])
    op.create_table(
        "ledger",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("clawed_back", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block_number"),
    )
    op.create_table(
        "authorization",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("authorizer", sa.String(42), nullable=False),
        sa.Column("nonce", sa.String(66), nullable=False),
        sa.Column("digest", sa.String(66), comment="what was carried out with it; empty if withdrawn, or a redemption"),
        sa.Column("value", sa.BigInteger(), nullable=False, comment="cents that moved"),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_authorization_nonce", "authorization", ["nonce"])
    op.create_table(
        "replacement",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("new_holder", sa.String(42), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_replacement_number", "replacement", ["number"])
    op.create_table(
        "desk",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(42), nullable=False, comment="became a desk"),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )


def _create_programmes() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_month", sa.Integer(), nullable=False),
        sa.Column("to_month", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_programme_block_number", "programme", ["block_number"])
    op.create_table(
        "programme_cap",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.BigInteger(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_programme_cap_programme", "programme_cap", ["programme"])
    op.create_table(
        "attester",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.BigInteger(), nullable=False),
        sa.Column("attester", sa.String(42), nullable=False),
        sa.Column("appointed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_attester_attester", "attester", ["attester"])


def _create_activities() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("cents_per_hour", sa.BigInteger(), nullable=False),
        sa.Column("max_minutes", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", sa.BigInteger(), nullable=False),
        sa.Column("neighbourhood", sa.BigInteger(), nullable=False),
        sa.Column("adult", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(66), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_activity_block_number", "activity", ["block_number"])
    op.create_index("ix_activity_programme", "activity", ["programme"])
    op.create_table(
        "reward",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.String(66), nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_reward_activity", "reward", ["activity"])
    op.create_index("ix_reward_number", "reward", ["number"])
    op.create_index("ix_reward_report", "reward", ["report"])
    op.create_table(
        "correction",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("attester", sa.String(42), comment="who signed the reduction; empty if it was the municipality"),
        sa.Column("minutes", sa.Integer(), comment="what is kept; empty for a clawback"),
        sa.Column("struck", sa.BigInteger(), comment="cents struck in all; empty for a clawback"),
        sa.Column("clawback_from", sa.BigInteger(), comment="first second; empty for a clawback"),
        sa.Column("burned", sa.BigInteger(), comment="cents taken back; empty for a reduction"),
        sa.Column("written_off", sa.BigInteger(), comment="cents that were not there; empty for a reduction"),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
    )
    op.create_index("ix_correction_activity", "correction", ["activity"])
    op.create_index("ix_correction_number", "correction", ["number"])


def _create_redemptions() -> None:
    op.create_table(
        "redemption",
        sa.Column("id", sa.String(66), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payout_commitment", sa.String(66), nullable=False),
        sa.Column("salt", sa.String(66), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_redemption_block_number", "redemption", ["block_number"])
    op.create_index("ix_redemption_number", "redemption", ["number"])
    op.create_table(
        "redemption_step",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="place within its event"),
        sa.Column("id", sa.String(66), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.Column("detail", sa.String(80), comment="lock id, payout reference or reason, as the status has it"),
        sa.PrimaryKeyConstraint("block_number", "log_index", "position"),
    )
    op.create_index("ix_redemption_step_id", "redemption_step", ["id"])
    op.create_table(
        "event",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(66), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
