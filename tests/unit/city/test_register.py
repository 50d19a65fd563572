# SPDX-License-Identifier: EUPL-1.2
import hashlib
import hmac
import json
import stat

import pytest
from eth_utils.crypto import keccak

from heitje.city import register as module
from heitje.city.register import Register, RegisterError, evidence_commitment

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@pytest.fixture
def saved(tmp_path):
    register = Register.open_or_new(tmp_path / "register.json", "correct horse")
    member = register.add(10014, "resident", ADDRESS)
    register.save()
    return tmp_path / "register.json", member


def test_a_register_is_read_back(saved):
    path, member = saved
    register = Register.open(path, "correct horse")
    assert register.get(10014) == member == register.by_address(ADDRESS.lower())
    assert (len(register), 10014 in register, len(member.secret)) == (1, True, 32)


def test_nothing_of_a_member_can_be_read_from_the_file_and_only_its_owner_can_open_it(saved):
    path, member = saved
    text = path.read_text()
    for secret in ("10014", ADDRESS[2:], ADDRESS[2:].lower(), member.secret.hex()):
        assert secret not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["register.json"]


def test_a_wrong_passphrase_and_a_changed_file_are_told(saved):
    path, _ = saved
    with pytest.raises(RegisterError, match="wrong passphrase"):
        Register.open(path, "wrong horse")
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "members": document["members"][:-8] + "AAAAAAA="}))
    with pytest.raises(RegisterError, match="damaged"):
        Register.open(path, "correct horse")
    path.write_text(json.dumps({**document, "kdf": {**document["kdf"], "n": 2}}))
    with pytest.raises(RegisterError, match="another version"):
        Register.open(path, "correct horse")
    path.write_text("[]")
    with pytest.raises(RegisterError, match="not a register"):
        Register.open(path, "correct horse")
    with pytest.raises(RegisterError, match="no register"):
        Register.open(path.with_name("none"), "correct horse")


def test_an_empty_passphrase_is_refused(tmp_path):
    with pytest.raises(RegisterError, match="needs a passphrase"):
        Register(tmp_path / "r", "")


def test_a_register_that_cannot_be_written_leaves_the_old_one(saved, monkeypatch):
    path, _ = saved
    before = path.read_text()
    register = Register.open(path, "correct horse")
    register.add(10022, "merchant", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")

    def fail(_descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(module.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        register.save()
    assert path.read_text() == before
    assert len(list(path.parent.iterdir())) == 1


def test_a_member_is_added_once(saved):
    register = Register.open(saved[0], "correct horse")
    for number, address in ((10014, "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"), (10022, ADDRESS.lower())):
        with pytest.raises(RegisterError, match="already"):
            register.add(number, "resident", address)


def test_no_secret_shows_when_a_member_is_printed(saved):
    assert saved[1].secret.hex() not in repr(saved[1])
    assert repr(saved[1].secret) not in repr(saved[1])


def test_evidence_is_committed_to_with_a_salt_per_person_and_activity(saved):
    secret = saved[1].secret
    salt = hmac.new(secret, (7).to_bytes(32, "big"), hashlib.sha256).digest()
    assert evidence_commitment(secret, 7, b"list 3") == keccak(salt + b"list 3")
    assert evidence_commitment(secret, 8, b"list 3") != evidence_commitment(secret, 7, b"list 3")


def test_after_erasure_nothing_can_be_linked_and_nothing_new_is_committed(saved):
    path, member = saved
    commitment = evidence_commitment(member.secret, 7, b"list 3")
    register = Register.open(path, "correct horse")
    register.erase(10014)
    register.save()
    erased = Register.open(path, "correct horse").get(10014)
    assert erased is not None
    assert erased.secret == b""
    with pytest.raises(RegisterError, match="erased"):
        evidence_commitment(erased.secret, 7, b"list 3")
    assert commitment != keccak(b"list 3")
