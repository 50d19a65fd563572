# SPDX-License-Identifier: EUPL-1.2
"""Verdicts as they fall, so that a run that is stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from threading import Lock

from tools.mutants.operators import Mutant


class Journal:
    """One line for each mutant that was judged, in a file that is only added to.

    What was judged of other contracts, or by other tests, is forgotten: it may not hold any more.
    """

    def __init__(self, file: Path, of: str) -> None:
        self.file = file
        self._lock = Lock()
        self._known: dict[tuple[object, ...], tuple[str, tuple[str, ...]]] = {}
        head = json.dumps({"of": of})
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
        kept = [line for line in lines if line.endswith("\n")]  # the last one may have been cut short
        kept = kept if kept[:1] == [f"{head}\n"] else [f"{head}\n"]
        for line in kept[1:]:
            stage, identity, fate, killers = json.loads(line)
            self._known[stage, *identity] = fate, tuple(killers)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(kept), encoding="utf-8")

    def __len__(self) -> int:
        return len(self._known)

    def read(self, stage: str, mutant: Mutant) -> tuple[str, tuple[str, ...]] | None:
        """What became of this mutant at this stage, and the tests that failed; None if it was not judged yet."""
        return self._known.get((stage, *mutant.identity()))

    def write(self, stage: str, mutant: Mutant, fate: str, killers: tuple[str, ...]) -> None:
        """Keeps what became of it."""
        with self._lock, self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps([stage, mutant.identity(), fate, killers]) + "\n")

    def close(self) -> None:
        """The run is complete: the next one begins anew."""
        self.file.unlink()


def fingerprint(*folders: Path) -> str:
    """A hash of all files in these folders, and of these files, by name and content."""
    hashed = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if file.is_file():
                hashed.update(f"{file.relative_to(folder.parent)}\0".encode() + file.read_bytes() + b"\0")
    return hashed.hexdigest()
