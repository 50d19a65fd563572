# SPDX-License-Identifier: EUPL-1.2
"""What a signer can do now: the account at the indexed block, less what is under way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from heitje.chain.account import Account, Flag
from heitje.chain.calendar import epoch_of
from heitje.relay.repository import chunks, live_of
from heitje.store.session import ReadSession
from heitje.store.tables import account, rules


@dataclass(frozen=True, slots=True)
class Rules:
    """The token's rules at the indexed block. Dates are the last seconds (Unix time)."""

    matrix: int
    paused: bool
    issue_until: int
    pay_until: int
    redeem_until: int
    epoch_months: int
    """Months of an epoch, by which residents' credits expire."""

    def allows(self, payer_class: int, payee_class: int) -> bool:
        """Whether accounts of one class may pay accounts of the other."""
        return bool(self.matrix >> (8 * payer_class + payee_class) & 1)


@dataclass(slots=True)
class Standing:
    """A signer.

    Attributes:
        account: As stored at the indexed block.
        under_way: Cents of everything live that would leave the account.
        nonces: The live payments by nonce.
    """

    account: Account
    under_way: int = 0
    nonces: dict[int, str] = field(default_factory=dict)

    def rolled(self, now: float, rules: Rules) -> Account:
        """The account as it is now: what has expired is out."""
        epoch = max(epoch_of(int(now), rules.epoch_months), self.account.epoch)
        return self.account.roll(epoch, ended=now > rules.pay_until)[0]

    def spendable(self, now: float, rules: Rules) -> int:
        """Cents free to spend; below zero when more is under way than can succeed."""
        return self.rolled(now, rules).balance - self.under_way

    def take_on(self, operation_id: str, value: int, nonce: int | None = None) -> None:
        """Count one more operation as under way."""
        self.under_way += value
        if nonce is not None:
            self.nonces[nonce] = operation_id


async def rules_now(session: ReadSession) -> Rules | None:
    """The rules at the indexed block; None before the first block is indexed."""
    row = await session.first(sa.select(rules).order_by(rules.c.block_number.desc()).limit(1))
    if row is None:
        return None
    dates = (row.issue_until, row.pay_until, row.redeem_until)
    return Rules(int(row.matrix, 16), row.paused, *dates, row.epoch_months)


def why_frozen(account: Account) -> str:
    """What to tell somebody from whose account nothing may leave."""
    if account.flags & Flag.REPLACING:
        return "The municipality was asked to replace this wallet by another; whoever did not ask for that must object."
    return ""


async def accounts_of(session: ReadSession, addresses: Iterable[str]) -> dict[str, Account]:
    """The accounts at the indexed block, by address; unknown addresses are left out."""
    found = {}
    for chunk in chunks(set(addresses)):
        statement = sa.select(account.c.address, account.c.word).where(account.c.address.in_(chunk))
        for row in await session.rows(statement):
            found[row.address] = Account.from_word(int(row.word, 16))
    return found


async def standings_of(session: ReadSession, signers: Iterable[str]) -> dict[str, Standing]:
    """The standing of each signer that has an account."""
    signers = set(signers)
    standings = {address: Standing(known) for address, known in (await accounts_of(session, signers)).items()}
    for address, rows in (await live_of(session, standings)).items():
        for row in rows:
            standings[address].take_on(row.id, row.value, row.nonce)
    return standings
