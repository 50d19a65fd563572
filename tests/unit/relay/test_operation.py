# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.relay.operation import (
    ENDED,
    LIVE,
    TRANSITIONS,
    UNDER_WAY,
    Cause,
    Failure,
    ImpossibleTransition,
    State,
    documentation,
    next_state,
    sources,
    target,
)


def test_every_state_is_documented_and_in_the_table():
    text = documentation()
    named = {line.before for line in TRANSITIONS} | {line.after for line in TRANSITIONS}
    assert named == set(State)
    assert all(f"| `{state}` |" in text and state.meaning for state in State)


def test_every_cause_leads_to_one_state_only():
    for cause in Cause:
        assert {next_state(before, cause) for before in sources(cause)} == {target(cause)}


def test_no_state_is_both_under_way_and_ended():
    assert set(LIVE) < set(UNDER_WAY)
    assert not set(UNDER_WAY) & set(ENDED)
    assert set(UNDER_WAY) | set(ENDED) | {State.MINED} == set(State)


def test_no_end_that_the_chain_decided_is_ever_taken_back():
    for cause in (Cause.TAKEN_BACK, Cause.TAKEN_BACK_ELSEWHERE):
        assert set(sources(cause)) == {State.MINED, State.FAILING}
    assert sources(Cause.FAILURE_FINALIZED) == (State.FAILING,)


OPERATORS = (Cause.READ_ANEW, Cause.READ_ANEW_ELSEWHERE)


@given(st.lists(st.sampled_from([cause for cause in Cause if cause not in OPERATORS]), max_size=30))
def test_what_is_final_failed_or_expired_stays_so_unless_an_operator_has_the_chain_read_anew(causes):
    for end in (State.FINAL, State.FAILED, State.EXPIRED):
        for cause in causes:
            with pytest.raises(ImpossibleTransition):
                next_state(end, cause)


@given(st.lists(st.sampled_from(list(Cause)), max_size=40))
def test_success_comes_only_from_the_chain(causes):
    state = State.RECEIVED
    for cause in causes:
        try:
            after = next_state(state, cause)
        except ImpossibleTransition:
            continue
        if after is State.MINED:
            assert cause is Cause.SUCCEEDED
        if after is State.FINAL:
            assert (state, cause) == (State.MINED, Cause.FINALIZED)
        state = after


def test_every_failure_says_what_happened_to_the_money():
    for failure in Failure:
        assert "Nothing" in failure.explanation


def test_every_refusal_of_the_contract_has_its_failure():
    assert [Failure.of_refusal(reason) for reason in range(1, 6)] == [
        Failure.SAME_ACCOUNT,
        Failure.ZERO_VALUE,
        Failure.FROZEN,
        Failure.NOT_ALLOWED,
        Failure.INSUFFICIENT,
    ]
