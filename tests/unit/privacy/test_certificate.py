# SPDX-License-Identifier: EUPL-1.2
import json
from zoneinfo import ZoneInfo

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from heitje.chain import messages
from heitje.chain.signing import KeySigner
from heitje.privacy.certificate import Certificate, CertificateError, Contents, read_certificate

SECRET = b"\x01" * 32
KEY = KeySigner(SECRET)


def contents(**changes):
    said = {
        "format": "heitje erasure 1",
        "city": "testcity",
        "chainId": 31_337,
        "token": "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
        "member": 10_014,
        "erasedAt": 1_790_000_000,
        "registrar": KEY.address,
        "registerSha256": {"before": "0x" + "b" * 64, "after": "0x" + "a" * 64},
        "notesDestroyed": 2,
        "somethingWasOwed": False,
        "destroyed": ["é"],
        "remains": ["what stays"],
        "toBeDestroyedByHand": ["every backup"],
    }
    return Contents.model_validate(said | changes)


@pytest.fixture
def certificate():
    said = contents()
    signature = KEY.sign_digest(said.digest)
    return Certificate(contents=said, digest="0x" + said.digest.hex(), signature="0x" + signature.hex())


def test_it_is_signed_as_any_wallet_signs_typed_data(certificate):
    said = certificate.contents
    typed = messages.erasure(said.domain, said.message)
    signed = Account.sign_message(encode_typed_data(full_message=typed), SECRET)
    assert "0x" + signed.message_hash.hex() == certificate.digest
    assert "0x" + signed.signature.hex() == certificate.signature
    plain = json.dumps(certificate.as_json()["contents"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert said.message["contents"] == keccak(plain.encode())


def test_it_is_read_back_and_genuine(certificate, tmp_path):
    path = tmp_path / "c.json"
    path.write_text(json.dumps(certificate.as_json()))
    assert read_certificate(path) == certificate
    assert certificate.problems() == []


@pytest.mark.parametrize(
    "change",
    [{"member": 10_022}, {"erasedAt": 1}, {"somethingWasOwed": True}, {"destroyed": []}, {"city": "elsewhere"}],
)
def test_a_change_of_anything_is_noticed(certificate, change):
    document = certificate.as_json()
    document["contents"] |= change
    assert Certificate.model_validate(document).problems() == ["it was changed after it was signed"]


def test_a_signature_of_somebody_else_is_noticed(certificate):
    other = KeySigner(b"\x02" * 32)
    document = certificate.as_json() | {"signature": "0x" + other.sign_digest(certificate.contents.digest).hex()}
    (problem,) = Certificate.model_validate(document).problems()
    assert problem == f"it is signed by {other.address}, not by the registrar it names"
    (problem,) = Certificate.model_validate(document | {"signature": "0x" + "00" * 65}).problems()
    assert "broken" in problem


def test_people_can_read_what_it_says(certificate):
    text = certificate.as_text(ZoneInfo("Europe/Amsterdam"))
    for words in (
        "testcity, member number 10014",
        "Erased on 21 September 2026 at 16:13 (Europe/Amsterdam)",
        "Nothing was owed",
        "every backup",
        "a" * 64,
    ):
        assert words in text


def test_what_is_no_certificate_is_refused_with_the_name_of_the_file(certificate, tmp_path):
    path = tmp_path / "c.json"
    for text in ("{", "{}", json.dumps(certificate.as_json() | {"more": 1})):
        path.write_text(text)
        with pytest.raises(CertificateError, match=r"c\.json is not a certificate"):
            read_certificate(path)
    with pytest.raises(CertificateError, match="No such file"):
        read_certificate(tmp_path / "none")
