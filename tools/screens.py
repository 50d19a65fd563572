# SPDX-License-Identifier: EUPL-1.2
"""Renews docs/screens from the pictures that `make test-web` took: one of each view, small enough to be kept.

Residents and shops have phones and read Dutch; desk and ledger are shown as on a desktop, in English. The tests take
every view on every device in both languages; those are in build/screens. Usage: `python -m tools.screens`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).parent.parent
TAKEN: Final = ROOT / "build" / "screens"
KEPT: Final = ROOT / "docs" / "screens"
WIDEST: Final = {"phone": 390, "desktop": 1000}
SHOWN: Final = {
    "app": "phone-nl",
    "front": "phone-nl",
    "till": "phone-nl",
    "desk": "desktop-en",
    "ledger": "desktop-en",
}
_COLOURS: Final = 64


def main() -> int:
    """Replace the kept pictures by the newest ones."""
    taken = sorted(path for path in TAKEN.glob("*.png") if path.stem.endswith(SHOWN.get(path.stem.split("-")[0], " ")))
    if not taken:
        print("There are no pictures in build/screens: `make test-web` takes them.", file=sys.stderr)
        return 1
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob("*.png"):
        old.unlink()
    for path in taken:
        device = path.stem.split("-")[-2]
        with Image.open(path) as picture:
            picture.thumbnail((WIDEST[device], 4_000))
            small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
            small.save(KEPT / path.name, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
