# SPDX-License-Identifier: EUPL-1.2
"""What becomes of each mutant: first in the shared build, then, where that says nothing, alone."""

from __future__ import annotations

import hashlib
import json
import posixpath
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

from tools.compile import SETTINGS, SOLC_VERSION
from tools.mutants.journal import Journal, fingerprint
from tools.mutants.operators import Mutant
from tools.mutants.project import BuildFailed, Json, Project
from tools.mutants.trials import Outcome, Selection, TestsUnusable, Tree
from tools.mutants.weave import weave

#: Few, because most mutants fail at the first call. What survives them meets as many as `make test` has.
FEW_RUNS = 8
ALL_RUNS = 256
#: Suites that compute for longer wait until the others have said nothing.
SLOW_SECONDS = 0.4


class Fate(StrEnum):
    """What can become of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    #: The compiler makes the same code of it.
    EQUIVALENT = "equivalent"
    NOT_COMPILING = "not compiling"


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant, and which tests it failed, as far as they ran."""

    mutant: Mutant
    fate: Fate
    killers: tuple[str, ...] = ()


class Court:
    """Tries mutants of a project on a number of processes, and says how it goes."""

    def __init__(self, project: Project, folder: Path, processes: int, say: Callable[[str], None]) -> None:
        self.project, self.folder, self.processes, self.say = project, folder, processes, say
        self.sources = project.sources()
        #: A copy, so that tests may be written while the mutants are tried.
        self.tests = folder / "tests"
        shutil.rmtree(self.tests, ignore_errors=True)
        shutil.copytree(project.root / "tests" / "contracts", self.tests)
        of = fingerprint(self.tests, project.root / "contracts", project.root / "foundry.toml")
        self.journal = Journal(folder / "journal.jsonl", of)
        #: What the shared build cannot say: tests that judge only where a mutant is alone, and who passed all others.
        self._unfit: tuple[str, ...] = ()
        self._passed: set[int] = set()

    def try_all(self, mutants: list[Mutant], trees: dict[str, Json]) -> list[Verdict]:
        """One verdict for each, in their order."""
        if len(self.journal):
            self.say(f"Goes on where a run was stopped, after {len(self.journal)} judgements.")
        verdicts, silent = self._together(mutants)
        verdicts += self._alone(silent, trees)
        return sorted(verdicts, key=lambda verdict: verdict.mutant.number)

    def _together(self, mutants: list[Mutant]) -> tuple[list[Verdict], list[Mutant]]:
        """The verdicts of the shared build, and the mutants that it says nothing about."""
        self.say(f"Weaving {len(mutants)} mutants into one build (some minutes, where they were not built before) ...")
        woven, inside = weave(self.project, self.sources, mutants)
        codes = self._built(woven)
        tree = Tree(self.project, self.tests, self.folder / "woven-0", woven, codes)
        baseline = tree.baseline(Selection(FEW_RUNS, fail_fast=False))
        if "setUp" in baseline.failed:
            raise TestsUnusable("The setUp of some tests fails without any mutant, and would fail with every one.")
        # Switches cost gas: tests of gas cannot judge here. They do where a mutant is alone.
        unfit = self._unfit = baseline.failed
        slow = tuple(baseline.slow_suites(SLOW_SECONDS))
        self.say(f"With no switch on {len(unfit)} tests fail, for the gas of the switches: {', '.join(unfit)}")
        self.say(f"{len(inside)} mutants meet the quick tests, then the slow suites: {', '.join(slow)}")
        quick = Selection(FEW_RUNS, slow, unfit)
        thorough = Selection(ALL_RUNS, (), unfit)

        def judge(place: Tree, mutant: Mutant) -> Verdict | None:
            for selection in (quick, thorough):
                outcome = place.test(selection, mutant)
                if outcome.failed or outcome.timed_out:
                    return _verdict(mutant, outcome)
            _, function, operator, original, mutated = mutant.key()
            self.say(f"  not noticed so far: {function} ({operator}): {original} => {mutated}")
            return None

        woven_in = [mutant for mutant in mutants if mutant.number in inside]
        found = dict(self._spread(tree, "woven", judge, woven_in))
        verdicts = [verdict for verdict in found.values() if verdict is not None]
        self._passed = {number for number, verdict in found.items() if verdict is None}
        return verdicts, [mutant for mutant in mutants if found.get(mutant.number) is None]

    def _built(self, woven: dict[str, bytes]) -> dict[str, str]:
        """The shared build, from the last time if it was of the same sources."""
        file = self.folder / "woven.json"
        fingerprint = hashlib.sha256(repr((sorted(woven.items()), SETTINGS, SOLC_VERSION)).encode()).hexdigest()
        if file.exists():
            known: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
            if fingerprint in known:
                return known[fingerprint]
        codes: dict[str, str] = {}
        with ThreadPoolExecutor(self.processes) as pool:
            for code in pool.map(
                lambda name: self.project.build(woven, (name,), deployable=False), self.project.deployed
            ):
                codes |= code
        self.folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({fingerprint: codes}), encoding="utf-8")
        return codes

    def _alone(self, mutants: list[Mutant], trees: dict[str, Json]) -> list[Verdict]:
        """Builds each as it would be deployed, and runs all tests."""
        if not mutants:
            return []
        self.say(f"{len(mutants)} mutants are built alone ...")
        codes = self.project.build(self.sources, self.project.deployed)
        tree = Tree(self.project, self.tests, self.folder / "alone-0", self.sources, codes)
        baseline = tree.baseline(Selection(ALL_RUNS, fail_fast=False))
        if baseline.failed:
            raise TestsUnusable(f"These tests fail without any mutant: {', '.join(baseline.failed)}.")
        unfit = Selection(ALL_RUNS, only_tests=self._unfit)
        quick = Selection(FEW_RUNS, tuple(baseline.slow_suites(SLOW_SECONDS)))
        reach = {name: _imported(f"contracts/{name}.sol", trees) for name in self.project.deployed}

        def judge(place: Tree, mutant: Mutant) -> Verdict:
            mutated = {**self.sources, mutant.file: mutant.apply(self.sources[mutant.file])}
            names = tuple(name for name, files in reach.items() if mutant.file in files)
            try:
                changed = self.project.build(mutated, names)
            except BuildFailed:
                return Verdict(mutant, Fate.NOT_COMPILING)
            if all(changed[name] == codes[name] for name in names):
                return Verdict(mutant, Fate.EQUIVALENT)
            place.deploy(changed)
            # For the tests that call a library themselves.
            place.write(mutant.file, mutated[mutant.file])
            try:
                if mutant.number in self._passed:
                    return _verdict(mutant, place.test(unfit) if self._unfit else Outcome())
                outcome = place.test(quick)
                if not outcome.failed and not outcome.timed_out:
                    outcome = place.test(Selection(ALL_RUNS))
                return _verdict(mutant, outcome)
            finally:
                place.deploy(codes)
                place.write(mutant.file, self.sources[mutant.file])

        return [verdict for _, verdict in self._spread(tree, "alone", judge, mutants) if verdict is not None]

    def _spread(
        self, tree: Tree, kind: str, judge: Callable[[Tree, Mutant], Verdict | None], mutants: Iterable[Mutant]
    ) -> list[tuple[int, Verdict | None]]:
        """Judges all on as many trees as there are processes."""
        trees: SimpleQueue[Tree] = SimpleQueue()
        trees.put(tree)
        for number in range(1, self.processes):
            trees.put(tree.copy(self.folder / f"{kind}-{number}"))
        todo = list(mutants)
        started = time.monotonic()

        def one(mutant: Mutant) -> tuple[int, Verdict | None]:
            if (known := self.journal.read(kind, mutant)) is not None:
                return mutant.number, Verdict(mutant, Fate(known[0]), known[1]) if known[0] else None
            place = trees.get()
            try:
                verdict = judge(place, mutant)
            finally:
                trees.put(place)
            self.journal.write(kind, mutant, verdict.fate if verdict else "", verdict.killers if verdict else ())
            return mutant.number, verdict

        results: list[tuple[int, Verdict | None]] = []
        with ThreadPoolExecutor(self.processes) as pool:
            for result in pool.map(one, todo):
                results.append(result)
                if len(results) % 50 == 0:
                    self.say(f"  {len(results)} of {len(todo)} after {time.monotonic() - started:.0f} s")
        return results


def _verdict(mutant: Mutant, outcome: Outcome) -> Verdict:
    if outcome.timed_out:
        return Verdict(mutant, Fate.TIMED_OUT)
    return Verdict(mutant, Fate.KILLED if outcome.failed else Fate.SURVIVED, outcome.failed)


def _imported(path: str, trees: dict[str, Json]) -> set[str]:
    """All sources that this one is made of."""
    found: set[str] = set()
    waiting = [path]
    while waiting:
        file = posixpath.normpath(waiting.pop())
        if file not in found and file in trees:
            found.add(file)
            nodes = trees[file]["nodes"]
            waiting += [node["absolutePath"] for node in nodes if node["nodeType"] == "ImportDirective"]
    return found
