# SPDX-License-Identifier: EUPL-1.2
"""The key of whoever runs a script: an account of ape, by its alias.

A keyfile's passphrase is asked for once, or read from `APE_ACCOUNTS_<alias>_PASSPHRASE` where a machine runs the
script. The script has shown what it will do and asked by then, so ape does not ask again for every signature.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from heitje.chain.addresses import to_address
from heitje.chain.messages import Message
from heitje.chain.signing import SignatureError, recover
from scripts._support.console import asking
from scripts._support.exits import Code, Stop


class Key:
    """One account that can sign."""

    def __init__(self, alias: str) -> None:
        """Finds the account.

        Raises:
            Stop: ape knows no account of that name.
        """
        from ape import accounts  # noqa: PLC0415 -- ape resolves its managers when they are first used

        if alias not in accounts.aliases:
            known = ", ".join(sorted(accounts.aliases)) or "none yet"
            text = f"ape knows no account {alias!r} (known: {known}); `ape accounts import {alias}` adds one"
            raise Stop(Code.PROBLEMS, text)
        self.alias = alias
        self._account = accounts.load(alias)
        self._open = False

    @property
    def address(self) -> str:
        """EIP-55."""
        return to_address(str(self._account.address))

    def unlock(self) -> None:
        """Opens the key, asking for the passphrase if it must.

        Raises:
            Stop: the passphrase is wrong.
        """
        from ape.exceptions import AccountsError  # noqa: PLC0415 -- as above

        if self._open or not hasattr(self._account, "set_autosign"):
            return
        try:
            with _quiet(), asking():
                self._account.set_autosign(True)
        except AccountsError as error:
            text = f"The key of {self.alias} stays shut: {error}. Nothing was signed or sent."
            raise Stop(Code.PROBLEMS, text) from error
        self._open = True

    def sign(self, message: Message) -> bytes:
        """Signs a message; returns r | s | v. See `sign_typed_data`."""
        return self.sign_typed_data(message.typed, message.digest)

    def sign_typed_data(self, typed: dict[str, Any], digest: bytes) -> bytes:
        """Signs typed data whose digest must be `digest`; returns r | s | v.

        Raises:
            Stop: nothing was signed, or not what was asked for.
        """
        message = encode_typed_data(full_message=typed)
        if keccak(b"\x19" + message.version + message.header + message.body) != digest:
            raise Stop(Code.MISMATCH, "Two ways to compute what is to be signed differ. Nothing was signed or sent.")
        self.unlock()
        with _quiet():
            signature = self._account.sign_message(message)
        if signature is None:
            raise Stop(Code.DECLINED, "Nothing was signed or sent.")
        raw = bytes(signature.encode_rsv())
        try:
            signer = recover(digest, raw)
        except SignatureError as error:
            raise Stop(Code.MISMATCH, f"The key of {self.alias} gave no valid signature: {error}") from error
        if signer != self.address:
            raise Stop(Code.MISMATCH, f"The key of {self.alias} signs as {signer}, not as {self.address}.")
        return raw

    def sign_transaction(self, fields: Mapping[str, Any]) -> bytes:
        """Signs a transaction (fields in the names of JSON-RPC); returns the bytes to send.

        Raises:
            Stop: nothing was signed.
        """
        from ape import networks  # noqa: PLC0415 -- as above

        self.unlock()
        transaction = networks.provider.network.ecosystem.create_transaction(**fields)
        with _quiet():
            signed = self._account.sign_transaction(transaction)
        if signed is None:
            raise Stop(Code.DECLINED, "Nothing was signed or sent.")
        return bytes(signed.serialize_transaction())


@contextmanager
def _quiet() -> Iterator[None]:
    """Silences ape, which warns at every use of a key that was opened for a script; the script has asked already."""
    from ape.logging import LogLevel, logger  # noqa: PLC0415 -- as above

    with logger.at_level(LogLevel.ERROR):
        yield
