# SPDX-License-Identifier: EUPL-1.2
"""`make mutants`: see the package."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tools.mutants.explained import FIELDS, Explanations, ExplanationsUnreadable
from tools.mutants.operators import Mutant, mutants_of
from tools.mutants.project import BuildFailed, Project
from tools.mutants.trials import TestsUnusable
from tools.mutants.verdicts import Court, Fate, Verdict

RESULTS = Path("build") / "mutants.json"
EXPLAINED = Path(__file__).with_name("explained.toml")


def main() -> int:
    """Tries the mutants and prints the score.

    Returns:
        0 if every survivor is explained and every explanation has its survivor.
    """
    arguments = _arguments()
    project = Project()
    again = survivors_in(project.root / RESULTS) if arguments.again else None
    choice = Choice(arguments.only, arguments.sample, arguments.seed, again)
    return run(project, EXPLAINED, choice, arguments.processes)


@dataclass(frozen=True)
class Choice:
    """Which mutants to try."""

    #: How the path of their file begins.
    only: str = ""
    #: How many of them; 0 for each.
    sample: int = 0
    #: Chooses the sample.
    seed: int = 1
    #: What they are known by, if not all.
    again: set[tuple[object, ...]] | None = None

    def among(self, mutants: list[Mutant]) -> list[Mutant]:
        """The chosen ones: of a sample every file has its share, and at least one mutant."""
        mutants = [
            one
            for one in mutants
            if one.file.startswith(self.only) and (self.again is None or one.identity() in self.again)
        ]
        if not self.sample or self.sample >= len(mutants):
            return mutants
        shuffled = list(mutants)
        random.Random(self.seed).shuffle(shuffled)  # noqa: S311  -- a sample, not a secret
        counts = Counter(one.file for one in mutants)
        taken: Counter[str] = Counter()
        picked = []
        for one in shuffled:
            if taken[one.file] < max(1, round(self.sample * counts[one.file] / len(mutants))):
                taken[one.file] += 1
                picked.append(one)
        return sorted(picked, key=lambda one: one.number)


def survivors_in(file: Path) -> set[tuple[object, ...]]:
    """What survived the run before this one."""
    rows = json.loads(file.read_text(encoding="utf-8"))["mutants"]
    return {tuple(row[name] for name in (*FIELDS, "occurrence")) for row in rows if row["fate"] == Fate.SURVIVED}


def _with_earlier(file: Path, everything: list[Mutant], verdicts: list[Verdict]) -> list[Verdict]:
    """These verdicts, and those of the run before this one of mutants that were not tried again."""
    known = {one.identity(): one for one in everything}
    found = {one.mutant.number: one for one in verdicts}
    for row in json.loads(file.read_text(encoding="utf-8"))["mutants"]:
        mutant = known.get(tuple(row[name] for name in (*FIELDS, "occurrence")))
        if mutant is not None:
            found.setdefault(mutant.number, Verdict(mutant, Fate(row["fate"]), tuple(row["killers"])))
    return [found[number] for number in sorted(found)]


def run(project: Project, explained: Path, choice: Choice, processes: int) -> int:
    """The same for any project, which is only read: everything is written below its build/mutants.

    Args:
        project: Whose contracts.
        explained: The file of explanations.
        choice: Which mutants to try.
        processes: How many test runs side by side.
    """
    started = time.monotonic()
    try:
        explanations = Explanations.read(explained)
    except ExplanationsUnreadable as error:
        print(error, file=sys.stderr)
        return 2
    sources = project.sources()
    try:
        trees = project.analyse(sources)
    except BuildFailed as error:
        print(f"The contracts do not compile, so there is nothing to try: {error}", file=sys.stderr)
        return 2
    everything = mutants_of(trees, sources)
    mutants = choice.among(everything)
    if not mutants:
        print(f"No mutants in {choice.only or 'the contracts'}: give a path such as {min(sources)}.", file=sys.stderr)
        return 2
    court = Court(project, project.root / "build" / "mutants", processes, lambda text: print(text, flush=True))
    try:
        verdicts = court.try_all(mutants, trees)
    except (BuildFailed, TestsUnusable) as error:
        print(f"Nothing can be said about mutants: {error}", file=sys.stderr)
        return 2
    tried, seconds = len(verdicts), time.monotonic() - started
    if choice.again is not None:
        verdicts = _with_earlier(project.root / RESULTS, everything, verdicts)
    _save(project.root / RESULTS, verdicts, explanations, seconds)
    court.journal.close()
    _print_table(verdicts)
    print(f"{tried} of {len(everything)} mutants tried in {seconds:.0f} s.")
    return _complain(explanations, everything, verdicts, explained.name)


def _print_table(verdicts: list[Verdict]) -> None:
    files = sorted({verdict.mutant.file for verdict in verdicts})
    print(f"\n{'':44}{'killed':>8}{'timed out':>11}{'survived':>10}{'equivalent':>12}{'not compiling':>15}{'score':>8}")
    for name in [*files, "all"]:
        fates = Counter(one.fate for one in verdicts if name in {one.mutant.file, "all"})
        killed, alive = fates[Fate.KILLED] + fates[Fate.TIMED_OUT], fates[Fate.SURVIVED]
        score = f"{100 * killed / (killed + alive):.1f} %" if killed + alive else "-"
        print(
            f"{name:44}{fates[Fate.KILLED]:8}{fates[Fate.TIMED_OUT]:11}{alive:10}"
            f"{fates[Fate.EQUIVALENT]:12}{fates[Fate.NOT_COMPILING]:15}{score:>8}"
        )


def _complain(explanations: Explanations, everything: list[Mutant], verdicts: list[Verdict], file: str) -> int:
    unexplained = explanations.unexplained(verdicts)
    for one in unexplained:
        mutant = one.mutant
        print(f"\nSurvived, in {mutant.file}, {mutant.function} ({mutant.operator}, number {mutant.occurrence}):")
        print(f"  original: {' '.join(mutant.original.split())}\n  mutated:  {' '.join(mutant.mutated.split())}")
    idle = explanations.idle(everything, verdicts)
    for key in idle:
        print(f"\n{file} explains what does not survive: {', '.join(key)}")
    if unexplained:
        print(f"\n{len(unexplained)} survivors are neither killed by a test nor explained in {file}.")
    survivors = sum(one.fate is Fate.SURVIVED for one in verdicts)
    if not unexplained and not idle:
        print(f"Every survivor is explained ({survivors}).")
    return 1 if unexplained or idle else 0


def _save(file: Path, verdicts: list[Verdict], explanations: Explanations, seconds: float) -> None:
    rows = [
        {
            **dict(zip(FIELDS, one.mutant.key(), strict=True)),
            "occurrence": one.mutant.occurrence,
            "fate": one.fate,
            "killers": one.killers,
            "reason": explanations.of(one.mutant) if one.fate is Fate.SURVIVED else None,
        }
        for one in verdicts
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"seconds": round(seconds), "mutants": rows}, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--only", default="", help="mutants of files whose path begins so")
    parser.add_argument("--sample", type=int, default=0, help="how many mutants; all if not given")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    parser.add_argument("--processes", type=int, default=2, help="how many test runs side by side")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
