# SPDX-License-Identifier: EUPL-1.2
"""What residents did not spend in time is burnt for all of them at once, by anybody."""

from heitje.audit.command import audit_url
from tests.chain.scripts.conftest import BIG
from tests.support.scripts import Town


def expire(town: Town, *more: object, code: int = 0) -> str:
    return town.run("expire", "--account", "stranger", *town.common("expire.json"), *more, code=code)


async def test_what_is_past_its_date_is_burnt_once_and_the_books_stay_right(town):
    town.report_file("long-ago.csv", [[BIG, town.number("ann"), 600, ""], [BIG, town.number("bea"), 60, ""]])
    town.run(*town.attest("long-ago.csv"))
    town.run(*town.mint("long-ago"))
    town.pay("bea", "bakery", 560)
    assert "Nothing had expired" in expire(town)
    # Two half-years on, whatever the day the test is run.
    town.anvil.move_time_to(town.anvil.now() + 370 * 86_400)
    assert "Dry run: nothing was signed or sent" in expire(town, "--dry-run")
    assert town.call("token", "totalSupply") == 5_600 + 560
    said = expire(town)
    assert "56.00" in said
    assert town.receipt("expire.json")["members"] == [{"member": town.number("ann"), "cents": "5600"}]
    # The shop's credits never expire.
    assert town.call("token", "totalSupply") == 560
    assert town.call("token", "ledger")[3] == 5_600
    assert "Nothing had expired" in expire(town)
    result = await audit_url(town.anvil.url, town.contracts["token"])
    assert result.findings.listed == []
