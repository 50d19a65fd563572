# SPDX-License-Identifier: EUPL-1.2
"""An honest city's books are right, whatever an honest city does."""

import json
from pathlib import Path

import pytest

from heitje.audit.command import audit_url
from heitje.audit.findings import AuditImpossible
from heitje.chain.account import Flag
from heitje.chain.typed_data import refund_nonce
from tests.chain.audit.command import heitje
from tests.chain.audit.day import BAKER, BARBER, Day
from tests.support.anvil import Anvil, free_port
from tests.support.city import City, signer_of


async def test_the_books_of_the_day_are_right(day: Day) -> None:
    result = await audit_url(day.city.url, day.city.addresses["token"])
    assert result.findings.listed == []
    assert result.is_clean
    assert result.exceptions == []
    assert result.notes == []


async def test_sums_and_counts_are_those_of_the_day(day: Day) -> None:
    result = await audit_url(day.city.url, day.city.addresses["token"])
    sums = result.replay.books.sums
    # 120, 90, 60 and 30 minutes at 5.00 an hour; 61 and 7 minutes at 3.30 an hour, rounded down to the cent.
    issued = 1000 + 750 + 500 + 250 + 335 + 38
    issued += 500 + 500  # by wallets
    # All of 72's 5.00, what was left of 74's 2.50, nothing of 75's 4.50: all spent.
    assert (sums.issued, sums.settled, sums.clawed_back, sums.expired) == (issued, 200, 500 + 40, 0)
    assert result.written_off == 210 + 450
    assert day.city.call("token", "totalSupply") == sums.supply == result.replay.books.total()
    expected = {"reports": 3, "rewards": 8, "failedPayments": 5, "refunds": 3, "redemptions": 7, "openRedemptions": 1}
    assert expected.items() <= result.counts().items()
    corrected = {"cancelledReports": 2, "reductions": 5, "clawbacks": 3, "loweredYears": 1, "walletSignatures": 2}
    assert corrected.items() <= result.counts().items()
    moved = {"replacements": 2, "cancelledReplacements": 1, "openReplacements": 0, "reclaims": 2, "extensions": 1}
    assert moved.items() <= result.counts().items()


async def test_a_number_keeps_everything_when_its_phone_is_lost(day: Day) -> None:
    result = await audit_url(day.city.url, day.city.addresses["token"])
    books = result.replay.books
    old, new = signer_of("member 501").address, signer_of("new till").address
    assert books.holders[BARBER] == new == day.city.address_of(BARBER)
    assert (books.account(old).balance, books.account(old).flags) == (0, Flag.DEAD)
    assert (books.account(new).open_redemptions, books.account(new).number) == (1, BARBER)
    assert books.account(signer_of("member 71").address).nonce == 5  # the last of them failed, on a dead address


async def test_it_begins_where_the_first_contract_began(day: Day) -> None:
    result = await audit_url(day.city.url, day.city.addresses["token"])
    assert (result.facts.first_block, result.facts.deploy_block) == (1, 2)
    assert result.facts.registries.keys() == {day.city.addresses["registry"]}
    assert result.facts.desks.keys() == {day.city.addresses["desk"]}


def test_the_command_runs_from_an_empty_folder(day: Day, tmp_path: Path) -> None:
    run = heitje(tmp_path, "audit", "--rpc", day.city.url, "--token", day.city.addresses["token"])
    assert (run.returncode, run.stderr) == (0, "")
    assert "THE BOOKS ARE RIGHT" in run.stdout
    assert "€ 38.73" in run.stdout
    assert "Epochs of 6 months; time to object to a replacement: 14 days; to a clawback: 42 days" in run.stdout
    assert "reclaimed after 30 days, locked 60 days" in run.stdout
    assert "3 clawbacks (€ 5.40 taken back, € 6.60 written off)" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_one_json_document(day: Day, tmp_path: Path) -> None:
    run = heitje(tmp_path, "audit", "--rpc", day.city.url, "--token", day.city.addresses["token"].lower(), "--json")
    report = json.loads(run.stdout)
    assert run.returncode == 0
    assert report["ok"] is True
    assert (report["sums"]["issued"], report["sums"]["writtenOff"]) == ("3873", "660")
    assert report["terms"]["issueUntil"] == "2030-02-28T12:00:00Z"  # three years, and one more
    assert list(report["terms"]["clawbackWindows"].values()) == [42 * 86_400]
    assert report["findings"] == []


@pytest.mark.parametrize("token", ["0x" + "11" * 20, "heerlen", "0x1234"])
def test_a_wrong_address_is_not_a_finding(day: Day, tmp_path: Path, token: str) -> None:
    run = heitje(tmp_path, "audit", "--rpc", day.city.url, "--token", token)
    assert run.returncode == 2
    assert "could not be made" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_node_that_does_not_answer_is_not_a_finding(day: Day, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    run = heitje(tmp_path, "audit", "--rpc", url, "--token", day.city.addresses["token"])
    assert run.returncode == 2
    assert "no answer from the node" in run.stderr
    assert "Traceback" not in run.stderr


async def test_a_contract_that_is_no_token_is_not_a_finding(day: Day) -> None:
    with pytest.raises(AuditImpossible, match="does not answer"):
        await audit_url(day.city.url, day.city.addresses["desk"])


async def test_a_refund_of_nothing_is_the_shops_exception(changing: Day) -> None:
    city = changing.city
    city.transfer_with_authorization(BAKER, 73, 15, b"\x07" * 32)
    result = await audit_url(city.url, city.addresses["token"])
    assert result.is_clean
    [exception] = result.exceptions
    assert (exception.refund.merchant, exception.refund.value) == (city.address_of(BAKER), 15)
    assert "no payment between these two" in exception.message


async def test_a_refund_is_between_numbers_whatever_phones_they_have_by_then(changing: Day) -> None:
    """The shop lost its till after the payment, the resident a phone: what was paid can be refunded, and no more."""
    city = changing.city
    payment = city.payment(73, BAKER, 100)
    city.pay_batch([payment])
    city.replace(BAKER, "new till of the baker")
    city.transfer_with_authorization(BAKER, 73, 60, refund_nonce(payment.digest, 0))
    city.replace(73, "new phone of 73")
    city.transfer_with_authorization(BAKER, 73, 41, refund_nonce(payment.digest, 1))
    result = await audit_url(city.url, city.addresses["token"])
    assert result.is_clean
    assert [(e.refund.value, e.message) for e in result.exceptions] == [
        (41, "€ 0.40 of the payment was left to refund")
    ]


async def test_a_refund_of_more_than_was_paid_is_the_shops_exception(changing: Day) -> None:
    city = changing.city
    payment = city.payment(73, BAKER, 100)
    city.pay_batch([payment])
    city.transfer_with_authorization(BAKER, 73, 70, refund_nonce(payment.digest, 0))
    city.transfer_with_authorization(BAKER, 73, 31, refund_nonce(payment.digest, 15))
    result = await audit_url(city.url, city.addresses["token"])
    assert result.is_clean
    assert [(e.refund.value, e.message) for e in result.exceptions] == [
        (31, "€ 0.30 of the payment was left to refund")
    ]
    assert "these shops' exceptions" in result.to_text()
    assert result.to_json()["exceptions"][0]["amount"] == "31"


async def test_a_newcomer_who_tried_to_pay_before_is_enrolled_like_anybody(changing: Day) -> None:
    """Anyone can have a signed payment fail, and whoever did can become a member later."""
    city, newcomer = changing.city, 76
    city.pay_batch([city.payment(newcomer, BAKER, 1)])
    city.enrol([newcomer])
    city.pay_batch([city.payment(newcomer, BAKER, 1)])
    result = await audit_url(city.url, city.addresses["token"])
    assert result.findings.listed == []
    assert result.replay.books.account(city.address_of(newcomer)).nonce == 2


async def test_expiry_by_its_date_is_right() -> None:
    """Half-years pass: credits go stale, are spent stale first, expire by touch and by anyone's call."""
    with Anvil() as anvil:
        city = City.found(anvil.url)
        city.enrol([71, 72, 73, 74], [BAKER])
        activity = city.open_activity(closes_in=400 * 86_400)
        city.issue(activity, {71: 120, 72: 120, 73: 120, 74: 120})
        city.pay(71, BAKER, 100)
        half_year = 184 * 86_400
        anvil.move_time_to(city.now() + half_year)
        city.send("carrier", "token", "expire", [city.address_of(74)])  # rolls without a burn, and without an event
        city.pay(71, BAKER, 100)
        city.pay(72, BAKER, 100)
        green = await audit_url(city.url, city.addresses["token"])
        assert green.findings.listed == []
        anvil.move_time_to(city.now() + half_year)
        city.pay_batch([city.payment(72, BAKER, 100)])  # too late: burns first, then fails
        city.send("carrier", "token", "expire", [city.address_of(73), city.address_of(BAKER)])
        result = await audit_url(city.url, city.addresses["token"])
    assert result.findings.listed == []
    assert result.replay.books.sums.expired == 900 + 1000
    assert result.replay.books.account(city.address_of(71)).balance == 800
    assert result.replay.books.account(city.address_of(BAKER)).balance == 300
