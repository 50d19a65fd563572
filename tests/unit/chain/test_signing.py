# SPDX-License-Identifier: EUPL-1.2
"""Keys and signatures."""

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.signing import KeySigner, KeystoreSigner, SignatureError, recover

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEY = b"\x11" * 32

digests = st.binary(min_size=32, max_size=32)


@given(digests)
def test_who_signed_is_found_again(digest: bytes) -> None:
    signer = KeySigner(KEY)
    signature = signer.sign_digest(digest)
    assert recover(digest, signature) == signer.address
    assert int.from_bytes(signature[32:64], "big") <= ORDER // 2


@given(digests)
def test_eth_account_makes_the_same_signature(digest: bytes) -> None:
    reference = Account.unsafe_sign_hash(digest, KEY)
    assert KeySigner(KEY).sign_digest(digest) == bytes(reference.signature)


def test_the_twin_with_the_high_s_is_refused() -> None:
    digest = b"\x22" * 32
    signature = KeySigner(KEY).sign_digest(digest)
    s = ORDER - int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    with pytest.raises(SignatureError, match="upper half"):
        recover(digest, twin)


@pytest.mark.parametrize("wrong", [b"", b"\0" * 64, b"\0" * 66, b"\0" * 65, b"\0" * 64 + b"\x1b", b"\1" * 64 + b"\x1d"])
def test_bytes_that_are_no_signature_are_refused(wrong: bytes) -> None:
    with pytest.raises(SignatureError):
        recover(b"\x22" * 32, wrong)


def test_a_keystore_opens_with_its_passphrase_only() -> None:
    keystore = Account.encrypt(KEY, "right", kdf="pbkdf2", iterations=2)
    assert KeystoreSigner(keystore, "right").address == KeySigner(KEY).address
    with pytest.raises(ValueError, match="MAC"):
        KeystoreSigner(keystore, "wrong")


def test_a_signed_transaction_is_from_the_signer() -> None:
    signer = KeySigner(KEY)
    fields = {"chainId": 1, "nonce": 0, "to": "0x" + "22" * 20, "value": 0, "gas": 21000, "data": b""}
    raw = signer.sign_transaction({**fields, "maxFeePerGas": 0, "maxPriorityFeePerGas": 0})
    assert Account.recover_transaction(raw) == signer.address


def test_a_signer_never_shows_its_key() -> None:
    assert "11" * 8 not in repr(KeySigner(KEY))
