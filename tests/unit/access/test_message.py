# SPDX-License-Identifier: EUPL-1.2
"""Logins, as this project writes and reads them, against a library that others use."""

import string

import pytest
from eth_account.messages import defunct_hash_message
from hypothesis import given
from hypothesis import strategies as st
from siwe import SiweMessage

from heitje.access.message import Login, NoLogin, digest
from heitje.chain.addresses import to_address

SECONDS = st.integers(1_600_000_000, 4_000_000_000)
LOGINS = st.builds(
    Login,
    domain=st.sampled_from(["localhost:8000", "heitje.example", "credits.city.example:8443"]),
    address=st.binary(min_size=20, max_size=20).map(to_address),
    statement=st.text(string.ascii_letters + string.digits + " .,'", min_size=1, max_size=100),
    uri=st.sampled_from(["https://heitje.example", "http://localhost:8000"]),
    chain_id=st.integers(1, 2**53),
    nonce=st.text(string.hexdigits, min_size=8, max_size=64),
    issued_at=SECONDS,
    expires_at=SECONDS,
)


@given(LOGINS)
def test_a_login_is_read_as_it_was_written(login):
    assert Login.parse(login.text) == login


@given(LOGINS)
def test_others_read_our_logins_alike(login):
    theirs = SiweMessage.from_message(login.text)
    assert (theirs.domain, theirs.address, theirs.statement) == (login.domain, login.address, login.statement)
    assert (str(theirs.uri), theirs.chain_id, theirs.nonce) == (login.uri, login.chain_id, login.nonce)
    assert theirs.prepare_message() == login.text


@given(st.text())
def test_a_text_is_hashed_as_wallets_hash_it(text):
    assert digest(text) == bytes(defunct_hash_message(text=text))


@given(LOGINS, st.data())
def test_what_is_changed_anywhere_is_another_login_or_none(login, data):
    text = login.text
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.characters(codec="ascii")) + text[place + 1 :]
    try:
        read = Login.parse(changed)
    except NoLogin:
        return
    assert (read == login) == (changed == text) or read.text == text


@pytest.mark.parametrize(
    "extra",
    ["\nResources:\n- https://elsewhere.example", "\nRequest ID: 1", "\n", " ", "\nNot Before: 2026-01-01T00:00:00Z"],
)
def test_a_field_that_is_not_asked_for_is_refused(extra):
    login = Login("localhost:8000", "0x" + "0" * 40, "Log in.", "http://localhost:8000", 1, "0" * 8, 1, 2)
    with pytest.raises(NoLogin):
        Login.parse(login.text + extra)
