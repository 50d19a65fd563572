# SPDX-License-Identifier: EUPL-1.2
"""What a real browser signed (tests/vectors/webauthn.json, made by tools/browser_vectors.py), before the contracts."""

import json
import os
from collections.abc import Callable, Iterator

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.browser_keys import BrowserSignature
from tests.support.anvil import Anvil
from tests.support.browser import twin
from tools.compile import ROOT, SETTINGS, SOLC_VERSION

SIGNED = json.loads((ROOT / "tests/vectors/webauthn.json").read_text(encoding="utf-8"))["signatures"]
ASKS = """
// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Signatures} from "contracts/libraries/Signatures.sol";

contract Asks {
    function isKeySignature(bytes32 digest, address signer, bytes calldata signature) external view returns (bool) {
        return Signatures.isKeySignature(digest, signer, signature);
    }
}
"""
"""The library alone: what a browser signed once is no payment to a contract that is deployed anew for each test."""

Ask = Callable[[bytes, str, bytes], bool]


@pytest.fixture(scope="module")
def code() -> str:
    os.environ["SOLCX_BINARY_PATH"] = str(ROOT / "tools" / "solc")
    import solcx  # noqa: PLC0415 -- reads the variable above when it is imported

    sources = {
        "Asks.sol": {"content": ASKS},
        "contracts/libraries/Signatures.sol": {
            "content": (ROOT / "contracts/libraries/Signatures.sol").read_text(encoding="utf-8")
        },
    }
    wanted = {"Asks.sol": {"Asks": ["evm.deployedBytecode.object"]}}
    output = solcx.compile_standard(
        {"language": "Solidity", "sources": sources, "settings": {**SETTINGS, "outputSelection": wanted}},
        solc_version=SOLC_VERSION,
        base_path=str(ROOT),
    )
    return "0x" + output["contracts"]["Asks.sol"]["Asks"]["evm"]["deployedBytecode"]["object"]


@pytest.fixture(scope="module", params=["osaka", "prague"])
def ask(request: pytest.FixtureRequest, code: str) -> Iterator[Ask]:
    """Asks the library, on a chain with the precompile for P-256 and on one without."""
    at = "0x" + "a5" * 20
    with Anvil(fork=request.param) as anvil:
        anvil.rpc("anvil_setCode", at, code)

        def question(digest: bytes, signer: str, signature: bytes) -> bool:
            arguments = encode(["bytes32", "address", "bytes"], [digest, signer, signature])
            data = keccak(b"isKeySignature(bytes32,address,bytes)")[:4] + arguments
            return bool(int(anvil.rpc("eth_call", {"to": at, "data": "0x" + data.hex()}, "latest"), 16))

        yield question


@pytest.mark.parametrize("kept", SIGNED, ids=lambda kept: kept["name"])
def test_what_a_real_browser_signed_counts_if_somebody_was_verified(ask: Ask, kept: dict[str, str]) -> None:
    digest, signature = (bytes.fromhex(kept[name][2:]) for name in ("digest", "signature"))
    signer = BrowserSignature.parse(signature).address
    assert ask(digest, signer, signature) == (kept["name"] != "security key that verifies nobody")
    assert not ask(keccak(digest), signer, signature)
    assert not ask(digest, signer, twin(signature))
    assert not ask(digest, "0x" + "11" * 20, signature)
