# SPDX-License-Identifier: EUPL-1.2
"""On which line of a TOML file a key stands, because the standard library's reader keeps no lines.

It reads what `tomllib` has accepted already, so it looks for places only and complains about nothing
(grammar: https://toml.io/en/v1.0.0).
"""

import re
from collections.abc import Mapping
from typing import Final

Path = tuple[str | int, ...]
"""A key's way from the top: names of tables and keys, and places in arrays, counted from 0."""

_BLANK: Final = re.compile(r"[ \t]*")
_BETWEEN: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_VALUE: Final = re.compile(r"[^,\]}#\r\n]+")


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table, key and array element of a valid TOML file."""
    return _Finder(text).find()


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of a key, or of the nearest table around it when the key is not there; None for the top of the file."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted, self._line = 0, 1
        self._lines: dict[Path, int] = {}
        self._arrays: dict[Path, int] = {}
        """How many elements each array of tables has so far."""

    def find(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_BETWEEN)
        while self._at < len(self._text):
            if self._next("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BETWEEN)
        return self._lines

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`; the table that the following pairs are in."""
        double = self._next("[")
        line = self._here()
        names = self._keys()
        self._at += 2 if double else 1
        path: Path = ()
        for name in names[:-1]:
            path = self._last_element((*path, name))
        path = (*path, names[-1])
        if double:
            self._lines.setdefault(path, line)
            place = self._arrays[path] = self._arrays.get(path, -1) + 1
            path = (*path, place)
        self._lines.setdefault(path, line)
        return path

    def _last_element(self, path: Path) -> Path:
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _pair(self, table: Path) -> None:
        line = self._here()
        path = table
        for name in self._keys():
            path = (*path, name)
            self._lines.setdefault(path, line)
        self._next("=")
        self._skip(_BLANK)
        self._value(path)

    def _keys(self) -> list[str]:
        """A key with its dots, up to and without what ends it."""
        names = []
        while True:
            self._skip(_BLANK)
            quoted = self._text[self._at] in "\"'"
            word = self._skip(_STRING if quoted else _BARE_KEY)
            names.append(_unquoted(word) if quoted else word)
            self._skip(_BLANK)
            if not self._next("."):
                return names

    def _value(self, path: Path) -> None:
        if self._next("{"):
            self._skip(_BETWEEN)
            while not self._next("}"):
                self._pair(path)
                self._skip(_BETWEEN)
                self._next(",")
                self._skip(_BETWEEN)
        elif self._next("["):
            place = 0
            self._skip(_BETWEEN)
            while not self._next("]"):
                self._lines[(*path, place)] = self._here()
                self._value((*path, place))
                place += 1
                self._skip(_BETWEEN)
                self._next(",")
                self._skip(_BETWEEN)
        elif self._text[self._at] in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_PLAIN_VALUE)

    def _next(self, character: str) -> bool:
        """Whether this character comes now; if so, it is behind us."""
        found = self._text.startswith(character, self._at)
        self._at += found
        return found

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """What the pattern takes from here, which is behind us then."""
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"no valid TOML at line {self._here()}")
        self._at = match.end()
        return match[0]

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line


def _unquoted(word: str) -> str:
    """What a quoted key says. A literal one ('…') says what stands there; a basic one may hold escapes."""
    if word[0] == "'":
        return word[1:-1]
    return re.sub(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", _escaped, word[1:-1])


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}.get(code, code)
