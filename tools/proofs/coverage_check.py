# SPDX-License-Identifier: EUPL-1.2
"""Measures which lines and branches of the contracts the forge tests run; fails on any left out and not explained.

The tests deploy the artifacts of `make compile`, which carry no marks for coverage, and the optimizer merges branches.
So forge measures a copy of the sources whose tests deploy what forge itself compiles there, without the optimizer. What
cannot be seen that way is explained in docs/coverage.toml, by the text of the line; an explanation that is no longer
needed fails too. Usage: `python -m tools.proofs.coverage_check`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from tools.compile import ROOT

EXPLAINED = ROOT / "docs" / "coverage.toml"
TREE = ROOT / "build" / "coverage"
DEPLOYMENT = Path("tests") / "contracts" / "support" / "Deployment.sol"
FROM_ARTIFACT = 'string.concat("backend/heitje/chain/artifacts/", name, ".json")'
FROM_FORGE = 'string.concat(name, ".sol:", name)'
READABLE = '{ access = "read", path = "." }'
#: A machine that does other things too takes many times the few minutes of an idle one.
TIMEOUT = 14_400

#: File, "line" or "branch n", and the text of the source line.
Place = tuple[str, str, str]


def prepare() -> None:
    """A copy of contracts and tests in which the tests deploy what forge compiles.

    Raises:
        SystemExit: A file no longer has the line that is changed on the copy.
    """
    shutil.rmtree(TREE, ignore_errors=True)
    for name in ("contracts", "tests/contracts", "tests/vectors", "tools/solc"):
        shutil.copytree(ROOT / name, TREE / name, ignore=shutil.ignore_patterns(".cache"))
    (TREE / "node_modules").symlink_to(ROOT / "node_modules")
    replace(ROOT / DEPLOYMENT, TREE / DEPLOYMENT, FROM_ARTIFACT, FROM_FORGE)
    linked = READABLE + f', {{ access = "read", path = "{ROOT / "node_modules"}" }}'
    replace(ROOT / "foundry.toml", TREE / "foundry.toml", READABLE, linked)


def replace(source: Path, target: Path, old: str, new: str) -> None:
    """Writes `source` to `target` with its one `old` replaced by `new`."""
    text = source.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{source} no longer says {old} once; correct tools/proofs/coverage_check.py.")
    target.write_text(text.replace(old, new), encoding="utf-8")


def measure(excused: dict[str, str]) -> tuple[str, list[str]]:
    """Runs the tests under coverage.

    Returns:
        The report in lcov's form, and the tests that failed although nothing excuses them.
    """
    forge = next((ROOT / "node_modules" / "@foundry-rs").glob("forge-*")) / "bin" / "forge"
    report = TREE / "lcov.info"
    command = [
        *(str(forge), "coverage", "--ir-minimum", "--report", "lcov", "--report-file", str(report)),
        *("--no-match-contract", "GasTest"),
    ]
    # Our own program, with arguments from this repository.
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, timeout=TIMEOUT, check=False)  # noqa: S603
    output = done.stdout + done.stderr
    if not report.exists():
        raise SystemExit(f"forge wrote no coverage report:\n{output[-4000:]}")
    failed = {
        one for line in output.splitlines() if line.startswith("[FAIL") for one in re.findall(r" (\w+)\(\) ", line)
    }
    if not re.search(r"^\[PASS\]", output, re.MULTILINE):
        raise SystemExit(f"No test passed under coverage:\n{output[-4000:]}")
    gone = [f"{name} passes under coverage, so its excuse can go" for name in excused if name not in failed]
    return report.read_text(encoding="utf-8"), [*sorted(failed - excused.keys()), *gone]


def missing(report: str) -> tuple[Counter[Place], int, int]:
    """What no test ran in contracts/, and how many lines and branches there are."""
    left: Counter[Place] = Counter()
    lines = branches = 0
    file, source = "", [""]
    for entry in report.splitlines():
        kind, _, rest = entry.partition(":")
        if kind == "SF":
            file = rest
            source = (ROOT / file).read_text(encoding="utf-8").splitlines()
        if not file.startswith("contracts/"):
            continue
        if kind == "DA":
            number, hits = rest.split(",")[:2]
            lines += 1
            if hits == "0":
                left[file, "line", source[int(number) - 1].strip()] += 1
        elif kind == "BRDA":
            number, _, branch, hits = rest.split(",")
            branches += 1
            if hits in {"0", "-"}:
                left[file, f"branch {branch}", source[int(number) - 1].strip()] += 1
    return left, lines, branches


def main() -> int:
    """Measures and compares."""
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    prepare()
    print("Measuring (some minutes, because everything is compiled again without the optimizer) ...", flush=True)
    report, failed = measure({one["test"]: one["reason"] for one in explained["excused"]})
    left, lines, branches = missing(report)
    known: Counter[Place] = Counter(
        (group["file"], what, text) for group in explained["unseen"] for what, text in group["places"]
    )
    for place in (left - known).elements():
        print("NOT RUN BY ANY TEST  " + "  ".join(place))
    for place in (known - left).elements():
        print("EXPLAINED BUT NOW SEEN  " + "  ".join(place))
    for name in failed:
        print(f"FAILS UNDER COVERAGE  {name}")
    print(
        f"{lines} lines and {branches} branches of the contracts; {left.total()} not seen, {known.total()} explained."
    )
    return 0 if lines and branches and left == known and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
