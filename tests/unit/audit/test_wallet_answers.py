# SPDX-License-Identifier: EUPL-1.2
"""What a node's answers say of a contract's signature: yes, no, or nothing."""

from typing import Any

import pytest
from eth_abi.abi import encode

from heitje.audit.reader import IS_VALID_SIGNATURE, Question, _agrees
from heitje.audit.signatures import _either
from heitje.chain.node import RpcError

CODE = "0x6000"
YES = "0x1626ba7e" + "00" * 28


@pytest.mark.parametrize(
    ("code", "answer", "agrees"),
    [
        (CODE, YES, True),
        (CODE, YES + "00" * 320, True),
        (CODE, "0x1626ba7e", False),
        (CODE, "0x1626ba7e" + "00" * 27 + "01", False),
        (CODE, "0x", False),
        (CODE, RpcError(3, "execution reverted"), False),
        (CODE, RpcError(-32000, "VM execution error: revert"), False),
        (CODE, RpcError(-32000, "missing trie node"), None),
        (CODE, None, None),
        (CODE, "nonsense", None),
        ("0x", YES, False),
        (RpcError(-32000, "missing trie node"), YES, None),
    ],
)
def test_only_the_word_itself_is_yes_and_only_a_refusal_is_no(*, code: Any, answer: Any, agrees: bool | None) -> None:
    assert _agrees(code, answer) is agrees


@pytest.mark.parametrize(
    ("after", "before", "together"),
    [(True, None, True), (False, True, True), (None, True, True), (False, None, None), (False, False, False)],
)
def test_one_yes_is_enough_and_a_no_needs_both(
    *, after: bool | None, before: bool | None, together: bool | None
) -> None:
    assert _either(after, before) is together


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 65, 130])
def test_the_question_is_encoded_as_the_abi_says(length: int) -> None:
    digest, signature = b"\7" * 32, b"\1" * length
    asked = Question("0xWallet", "0xRegistry", digest, signature, 5).call
    assert asked["data"] == "0x" + (IS_VALID_SIGNATURE + encode(["bytes32", "bytes"], [digest, signature])).hex()
