# SPDX-License-Identifier: EUPL-1.2
"""The tables of what people do here and the chain does not keep: signing up, handing in, joining, complaining.

A person is in them as a member number. Words that people wrote, photos and the salts of evidence are personal data:
they are in no log, and `heitje.privacy` tells and erases them.
"""

from typing import Final

import sqlalchemy as sa

from heitje.store.tables.columns import Address, Hash, Serial, Words, metadata

activity_description: Final = sa.Table(
    "activity_description",
    metadata,
    sa.Column("hash", Hash, primary_key=True, comment="as the chain has it"),
    sa.Column("document", sa.Text, nullable=False, comment="the JSON that is hashed"),
    sa.Column("places", sa.Integer, comment="most sign-ups; empty for any number"),
    sa.Column("stored_at", sa.Float, nullable=False),
)

sign_up: Final = sa.Table(
    "sign_up",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("activity", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.UniqueConstraint("activity", "number"),
)

claim: Final = sa.Table(
    "claim",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("activity", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("minutes", sa.Integer, nullable=False, comment="as handed in"),
    sa.Column("note", Words, nullable=False),
    sa.Column("photo_hash", Hash, comment="SHA-256 of the photo as it was kept; stays when the photo is deleted"),
    sa.Column("state", sa.String(10), nullable=False, comment="handed_in, confirmed or declined"),
    sa.Column("confirmed_minutes", sa.Integer),
    sa.Column("reason", Words, comment="why it was declined"),
    sa.Column("decided_by", Address),
    sa.Column("salt", Hash, comment="of the evidence; from when it is confirmed"),
    sa.Column("evidence", Hash, comment="keccak256(salt | evidence), as reports have it"),
    sa.Column("report", Hash, comment="digest of the last report that it was drafted for"),
    sa.Column("handed_in_at", sa.Float, nullable=False),
    sa.Column("decided_at", sa.Float),
    sa.Index("claim_of", "activity", "state", "seq"),
)

claim_photo: Final = sa.Table(
    "claim_photo",
    metadata,
    sa.Column("claim_id", sa.String(36), primary_key=True),
    sa.Column("media_type", sa.String(12), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False, comment="without what a camera writes beside the picture"),
    sa.Column("at", sa.Float, nullable=False, index=True),
)

report_draft: Final = sa.Table(
    "report_draft",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("digest", Hash, nullable=False, unique=True),
    sa.Column("attester", Address, nullable=False, index=True),
    sa.Column("activity", sa.BigInteger, nullable=False),
    sa.Column("deadline", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False, comment="the report and its attester's signature, JSON"),
    sa.Column("cancellation", Hash, nullable=False, comment="digest of the attester's cancellation, if there is one"),
    sa.Column("at", sa.Float, nullable=False),
)

invitation: Final = sa.Table(
    "invitation",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("code", Hash, nullable=False, unique=True, comment="SHA-256 of the code, which is kept nowhere"),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("holder_class", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(12), nullable=False, comment="join or replacement"),
    sa.Column("made_by", Address, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.Float),
    sa.Column("account", Address, comment="who accepted it"),
    sa.Column("accepted_at", sa.Float),
)

complaint: Final = sa.Table(
    "complaint",
    metadata,
    sa.Column("seq", Serial, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),
    sa.Column("about", sa.String(12), nullable=False),
    sa.Column("reference", sa.String(100), comment="digest, number or code of what it is about"),
    sa.Column("text", Words, nullable=False),
    sa.Column("lodged_at", sa.Float, nullable=False),
    sa.Column("answer", Words),
    sa.Column("answered_by", Address),
    sa.Column("answered_at", sa.Float),
)
