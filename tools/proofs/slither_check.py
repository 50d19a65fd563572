# SPDX-License-Identifier: EUPL-1.2
"""Runs every detector of slither over the contracts; fails on a finding that docs/slither.toml does not explain.

It fails too on an explanation whose finding is gone, so that the list stays true. Runs in the provers' environment:
`make slither`. `--list` prints all findings in the form of that file.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import tomllib
from collections import Counter
from typing import Any

from crytic_compile import CryticCompile
from crytic_compile.compilation_unit import CompilationUnit
from crytic_compile.compiler.compiler import CompilerVersion
from crytic_compile.platform.solc_standard_json import (
    SolcStandardJson,
    parse_standard_json_output,
    run_solc_standard_json,
)
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector

from tools.compile import ROOT, SETTINGS, SOLC_VERSION, sources

EXPLAINED = ROOT / "docs" / "slither.toml"
SOLC = ROOT / "tools" / "solc" / f"solc-v{SOLC_VERSION}"
PLACE = re.compile(r" ?\([\w./-]+\.sol#[\d-]+\)")
#: From here on a finding lists what else reads the variable, which says nothing about the finding.
ELSEWHERE = re.compile(r"\n[^\n]*can be used in cross function reentrancies:(\n\t- [A-Z]\w+\.\w+\([^\n]*)*")


class SyntaxOnly(SolcStandardJson):  # type: ignore[misc]  # known in the provers' environment only
    """The compiler without its code generator, which takes minutes and of which slither uses nothing."""

    def compile(self, crytic_compile: CryticCompile, **_: Any) -> None:
        """Fills the compilation with syntax trees and interfaces; bytecode stays empty."""
        unit = CompilationUnit(crytic_compile, "contracts")
        unit.compiler_version = CompilerVersion(
            compiler="solc",
            version=SOLC_VERSION,
            optimized=True,
            optimize_runs=SETTINGS["optimizer"]["runs"],
            via_ir=True,
        )
        output = run_solc_standard_json(self.to_dict(), unit.compiler_version, working_dir=str(ROOT), solc=str(SOLC))
        nothing = {"object": "", "sourceMap": ""}
        for file in output["contracts"].values():
            for contract in file.values():
                contract["evm"] = {"bytecode": nothing, "deployedBytecode": nothing}
        parse_standard_json_output(output, unit, solc_working_dir=str(ROOT))


def findings() -> list[tuple[str, str]]:
    """Detector and text of every finding in our own contracts, without line numbers."""
    selection = {"*": {"*": ["abi", "devdoc", "userdoc"], "": ["ast"]}}
    job = {"language": "Solidity", "sources": sources(), "settings": {**SETTINGS, "outputSelection": selection}}
    slither = Slither(CryticCompile(SyntaxOnly(job)), filter_paths=["node_modules"])
    detectors = [
        one for _, one in inspect.getmembers(all_detectors, inspect.isclass) if issubclass(one, AbstractDetector)
    ]
    for detector in detectors:
        slither.register_detector(detector)
    if not slither.contracts or len(detectors) < 90:
        raise SystemExit(f"slither saw {len(slither.contracts)} contracts and has {len(detectors)} detectors: too few.")
    found = [one for results in slither.run_detectors() for one in results]
    print(f"{len(detectors)} detectors, {len(slither.contracts)} contracts, {len(found)} findings.")
    return sorted((one["check"], normal(one["description"])) for one in found)


def normal(description: str) -> str:
    """A finding in one line that only changes when the code in question does."""
    text = PLACE.sub("", ELSEWHERE.sub("", description))
    lines = [" ".join(line.split()).removeprefix("- ") for line in text.strip().splitlines()]
    return " | ".join(line for line in lines if line)


def main() -> int:
    """Compares what slither finds with what is explained."""
    found = Counter(findings())
    if "--list" in sys.argv[1:]:
        for detector, text in found.elements():
            print(f"{detector}\n    {json.dumps(text)},")
        return 0
    groups = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["explained"]
    if any(not group["reason"].strip() for group in groups):
        print("docs/slither.toml has an explanation without a reason.")
        return 1
    explained = Counter((group["detector"], text) for group in groups for text in group["findings"])
    for detector, text in (found - explained).elements():
        print(f"NOT EXPLAINED  {detector}: {text}")
    for detector, text in (explained - found).elements():
        print(f"NO LONGER FOUND  {detector}: {text}")
    if found != explained:
        print("Correct the contract, or change docs/slither.toml: each finding with the reason why it is no fault.")
        return 1
    print("All of them are explained in docs/slither.toml.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
