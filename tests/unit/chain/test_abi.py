# SPDX-License-Identifier: EUPL-1.2
"""Calls, answers and errors, against eth-abi."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.abi import CONTRACTS, Revert, UnknownFunction, decode_revert, load
from heitje.chain.addresses import to_address

WHO = to_address("0x" + "ab" * 20)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_can_be_deployed(name: str) -> None:
    contract = load(name)
    assert len(contract.bytecode) > len(contract.deployed_bytecode) > 1000
    assert len(contract.deployed_bytecode) <= 24_576


def test_a_call_takes_structs_as_dicts_or_tuples() -> None:
    token = load("MunicipalToken")
    as_tuple = token.encode("enrol", [(WHO, 77, 1)])
    as_dict = token.encode("enrol", [{"holder": WHO, "number": 77, "class": 1}])
    assert as_dict == as_tuple
    packed = encode(["(address,uint32,uint8)[]"], [[(WHO, 77, 1)]])
    assert as_tuple == keccak(b"enrol((address,uint32,uint8)[])")[:4] + packed
    assert token.decode_call(as_tuple) == (
        "enrol((address,uint32,uint8)[])",
        {"enrolments": [{"holder": WHO, "number": 77, "class": 1}]},
    )


def test_an_answer_comes_as_the_interface_names_it() -> None:
    answer = encode(["(uint256,uint256,uint256,uint256)"], [(1000, 10, 24312, 24323)])
    expected = {"cap": 1000, "used": 10, "fromMonth": 24312, "toMonth": 24323}
    assert load("ActivityRegistry").decode("programmeOf", answer) == expected
    assert load("MunicipalToken").decode("totalSupply", encode(["uint256"], [5])) == 5
    assert load("MunicipalToken").decode("ledger", encode(["uint256"] * 4, [4, 3, 2, 1])) == (4, 3, 2, 1)
    assert load("MunicipalToken").decode("holderOf", encode(["address"], [WHO])) == WHO


def test_a_name_that_is_used_twice_needs_its_signature() -> None:
    token = load("MunicipalToken")
    with pytest.raises(UnknownFunction, match="2 functions"):
        token.encode("cancelAuthorization", WHO, b"\0" * 32, b"")
    assert token.encode("cancelAuthorization(address,bytes32,bytes)", WHO, b"\0" * 32, b"")
    with pytest.raises(UnknownFunction):
        token.encode("mint", WHO, 1)
    with pytest.raises(UnknownFunction):
        token.decode_call(b"\0\0\0\0")


def test_a_revert_tells_its_name_and_arguments() -> None:
    data = keccak(b"LineAlreadyRewarded(uint256,uint256)")[:4] + encode(["uint256", "uint256"], [3, 42])
    revert = decode_revert(data)
    assert revert == Revert("LineAlreadyRewarded", {"line": 3, "uid": 42}, "LineAlreadyRewarded(uint256,uint256)")
    assert str(revert) == "LineAlreadyRewarded(line=3, uid=42)"


def test_solidity_s_own_errors_are_known_and_nonsense_is_not() -> None:
    text = decode_revert(keccak(b"Error(string)")[:4] + encode(["string"], ["no"]))
    panic = decode_revert(keccak(b"Panic(uint256)")[:4] + encode(["uint256"], [0x11]))
    assert text is not None
    assert text.args == {"message": "no"}
    assert panic is not None
    assert panic.args == {"code": 0x11}
    assert decode_revert(b"") is None
    assert decode_revert(b"\xde\xad\xbe\xef") is None
    assert decode_revert(keccak(b"Error(string)")[:4] + b"\x01") is None
