# SPDX-License-Identifier: EUPL-1.2
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.city.profile import available_profiles, profile_text
from heitje.city.toml_lines import line_of, lines_of

EVERYTHING = '''# a comment = "no key"
top = 1   # [no.table]
"quoted \\u00e9" = 'C:\\path"'
dotted . key = """
not = "a key"
[not.a.table] \\""" still inside"""

[table]
many = [
  1,  # one, and ] in a comment
  [2, 3],
  { deep = "}", other = 4 },
]
literal = \'\'\'
[[no]] 'quotes' x = 1\'\'\'
inline = { nl = "a, b", en = "c # d" }
when = 2026-11-24T12:00:00Z
[table . "sub"]
x = true
[[rows]]
a = 1
  [[rows.inner]]
  b = 1
  [[rows.inner]]
  b = 2
[[rows]]
a = 2
[rows.more]
c = 3
'''
LINES = {
    ("top",): 2,
    ("quoted é",): 3,
    ("dotted", "key"): 4,
    ("table",): 8,
    ("table", "many", 0): 10,
    ("table", "many", 1, 1): 11,
    ("table", "many", 2, "other"): 12,
    ("table", "literal"): 14,
    ("table", "inline", "en"): 16,
    ("table", "when"): 17,
    ("table", "sub", "x"): 19,
    ("rows", 0, "a"): 21,
    ("rows", 0, "inner", 0, "b"): 23,
    ("rows", 0, "inner", 1, "b"): 25,
    ("rows", 1): 26,
    ("rows", 1, "a"): 27,
    ("rows", 1, "more", "c"): 29,
}


def paths(value, path=()):
    """Every way to a key or an element of what `tomllib` read."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def test_every_kind_of_key_is_found_on_its_line():
    lines = lines_of(EVERYTHING)
    assert {path: lines.get(path) for path in LINES} == LINES
    assert lines_of(EVERYTHING.replace("\n", "\r\n")) == lines


@pytest.mark.parametrize("name", [*available_profiles(), None])
def test_nothing_that_tomllib_reads_is_missing_and_nothing_else_is_found(name):
    text = EVERYTHING if name is None else profile_text(name)[0]
    assert set(lines_of(text)) == set(paths(tomllib.loads(text)))


def test_a_key_that_is_not_there_stands_where_its_table_begins():
    lines = lines_of(EVERYTHING)
    assert line_of(lines, ("rows", 1, "missing")) == 26
    assert line_of(lines, ("missing", "table")) is None


@given(st.lists(st.text("ab\"'\\\n#[]{}=., é", max_size=12), max_size=8))
def test_no_text_in_a_string_moves_the_lines(texts):
    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    text = "\n".join(f"{quoted(f'{n} {inner}')} = [{{ x = {quoted(inner)} }}]" for n, inner in enumerate(texts))
    lines = lines_of(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    assert [lines[(f"{n} {inner}", 0, "x")] for n, inner in enumerate(texts)] == [*range(1, len(texts) + 1)]
