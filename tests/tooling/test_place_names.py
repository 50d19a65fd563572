# SPDX-License-Identifier: EUPL-1.2
"""What belongs to one city is in its profile and its data, never in code: the next city changes no line of it.

Code is contracts/, backend/, scripts/ and tools/. Of these, only the profiles, the notices and texts in each language
and the demo's cities are data. The project's own name is no city's.
"""

import re
from pathlib import Path

import pytest

from tools.compile import ROOT

CODE = ("contracts", "backend", "scripts", "tools")
DATA = (
    ROOT / "backend" / "heitje" / "city" / "profiles",
    ROOT / "backend" / "heitje" / "privacy" / "notices",
    ROOT / "backend" / "heitje" / "web" / "catalogues",
    ROOT / "tools" / "demo" / "cities",
)
GENERATED = (
    ROOT / "backend" / "heitje" / "chain" / "artifacts",
    ROOT / "backend" / "heitje" / "web" / "built",
)
NAMES = re.compile(
    r"heerlen|limburg|amsterdam|netherlands|nederland|grasbroek|musschemig|schandelen|caumer|molenberg|tempsplein"
    r"|heerlerheide|hoensbroek|gemeente|vila exemplo|lisbo|vint[eé]m",
    re.IGNORECASE,
)


def code_files() -> list[Path]:
    found = []
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            hidden = "__pycache__" in path.parts or any(part.endswith(".egg-info") for part in path.parts)
            if path.is_file() and not hidden and not any(path.is_relative_to(data) for data in (*DATA, *GENERATED)):
                found.append(path)
    return found


def named_places(text: str) -> list[str]:
    return [f"line {number}: {line.strip()}" for number, line in enumerate(text.split("\n"), 1) if NAMES.search(line)]


def test_no_code_names_a_city_or_a_place_in_it() -> None:
    found = {
        str(path.relative_to(ROOT)): places
        for path in code_files()
        if (places := named_places(f"{path.name}\n{path.read_text(encoding='utf-8')}"))
    }
    assert found == {}


def test_every_kind_of_code_is_looked_at() -> None:
    kinds = {(path.relative_to(ROOT).parts[0], path.suffix) for path in code_files()}
    assert kinds >= {("contracts", ".sol"), ("backend", ".py"), ("scripts", ".py"), ("tools", ".py"), ("tools", "")}


@pytest.mark.parametrize("line", ["the city of Heerlen", "HEERLEN = 1", "zone = 'Europe/Amsterdam'", "x = 'heerlens'"])
def test_a_name_in_code_would_be_found(line: str) -> None:
    assert named_places(f"first\n{line}\n") == [f"line 2: {line}"]


def test_the_projects_own_name_is_none_of_them() -> None:
    assert named_places("from heitje.city import Heitje, HEITJE_REGISTER_PASSPHRASE") == []
