# SPDX-License-Identifier: EUPL-1.2
"""What a contract's refusal is to people. Errors are encoded by the interfaces as they were built."""

import pytest
from eth_abi.abi import encode

from heitje.chain.abi import CONTRACTS, decode_revert, load
from heitje.problems import Code, Problem
from heitje.relay.simulate import _TABLE, problem_of

A, B = "0x" + "11" * 20, "0x" + "22" * 20
REFUSED = Code.REFUSED_BY_CONTRACT
ENTRIES = {entry.signature.partition("(")[0]: entry for name in CONTRACTS for entry in load(name).entries("error")}


def told(name: str, *args: object) -> Problem:
    entry = ENTRIES[name]
    data = entry.selector + encode([part["type"] for part in entry.inputs], args)
    revert = decode_revert(data)
    assert revert is not None
    return problem_of(revert)


@pytest.mark.parametrize(
    ("name", "args", "code", "detail"),
    [
        (
            "ERC20InsufficientBalance",
            (A, 1250, 100000),
            Code.INSUFFICIENT,
            "The account has 12.50 euros, 1,000.00 euros are asked for.",
        ),
        ("TransferRefused", (A, B, 1), Code.SAME_ACCOUNT, f"From {A} to {B}."),
        ("TransferRefused", (A, B, 2), Code.ZERO_VALUE, f"From {A} to {B}."),
        ("TransferRefused", (A, B, 3), Code.ACCOUNT_FROZEN, f"From {A} to {B}."),
        ("TransferRefused", (A, B, 4), Code.NOT_ALLOWED, f"From {A} to {B}."),
        ("AuthorizationExpired", (0,), Code.DEADLINE_PASSED, "It was valid before 1970-01-01 00:00:00 UTC."),
        ("AuthorizationExpired", (2**256 - 1,), Code.DEADLINE_PASSED, "It was valid before 9999-12-31 23:59:59 UTC."),
        ("TokenPaused", (), Code.PAUSED, ""),
        ("RedemptionExists", (0, b"\1" * 32), REFUSED, f"Redemption 0x{'01' * 32} is at the desk already."),
        (
            "ActivityNotHeld",
            (86400,),
            REFUSED,
            "The activity has not been held yet; reports are taken from 1970-01-02 00:00:00 UTC.",
        ),
        (
            "ActivityClosed",
            (86400,),
            REFUSED,
            "The activity is closed; reports were taken until 1970-01-02 00:00:00 UTC.",
        ),
        (
            "BudgetExceeded",
            (3, 5000, 1205),
            REFUSED,
            "The report needs 50.00 euros; in the budget of programme 3, 12.05 euros are left.",
        ),
        ("NotResident", (1, 999), REFUSED, "Line 2: member 999 is not a resident."),
        ("LineMinutes", (0, 200, 120), REFUSED, "Line 1: 200 minutes; the activity allows 120."),
        (
            "LineMonthLimit",
            (4, 500, 250),
            REFUSED,
            "Line 5: 5.00 euros; of what this member may earn in a month, 2.50 euros are left.",
        ),
        (
            "LineYearLimit",
            (4, 500, 0),
            REFUSED,
            "Line 5: 5.00 euros; of what this member may earn in a year, 0.00 euros are left.",
        ),
        (
            "LineAlreadyRewarded",
            (0, 7 << 32 | 101),
            REFUSED,
            "Line 1: member 101 has been rewarded for activity 7 already.",
        ),
        (
            "LineOwnNumber",
            (0, 101),
            REFUSED,
            "Line 1: member 101 signs this report, as attester or issuer, and cannot be rewarded by it.",
        ),
        ("UnknownActivity", (7,), REFUSED, "It says: unknown activity."),
    ],
)
def test_a_refusal_is_told_in_words(name, args, code, detail):
    problem = told(name, *args)
    assert (problem.code, problem.detail.lower()) == (code, detail.lower())
    assert problem.more["contract"]["error"] == name


def test_an_unknown_reason_is_no_bare_number():
    problem = told("TransferRefused", A, B, 77)
    assert problem.code is REFUSED
    assert "77" not in problem.detail


def test_the_index_of_a_line_counts_from_zero_beside_the_sentence():
    assert told("NotResident", 1, 999).more["contract"]["index"] == 1


def test_too_few_credits_say_what_can_be_spent():
    assert told("ERC20InsufficientBalance", A, 1250, 2000).more["spendable"] == "1250"


def test_the_table_names_only_errors_of_the_contracts():
    assert _TABLE.keys() <= ENTRIES.keys()
