# SPDX-License-Identifier: EUPL-1.2
"""What people do here and the chain does not keep: signing up, handing in, joining, complaining."""

import sqlalchemy as sa
from alembic import op

from heitje.store.tables import Words

revision = "0005"
down_revision = "0004"

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "activity_description",
        sa.Column("hash", sa.String(66), nullable=False, comment="as the chain has it"),
        sa.Column("document", sa.Text(), nullable=False, comment="the JSON that is hashed"),
        sa.Column("places", sa.Integer(), comment="most sign-ups; empty for any number"),
        sa.Column("stored_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "sign_up",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("activity", "number"),
    )
    op.create_index("ix_sign_up_number", "sign_up", ["number"])
    op.create_table(
        "claim",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False, comment="as handed in"),
        sa.Column("note", Words(), nullable=False),
        sa.Column(
            "photo_hash", sa.String(66), comment="SHA-256 of the photo as it was kept; stays when the photo is deleted"
        ),
        sa.Column("state", sa.String(10), nullable=False, comment="handed_in, confirmed or declined"),
        sa.Column("confirmed_minutes", sa.Integer()),
        sa.Column("reason", Words(), comment="why it was declined"),
        sa.Column("decided_by", sa.String(42)),
        sa.Column("salt", sa.String(66), comment="of the evidence; from when it is confirmed"),
        sa.Column("evidence", sa.String(66), comment="keccak256(salt | evidence), as reports have it"),
        sa.Column("report", sa.String(66), comment="digest of the last report that it was drafted for"),
        sa.Column("handed_in_at", sa.Float(), nullable=False),
        sa.Column("decided_at", sa.Float()),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_claim_number", "claim", ["number"])
    op.create_index("claim_of", "claim", ["activity", "state", "seq"])
    op.create_table(
        "claim_photo",
        sa.Column("claim_id", sa.String(36), nullable=False),
        sa.Column("media_type", sa.String(12), nullable=False),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="without what a camera writes beside the picture"
        ),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id"),
    )
    op.create_index("ix_claim_photo_at", "claim_photo", ["at"])
    op.create_table(
        "report_draft",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(66), nullable=False),
        sa.Column("attester", sa.String(42), nullable=False),
        sa.Column("activity", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="the report and its attester's signature, JSON"),
        sa.Column(
            "cancellation",
            sa.String(66),
            nullable=False,
            comment="digest of the attester's cancellation, if there is one",
        ),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_report_draft_attester", "report_draft", ["attester"])
    op.create_table(
        "invitation",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("code", sa.String(66), nullable=False, comment="SHA-256 of the code, which is kept nowhere"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("holder_class", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False, comment="join or replacement"),
        sa.Column("made_by", sa.String(42), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.Float()),
        sa.Column("account", sa.String(42), comment="who accepted it"),
        sa.Column("accepted_at", sa.Float()),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_invitation_number", "invitation", ["number"])
    op.create_table(
        "complaint",
        sa.Column("seq", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(12), nullable=False),
        sa.Column("reference", sa.String(100), comment="digest, number or code of what it is about"),
        sa.Column("text", Words(), nullable=False),
        sa.Column("lodged_at", sa.Float(), nullable=False),
        sa.Column("answer", Words()),
        sa.Column("answered_by", sa.String(42)),
        sa.Column("answered_at", sa.Float()),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_complaint_number", "complaint", ["number"])


def downgrade() -> None:
    """Drop them, with everything people wrote."""
    op.drop_table("complaint")
    op.drop_table("invitation")
    op.drop_table("report_draft")
    op.drop_table("claim_photo")
    op.drop_table("claim")
    op.drop_table("sign_up")
    op.drop_table("activity_description")
