# SPDX-License-Identifier: EUPL-1.2
"""The contracts whose tests are tried, and their compiler."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.compile import CONTRACTS, SETTINGS
from tools.compile import ROOT as HERE

Json = dict[str, Any]
SOLC = HERE / "tools" / "solc" / "solc-v0.8.37"
SWITCH = "contracts/MutantSwitch.sol"


class BuildFailed(Exception):
    """The sources do not compile. `errors` are the compiler's, with their places."""

    def __init__(self, errors: list[Json]) -> None:
        super().__init__("\n".join(error["formattedMessage"] for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Project:
    """A folder with contracts, tests/contracts, foundry.toml and node_modules."""

    root: Path = HERE
    #: The contracts that tests deploy from artifacts; each is in the file of its name.
    deployed: tuple[str, ...] = tuple(name for name in CONTRACTS if name != "Authority")

    def sources(self) -> dict[str, bytes]:
        """Every contract by its path from the root."""
        files = sorted((self.root / "contracts").rglob("*.sol"))
        names = [file.relative_to(self.root) for file in files]
        return {
            name.as_posix(): (self.root / name).read_bytes()
            for name in names
            if not any(part.startswith(".") for part in name.parts)
        }

    def analyse(self, sources: dict[str, bytes]) -> dict[str, Json]:
        """The syntax trees by path, types included.

        Raises:
            BuildFailed: As the name says.
        """
        output = self._run(sources, {"*": {"": ["ast"]}})
        return {path: output["sources"][path]["ast"] for path in sources}

    def build(self, sources: dict[str, bytes], names: tuple[str, ...], *, deployable: bool = True) -> dict[str, str]:
        """The creation code of these contracts, without the hash of their sources, as hexadecimal.

        Args:
            sources: All sources by path.
            names: Which contracts.
            deployable: With the settings of deployment; else with what takes the compiler least time.

        Raises:
            BuildFailed: As the name says.
        """
        wanted = {f"contracts/{name}.sol": {name: ["evm.bytecode.object"]} for name in names}
        output = self._run(sources, wanted, {} if deployable else {"optimizer": {"enabled": True, "runs": 1}})
        return {name: output["contracts"][f"contracts/{name}.sol"][name]["evm"]["bytecode"]["object"] for name in names}

    def _run(self, sources: dict[str, bytes], wanted: Json, settings: Json | None = None) -> Json:
        question = {
            "language": "Solidity",
            "sources": {path: {"content": text.decode()} for path, text in sources.items()},
            "settings": {
                **SETTINGS,
                # So that equal code is equal bytes.
                "metadata": {"bytecodeHash": "none", "appendCBOR": False},
                **(settings or {}),
                "outputSelection": wanted,
            },
        }
        answer = subprocess.run(  # noqa: S603  -- our own compiler
            [str(SOLC), "--standard-json", "--base-path", str(self.root)],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            check=True,
            timeout=900,
        )
        output: Json = json.loads(answer.stdout)
        errors = [error for error in output.get("errors", []) if error["severity"] == "error"]
        if errors:
            raise BuildFailed(errors)
        return output
