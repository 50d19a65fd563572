# SPDX-License-Identifier: EUPL-1.2
"""Reports that browsers' keys signed: checked from the events alone, as any key's, and forged ones found."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.chain.logs import REPORT_ISSUED
from tests.chain.audit.day import BEGINS, Day
from tests.chain.audit.lies import Log, assert_named, in_transaction, lied_to
from tests.chain.audit.lying_node import Lie, No, about_logs, lying_node
from tests.support.anvil import Anvil
from tests.support.browser import DeviceKey, Passkey, twin
from tests.support.city import ISSUER, City, Report

ATTESTER, ISSUED_BY = DeviceKey("phone of the union"), Passkey("security key of the office")
PERSON, NEIGHBOUR, SHOP = 71, 72, 500


@pytest.fixture(scope="module")
def signed() -> Iterator[tuple[Day, Report]]:
    """A city whose attester is a device key, whose issuer is a passkey, and whose people have either; its report."""
    with Anvil(f"--timestamp={BEGINS}") as anvil:
        city = City.found(anvil.url)
        city.wallets |= {"union": ATTESTER, "office": ISSUED_BY}
        city.wallets |= {f"member {PERSON}": Passkey("71"), f"member {NEIGHBOUR}": DeviceKey("72")}
        city.wallets[f"member {SHOP}"] = Passkey("till")
        city.send("programme", "registry", "setAttester", city.programme, ATTESTER.address, True)
        city.send("admin", "authority", "grantRole", ISSUER, ISSUED_BY.address, 0)
        city.enrol([PERSON, NEIGHBOUR], [SHOP])
        day, activity = Day(city), city.open_activity()
        report = city.report(activity, {PERSON: 120, NEIGHBOUR: 60}, attester="union", issuer="office")
        day.receipts["report"] = city.send("carrier", "registry", "issue", *report.arguments)
        withdrawn = city.report(city.open_activity(), {PERSON: 60}, attester="union")
        city.cancel_report(withdrawn, by_attester=True)
        city.reduce(activity, PERSON, 60, attester="union")
        city.pay_batch([city.payment(PERSON, SHOP, 250), city.payment(NEIGHBOUR, SHOP, 100)])
        city.transfer_with_authorization(NEIGHBOUR, SHOP, 60, keccak(b"voucher"))
        redemption = city.redeem(SHOP, 300)
        city.lock([redemption])
        city.settle([(city.reference("till"), [redemption])])
        day.receipts["last"] = city.pay(PERSON, SHOP, 5)
        yield day, report


def forgetful(day: Day) -> Lie:
    """A node that keeps the state of its last block only: no wallet can be asked as of then."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        old = method in ("eth_call", "eth_getCode") and int(params[1], 16) < day.block("last")
        return No("missing trie node") if old else result

    return lie


async def test_a_city_of_browsers_keys_is_right_and_nobody_is_asked(signed: tuple[Day, Report]) -> None:
    day, _ = signed
    async with lying_node(day.city.url, forgetful(day)) as url:
        result = await audit_url(url, day.city.addresses["token"])
    assert result.findings.listed == []
    assert not any("signature" in note for note in result.notes)
    counts = result.counts()
    assert (counts["reports"], counts["reductions"], counts["cancelledReports"]) == (1, 1, 1)
    assert (counts["walletSignatures"], counts.get("walletSignaturesNotChecked", 0)) == (0, 0)


def changed_near_the_end(signature: bytes) -> bytes:
    """One bit: of s, or of what the passkey signed, far behind the challenge."""
    return signature[:-2] + bytes([signature[-2] ^ 1]) + signature[-1:]


def unverified(signature: bytes) -> bytes:
    """The passkey's own word that it verified nobody."""
    return signature[:162] + bytes([signature[162] & 0xFB]) + signature[163:]


def nonsense(signature: bytes) -> bytes:
    return bytes(len(signature))


def too_long_inside(signature: bytes) -> bytes:
    return signature[:128] + b"\xff\xff" + signature[130:]


@pytest.mark.parametrize("forge", [twin, changed_near_the_end, nonsense], ids=lambda forge: forge.__name__)
async def test_a_forged_device_keys_signature_is_found(signed: tuple[Day, Report], forge: Any) -> None:
    day, report = signed
    assert_named(await lied_to(day, forged(day, report.attester_signature, forge)), "attester-signature", day, "report")


@pytest.mark.parametrize(
    "forge", [twin, changed_near_the_end, unverified, too_long_inside, nonsense], ids=lambda forge: forge.__name__
)
async def test_a_forged_passkeys_signature_is_found(signed: tuple[Day, Report], forge: Any) -> None:
    day, report = signed
    assert_named(await lied_to(day, forged(day, report.issuer_signature, forge)), "issuer-signature", day, "report")


async def test_a_good_signature_by_the_same_key_for_another_relying_party_is_found(signed: tuple[Day, Report]) -> None:
    day, report = signed
    elsewhere = Passkey("security key of the office", rp_id="heitje.examples")
    data = report.issuer_signature[report.issuer_signature.index(b'{"type"') :]
    stolen = elsewhere.assert_client_data(data)
    found = await lied_to(day, forged(day, report.issuer_signature, lambda _: stolen))
    assert_named(found, "issuer-signature", day, "report")


def forged(day: Day, signature: bytes, forge: Any) -> Lie:
    """A node without old state that changes a signature in the report's event."""
    changed = forge(signature)
    assert len(changed) == len(signature)
    assert changed != signature

    def change(log: Log) -> list[Log]:
        assert signature.hex() in log["data"]
        return [{**log, "data": log["data"].replace(signature.hex(), changed.hex())}]

    without_state = forgetful(day)
    changing = about_logs(in_transaction(day, "report", REPORT_ISSUED, change))

    def lie(method: str, params: list[Any], result: Any) -> Any:
        return without_state(method, params, changing(method, params, result))

    return lie
