# SPDX-License-Identifier: EUPL-1.2
"""Logs against eth-abi, with event signatures taken from the compiled interfaces."""

from contextlib import suppress
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from heitje.chain import events, logs
from heitje.chain.abi import CONTRACTS, load
from heitje.chain.addresses import to_address
from heitje.chain.typed_data import Line

WHO, ALSO = to_address("0x" + "ab" * 20), to_address("0x" + "cd" * 20)
DIGEST = bytes(range(32))


def topics(signature: str, *indexed: int | str | bytes) -> list[str]:
    words = [logs.topic(signature)]
    for value in indexed:
        if isinstance(value, bytes):
            words.append("0x" + value.hex())
        else:
            words.append(f"0x{int(value, 16) if isinstance(value, str) else value:064x}")
    return words


def data(types: list[str], values: list[Any]) -> str:
    return "0x" + encode(types, values).hex()


def test_every_event_of_the_contracts_is_known_and_no_other() -> None:
    declared = {entry.signature for name in CONTRACTS for entry in load(name).entries("event")}
    assert declared == set(logs.SIGNATURES)


def test_a_transfer_is_read() -> None:
    log = topics("Transfer(address,address,uint256)", WHO, ALSO)
    assert logs.decode(log, data(["uint256"], [1250])) == events.Transfer(WHO, ALSO, 1250)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=4))
def test_the_digests_of_paid_are_read(digests: list[bytes]) -> None:
    assert logs.decode(topics("Paid(bytes32[])"), data(["bytes32[]"], [digests])) == events.Paid(tuple(digests))


@given(
    st.lists(
        st.builds(Line, st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.binary(min_size=32, max_size=32))
    ),
    st.integers(0, 2**256 - 1),
    st.binary(max_size=80),
    st.binary(max_size=80),
)
def test_a_report_is_read_with_all_that_was_signed(lines: list[Line], skip: int, first: bytes, second: bytes) -> None:
    signature = next(s for s in logs.SIGNATURES if s.startswith("ReportIssued"))
    types = ["address", "(uint32,uint16,bytes32)[]", "uint256", "uint256", "uint256", "bytes", "bytes"]
    log = data(types, [ALSO, lines, 1_800_000_000, 3, skip, first, second])
    expected = events.ReportIssued(DIGEST, 9, WHO, ALSO, tuple(lines), 1_800_000_000, 3, skip, first, second)
    assert logs.decode(topics(signature, DIGEST, 9, WHO), log) == expected


def test_an_activity_is_read() -> None:
    signature = next(s for s in logs.SIGNATURES if s.startswith("ActivityOpened"))
    values = [4, 24322, 450, 180, 1_800_000_000, 1_800_100_000, 9170101, True, True, DIGEST]
    types = ["uint32", "uint16", "uint32", "uint16", "uint40", "uint40", "uint32", "bool", "bool", "bytes32"]
    event = logs.decode(topics(signature, 9, 4), data(types, values))
    assert event == events.ActivityOpened(
        9, 4, 24322, 450, 180, 1_800_000_000, 1_800_100_000, 9170101, True, True, DIGEST, 4
    )


def test_a_settlement_is_read() -> None:
    signature = "RedemptionsSettled(bytes32,uint32,address,uint256,bytes32[])"
    log = data(["uint256", "bytes32[]"], [1250, [DIGEST, DIGEST[::-1]]])
    expected = events.RedemptionsSettled(DIGEST, 77, WHO, 1250, (DIGEST, DIGEST[::-1]))
    assert logs.decode(topics(signature, DIGEST, 77, WHO), log) == expected


def test_a_role_and_its_function_are_read() -> None:
    granted = topics("RoleGranted(uint64,address,uint32,uint48,bool)", 5, WHO)
    assert logs.decode(granted, data(["uint32", "uint48", "bool"], [0, 1_800_000_000, True])) == events.RoleGranted(
        5, WHO, 0, 1_800_000_000, True
    )
    updated = topics("TargetFunctionRoleUpdated(address,bytes4,uint64)", WHO, 11)
    assert logs.decode(updated, data(["bytes4"], [b"\1\2\3\4"])) == events.TargetFunctionRoleUpdated(
        WHO, b"\1\2\3\4", 11
    )


def test_a_log_of_another_contract_is_not_ours() -> None:
    assert logs.decode(["0x" + "00" * 32], "0x") is None
    assert logs.decode([], "0x") is None


@pytest.mark.parametrize("signature", sorted(set(logs.SIGNATURES) - {*logs.IGNORED, "DeskClosed()"}))
def test_a_log_without_its_fields_is_refused(signature: str) -> None:
    with pytest.raises(logs.MalformedLog):
        logs.decode([logs.topic(signature)], "0x")


@given(st.sampled_from(logs.SIGNATURES), st.lists(st.binary(max_size=40), max_size=3), st.binary(max_size=200))
def test_no_log_whatever_it_holds_breaks_the_reader(signature: str, rest: list[bytes], body: bytes) -> None:
    with suppress(logs.MalformedLog):
        logs.decode([logs.topic(signature), *("0x" + item.hex() for item in rest)], "0x" + body.hex())
