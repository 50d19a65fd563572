# SPDX-License-Identifier: EUPL-1.2
"""Opening commitments, erasing members and what is left afterwards, by the real scripts."""

import fcntl
import hashlib
import json
import os
import signal
import stat
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from heitje.audit.command import audit_url
from heitje.chain import typed_data
from heitje.city.register import Register, evidence_commitment
from heitje.city.roles import Role
from tests.chain.scripts.conftest import BIG, SMALL
from tests.support.scripts import PASSPHRASE
from tests.support.signed import signer_of

NOTE = "list 7, photo é"


@pytest.fixture
def earned(town):
    """Ann has earned with a note, bea without; afterwards the register is what it was."""
    register = town.folder / "register.json"
    before = register.read_bytes()
    town.report_file("earn.csv", [(SMALL, town.number("ann"), 60, NOTE), (BIG, town.number("bea"), 60, "")])
    town.run(*town.attest("earn.csv"))
    town.run(*town.mint("earn"))
    yield town
    register.write_bytes(before)


def register_of(town):
    return "--register", town.folder / "register.json"


def verify(town, name, activity, *more, code=0):
    where = (*register_of(town), "--deployment", town.deployment)
    return town.run("verify", "evidence", town.number(name), activity, *where, *more, code=code)


def erase(town, name, *more, code=0, account="registrar"):
    return town.run(*erasing(town, name, account), *more, code=code)


def erasing(town, name, account="registrar"):
    folder = ("--certificates", town.folder / "certificates")
    return "erase", town.number(name), *register_of(town), *folder, "--account", account, *town.common("erase.json")


def certificate_of(town, name, suffix="json"):
    return town.folder / "certificates" / f"erasure-{town.number(name)}.{suffix}"


def opened(town):
    return Register.open(town.folder / "register.json", PASSPHRASE)


def on_chain(town, folder, line=0):
    """The commitment in the report that was minted, and everything else about its line."""
    (path,) = (town.folder / folder).glob("*activity-3*")
    return json.loads(path.read_text())["report"]["lines"][line]


def spend_all(town, name):
    town.pay(name, "bakery", town.call("token", "spendableOf", town.person(name).address))


def test_a_note_is_shown_to_be_what_the_chain_committed_to_and_can_be_proved_without_the_register(earned):
    proof = earned.folder / "proof.json"
    said = verify(earned, "ann", SMALL, "--proof", proof)
    assert NOTE in said
    assert "It matches" in said
    assert "nothing was noted" in verify(earned, "bea", BIG)
    assert stat.S_IMODE(proof.stat().st_mode) == 0o600
    document = json.loads(proof.read_text())
    made = keccak(bytes.fromhex(document["salt"][2:]) + document["evidence"].encode())
    assert "0x" + made.hex() == document["commitment"] == on_chain(earned, "earn")["evidence"]
    assert (document["minutes"], document["cents"]) == (60, "560")
    assert opened(earned).get(earned.number("ann")).secret.hex() not in proof.read_text()


def test_another_text_and_a_reward_that_is_not_there_are_told(earned):
    assert "It matches" in verify(earned, "ann", SMALL, "--text", "list 7, photo e\u0301")
    assert "not what was committed to" in verify(earned, "ann", SMALL, "--text", "list 8", code=8)
    assert "No report that was minted" in verify(earned, "cas", SMALL, code=1)
    assert "wrong check digit" in earned.run(
        *("verify", "evidence", earned.number("ann") + 1, SMALL),
        *(*register_of(earned), "--deployment", earned.deployment),
        code=1,
    )


async def test_after_an_erasure_nothing_that_is_left_opens_the_commitment_and_the_books_are_right(earned):
    town, number = earned, earned.number("ann")
    spend_all(town, "ann")
    commitment = bytes.fromhex(on_chain(town, "earn")["evidence"][2:])
    secret = opened(town).get(number).secret
    assert evidence_commitment(secret, SMALL, NOTE.encode()) == commitment, "it could be opened before"
    before = (town.folder / "register.json").read_bytes()
    block = town.anvil.rpc("eth_blockNumber")

    said = erase(town, "ann")
    assert "backup" in said
    assert town.anvil.rpc("eth_blockNumber") == block, "nothing is sent to the chain"
    assert "the salt is gone" in verify(town, "ann", SMALL, code=1)
    assert "the salt is gone" in verify(town, "ann", SMALL, "--text", NOTE, code=1)
    erased = opened(town).get(number)
    assert (erased.secret, erased.address, erased.member_class, erased.notes) == (b"", "", "", {})
    assert number in opened(town)
    # The other member's note still opens; and neither secret nor address is in what the file holds now.
    assert "It matches" in verify(town, "bea", BIG)
    left = json.dumps([[m.number, m.address, m.secret.hex(), dict(m.notes)] for m in opened(town)])
    assert secret.hex() not in left
    assert town.person("ann").address not in left
    assert [path.name for path in town.folder.glob(".register.json*")] == []

    certificate = json.loads(certificate_of(town, "ann").read_text())["contents"]
    assert certificate["registerSha256"] == {
        "before": "0x" + hashlib.sha256(before).hexdigest(),
        "after": "0x" + hashlib.sha256((town.folder / "register.json").read_bytes()).hexdigest(),
    }
    files = (certificate_of(town, "ann"), certificate_of(town, "ann", "txt"), town.folder / "erase.json")
    for path in files:
        text = path.read_text()
        for personal in (NOTE, town.person("ann").address, secret.hex(), commitment.hex()):
            assert personal not in text
            assert personal.lower() not in text.lower()
    check = ("verify", "certificate", certificate_of(town, "ann"), "--deployment", town.deployment)
    assert f"Genuine: member {number} was erased" in town.run(*check)
    result = await audit_url(town.anvil.url, town.contracts["token"])
    assert result.is_clean


def test_a_certificate_that_was_changed_or_is_of_no_registrar_is_not_genuine(earned):
    spend_all(earned, "ann")
    erase(earned, "ann")
    path = certificate_of(earned, "ann")
    check = ("verify", "certificate", path, "--deployment", earned.deployment)
    earned.send(signer_of("admin"), "authority", "revokeRole", Role.REGISTRAR, signer_of("registrar").address)
    assert "no registrar of this city now" in earned.run(*check, code=8)
    document = json.loads(path.read_text())
    document["contents"]["somethingWasOwed"] = True
    path.write_text(json.dumps(document))
    assert "it was changed after it was signed" in earned.run(*check, code=8)
    path.write_text("{}")
    assert "not a certificate of erasure" in earned.run(*check, code=1)


def test_whoever_is_owed_something_is_not_erased_unless_forfeit_says_so(earned):
    before = (earned.folder / "register.json").read_bytes()
    said = erase(earned, "ann", code=1)
    assert "5.60 euros can still be spent. Nothing is taken" in said
    assert "expires by itself" in said
    earned.pay("ann", "bakery", 560)
    earned.redeem("bakery", 200, 1)
    said = erase(earned, "bakery", code=1)
    assert "3.60 euros can still be redeemed" in said
    assert "1 redemption is open" in said
    assert (earned.folder / "register.json").read_bytes() == before
    said = erase(earned, "bakery", "--forfeit")
    assert "With --forfeit: 3.60 euros" in said
    assert opened(earned).get(earned.number("bakery")).is_erased
    assert json.loads(certificate_of(earned, "bakery").read_text())["contents"]["somethingWasOwed"] is True
    assert earned.call("token", "spendableOf", earned.person("bakery").address) == 360, "nothing was taken"


def test_whose_wallet_is_being_replaced_is_not_erased(earned):
    registrar, until = signer_of("registrar"), earned.anvil.now() + 3600
    request = (registrar.address, earned.number("cas"), earned.person("cas's new phone").address, until)
    digest = typed_data.request_replacement_digest(earned.domain("token"), *request)
    earned.send(signer_of("carrier"), "token", "requestReplacement", *request, registrar.sign_digest(digest))
    assert "a replacement of the wallet is under way" in erase(earned, "cas", code=1)
    assert not opened(earned).get(earned.number("cas")).is_erased


def test_nothing_is_erased_by_a_dry_run_a_no_a_stranger_or_for_a_stranger(earned):
    before = (earned.folder / "register.json").read_bytes()
    assert "Dry run" in erase(earned, "cas", "--dry-run")
    without_yes = [argument for argument in erasing(earned, "cas") if argument != "--yes"]
    assert "nobody to ask" in earned.run(*without_yes, code=3)
    assert "needs the role REGISTRAR" in erase(earned, "cas", account="stranger", code=1)
    assert "is not in the register" in erase(earned, "never enrolled", code=1)
    assert (earned.folder / "register.json").read_bytes() == before
    assert not certificate_of(earned, "cas").exists()


def test_a_second_run_erases_nothing_twice_and_finishes_a_certificate_that_was_cut_off(earned):
    # Killed at the worst moment: the register is written, the certificate is not in its place.
    erase(earned, "cas")
    certificate, receipt = certificate_of(earned, "cas"), earned.folder / "erase.json"
    whole = certificate.read_bytes()
    certificate.rename(certificate.with_name(certificate.name + ".part"))
    certificate.with_suffix(".txt").unlink()
    receipt.unlink()
    register = (earned.folder / "register.json").read_bytes()
    assert "its certificate is now in" in erase(earned, "cas")
    assert certificate.read_bytes() == whole
    assert receipt.exists()
    assert "already. Nothing was left to do" in erase(earned, "cas")
    assert (earned.folder / "register.json").read_bytes() == register


def test_an_erasure_that_is_killed_before_the_register_is_written_can_be_done_again(earned):
    pending = certificate_of(earned, "dik", "json.part")
    with locked(earned.folder):
        process = earned.start(*erasing(earned, "dik"))
        wait_for(pending.exists)
        os.kill(process, signal.SIGKILL)
        earned.end(code=-signal.SIGKILL)
    assert not opened(earned).get(earned.number("dik")).is_erased
    erase(earned, "dik")
    assert opened(earned).get(earned.number("dik")).is_erased
    assert certificate_of(earned, "dik").exists()
    assert not pending.exists()


def test_an_erased_number_is_never_given_out_again_and_nothing_is_attested_in_it(earned):
    erase(earned, "cas")
    new = earned.person("somebody new").address
    earned.write("anew.csv", f"member;class;address\n{earned.number('cas')};resident;{new}\n")
    assert "was erased, and is never given out again" in earned.run(*earned.enrol("anew.csv"), code=1)
    earned.write("back.csv", f"member;class;address\n;resident;{earned.person('cas').address}\n")
    assert "who comes back needs a new address" in earned.run(*earned.enrol("back.csv"), code=1)
    earned.report_file("late.csv", [(SMALL, earned.number("cas"), 60, NOTE)])
    assert "was erased from the register" in earned.run(*earned.attest("late.csv"), code=1)


def test_what_somebody_else_wrote_into_the_register_meanwhile_is_not_lost(earned):
    earned.report_file("more.csv", [(BIG, earned.number("cas"), 60, "kept")])
    with locked(earned.folder):
        process = earned.start(*earned.attest("more.csv"))
        wait_for(lambda: is_waiting(process))
        # Attest has read the register and is about to write it; meanwhile somebody is enrolled.
        register, number = opened(earned), earned.number("written meanwhile")
        register.add(number, "resident", earned.person("written meanwhile").address)
        (earned.folder / "register.json").write_text(register.sealed())
    said = earned.end("attest", code=9)
    assert "was changed by somebody else since it was read; run the same command again. Nothing was signed" in said
    assert not (earned.folder / "more").exists()
    earned.run(*earned.attest("more.csv"))
    assert number in opened(earned)
    assert opened(earned).get(earned.number("cas")).notes[BIG] == ("kept",)


@contextmanager
def locked(folder):
    """Holds the register's folder, as another writer does."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def is_waiting(process):
    """Whether a process waits for a lock; the kernel lists those with an arrow."""
    lines = Path("/proc/locks").read_text().splitlines()
    return any("->" in line.split() and str(process) in line.split() for line in lines)


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
