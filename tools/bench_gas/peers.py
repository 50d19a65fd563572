# SPDX-License-Identifier: EUPL-1.2
"""The peers' contracts: some compiled here, some as their makers compiled them, and which versions they are."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

from heitje.chain.abi import Interface
from tools.compile import ROOT, SOLC_VERSION

MODULES: Final = ROOT / "node_modules"
SOURCE: Final = Path("tools/bench_gas/contracts/Peers.sol")
CACHE: Final = ROOT / "build" / "bench-gas-peers.json"
COMPILED: Final = (
    "PlainToken",
    "PermitToken",
    "AuthorizedToken",
    "Forwarder",
    "ForwardedToken",
    "SoladyToken",
    "MintingResolver",
)
PACKAGES: Final = {
    "OpenZeppelin": "@openzeppelin/contracts",
    "solady": "solady",
    "EAS": "@ethereum-attestation-service/eas-contracts",
    "ERC-4337": "@account-abstraction/contracts",
}
#: What favours the peers: a million runs. Ours has 400, because the token must fit its size limit.
SETTINGS: Final[dict[str, Any]] = {
    "viaIR": True,
    "evmVersion": "osaka",
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "metadata": {"bytecodeHash": "ipfs"},
}
_SHIPPED: Final = {
    "EAS": "@ethereum-attestation-service/eas-contracts/artifacts/contracts/EAS.sol/EAS.json",
    "SchemaRegistry": "@ethereum-attestation-service/eas-contracts/artifacts/contracts/SchemaRegistry.sol/"
    "SchemaRegistry.json",
    "EntryPoint": "@account-abstraction/contracts/artifacts/EntryPoint.json",
    "SimpleAccountFactory": "@account-abstraction/contracts/artifacts/SimpleAccountFactory.json",
    "SimpleAccount": "@account-abstraction/contracts/artifacts/SimpleAccount.json",
}
SHIPPED_BY_THEIR_MAKERS: Final = tuple(_SHIPPED)


def versions() -> dict[str, str]:
    """Each peer's package and version, as installed."""
    return {peer: f"{package} {installed(package)}" for peer, package in PACKAGES.items()}


def installed(package: str) -> str:
    """The version of an npm package that is installed."""
    return str(json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))["version"])


@cache
def peer(name: str) -> Interface:
    """A peer's contract, by name.

    Raises:
        KeyError: there is no such contract.
        solcx.exceptions.SolcError: the wrappers do not compile.
    """
    if name in _SHIPPED:
        artifact = json.loads((MODULES / _SHIPPED[name]).read_text(encoding="utf-8"))
        return Interface(name, artifact["abi"], bytes.fromhex(artifact["bytecode"][2:]))
    artifact = _compiled()[name]
    return Interface(name, artifact["abi"], bytes.fromhex(artifact["bytecode"]))


def compiler_of(name: str) -> str:
    """The version of solc that made a contract, from the end of its bytecode (the `solc` field of its metadata).

    Raises:
        ValueError: the bytecode does not say.
    """
    code = peer(name).bytecode
    # CBOR: the text "solc", then a string of three bytes.
    place = code.rfind(b"\x64solc\x43")
    if place < 0:
        raise ValueError(f"the bytecode of {name} does not say what compiled it")
    return ".".join(map(str, code[place + 6 : place + 9]))


@cache
def _compiled() -> dict[str, dict[str, Any]]:
    """Compiles the wrappers, unless that has been done with the same sources, versions and settings."""
    source = (ROOT / SOURCE).read_text(encoding="utf-8")
    everything = json.dumps([source, SETTINGS, SOLC_VERSION, versions()], sort_keys=True)
    wanted = hashlib.sha256(everything.encode()).hexdigest()
    if CACHE.exists():
        kept: dict[str, Any] = json.loads(CACHE.read_text(encoding="utf-8"))
        if kept["fingerprint"] == wanted:
            contracts: dict[str, dict[str, Any]] = kept["contracts"]
            return contracts
    contracts = _compile(source)
    CACHE.parent.mkdir(exist_ok=True)
    fresh = CACHE.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"fingerprint": wanted, "contracts": contracts}), encoding="utf-8")
    fresh.replace(CACHE)
    return contracts


def _compile(source: str) -> dict[str, dict[str, Any]]:
    os.environ["SOLCX_BINARY_PATH"] = str(ROOT / "tools" / "solc")
    import solcx  # noqa: PLC0415  -- reads the variable above when it is imported

    selection = {SOURCE.as_posix(): {name: ["abi", "evm.bytecode.object"] for name in COMPILED}}
    result = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {SOURCE.as_posix(): {"content": source}},
            "settings": {**SETTINGS, "outputSelection": selection},
        },
        solc_version=SOLC_VERSION,
        base_path=str(ROOT),
    )
    found = result["contracts"][SOURCE.as_posix()]
    return {
        name: {"abi": found[name]["abi"], "bytecode": found[name]["evm"]["bytecode"]["object"]} for name in COMPILED
    }
