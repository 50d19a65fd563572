# SPDX-License-Identifier: EUPL-1.2
"""Which member an address is, as the index has it from the chain."""

from __future__ import annotations

from heitje.chain.account import Account, Class
from heitje.problems import Code, Problem
from heitje.relay.standing import accounts_of
from heitje.store.session import ReadSession


async def account_of(session: ReadSession, address: str) -> Account | None:
    """The account of an address; None if it has none."""
    return (await accounts_of(session, [address])).get(address)


async def member_of(session: ReadSession, address: str) -> int:
    """The number of the member whose wallet this is. A frozen wallet is one.

    Raises:
        Problem: It is nobody's, or not any more.
    """
    account = await account_of(session, address)
    if account is None or not account.number:
        raise Problem(Code.ACCOUNT_UNKNOWN, f"{address} is no member's.")
    if account.is_dead:
        raise Problem(Code.WALLET_REPLACED)
    return account.number


async def resident_of(session: ReadSession, address: str) -> int:
    """The number of the resident whose wallet this is.

    Raises:
        Problem: It is no resident's, or not any more.
    """
    account = await account_of(session, address)
    if account is None or account.holder_class != Class.RESIDENT:
        raise Problem(Code.NOT_A_RESIDENT)
    if account.is_dead:
        raise Problem(Code.WALLET_REPLACED)
    return account.number
