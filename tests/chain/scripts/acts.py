# SPDX-License-Identifier: EUPL-1.2
"""What the tests of corrections, freezes, replacements and leaving shops share."""

import asyncio

from heitje.audit.command import audit_url
from tests.support.scripts import Town

DAY = 86_400


def act(town: Town, *arguments: object, account: str | None, code: int = 0) -> str:
    """Runs a script that acts; its receipt is `act.json`."""
    who = ("--account", account) if account else ()
    return town.run(*arguments, *who, *town.common("act.json"), code=code)


def earn(town: Town, name: str, *lines: tuple[int, str, int]) -> None:
    """Attests and mints: activity, resident, minutes."""
    town.report_file(f"{name}.csv", [(activity, town.number(who), minutes, "") for activity, who, minutes in lines])
    town.run(*town.attest(f"{name}.csv"))
    town.run(*town.mint(name))


def balance(town: Town, name: str) -> int:
    """Cents of a wallet."""
    cents: int = town.call("token", "balanceOf", town.person(name).address)
    return cents


def check_books(town: Town) -> None:
    """The books add up, for `status` and for the audit."""
    town.run("status", "--deployment", town.deployment)
    result = asyncio.run(audit_url(town.anvil.url, town.contracts["token"]))
    assert result.findings.listed == []
