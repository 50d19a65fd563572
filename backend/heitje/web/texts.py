# SPDX-License-Identifier: EUPL-1.2
"""Texts in the languages of people: gettext catalogues, in which the English sentence is the key.

They are in `catalogues/<language>/*.po`, a file for each face; English needs none. They are read once, at the start,
and brought up to date with the sources by `make catalogues`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from babel.messages.pofile import read_po

SOURCE: Final = "en"
"""The language in which texts are written in templates and scripts."""

_FOLDER: Final = resources.files("heitje.web").joinpath("catalogues")
_SCRIPT: Final = ".ts"


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language.

    Attributes:
        language: ISO 639-1.
        texts: by the English sentence; a plural's forms by the singular.
        scripts: the English sentences that scripts use, translated.
    """

    language: str
    texts: Mapping[str, tuple[str, ...]]
    scripts: Mapping[str, str]

    def gettext(self, sentence: str) -> str:
        """A sentence; in English where the catalogue lacks it."""
        found = self.texts.get(sentence)
        return found[0] if found else sentence

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A sentence about so many things, in a language with two forms."""
        found = self.texts.get(one)
        if found and len(found) > 1:
            return found[0 if count == 1 else 1]
        return one if count == 1 else many


@cache
def catalogues() -> Mapping[str, Catalogue]:
    """All languages there are, by code."""
    found = {SOURCE: Catalogue(SOURCE, {}, {})}
    for folder in _FOLDER.iterdir():
        if folder.is_dir():
            files = [item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".po")]
            found[folder.name] = _read(folder.name, files)
    return found


def preferred(header: str, offered: tuple[str, ...]) -> str:
    """The offered language that somebody likes best (RFC 9110, 12.5.4); the first if none is liked.

    Args:
        header: `Accept-Language`.
        offered: codes, the city's main one first.
    """
    liked = []
    for at, part in enumerate(header.split(",")):
        name, _, quality = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", quality)
        liked.append((-(float(weight[1]) if weight else 1.0), at, name.partition("-")[0].lower()))
    return next((name for weight, _, name in sorted(liked) if name in offered and weight < 0), offered[0])


def _read(language: str, files: Iterable[str]) -> Catalogue:
    texts: dict[str, tuple[str, ...]] = {}
    scripts: dict[str, str] = {}
    for message in (message for text in files for message in read_po(text.splitlines(keepends=True))):
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if not message.id or message.fuzzy or not all(forms):
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        texts[key] = forms
        if any(place.endswith(_SCRIPT) for place, _ in message.locations):
            scripts[key] = forms[0]
    return Catalogue(language, texts, scripts)
