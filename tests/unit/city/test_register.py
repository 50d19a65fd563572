# SPDX-License-Identifier: EUPL-1.2
import hashlib
import hmac
import json
import stat

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eth_utils.crypto import keccak

from heitje.city import register as module
from heitje.city.register import Member, Register, RegisterError, evidence_commitment

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
    register.note(10014, 7, "list 3")
    register.erase(10014, 1_790_000_000)
    register.save()
    register = Register.open(path, "correct horse")
    erased = register.get(10014)
    assert erased == Member(10014, "", "", b"", {}, 1_790_000_000)
    assert erased.is_erased
    assert register.by_address(ADDRESS) is None
    with pytest.raises(RegisterError, match="erased"):
        evidence_commitment(erased.secret, 7, b"list 3")
    with pytest.raises(RegisterError, match="erased"):
        register.note(10014, 7, "list 4")
    assert commitment != keccak(b"list 3")


def test_a_number_that_was_erased_is_never_given_out_again_but_its_address_is_free(saved):
    register = Register.open(saved[0], "correct horse")
    register.erase(10014, 1)
    with pytest.raises(RegisterError, match="already"):
        register.add(10014, "resident", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")
    assert register.add(10022, "resident", ADDRESS).secret


def test_what_attesters_noted_is_kept_once_and_encrypted(saved):
    path, _ = saved
    register = Register.open(path, "correct horse")
    words = [register.note(10014, 7, text) for text in ("list 3", "list 3", "photo 9", "")]
    assert words == [True, False, True, False]
    register.save()
    assert Register.open(path, "correct horse").get(10014).notes == {7: ("list 3", "photo 9")}
    assert "list 3" not in path.read_text()
    assert "list 3" not in repr(register.get(10014))


def test_nobody_writes_over_what_somebody_else_has_written_meanwhile(saved):
    path, _ = saved
    first, second = (Register.open(path, "correct horse") for _ in range(2))
    second.erase(10014, 1)
    second.save()
    first.note(10014, 7, "list 3")
    with pytest.raises(RegisterError, match="changed by somebody else"):
        first.save()
    first.refresh()
    assert first.get(10014).is_erased
    first.save()
    first.save()
    path.unlink()
    with pytest.raises(RegisterError, match="changed by somebody else"):
        first.save()


def test_a_register_is_not_made_where_somebody_else_made_one_meanwhile(tmp_path):
    first, second = (Register.open_or_new(tmp_path / "r", "x") for _ in range(2))
    first.save()
    with pytest.raises(RegisterError, match="changed by somebody else"):
        second.save()
    with pytest.raises(RegisterError, match="replaced by another"):
        second.refresh()


def test_a_register_of_the_first_format_is_read_and_written_in_the_new_one(saved):
    path, member = saved
    register = Register.open(path, "correct horse")
    head = {"format": "heitje register 1", "kdf": json.loads(path.read_text())["kdf"]}
    members = [
        {"number": 10014, "class": "resident", "address": ADDRESS, "secret": module._text(member.secret)},
        {"number": 10022, "class": "resident", "address": "0x", "secret": ""},
    ]
    sealed = AESGCM(register._key).encrypt(b"n" * 12, json.dumps(members).encode(), module._head_bytes(head))
    path.write_text(json.dumps({**head, "nonce": module._text(b"n" * 12), "members": module._text(sealed)}))
    register = Register.open(path, "correct horse")
    assert register.get(10014) == member
    assert register.get(10022).is_erased
    register.save()
    assert json.loads(path.read_text())["format"] == "heitje register 2"
    assert Register.open(path, "correct horse").get(10014) == member


def test_a_member_with_a_new_wallet_keeps_secret_and_notes(saved):
    path, one = saved
    register = Register.open(path, "correct horse")
    two = register.add(10022, "resident", "0x" + "cd" * 20)
    register.note(one.number, 3, "a list")
    register.move(one.number, "0x" + "ab" * 20)
    register.save()
    again = Register.open(path, "correct horse")
    assert again.by_address("0x" + "AB" * 20).number == one.number
    assert again.by_address(one.address) is None
    assert again.get(one.number).secret == one.secret
    assert again.get(one.number).notes == {3: ("a list",)}
    with pytest.raises(RegisterError, match=f"in the register as member {two.number}"):
        again.move(one.number, two.address)
    with pytest.raises(RegisterError, match="is not in the register"):
        again.move(99_999, one.address)
    again.erase(one.number, 7)
    with pytest.raises(RegisterError, match="was erased"):
        again.move(one.number, one.address)
