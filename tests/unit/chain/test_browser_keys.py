# SPDX-License-Identifier: EUPL-1.2
"""Device keys and passkeys: what is theirs, and what is refused with a reason."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.browser_keys import ORDER, BrowserSignature, device_key_address, passkey_address, signer_of
from heitje.chain.signing import KeySigner, SignatureError
from tests.support.browser import (
    BACKED_UP,
    BACKUP_ELIGIBLE,
    USER_PRESENT,
    USER_VERIFIED,
    DeviceKey,
    Passkey,
    WebCryptoKey,
    twin,
)

DIGEST = keccak(b"what is to be signed")
DEVICE, PASSKEY = DeviceKey("phone"), Passkey("phone")
digests = st.binary(min_size=32, max_size=32)


@given(digests)
def test_whose_key_of_any_kind_signed_is_found_again(digest: bytes) -> None:
    for key in (KeySigner(b"\x11" * 32), DEVICE, PASSKEY):
        assert signer_of(digest, key.sign_digest(digest)) == key.address


def test_one_key_has_an_address_of_its_own_for_each_use() -> None:
    addresses = {DEVICE.address, PASSKEY.address, Passkey("phone", rp_id="elsewhere.example").address}
    assert len(addresses) == 3


def test_addresses_follow_from_the_words_of_the_contract() -> None:
    device = encode(["bytes32"] * 3, [keccak(b"Heitje device key, P-256"), DEVICE.x, DEVICE.y])
    words = [keccak(b"Heitje passkey, WebAuthn P-256"), PASSKEY.rp_id_hash, PASSKEY.x, PASSKEY.y]
    assert DEVICE.address.lower() == "0x" + keccak(device)[12:].hex()
    assert PASSKEY.address.lower() == "0x" + keccak(encode(["bytes32"] * 4, words))[12:].hex()


def test_what_webcrypto_signs_is_a_device_keys_signature() -> None:
    key = WebCryptoKey()
    assert signer_of(DIGEST, key.sign_digest(DIGEST)) == key.address


@pytest.mark.parametrize("key", [DEVICE, PASSKEY], ids=["device key", "passkey"])
def test_another_digest_another_key_and_the_twin_with_the_high_s_are_refused(key: DeviceKey | Passkey) -> None:
    good = key.sign_digest(DIGEST)
    other = DeviceKey("other").x + DeviceKey("other").y + good[64:]
    for digest, signature in ((keccak(b"else"), good), (DIGEST, other), (DIGEST, twin(good))):
        with pytest.raises(SignatureError):
            signer_of(digest, signature)


def changed(start: int, value: int) -> Callable[[bytes], bytes]:
    return lambda good: good[:start] + value.to_bytes(32, "big") + good[start + 32 :]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed(64, 0), "within the curve's order"),
        (changed(64, ORDER), "within the curve's order"),
        (changed(96, 0), "within the curve's order"),
        (changed(96, ORDER - 1), "upper half"),
        (changed(0, 0), "no point of the curve"),
        (changed(0, 2**256 - 1), "no point of the curve"),
        (lambda good: bytes(64) + good[64:], "no point of the curve"),
    ],
)
def test_numbers_that_are_out_of_range_are_named(change: Callable[[bytes], bytes], reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        signer_of(DIGEST, change(DEVICE.sign_digest(DIGEST)))


@pytest.mark.parametrize(
    ("flags", "good"),
    [
        (USER_PRESENT | USER_VERIFIED | BACKUP_ELIGIBLE, True),
        (USER_PRESENT | USER_VERIFIED | BACKUP_ELIGIBLE | BACKED_UP, True),
        (USER_PRESENT | USER_VERIFIED | BACKED_UP, False),
        (USER_PRESENT, False),
        (USER_VERIFIED, False),
    ],
)
def test_a_passkey_must_have_verified_its_user(*, flags: int, good: bool) -> None:
    key = Passkey("phone", flags=flags)
    signature = key.sign_digest(DIGEST)
    if good:
        assert signer_of(DIGEST, signature) == key.address
        return
    with pytest.raises(SignatureError, match="passkey"):
        signer_of(DIGEST, signature)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"webauthn.get", b"webauthn.create"),
        (b'{"type"', b'{ "type"'),
        (b'"challenge":"', b'"challenge": "'),
        (b'","origin"', b'A","origin"'),
    ],
)
def test_client_data_that_browsers_do_not_write_so_are_refused(before: bytes, after: bytes) -> None:
    data = PASSKEY.client_data(DIGEST).replace(before, after, 1)
    with pytest.raises(SignatureError):
        signer_of(DIGEST, PASSKEY.assert_client_data(data))


def test_lengths_that_do_not_fit_together_are_refused() -> None:
    good = PASSKEY.sign_digest(DIGEST)
    wrong = [b"", good[:64], good[:127], good[:129], good[:130], good[:166]]
    wrong += [good[:128] + length.to_bytes(2, "big") + good[130:] for length in (0, 36, len(good) - 129, 65_535)]
    for signature in wrong:
        with pytest.raises(SignatureError, match=r"length|bytes"):
            signer_of(DIGEST, signature)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail_in_another_way(raw: bytes) -> None:
    with pytest.raises(SignatureError):
        signer_of(DIGEST, raw)


def test_a_signature_that_was_taken_apart_is_put_together_as_it_was() -> None:
    for signature in (DEVICE.sign_digest(DIGEST), PASSKEY.sign_digest(DIGEST)):
        assert BrowserSignature.parse(signature).to_bytes() == signature


REAL = json.loads((Path(__file__).parents[2] / "vectors" / "webauthn.json").read_text(encoding="utf-8"))
RP_ID_HASH = sha256(REAL["rpId"].encode()).digest()


@pytest.mark.parametrize("kept", REAL["signatures"], ids=lambda kept: kept["name"])
def test_what_a_real_browser_signed_is_taken_if_somebody_was_verified(kept: dict[str, str]) -> None:
    digest, x, y, signature = (bytes.fromhex(kept[name][2:]) for name in ("digest", "x", "y", "signature"))
    if kept["name"] == "security key that verifies nobody":
        with pytest.raises(SignatureError, match="user verification must be required"):
            signer_of(digest, signature)
        return
    device_key = kept["name"] == "device key"
    expected = device_key_address(x, y) if device_key else passkey_address(RP_ID_HASH, x, y)
    assert signer_of(digest, signature) == expected
    with pytest.raises(SignatureError):
        signer_of(keccak(digest), signature)
    with pytest.raises(SignatureError):
        signer_of(digest, twin(signature))
