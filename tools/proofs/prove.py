# SPDX-License-Identifier: EUPL-1.2
"""Runs halmos over tests/proofs and prints what is proven; anything but a full proof of every check is a failure.

Afterwards the proofs are tried on copies of the contracts into which a fault was put (`FAULTS`): there halmos must find
a counterexample, or the proofs prove nothing. Usage: `python -m tools.proofs.prove [--quick | --only CONTRACT.CHECK]`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.compile import ARTIFACTS, ROOT

PROOFS = Path("tests") / "proofs"
WORK = ROOT / "build" / "proofs"
TOOLS = WORK / "venv" / "bin"
#: Seconds for the solver on one assertion, and for all of halmos on one contract of proofs: many, because running out
#: of time on a busy machine says nothing about the contracts.
ASSERTION_SECONDS = 3600
CONTRACT_SECONDS = 14_400
#: How long to look whether a branch can be taken at all. With halmos's own millisecond nearly every branch that cannot
#: is followed, and the mover has too many; where it takes longer than this, the branch is followed.
BRANCHING = "200ms"
#: These take minutes, the others seconds.
SLOW = ("MoverProof", "YearSumProof")
#: Unrolled at least so often; the longest loop of any proof has fewer rounds, or halmos says so and the proof fails.
LOOP = 4
CHECK = re.compile(r"^contract (\w+) is|function (check_\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """A change of one library that a named proof must notice."""

    file: str
    old: str
    new: str
    contract: str
    check: str


FAULTS = (
    Fault(
        "contracts/libraries/Account.sol",
        "uint256 fromStale = value < stale(self) ? value : stale(self);",
        "uint256 fromStale = value <= stale(self) + 1 ? value : stale(self);",
        "AccountProof",
        "check_debit_takesStaleFirstAndExactly",
    ),
    Fault(
        "contracts/libraries/Account.sol",
        "if (passed > 1 || ended) {",
        "if (passed > 2 || ended) {",
        "AccountProof",
        "check_roll_burnsWhatIsPastAndKeepsTheRest",
    ),
    Fault(
        "contracts/libraries/Attestation.sol",
        "uint256(type(uint40).max) << REDUCED_AT",
        "uint256(type(uint32).max) << REDUCED_AT",
        "AttestationProof",
        "check_withReduction_writesNothingElse",
    ),
    Fault(
        "contracts/libraries/Ledger.sol",
        "return Ledger.wrap(Ledger.unwrap(self) + (amount << CLAWED_BACK));",
        "return Ledger.wrap(Ledger.unwrap(self) + (amount << SETTLED));",
        "LedgerProof",
        "check_additions_changeOneSumOnly",
    ),
    Fault(
        "contracts/libraries/Redemption.sol",
        "Redemption.unwrap(self) << 104 >> 104",
        "Redemption.unwrap(self) << 105 >> 105",
        "RedemptionProof",
        "check_lockAndStatus_writeNothingElse",
    ),
    Fault(
        "contracts/libraries/Rules.sol",
        "_withBit(self, 8 * uint256(from) + uint256(to), allowed)",
        "_withBit(self, 4 * uint256(from) + uint256(to), allowed)",
        "RulesProof",
        "check_withRule_switchesOnePair",
    ),
    Fault(
        "contracts/libraries/YearCaps.sol",
        "YearCaps.unwrap(self) << 16 >> 16",
        "YearCaps.unwrap(self) << 17 >> 17",
        "YearCapsProof",
        "check_withLowered_leavesTheMonths",
    ),
)


def checks_in(folder: Path) -> dict[str, list[str]]:
    """The names of the checks by contract, as they stand in the sources."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.t.sol")):
        contract = ""
        for name, check in CHECK.findall(file.read_text(encoding="utf-8")):
            if name:
                contract = name
            else:
                found.setdefault(contract, []).append(check)
    return found


def place_bytecode(root: Path) -> None:
    """The deployed contracts' code in the form in which halmos reads an artifact."""
    target = root / "build" / "proofs" / "artifacts"
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(ARTIFACTS.glob("*.json")):
        code = json.loads(file.read_text(encoding="utf-8"))["bytecode"]
        (target / file.name).write_text(json.dumps({"bytecode": {"object": code}}), encoding="utf-8")


def halmos(root: Path, contract: str, check: str = "check_") -> tuple[dict[str, Any], str]:
    """Runs the checks of one contract whose names begin with `check`.

    Returns:
        What halmos found, by the name of the check; and all that it printed.
    """
    report = root / "build" / "proofs" / f"{contract}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    forge = next((ROOT / "node_modules" / "@foundry-rs").glob("forge-*")) / "bin"
    command = [
        *(str(TOOLS / "halmos"), "--root", str(root), "--forge-build-out", "build/forge/proofs", "--no-status"),
        *("--contract", contract, "--function", check, "--loop", str(LOOP), "--json-output", str(report)),
        # By name, because halmos otherwise looks for its solver in places of its own and downloads what it misses.
        *("--solver-command", str(TOOLS / "yices-smt2"), "--solver-timeout-assertion", f"{ASSERTION_SECONDS}s"),
        *("--solver-timeout-branching", BRANCHING),
    ]
    environment = {**os.environ, "FOUNDRY_PROFILE": "proofs", "PATH": f"{TOOLS}:{forge}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(  # noqa: S603  -- our own programs, with arguments from this repository
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=CONTRACT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return {}, f"halmos did not finish within {CONTRACT_SECONDS} s"
    output = done.stdout + done.stderr
    if not report.exists():
        return {}, output
    results = json.loads(report.read_text(encoding="utf-8"))["test_results"]
    return {one["name"].split("(")[0]: one for file in results.values() for one in file}, output


def why_not_proven(result: dict[str, Any] | None) -> str:
    """Empty where it is a full proof; otherwise what is missing."""
    if result is None:
        return "halmos did not run it"
    if result["num_models"]:
        return "there is a counterexample"
    if result["num_bounded_loops"]:
        return f"a loop has more than {LOOP} rounds"
    return "" if result["exitcode"] == 0 else "halmos could not decide it in time, or every path reverts"


def chosen(wanted: dict[str, list[str]], only: str) -> dict[str, list[str]]:
    """Those whose contract, or contract and check, begin so: `MoverProof` or `MoverProof.check_expire`."""
    found = {name: [check for check in checks if f"{name}.{check}".startswith(only)] for name, checks in wanted.items()}
    return {name: checks for name, checks in found.items() if checks}


def prove(contract: str, checks: list[str], function: str = "check_") -> bool:
    """Proves and prints one contract's checks, those whose names begin so."""
    started = time.monotonic()
    results, output = halmos(ROOT, contract, function)
    proven = True
    for check in checks:
        reason = why_not_proven(results.get(check))
        outcome = f": {reason}" if reason else f" ({results[check]['time'][0]:.0f} s)"
        print(f"  {'NOT PROVEN' if reason else 'proven'}  {contract}.{check}{outcome}", flush=True)
        proven = proven and not reason
    print(f"  {contract} took {time.monotonic() - started:.0f} s")
    if not proven:
        print(output)
    return proven


def notices(fault: Fault, number: int) -> bool:
    """Whether the proof that should notice the fault finds a counterexample on a copy of the sources that has it."""
    root = WORK / "faults" / str(number)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name in ("contracts", "tests/proofs", "tools/solc"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".cache"))
    shutil.copy(ROOT / "foundry.toml", root)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    keep = {"Proof.sol", fault.contract.removesuffix("Proof") + ".t.sol"}
    for file in (root / PROOFS).rglob("*.sol"):
        if file.name not in keep:
            file.unlink()
    source = root / fault.file
    text = source.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        print(f"  {fault.file} no longer has the line that is changed: {fault.old}")
        return False
    source.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    results, output = halmos(root, fault.contract, fault.check)
    found = bool(results.get(fault.check, {}).get("num_models"))
    print(f"  {'noticed' if found else 'NOT NOTICED'}  {fault.new}  by {fault.contract}.{fault.check}", flush=True)
    if not found:
        print(output)
    return found


def refutes() -> bool:
    """Whether halmos finds that the mover does pay: what its proofs assume leaves something to prove."""
    results, output = halmos(ROOT, "MoverProof", "refuted_")
    found = bool(results) and all(one["num_models"] for one in results.values())
    print(f"  {'refuted' if found else 'NOT REFUTED'}  that the mover never pays", flush=True)
    if not found:
        print(output)
    return found


def main() -> int:
    """Proves everything, then shows that the proofs can fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the libraries, and only two of the faults")
    parser.add_argument("--only", default="", help="only what begins so, CONTRACT or CONTRACT.check, and no faults")
    arguments = parser.parse_args()
    quick, only = arguments.quick, arguments.only
    wanted = chosen(checks_in(ROOT / PROOFS), only)
    if not wanted:
        print(f"There are no checks {only or 'at all'} in {PROOFS}.", file=sys.stderr)
        return 1
    place_bytecode(ROOT)
    print("For every value of their arguments:", flush=True)
    function = only.partition(".")[2] or "check_"
    proven = [prove(name, checks, function) for name, checks in wanted.items() if not (quick and name in SLOW)]
    if only:
        return 0 if proven and all(proven) else 1
    print("Faults put into a copy:", flush=True)
    noticed = [notices(fault, number) for number, fault in enumerate(FAULTS[:2] if quick else FAULTS)]
    return 0 if all(proven) and all(noticed) and (quick or refutes()) else 1


if __name__ == "__main__":
    sys.exit(main())
