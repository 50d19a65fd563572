# SPDX-License-Identifier: EUPL-1.2
"""Locking, settling and giving back what merchants redeem, by the real scripts; minting through the real relayer."""

import json
import re

import pytest

from heitje.chain.words import RedemptionStatus
from tests.chain.scripts.acts import DAY
from tests.chain.scripts.conftest import BIG
from tests.support.city import City
from tests.support.service import Service

ANN_EARNS = 240


@pytest.fixture
def shops(town):
    """Two shops that wait for 5, 6 and 7 euros."""
    town.report_file("earn.csv", [(BIG, town.number("ann"), ANN_EARNS, "")])
    town.run(*town.attest("earn.csv"))
    town.run(*town.mint("earn"))
    town.pay("ann", "bakery", 1_200)
    town.pay("ann", "bikes", 700)
    return town, [town.redeem("bakery", 500, 1), town.redeem("bakery", 600, 2), town.redeem("bikes", 700, 3)]


def desk(town, step, *more, account, code=0):
    receipt = ("--receipt", town.folder / f"{step}.json")
    switches = ("--account", account, "--deployment", town.deployment, "--yes", *receipt)
    return town.run("redemptions", step, *more, *switches, code=code)


def statuses(town, ids):
    return [RedemptionStatus(town.call("desk", "redemptionOf", name)["status"]).name for name in ids]


def test_redemptions_are_listed_locked_by_one_and_settled_by_another_treasurer(shops):
    town, ids = shops
    said = town.run("redemptions", "list", "--deployment", town.deployment)
    assert "Requested: 18.00 euros" in said
    payouts = town.folder / "payouts.csv"

    assert "needs the role TREASURER" in desk(town, "lock", account="stranger", code=1)
    desk(town, "lock", "0x" + ids[0].hex(), account="treasurer")
    assert statuses(town, ids) == ["LOCKED", "REQUESTED", "REQUESTED"]
    desk(town, "lock", *("0x" + name.hex() for name in ids), "--payouts", payouts, account="treasurer")
    assert statuses(town, ids) == ["LOCKED"] * 3
    assert "Nothing was left to lock" in desk(town, "lock", account="treasurer")

    said = desk(town, "settle", "--payouts", payouts, account="treasurer", code=1)
    assert "another treasurer must do this" in said
    other = town.folder / "other.csv"
    other.write_text(payouts.read_text().replace("5.00", "0.50"))
    said = desk(town, "settle", "--payouts", other, account="treasurer2", code=1)
    assert "the bank paid 0.50, but what this line would settle comes to 5.00" in said
    other.write_text(f"end_to_end_id;member\nE1;{town.number('bakery')}\n")
    said = desk(town, "settle", "--payouts", other, account="treasurer2", code=1)
    assert "line 2: name the redemption or the amount that the bank paid" in said
    desk(town, "settle", "--payouts", payouts, account="treasurer2")
    assert statuses(town, ids) == ["SETTLED"] * 3
    receipt = json.loads((town.folder / "settle.json").read_text())["payouts"]
    assert [(item["member"], item["cents"]) for item in receipt] == [
        (town.number("bakery"), "1100"),
        (town.number("bikes"), "700"),
    ]
    for item in receipt:
        assert town.call("desk", "isPayoutReferenceUsed", bytes.fromhex(item["payoutReference"][2:]))
    assert "Nothing was left to settle" in desk(town, "settle", "--payouts", payouts, account="treasurer2")
    assert town.call("token", "ledger")[1] == 1_800


def test_what_the_bank_may_have_already_is_not_in_the_next_payment_file(shops):
    town, ids = shops
    monday, tuesday, again = (town.folder / f"{name}.csv" for name in ("monday", "tuesday", "again"))
    desk(town, "lock", "--payouts", monday, account="treasurer")
    town.pay("ann", "bakery", 100)
    new = town.redeem("bakery", 100, 9)

    said = desk(town, "lock", "--payouts", tuesday, account="treasurer")
    assert "3 redemptions were locked before" in said
    assert "0x" + new.hex() in tuesday.read_text()
    assert not [name for name in ids if name.hex() in tuesday.read_text()]

    assert "4 redemptions were locked before" in desk(town, "lock", "--payouts", again, account="treasurer")
    assert not again.exists()
    desk(town, "lock", *("0x" + name.hex() for name in ids), "--payouts", again, account="treasurer")
    assert again.read_text() == monday.read_text()


def test_redemptions_are_given_back_with_a_reason_from_the_list(shops):
    town, ids = shops
    names = ["0x" + name.hex() for name in ids]
    assert "9 is not a reason" in desk(town, "refund", names[0], "--reason", 9, account="treasurer", code=1)
    said = desk(town, "refund", names[0], "0x" + "1" * 64, "--reason", 4, account="treasurer", code=1)
    assert "there is no such redemption" in said
    desk(town, "refund", names[0], names[1], "--reason", 4, account="treasurer")
    assert statuses(town, ids) == ["REFUNDED", "REFUNDED", "REQUESTED"]
    assert town.call("token", "balanceOf", town.person("bakery").address) == 1_200
    assert "given back already" in desk(town, "refund", names[0], "--reason", 4, account="treasurer")
    desk(town, "lock", account="treasurer")
    said = desk(town, "refund", names[2], "--reason", 1, account="treasurer", code=1)
    assert "another treasurer" in said
    desk(town, "refund", names[2], "--reason", 1, account="treasurer2")
    assert statuses(town, ids) == ["REFUNDED"] * 3


def test_reports_are_minted_through_the_relayer_and_a_second_run_mints_nothing(town):
    chain = City(town.anvil.url, 31_337, town.contracts)
    folder = town.folder / "relayer"
    folder.mkdir()
    town.anvil.mine()
    with Service(folder, chain) as service:
        town.report_file("carried.csv", [(BIG, town.number("ann"), 60, ""), (BIG, town.number("bea"), 90, "")])
        town.run(*town.attest("carried.csv"))
        assert "1 report minted" in town.run(*town.mint("carried", "--relayer", service.url))
        assert "1 was minted already" in town.run(*town.mint("carried", "--relayer", service.url))
    assert town.call("token", "ledger")[0] == 560 + 840
    assert town.receipt("mint-carried.json")["reports"][0]["cents"] == "1400"


def test_a_lock_that_runs_out_is_not_paid_again_and_everybody_is_warned(shops):
    town, ids = shops
    names = ["0x" + name.hex() for name in ids]
    first, late = town.folder / "first.csv", town.folder / "late.csv"
    said = desk(town, "lock", *names[:2], "--payouts", first, account="treasurer")
    assert "another treasurer settled, before" in said
    assert "2 redemptions, 11.00 euros, to be settled or given back before" in status(town)

    town.anvil.move_time_to(town.anvil.now() + 45 * DAY)
    desk(town, "lock", names[0], "--payouts", late, account="treasurer")
    assert late.read_text().count("\n") == 2
    late.unlink()
    town.anvil.move_time_to(town.anvil.now() + 2 * DAY)
    block = town.anvil.rpc("eth_blockNumber")
    said = desk(town, "lock", *names, "--payouts", late, account="treasurer", code=1)
    assert "locked too long ago to be paid now: a bank may take 14 days" in said
    assert re.search(rf"{names[0]}: locked until [^\n]* \(Europe/Amsterdam\)", said)
    assert names[2] not in said.split("locked too long ago")[1]
    assert not late.exists()
    assert town.anvil.rpc("eth_blockNumber") == block
    assert "2 redemptions, 11.00 euros, not to be paid any more" in status(town)

    town.anvil.move_time_to(town.anvil.now() + 13 * DAY)
    assert "anybody can have them given back since" in status(town)
    desk(town, "lock", names[0], "--payouts", late, account="treasurer", code=1)
    assert "Nothing was left to lock" in desk(town, "lock", names[0], account="treasurer")
    desk(town, "settle", "--payouts", first, account="treasurer2")
    assert statuses(town, ids) == ["SETTLED", "SETTLED", "REQUESTED"]
    assert "Locked at the desk" not in status(town)


def test_what_is_locked_is_only_reclaimed_by_its_name(shops):
    town, ids = shops
    names = ["0x" + name.hex() for name in ids]
    desk(town, "lock", *names[:2], account="treasurer")
    assert "Locked: to be settled or refunded before" in town.run(
        "redemptions", "list", "--deployment", town.deployment
    )
    town.anvil.move_time_to(town.anvil.now() + 61 * DAY)
    said = desk(town, "reclaim", account="stranger")
    assert "Locked: only by name, because the bank may have paid them" in said
    assert statuses(town, ids) == ["LOCKED", "LOCKED", "RECLAIMED"]
    assert "Nothing is due" in desk(town, "reclaim", account="stranger")
    said = desk(town, "reclaim", names[0], account="stranger")
    assert "1 of these was locked to be paid. Look at the bank, or ask a treasurer." in said
    assert statuses(town, ids) == ["RECLAIMED", "LOCKED", "RECLAIMED"]


def test_what_comes_back_after_the_last_day_can_be_asked_for_again_also_at_a_closed_desk(town):
    town.report_file("earn.csv", [(BIG, town.number("ann"), ANN_EARNS, "")])
    town.run(*town.attest("earn.csv"))
    town.run(*town.mint("earn"))
    town.pay("ann", "bakery", 1_200)
    town.pay("ann", "bikes", 700)
    last_day = town.call("token", "rules")[4]
    town.anvil.move_time_to(last_day - 31 * DAY)
    early, late, refused = (
        town.redeem("bakery", 500, 1),
        town.redeem("bakery", 600, 2),
        town.redeem("bikes", 700, 3),
    )
    town.anvil.move_time_to(last_day - DAY)
    assert "can ask again" not in desk(town, "reclaim", "0x" + early.hex(), account="stranger")
    desk(town, "close", account="admin")
    town.anvil.move_time_to(last_day + DAY)

    said = desk(town, "reclaim", "0x" + late.hex(), account="stranger")
    bakery, bikes = town.number("bakery"), town.number("bikes")
    assert f"member {bakery} can ask again, at this desk, for up to 6.00 euros until" in said
    said = desk(town, "refund", "0x" + refused.hex(), "--reason", 1, account="treasurer")
    assert f"member {bikes} can ask again, at this desk, for up to 7.00 euros until" in said
    again = town.redeem("bakery", 600, 4)
    assert statuses(town, [again]) == ["REQUESTED"]
    assert town.call("desk", "graceOf", bakery)[0] == 0


def status(town):
    return town.run("status", "--deployment", town.deployment)
