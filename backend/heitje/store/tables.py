# SPDX-License-Identifier: EUPL-1.2
"""Every table, in SQL that SQLite and PostgreSQL both understand.

The families, and who writes them:

- intake and lane write `operation`, `idempotency`, `lane`, `batch`, `attempt`: what we were asked and what we signed;
- whoever does what only one process may do holds a row of `lease` (a lane has its own lease in its row);
- the index writes `block`, `cursor`, `outcome` and the projections: what is true on the chain, and the state of
  operations that follows from it;
- `event` is what happened, for those who want to be told; the index writes it with the rows it is about, and nobody
  else does: in the order of `seq` they are committed;
- `webhook` and `webhook_delivery` are who wants to be told, and what was sent to them.

Everything the index writes carries the number of the block it came from and is only ever added, so taking a block back
is deleting its rows. The one exception is `account`, which is read again from the chain.

Amounts are cents, times are Unix seconds, addresses are EIP-55, hashes are lower-case hex with `0x`.
"""

from typing import Any, Final

import sqlalchemy as sa


class Words(sa.types.TypeDecorator[str]):
    """Text that others wrote: a contract's reason, a node's answer.

    PostgreSQL refuses text with a NUL in it, and neither database takes half a surrogate pair: both are replaced, so
    that nobody's words can keep a row from being written.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> str | None:
        """What can be stored of it."""
        return (
            None
            if value is None
            else value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
        )


metadata: Final = sa.MetaData()

_Hash: Final = sa.String(66)
_Address: Final = sa.String(42)
_Serial: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself


def _block_number(*, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column("block_number", sa.BigInteger, nullable=nullable, index=True)


# What we were asked

operation: Final = sa.Table(
    "operation",
    metadata,
    sa.Column("seq", _Serial, primary_key=True, autoincrement=True, comment="order of arrival; cursors point at it"),
    sa.Column("id", _Hash, nullable=False, unique=True, comment="EIP-712 digest, or the redemption's id"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", _Address, nullable=False, comment="who signed: payer, attester, merchant; or nobody"),
    sa.Column("payee", _Address, index=True, comment="of a payment"),
    sa.Column("nonce", sa.BigInteger, comment="payment nonce of the actor"),
    sa.Column("value", sa.BigInteger, nullable=False, comment="cents that leave the actor's account if it succeeds"),
    sa.Column("deadline", sa.BigInteger, nullable=False, comment="last second at which it can be carried"),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False, comment="the signed struct and its signatures, JSON"),
    sa.Column("subject", _Hash, index=True, comment="what it is about, where others can decide that too"),
    sa.Column("wallets", sa.Integer, nullable=False, default=0, comment="signatures that a contract is asked about"),
    sa.Column("batch_id", sa.BigInteger, index=True),
    sa.Column("reverts", sa.Integer, nullable=False, default=0, comment="reverted batches in a row it was part of"),
    sa.Column("batch_limit", sa.Integer, comment="at most so many in its next batch, after reverts"),
    sa.Column("tx_hash", _Hash),
    _block_number(nullable=True),
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
    sa.Column("request_hash", _Hash, nullable=False, comment="SHA-256 of the body as it came"),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("location", sa.String(200), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False, index=True),
)

# Who asks

challenge: Final = sa.Table(
    "challenge",
    metadata,
    sa.Column("nonce", sa.String(64), primary_key=True, comment="given out to be signed once"),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

login_session: Final = sa.Table(
    "login_session",
    metadata,
    sa.Column("digest", _Hash, primary_key=True, comment="SHA-256 of the token"),
    sa.Column("address", _Address, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

api_key: Final = sa.Table(
    "api_key",
    metadata,
    sa.Column("prefix", sa.String(12), primary_key=True, comment="shown in lists, and part of the key"),
    sa.Column("digest", _Hash, nullable=False, comment="SHA-256 of the whole key"),
    sa.Column("address", _Address, nullable=False, index=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.BigInteger, comment="empty: until it is deleted"),
)

# What we signed

lane: Final = sa.Table(
    "lane",
    metadata,
    sa.Column("id", _Serial, primary_key=True, autoincrement=True),
    sa.Column("chain_id", sa.BigInteger, nullable=False),
    sa.Column("address", _Address, nullable=False),
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
    sa.Column("id", _Serial, primary_key=True, autoincrement=True),
    sa.Column("lane_id", sa.BigInteger, nullable=False),
    sa.Column("nonce", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("size", sa.Integer, nullable=False, comment="operations in it"),
    sa.Column("gas", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, comment="signed, sent, mined or reverted"),
    sa.Column("fence", sa.BigInteger, nullable=False),
    _block_number(nullable=True),
    sa.UniqueConstraint("lane_id", "nonce"),
    sa.Index("batch_work", "lane_id", "state", "nonce"),
)

attempt: Final = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", _Serial, primary_key=True, autoincrement=True),
    sa.Column("batch_id", sa.BigInteger, nullable=False),
    sa.Column("attempt_no", sa.Integer, nullable=False),
    sa.Column("tx_hash", _Hash, nullable=False, unique=True),
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

# What is true on the chain

cursor: Final = sa.Table(
    "cursor",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("chain_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", _Hash, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("final_number", sa.BigInteger, nullable=False),
    sa.Column("final_time", sa.BigInteger, nullable=False),
    sa.Column("halted", Words, comment="why the index stopped; empty when all is well"),
)

block: Final = sa.Table(
    "block",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", _Hash, nullable=False),
    sa.Column("parent", _Hash, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
)

outcome: Final = sa.Table(
    "outcome",
    metadata,
    sa.Column("id", _Hash, primary_key=True, comment="digest or id, whoever carried it"),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("failure", sa.String(40)),
    sa.Column("sender", _Address, comment="payer, merchant or authorizer, where its logs name one"),
    sa.Column("recipient", _Address, comment="payee, where its logs name one"),
    sa.Column("tx_hash", _Hash, nullable=False),
    _block_number(),
    sa.Column("log_index", sa.Integer, nullable=False),
)

account: Final = sa.Table(
    "account",
    metadata,
    sa.Column("address", _Address, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("word", sa.String(66), nullable=False, comment="as the token stores it"),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.Column("nonce", sa.BigInteger, nullable=False),
    _block_number(),
)

rules: Final = sa.Table(
    "rules",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("matrix", sa.String(18), nullable=False),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("issue_until", sa.BigInteger, nullable=False),
    sa.Column("pay_until", sa.BigInteger, nullable=False),
    sa.Column("redeem_until", sa.BigInteger, nullable=False),
    sa.Column("epoch_months", sa.Integer, nullable=False),
)

transfer: Final = sa.Table(
    "transfer",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("tx_hash", _Hash, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("sender", _Address, nullable=False),
    sa.Column("recipient", _Address, nullable=False),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Column("operation_id", _Hash, index=True, comment="the digest, or the report or redemption it belongs to"),
)

ledger: Final = sa.Table(
    "ledger",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("issued", sa.BigInteger, nullable=False),
    sa.Column("settled", sa.BigInteger, nullable=False),
    sa.Column("clawed_back", sa.BigInteger, nullable=False),
    sa.Column("expired", sa.BigInteger, nullable=False),
)

programme: Final = sa.Table(
    "programme",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("from_month", sa.Integer, nullable=False),
    sa.Column("to_month", sa.Integer, nullable=False),
    _block_number(),
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
    sa.Column("attester", _Address, nullable=False, index=True),
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
    sa.Column("description", _Hash, nullable=False),
    _block_number(),
)

reward: Final = sa.Table(
    "reward",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("report", _Hash, nullable=False, index=True),
    sa.Column("activity", sa.BigInteger, nullable=False, index=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("tx_hash", _Hash, nullable=False),
)

correction: Final = sa.Table(
    "correction",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("activity", sa.BigInteger, nullable=False, index=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("attester", _Address, comment="who signed the reduction; empty if it was the municipality"),
    sa.Column("minutes", sa.Integer, comment="what is kept; empty for a clawback"),
    sa.Column("struck", sa.BigInteger, comment="cents struck in all; empty for a clawback"),
    sa.Column("clawback_from", sa.BigInteger, comment="first second; empty for a clawback"),
    sa.Column("burned", sa.BigInteger, comment="cents taken back; empty for a reduction"),
    sa.Column("written_off", sa.BigInteger, comment="cents that were not there; empty for a reduction"),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("tx_hash", _Hash, nullable=False),
)

authorization: Final = sa.Table(
    "authorization",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("authorizer", _Address, nullable=False),
    sa.Column("nonce", _Hash, nullable=False, index=True),
    sa.Column("digest", _Hash, comment="what was carried out with it; empty if withdrawn, or a redemption"),
    sa.Column("value", sa.BigInteger, nullable=False, comment="cents that moved"),
    sa.Column("tx_hash", _Hash, nullable=False),
)

replacement: Final = sa.Table(
    "replacement",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("new_holder", _Address, nullable=False),
)

desk: Final = sa.Table(
    "desk",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("address", _Address, nullable=False, comment="became a desk"),
)

redemption: Final = sa.Table(
    "redemption",
    metadata,
    sa.Column("id", _Hash, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("payout_commitment", _Hash, nullable=False),
    sa.Column("salt", _Hash, nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("log_index", sa.Integer, nullable=False),
    _block_number(),
)

redemption_step: Final = sa.Table(
    "redemption_step",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False, comment="place within its event"),
    sa.Column("id", _Hash, nullable=False, index=True),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("tx_hash", _Hash, nullable=False),
    sa.Column("detail", sa.String(80), comment="lock id, payout reference or reason, as the status has it"),
)

event: Final = sa.Table(
    "event",
    metadata,
    sa.Column("seq", _Serial, primary_key=True, autoincrement=True),
    sa.Column("type", sa.String(40), nullable=False, comment="kind of operation, a dot, and what became of it"),
    sa.Column("subject", _Hash, nullable=False, comment="id of the operation"),
    sa.Column("sender", _Address, comment="whom it concerns: payer, merchant or signer"),
    sa.Column("recipient", _Address, comment="whom it concerns as well: the payee"),
    sa.Column("block_number", sa.BigInteger, nullable=False),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Index("event_from", "sender", "seq"),
    sa.Index("event_to", "recipient", "seq"),
)

# Who wants to be told

webhook: Final = sa.Table(
    "webhook",
    metadata,
    sa.Column("seq", _Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("owner", _Address, nullable=False, index=True),
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
    sa.Column("seq", _Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("webhook_id", sa.String(36), nullable=False),
    sa.Column("event_seq", sa.BigInteger, nullable=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("subject", _Hash, nullable=False),
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

APPENDED_BY_BLOCK: Final = (
    outcome,
    rules,
    transfer,
    ledger,
    programme,
    programme_cap,
    attester,
    activity,
    reward,
    correction,
    authorization,
    replacement,
    desk,
    redemption,
    redemption_step,
)
"""What is deleted, by block number, when blocks are taken back."""
