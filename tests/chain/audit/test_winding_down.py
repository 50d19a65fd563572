# SPDX-License-Identifier: EUPL-1.2
"""A city to its end: dates that move, credits that expire for good, and what comes back after the last day."""

from collections.abc import Iterator
from typing import Any

import pytest

from heitje.audit.command import audit_url
from heitje.chain.abi import load
from heitje.chain.logs import topic
from tests.chain.audit.day import BEGINS, Day
from tests.chain.audit.lies import assert_named, drop, in_transaction, lied_to, named, plus, word
from tests.chain.audit.lying_node import about_logs, about_view
from tests.chain.audit.test_altered_state import alter, in_mapping, slot_of
from tests.support.anvil import Anvil
from tests.support.city import DAY, YEAR, City, Refused

EXTENDED = topic("WindDownExtended(uint256,uint256,uint256)")
REFUNDED = topic("RedemptionRefunded(bytes32,uint32,address,uint256,uint16)")
RECLAIMED = topic("RedemptionReclaimed(bytes32,uint32,uint256)")
RESIDENT, SHOP, OTHER = 71, 500, 501


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    with Anvil(f"--timestamp={BEGINS}") as running:
        yield running


@pytest.fixture(scope="module")
def day(anvil: Anvil) -> Day:
    """The end: two extensions; then no rewards, no payments, no redemptions, but what came back, once more."""
    city = City.found(anvil.url)
    day = Day(city)
    done = day.receipts
    city.enrol([RESIDENT], [SHOP, OTHER])
    city.issue(city.open_activity(), {RESIDENT: 240})
    city.pay(RESIDENT, SHOP, 900)
    city.pay(RESIDENT, OTHER, 300)
    done["extend"] = city.extend(30 * DAY)
    done["extend again"] = city.extend(60 * DAY)
    issue_until, pay_until, redeem_until = city.call("token", "rules")[2:]
    anvil.move_time_to(issue_until + 1)
    done["the last two"] = city.send(
        "admin", "token", "extendWindDown", issue_until, pay_until + DAY, redeem_until + DAY
    )
    anvil.move_time_to(pay_until + DAY + 1)
    done["expire"] = city.send("carrier", "token", "expire", [city.address_of(RESIDENT)])
    anvil.move_time_to(redeem_until)
    refused, stuck, other = city.redeem(SHOP, 400), city.redeem(SHOP, 200), city.redeem(OTHER, 300)
    city.lock([stuck, other])
    anvil.move_time_to(redeem_until + DAY + 1)
    done["refund"] = city.refund([refused, other])
    anvil.move_time_to(redeem_until + 61 * DAY)
    done["reclaim"] = city.reclaim(stuck)
    again = city.redeem(SHOP, 150, "again")
    done["again"] = city.lock([again])
    done["settle"] = city.settle([(city.reference("last"), [again])])
    return day


@pytest.fixture
def changing(anvil: Anvil, day: Day) -> Iterator[Day]:
    snapshot = anvil.snapshot()
    yield day
    anvil.revert(snapshot)


async def test_the_books_are_right_to_the_end(day: Day) -> None:
    result = await audit_url(day.city.url, day.city.addresses["token"])
    assert result.findings.listed == []
    sums = result.replay.books.sums
    assert (sums.issued, sums.settled, sums.expired) == (2000, 150, 800)
    assert result.counts()["extensions"] == 3
    [desk] = result.replay.desks.values()
    # 400 came back a day after the end and 200 two months after it: 150 of both was requested again.
    assert desk.graces[SHOP].amount == 600 - 150
    assert desk.graces[OTHER].amount == 300


def test_the_contract_gives_no_more_than_what_came_back(changing: Day) -> None:
    with pytest.raises(Refused, match="RedemptionsEnded"):
        changing.city.redeem(SHOP, 451, "too much")


@pytest.mark.parametrize(
    ("where", "event", "change", "code", "found_in"),
    [
        ("extend", EXTENDED, word(0, 1), "wind-down", "extend"),
        ("extend again", EXTENDED, drop, "wind-down", "the last two"),  # a date that had passed moved
        ("the last two", EXTENDED, drop, "state", "the last two"),
        ("the last two", EXTENDED, word(0, BEGINS + 10 * YEAR), "wind-down", "the last two"),
        ("refund", REFUNDED, drop, "release-without-redemption", "refund"),
        ("reclaim", RECLAIMED, drop, "release-without-redemption", "reclaim"),
        ("reclaim", RECLAIMED, named(2, OTHER), "redemption-number", "reclaim"),
    ],
)
async def test_a_lie_about_the_end_is_found(
    day: Day, where: str, event: str, change: Any, code: str, found_in: str
) -> None:
    findings = await lied_to(day, about_logs(in_transaction(day, where, event, change)))
    assert_named(findings, code, day, found_in)


async def test_a_redemption_after_the_last_day_without_anything_that_came_back_is_found(day: Day) -> None:
    lie = about_logs(
        lambda log: [] if log["topics"][0] in (REFUNDED, RECLAIMED) else [log],
    )
    assert "redeemed-late" in {finding.code for finding in await lied_to(day, lie)}


@pytest.mark.parametrize("seconds", [-YEAR, YEAR])
async def test_false_dates_are_found(day: Day, seconds: int) -> None:
    lie = about_view(day.city.addresses["token"], load("MunicipalToken").function("rules").selector, plus(seconds))
    assert "state" in {finding.code for finding in await lied_to(day, lie)}


async def test_what_may_be_requested_again_is_compared(anvil: Anvil, changing: Day) -> None:
    desk, head = changing.city.addresses["desk"], int(anvil.rpc("eth_blockNumber"), 16)
    alter(anvil, desk, in_mapping(SHOP, slot_of("RedemptionDesk", "_graces")), lambda amount: amount + 1)
    result = await audit_url(changing.city.url, changing.city.addresses["token"])
    assert [(f.code, f.block) for f in result.findings.listed] == [("state", head)]
    assert f"grace {SHOP}" in result.findings.listed[0].message
