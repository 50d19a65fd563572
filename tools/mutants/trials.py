# SPDX-License-Identifier: EUPL-1.2
"""Copies of the project in which the tests run against a mutant."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.compile import ROOT as HERE
from tools.mutants.operators import Mutant
from tools.mutants.project import Project
from tools.mutants.weave import coinbase

ARTIFACTS = Path("backend/heitje/chain/artifacts")
#: A mutant that loops for ever ends by gas in seconds; this is for what does not. Seconds of the processor, so that a
#: busy machine makes no mutant look as if it never ended.
SECONDS = 300
#: Seconds of the clock, after which nothing can be said at all: a test that waits for something is no mutant's doing.
PATIENCE = 7200
#: Which calls broke an invariant matters to nobody here, so forge need not look for the shortest sequence.
ENVIRONMENT = {"FOUNDRY_PROFILE": "tests", "FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT": "0"}
#: Switches make a contract longer than a chain would take.
CODE_SIZE = 1_000_000

#: An invariant's name comes after the calls that broke it.
_FAILED = re.compile(r"^(?:\[FAIL.*\] (\w+)\(| *(invariant\w*)\(\) \(runs)", re.MULTILINE)
_SUITE = re.compile(
    r"^Ran \d+ tests? for \S+:(\w+)$|^Suite result: .* finished in .*\(([\d.]+)(ms|s|µs) CPU time\)",
    re.MULTILINE,
)


class TestsUnusable(Exception):
    """The tests could not be run at all, so that nothing can be said about a mutant."""


@dataclass(frozen=True)
class Outcome:
    """What the tests said: which failed, and whether they took too long."""

    failed: tuple[str, ...] = ()
    timed_out: bool = False
    output: str = ""

    def slow_suites(self, seconds: float) -> list[str]:
        """Test contracts that computed for longer than this."""
        unit = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}
        slow, current = set(), ""
        for name, time, of in _SUITE.findall(self.output):
            current = name or current
            if time and float(time) * unit[of] > seconds:
                slow.add(current)
        return sorted(slow)


@dataclass(frozen=True)
class Selection:
    """Which tests to run and how hard to try."""

    fuzz_runs: int
    without_suites: tuple[str, ...] = ()
    without_tests: tuple[str, ...] = ()
    #: If any, only these.
    only_tests: tuple[str, ...] = ()
    fail_fast: bool = True

    def options(self) -> list[str]:
        """As forge takes them."""
        options = ["--fuzz-runs", str(self.fuzz_runs)]
        if self.without_suites:
            options += ["--no-match-contract", f"^({'|'.join(self.without_suites)})$"]
        if self.without_tests:
            options += ["--no-match-test", rf"^({'|'.join(self.without_tests)})(\(|$)"]
        if self.only_tests:
            options += ["--match-test", rf"^({'|'.join(self.only_tests)})(\(|$)"]
        return options + (["--fail-fast"] if self.fail_fast else [])


class Tree:
    """One copy of contracts, tests and artifacts; never used by two runs at once."""

    def __init__(
        self, project: Project, tests: Path, folder: Path, sources: dict[str, bytes], codes: dict[str, str]
    ) -> None:
        self.project, self.folder = project, folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / ARTIFACTS).mkdir(parents=True)
        shutil.copytree(tests, folder / "tests" / "contracts")
        # Tests read artifacts of npm packages too, which are reached by a link.
        settings = (project.root / "foundry.toml").read_text(encoding="utf-8")
        settings = settings.replace('path = "."', f'path = "{project.root}"')
        (folder / "foundry.toml").write_text(settings, encoding="utf-8")
        for name in ("node_modules", "tools"):
            (folder / name).symlink_to(project.root / name)
        for artifact in (project.root / ARTIFACTS).glob("*.json"):
            shutil.copy(artifact, folder / ARTIFACTS)
        for path, text in sources.items():
            self.write(path, text)
        self.deploy(codes)

    def copy(self, folder: Path) -> Tree:
        """Another one like this, its compiled tests included."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder, symlinks=True)
        twin = object.__new__(Tree)
        twin.project, twin.folder = self.project, folder
        return twin

    def write(self, path: str, text: bytes) -> None:
        """Writes one source."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)

    def deploy(self, codes: dict[str, str]) -> None:
        """From now on tests deploy this creation code."""
        for name, code in codes.items():
            file = self.folder / ARTIFACTS / f"{name}.json"
            known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"abi": []}
            file.write_text(json.dumps({**known, "bytecode": f"0x{code}"}), encoding="utf-8")

    def baseline(self, selection: Selection) -> Outcome:
        """Compiles the tests and runs them without any mutant.

        Raises:
            TestsUnusable: They could not be compiled or started, or do not end.
        """
        outcome = self.test(selection)
        if outcome.timed_out:
            raise TestsUnusable(f"The tests without any mutant took longer than {SECONDS} seconds of the processor.")
        return outcome

    def test(self, selection: Selection, mutant: Mutant | None = None, seconds: int = SECONDS) -> Outcome:
        """Runs the tests, with this mutant's switch on, for at most so many seconds of the processor.

        Raises:
            TestsUnusable: They could not be compiled or started, or wait for ever.
        """
        # Counterexamples of one mutant must not help against the next.
        shutil.rmtree(self.folder / "build" / "forge" / "failures", ignore_errors=True)
        forge = next((HERE / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge"))
        command = [str(forge), "test", "--threads", "1", "--fuzz-seed", "1", "--color", "never"]
        command += ["--code-size-limit", str(CODE_SIZE), "--block-coinbase", coinbase(mutant), *selection.options()]
        try:
            done = subprocess.run(  # noqa: S603  -- our own test runner
                ["/bin/sh", "-c", 'ulimit -S -t "$0" && exec "$@"', str(seconds), *command],
                cwd=self.folder,
                env={**os.environ, **ENVIRONMENT},
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise TestsUnusable(f"The tests did not end within {PATIENCE} seconds.") from None
        if done.returncode == -signal.SIGXCPU:
            return Outcome(timed_out=True)
        failed = tuple(dict.fromkeys(test or invariant for test, invariant in _FAILED.findall(done.stdout)))
        if done.returncode != 0 and not failed:
            raise TestsUnusable((done.stdout + done.stderr)[-2000:])
        return Outcome(failed=failed, output=done.stdout)
