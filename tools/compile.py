# SPDX-License-Identifier: EUPL-1.2
"""Compiles the contracts with py-solc-x and writes the artifacts that deployment, the audit and the wheel use.

Runs only when a source, the compiler or a setting has changed since the last time. Usage: `python tools/compile.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "contracts"
LIBRARIES = ROOT / "node_modules" / "@openzeppelin" / "contracts"
ARTIFACTS = ROOT / "backend" / "heitje" / "chain" / "artifacts"
STAMP = ARTIFACTS / ".stamp"

SOLC_VERSION = "0.8.37"
CONTRACTS = ("Authority", "MunicipalToken", "ActivityRegistry", "RedemptionDesk")

#: The same as in foundry.toml and ape-config.yaml; a test compares the bytecode.
SETTINGS: dict[str, Any] = {
    "viaIR": True,
    "evmVersion": "osaka",
    "optimizer": {"enabled": True, "runs": 400},
    "metadata": {"bytecodeHash": "ipfs"},
    "remappings": ["@openzeppelin/=node_modules/@openzeppelin/"],
}
OUTPUTS = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "storageLayout",
]


def sources() -> dict[str, dict[str, str]]:
    """The contracts by path from the root; what they import from npm is read by the compiler itself.

    Not what is in hidden folders: where the checkout is below the system's folder for temporary files, ape leaves
    copies of the libraries in contracts/.cache.
    """
    files = (file.relative_to(ROOT) for file in sorted(SOURCES.rglob("*.sol")))
    return {
        file.as_posix(): {"content": (ROOT / file).read_text(encoding="utf-8")}
        for file in files
        if not any(part.startswith(".") for part in file.parts)
    }


def fingerprint(files: dict[str, dict[str, str]]) -> str:
    """Changes whenever the artifacts may."""
    version = json.loads((LIBRARIES / "package.json").read_text(encoding="utf-8"))["version"]
    everything = [files, SETTINGS, OUTPUTS, SOLC_VERSION, version, CONTRACTS]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def compile_all(files: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Runs the compiler once over all contracts.

    Raises:
        solcx.exceptions.SolcError: The sources do not compile; the message is the compiler's.
    """
    os.environ["SOLCX_BINARY_PATH"] = str(ROOT / "tools" / "solc")
    import solcx  # noqa: PLC0415  -- reads the variable above when it is imported

    # The selection is by file, so that only what is deployed is turned into bytecode.
    selection = {f"contracts/{name}.sol": {name: OUTPUTS} for name in CONTRACTS}
    result: dict[str, Any] = solcx.compile_standard(
        {"language": "Solidity", "sources": files, "settings": {**SETTINGS, "outputSelection": selection}},
        solc_version=SOLC_VERSION,
        base_path=str(ROOT),
    )
    return result


def artifact(name: str, output: dict[str, Any]) -> dict[str, Any]:
    """One contract's artifact: what a client needs to deploy, call, decode and verify it."""
    contract = output["contracts"][f"contracts/{name}.sol"][name]
    code = contract["evm"]
    return {
        "contractName": name,
        "compiler": {"name": "solc", "version": SOLC_VERSION},
        "settings": SETTINGS,
        "abi": contract["abi"],
        "bytecode": "0x" + code["bytecode"]["object"],
        "deployedBytecode": "0x" + code["deployedBytecode"]["object"],
        "immutableReferences": code["deployedBytecode"]["immutableReferences"],
        "storageLayout": contract["storageLayout"],
    }


def main() -> int:
    """Writes all artifacts, the stamp last."""
    files = sources()
    wanted = fingerprint(files)
    complete = all((ARTIFACTS / f"{name}.json").exists() for name in CONTRACTS)
    if complete and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        print("Contracts are compiled already.")
        return 0
    print(f"Compiling {len(files)} Solidity files with solc {SOLC_VERSION} (about half a minute) ...")
    try:
        output = compile_all(files)
    except Exception as error:  # the compiler's own class is known only after its import
        if type(error).__name__ != "SolcError":
            raise
        print(getattr(error, "message", error), file=sys.stderr)
        return 1
    fresh = ARTIFACTS.with_name("artifacts.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in CONTRACTS:
        text = json.dumps(artifact(name, output), indent=1, sort_keys=True)
        (fresh / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    (fresh / ".stamp").write_text(wanted, encoding="utf-8")
    shutil.rmtree(ARTIFACTS, ignore_errors=True)
    fresh.rename(ARTIFACTS)
    print(f"Wrote {len(CONTRACTS)} artifacts to {ARTIFACTS.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
