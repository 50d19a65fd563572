# SPDX-License-Identifier: EUPL-1.2
"""The how-to pages promise what the scripts say."""

import re

import pytest

from tests.support.scripts import ROOT

PAGES = (
    "access.md",
    "announced.md",
    "correct.md",
    "deploy-a-city.md",
    "erase.md",
    "freeze.md",
    "merchants-that-leave.md",
    "replace.md",
    "rules.md",
    "safe.md",
    "winddown.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_the_words_a_page_promises_are_those_of_the_scripts(page):
    """What a table says you will see is in the program, up to the parts that differ each time."""
    table = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "howto" / page).read_text(), re.MULTILINE)
    sources = [
        path.read_text()
        for folder in ("scripts", "backend/heitje/city", "backend/heitje/reports")
        for path in (ROOT / folder).rglob("*.py")
    ]
    program = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))
    for words in table:
        assert all(part.strip() in program for part in words.split("…")), words
