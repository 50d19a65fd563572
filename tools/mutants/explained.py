# SPDX-License-Identifier: EUPL-1.2
"""Why a mutant may survive: explained.toml, read and held against what was found."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.mutants.operators import Mutant
from tools.mutants.verdicts import Fate, Verdict

FIELDS = ("file", "function", "operator", "original", "mutated")


class ExplanationsUnreadable(Exception):
    """The file of explanations is not as it must be."""


@dataclass(frozen=True)
class Explanations:
    """Reasons by what a mutant is known by: no line numbers, so that they outlast changes elsewhere in the file."""

    reasons: dict[tuple[str, ...], str]

    @classmethod
    def read(cls, file: Path) -> Explanations:
        """Reads the file; no file explains nothing.

        Raises:
            ExplanationsUnreadable: An entry lacks a field or a reason, or is there twice.
        """
        if not file.exists():
            return cls({})
        reasons: dict[tuple[str, ...], str] = {}
        for entry in tomllib.loads(file.read_text(encoding="utf-8")).get("survivor", []):
            missing = [name for name in (*FIELDS, "reason") if not isinstance(entry.get(name), str)]
            if missing or not entry["reason"].strip():
                raise ExplanationsUnreadable(f"{file.name}: {entry} needs {', '.join(missing) or 'a reason'}.")
            key = tuple(" ".join(entry[name].split()) for name in FIELDS)
            if key in reasons:
                raise ExplanationsUnreadable(f"{file.name}: explained twice: {key}.")
            reasons[key] = entry["reason"]
        return cls(reasons)

    def of(self, mutant: Mutant) -> str | None:
        """Why this mutant may survive, or None."""
        return self.reasons.get(mutant.key())

    def unexplained(self, verdicts: list[Verdict]) -> list[Verdict]:
        """Survivors without a reason."""
        return [one for one in verdicts if one.fate is Fate.SURVIVED and self.of(one.mutant) is None]

    def idle(self, mutants: list[Mutant], verdicts: list[Verdict]) -> list[tuple[str, ...]]:
        """Explanations of mutants that do not exist, or were tried and did not survive.

        Args:
            mutants: All that the sources have, tried or not.
            verdicts: Of those that were tried.
        """
        known = {mutant.key() for mutant in mutants}
        tried = {one.mutant.key() for one in verdicts}
        survived = {one.mutant.key() for one in verdicts if one.fate is Fate.SURVIVED}
        return [key for key in self.reasons if key not in known or (key in tried and key not in survived)]
