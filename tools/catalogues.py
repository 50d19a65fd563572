# SPDX-License-Identifier: EUPL-1.2
"""Gathers every text that people read, and brings the catalogues up to date with them.

Texts stand in templates (`_("…")`, `{% trans %}`), in scripts (`t("…")`) and in the faces (`_("…")`, `N_("…")`,
`desk.text("…")`). A translation stays as long as its English sentence does; a new sentence is added without one, and a
test says so. Usage:
`python -m tools.catalogues`.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parent.parent
WEB: Final = ROOT / "backend" / "heitje" / "web"
CATALOGUES: Final = WEB / "catalogues"
_HEADER: Final = (
    "# SPDX-License-Identifier: EUPL-1.2\n"
    'msgid ""\nmsgstr ""\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
)
_SCRIPT: Final = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
_KEYWORDS: Final = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
"""The calls in Python whose first argument, or first two, people read."""
FAMILIES: Final = ("app", "till", "desk", "ledger", "plain")
Sentence = str | tuple[str, str]
"""In English; two for a plural."""
Text = tuple[str, Sentence]
"""The file it stands in, and the sentence."""


def texts() -> Iterator[Text]:
    """Every text, in the order of the files."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("jinja2.ext:babel_extract", file, options={"newstyle_gettext": "true"}):
                yield _place(path), (str(message[0]), str(message[1])) if isinstance(message, tuple) else message
    for path in sorted(WEB.rglob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, _KEYWORDS):
                yield _place(path), (str(message[0]), str(message[1])) if isinstance(message, tuple) else message
            for _, message, _, _ in extract("python", file, {"_": None, "N_": None, "text": None}):
                yield _place(path), message if isinstance(message, str) else message[0]
    for path in sorted((WEB / "client").rglob("*.ts")):
        for found in _SCRIPT.finditer(path.read_text("utf-8")):
            yield _place(path), found[1].replace('\\"', '"').replace("\\\\", "\\")


def renewed(language: str) -> dict[str, Catalog]:
    """A language's catalogues with every text, and no other, by family. What two families say is common to all."""
    folder = CATALOGUES / language
    olds = [read_po(path.read_text("utf-8").splitlines(keepends=True)) for path in sorted(folder.glob("*.po"))]
    places: dict[Sentence, set[str]] = {}
    for place, sentence in texts():
        places.setdefault(sentence, set()).add(place)
    new = {family: Catalog(locale=language, charset="utf-8", fuzzy=False) for family in (*FAMILIES, "common")}
    for sentence, found in places.items():
        families = {_family(place) for place in found}
        family = families.pop() if len(families) == 1 else "common"
        known = next((old[_key(sentence)].string for old in olds if _key(sentence) in old), None)
        empty = ("", "") if isinstance(sentence, tuple) else ""
        new[family].add(sentence, known or empty, locations=[(place, 0) for place in sorted(found)])
    return new


def written(catalogue: Catalog) -> str:
    """A catalogue as its file has it. Without the times at which it was made: what is the same shall look the same."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, omit_header=True, include_lineno=False, sort_output=True)
    return f"{_HEADER}\n{out.getvalue().decode()}"


def missing(language: str) -> list[str]:
    """The English sentences that a language lacks."""
    lacking = []
    for catalogue in renewed(language).values():
        for message in catalogue:
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if message.id and not all(forms):
                lacking.append(_key(message.id))
    return lacking


def stale(language: str) -> list[str]:
    """The files of a language that are not as they would be written now."""
    folder = CATALOGUES / language
    new = {f"{family}.po": written(catalogue) for family, catalogue in renewed(language).items()}
    old = {path.name: path.read_text("utf-8") for path in folder.glob("*.po")}
    return [name for name in sorted(new | old) if new.get(name) != old.get(name)]


def main() -> int:
    """Renew the catalogues, and say what they lack."""
    lacks = 0
    for folder in sorted(path for path in CATALOGUES.iterdir() if path.is_dir()):
        for family, catalogue in renewed(folder.name).items():
            (folder / f"{family}.po").write_text(written(catalogue), "utf-8")
        for sentence in missing(folder.name):
            print(f"{folder.name} lacks: {sentence}")
            lacks += 1
    return min(lacks, 1)


def _family(place: str) -> str:
    """Which catalogue the texts of a file belong to."""
    return next((family for family in FAMILIES if re.search(rf"[/_-]{family}s?(?:[./_-])", place)), "common")


def _key(sentence: Any) -> str:
    return sentence if isinstance(sentence, str) else str(sentence[0])


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
