# SPDX-License-Identifier: EUPL-1.2
from hypothesis import given
from hypothesis import strategies as st

from heitje.relay.operation import Cause, State, next_state
from heitje.relay.queue import Waiting, arrange, expected_nonce

lives = st.dictionaries(st.integers(0, 30), st.sampled_from([State.RECEIVED, State.QUEUED]), max_size=25)


def waiting(live):
    return [Waiting(f"payment {nonce}", nonce, state) for nonce, state in live.items()]


@given(st.integers(0, 30), st.sets(st.integers(0, 40)))
def test_the_expected_nonce_is_the_first_that_is_neither_used_nor_under_way(chain, live):
    expected = expected_nonce(chain, live)
    assert expected >= chain
    assert expected not in live
    assert set(range(chain, expected)) <= live


@given(st.integers(0, 30), lives)
def test_after_arranging_exactly_those_without_a_gap_before_them_are_queued(chain, live):
    changes = arrange(chain, waiting(live))
    after = {n: next_state(s, changes[f"payment {n}"]) if f"payment {n}" in changes else s for n, s in live.items()}
    expected = expected_nonce(chain, live)
    for nonce, state in after.items():
        if nonce >= chain:
            assert state is (State.QUEUED if nonce < expected else State.RECEIVED)


@given(st.integers(0, 30), lives)
def test_arranging_twice_changes_nothing_more(chain, live):
    changes = arrange(chain, waiting(live))
    after = {n: next_state(s, changes[f"payment {n}"]) if f"payment {n}" in changes else s for n, s in live.items()}
    assert not arrange(chain, waiting(after))


def test_a_payment_that_is_signed_already_is_left_alone():
    assert arrange(0, [Waiting("a", 5, State.SUBMITTED)]) == {}
    assert arrange(0, [Waiting("a", 0, State.RECEIVED)]) == {"a": Cause.GAP_FILLED}
