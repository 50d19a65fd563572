# SPDX-License-Identifier: EUPL-1.2
"""Every command in the how-to pages is true: the script exists, and has every option that is used."""

import re
import shlex

import pytest

from tests.support.scripts import ROOT

PAGES = sorted((ROOT / "docs" / "howto").glob("*.md"))
EVERYWHERE = {"--network", "--help"}


def commands(page):
    """The commands of a page: lines of its code blocks that begin with `ape run`, with what is continued below."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.split()[:2] == ["ape", "run"]]


def test_the_pages_have_commands():
    assert {"access.md", "erase.md"} <= {page.name for page in PAGES}
    assert all(commands(page) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_exists_and_has_the_options(town, page):
    for _, _, script, *rest in commands(page):
        source = ROOT / "scripts" / f"{script}.py"
        assert source.exists(), f"{page.name}: there is no script {script}"
        name = (script, rest[0]) if "@click.group" in source.read_text() else (script,)
        known = town.run(*name, "--help")
        options = {word.partition("=")[0] for word in rest if word.startswith("--")}
        missing = {option for option in options - EVERYWHERE if not re.search(rf"{option}\b(?!-)", known)}
        assert not missing, (page.name, name, missing)


@pytest.mark.parametrize("page", ["access.md", "erase.md"])
def test_the_words_a_page_promises_are_those_of_the_scripts(page):
    """What a table says you will see is in the program, up to the parts that differ each time."""
    table = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "howto" / page).read_text(), re.MULTILINE)
    sources = [
        path.read_text() for folder in ("scripts", "backend/heitje/city") for path in (ROOT / folder).rglob("*.py")
    ]
    program = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))
    for words in table:
        assert all(part.strip() in program for part in words.split("…")), words
