# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.node import RpcError
from heitje.relay.errors import RULES, Answer, classify_send_error


@pytest.mark.parametrize(
    ("code", "message", "answer"),
    [
        (-32000, "Known transaction", Answer.ACCEPTED),
        (-32003, "transaction already imported", Answer.ACCEPTED),
        (-32000, "already known", Answer.ACCEPTED),
        (-32001, "Nonce too low", Answer.NONCE_LOW),
        (-32003, "nonce too low", Answer.NONCE_LOW),
        (-32000, "Transaction nonce is too distant from current sender nonce", Answer.TOO_FAR),
        (-32006, "Nonce too high", Answer.TOO_FAR),
        (-32000, "An invalid transaction with a lower nonce exists", Answer.BLOCKED),
        (-32000, "Replacement transaction underpriced", Answer.OCCUPIED),
        (-32003, "replacement transaction underpriced", Answer.OCCUPIED),
        (-32007, "Sender account not authorized to send transactions", Answer.CONFIGURATION),
        (-32009, "Gas price below configured minimum gas price", Answer.CONFIGURATION),
        (-32004, "Upfront cost exceeds account balance", Answer.CONFIGURATION),
        (-32005, "Transaction gas limit exceeds block gas limit", Answer.CONFIGURATION),
        (-32003, "Insufficient funds for gas * price + value", Answer.CONFIGURATION),
        (-32008, "Initial sync is still in progress", Answer.BUSY),
        (-32000, "txpool is full", Answer.BUSY),
        (-32000, "something nobody has seen before", Answer.UNKNOWN),
        (-32603, "Internal error", Answer.UNKNOWN),
    ],
)
def test_what_nodes_say_means(code, message, answer):
    assert classify_send_error(RpcError(code, message)) is answer


@given(st.integers(-33_000, -31_000), st.text())
def test_what_the_table_does_not_know_is_unknown_never_success(code, message):
    answer = classify_send_error(RpcError(code, message))
    codes = {rule.code for rule in RULES}
    if code not in codes and not any(word in message.lower() for word in ("nonce", "known", "already")):
        assert answer is not Answer.ACCEPTED
