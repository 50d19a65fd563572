# SPDX-License-Identifier: EUPL-1.2
"""A member's request for access, answered by the real script."""

import json
import stat

import pytest
from eth_utils.crypto import keccak

from heitje.chain import typed_data
from heitje.chain.words import uid_of
from tests.chain.scripts.conftest import BIG, SMALL
from tests.support.signed import signer_of

DAY = 86_400


@pytest.fixture
def lived(town):
    """Ann has earned, paid, failed to pay, got something back, and been frozen for a while; bea was skipped."""
    register = town.folder / "register.json"
    before = register.read_bytes()
    town.send(signer_of("guardian"), "token", "freeze", town.number("bea"), 2)
    lines = [(SMALL, town.number("ann"), 60, "list 7"), (SMALL, town.number("bea"), 30, "list 7, bea")]
    town.report_file("lived.csv", [*lines, (BIG, town.number("ann"), 120, "")])
    town.run(*town.attest("lived.csv", "--skip-bad"))
    town.run(*town.mint("lived", "--skip-bad"))
    town.pay("ann", "bakery", 500)
    town.pay("ann", "bikes", 99_999)
    refund(town, "bakery", "ann", 120)
    town.redeem("bakery", 200, 1)
    town.send(signer_of("guardian"), "token", "freeze", town.number("ann"), 1)
    town.send(signer_of("unpauser"), "token", "unfreeze", town.number("ann"))
    yield town
    register.write_bytes(before)


def refund(town, shop, resident, cents):
    signer, nonce, until = town.person(shop), typed_data.refund_nonce(b"p" * 32, 0), town.anvil.now() + 3600
    item = (signer.address, town.person(resident).address, cents, 0, until, nonce)
    digest = typed_data.transfer_with_authorization_digest(town.domain("token"), *item)
    name = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
    town.send(signer_of("carrier"), "token", name, *item, signer.sign_digest(digest))


def access(town, name, *more, code=0):
    where = ("--register", town.folder / "register.json", "--out", town.folder / "answers")
    return town.run("access", town.number(name), *where, *town.common("access.json"), *more, code=code)


def answer(town, name):
    folder = town.folder / "answers"
    document = json.loads((folder / f"access-{town.number(name)}.json").read_text())
    return document, (folder / f"access-{town.number(name)}.txt").read_text()


def test_a_resident_gets_everything_that_the_register_and_the_chain_hold(lived):
    access(lived, "ann")
    document, text = answer(lived, "ann")
    held = document["register"]
    assert (held["member"], held["class"], held["address"]) == (
        lived.number("ann"),
        "resident",
        lived.person("ann").address,
    )
    assert [(note["activity"], note["evidence"]) for note in held["notes"]] == [(SMALL, "list 7")]
    chain = document["chain"]
    # 5.60 for an hour, 11.20 for two; 5.00 spent and 1.20 back.
    assert (chain["account"]["spendable"], chain["account"]["frozen"]) == ("1300", False)
    assert sum(int(part["cents"]) for part in chain["account"]["expiring"]) == 1300
    rewards = {item["activity"]: item for item in chain["rewards"]}
    assert {a: (item["minutesAttested"], item["cents"], item["evidence"]) for a, item in rewards.items()} == {
        SMALL: (60, "560", "list 7"),
        BIG: (120, "1120", ""),
    }
    reward = rewards[SMALL]
    assert keccak(bytes.fromhex(reward["salt"][2:]) + b"list 7").hex() == reward["commitment"][2:]
    moves = [(item["direction"], item["cents"], item["kind"]) for item in chain["movements"]]
    assert sorted(moves[:2]) == [("in", "1120", "reward"), ("in", "560", "reward")]
    assert moves[2:] == [("out", "500", "payment"), ("in", "120", "refund received")]
    shop = {"class": "merchant", "member": lived.number("bakery"), "address": lived.person("bakery").address}
    assert [item.get("with") for item in chain["movements"]] == [None, None, shop, shop]
    assert [item["reason"] for item in chain["failedPayments"]] == ["too little credit"]
    assert [(item["what"], item.get("reason")) for item in chain["freezes"]] == [
        ("frozen", "De telefoon is als verloren of gestolen opgegeven"),
        ("unfrozen", None),
    ]
    assert (chain["limits"]["earnedInMonth"], chain["limits"]["leftInYear"]) == ("1680", str(21_000 - 1_680))
    assert list(document["notice"]) == ["en", "nl"]
    for words in ("13.00 euros can be spent", "noted: list 7", "nothing was noted", "-5.00 euros, payment (shop"):
        assert words in text
    for words in ("De telefoon is als verloren", "too little credit", "Uw rechten", "Your rights"):
        assert words in text


def test_nobody_learns_who_anybody_else_is(lived):
    access(lived, "bakery")
    document, text = answer(lived, "bakery")
    moves = [(item["direction"], item["cents"], item["kind"]) for item in document["chain"]["movements"]]
    assert moves == [("in", "500", "payment"), ("out", "120", "refund given"), ("out", "200", "into escrow")]
    assert document["chain"]["movements"][0]["with"] == {"class": "resident"}
    assert [(item["cents"], item["state"]) for item in document["chain"]["redemptions"]] == [("200", "requested")]
    for other in ("ann", "bea"):
        for name in (str(lived.number(other)), lived.person(other).address):
            assert name.lower() not in (json.dumps(document) + text).lower()


def test_a_line_that_the_issuer_left_out_is_told_too(lived):
    access(lived, "bea")
    document, text = answer(lived, "bea")
    (reward,) = document["chain"]["rewards"]
    assert (reward["cents"], reward["skippedByIssuer"], reward["evidence"]) == ("0", True, "list 7, bea")
    assert "nothing: the issuer left this line out" in text
    assert "Er is een vermoeden van misbruik; dat wordt onderzocht" in text


def test_what_was_earned_with_an_old_phone_and_what_was_corrected_is_told_too(lived):
    number, new, token = lived.number("ann"), lived.person("ann's new phone").address, lived.domain("token")
    lived.send(signer_of("programme"), "registry", "reduce", uid_of(SMALL, number), 45)
    officials, until = [signer_of(name) for name in ("registrar", "replacer")], lived.anvil.now() + 90 * DAY
    request = (officials[0].address, number, new, until)
    digest = typed_data.request_replacement_digest(token, *request)
    signature = officials[0].sign_digest(digest)
    lived.send(signer_of("carrier"), "token", "requestReplacement", *request, signature)
    lived.anvil.move_time_to(lived.anvil.now() + 15 * DAY)
    signature = officials[1].sign_digest(
        typed_data.execute_replacement_digest(token, officials[1].address, digest, until)
    )
    carried = (officials[1].address, number, digest, until, signature)
    lived.send(signer_of("carrier"), "token", "executeReplacement", *carried)

    access(lived, "ann")
    document, text = answer(lived, "ann")
    chain = document["chain"]
    assert (chain["account"]["address"], chain["account"]["spendable"]) == (new, "1300")
    assert chain["account"]["everyAddress"] == [lived.person("ann").address, new]
    assert [item["what"] for item in chain["replacements"]] == ["asked for", "carried out"]
    assert [item["kind"] for item in chain["movements"]][-2:] == ["refund received", "moved to a new address"]
    signs = {"in": 1, "out": -1, "own": 0}
    assert sum(signs[item["direction"]] * int(item["cents"]) for item in chain["movements"]) == 1300
    assert "13.00 euros moved to the new wallet; nothing came or went" in text
    assert f"asked for, to the new wallet {new}, by the official {officials[0].address}" in text
    assert f"carried out, to the new wallet {new}, by the official {officials[1].address}" in text
    (reward,) = [item for item in chain["rewards"] if item["activity"] == SMALL]
    assert (reward["minutesAttested"], reward["minutesNow"], reward["centsStruck"]) == (60, 45, "140")
    assert "of which 1.40 euros were struck when it was reduced to 45 minutes" in text


def test_the_answer_is_for_its_owner_only_and_the_receipt_holds_counts(lived):
    access(lived, "ann")
    folder = lived.folder / "answers"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    receipt = lived.receipt("access.json")
    assert receipt["counts"] == {
        "notes": 1,
        "rewards": 2,
        "movements": 4,
        "failedPayments": 1,
        "redemptions": 0,
        "freezes": 2,
        "replacements": 0,
    }
    assert "list 7" not in json.dumps(receipt)


def test_a_dry_run_shows_counts_only_and_writes_nothing(lived):
    lived.folder.joinpath("access.json").unlink(missing_ok=True)
    for path in (lived.folder / "answers").glob("*"):
        path.unlink()
    said = access(lived, "ann", "--dry-run")
    assert "rewards" in said
    for personal in ("list 7", lived.person("ann").address):
        assert personal not in said
    assert list((lived.folder / "answers").glob("*")) == []
    assert not (lived.folder / "access.json").exists()


def test_of_who_was_erased_or_is_not_there_nothing_is_written(lived):
    folder = ("--certificates", lived.folder / "certificates", "--account", "registrar")
    register = ("--register", lived.folder / "register.json")
    lived.run("erase", lived.number("ann"), *register, *folder, *lived.common("e.json"), "--forfeit")
    assert "holds nothing but the number and that moment" in access(lived, "ann", code=1)
    assert "is not in the register" in access(lived, "never enrolled", code=1)
