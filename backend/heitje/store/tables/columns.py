# SPDX-License-Identifier: EUPL-1.2
"""What the columns of all tables are made of, in SQL that SQLite and PostgreSQL both understand."""

from typing import Any, Final

import sqlalchemy as sa


class Words(sa.types.TypeDecorator[str]):
    """Text that others wrote: a contract's reason, a node's answer.

    PostgreSQL refuses text with a NUL in it, and neither database takes half a surrogate pair: both are replaced, so
    that nobody's words can keep a row from being written.
    """

    impl = sa.Text
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """As of every text."""
        return str

    def process_bind_param(self, value: str | None, _dialect: Any) -> str | None:
        """What can be stored of it."""
        return (
            None
            if value is None
            else value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
        )


metadata: Final = sa.MetaData()

Hash: Final = sa.String(66)
Address: Final = sa.String(42)
Serial: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself


def block_number(*, nullable: bool = False) -> "sa.Column[int]":
    """The column that says which block a row came from, so that it can go with the block."""
    return sa.Column("block_number", sa.BigInteger, nullable=nullable, index=True)
