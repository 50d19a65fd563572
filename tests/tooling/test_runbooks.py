# SPDX-License-Identifier: EUPL-1.2
"""Every `heitje` command in the runbooks, and in what the service says, can be typed; the pages named are there."""

import re
import shlex

import pytest
import typer

from heitje.cli import app
from tests.support.scripts import ROOT

PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([\w./-]+\.md)\)")
NAMED = re.compile(r"docs/runbooks/[\w-]+\.md")
TOLD = re.compile(r"heitje ((?:lane )?(?:thaw|show|check|reindex))")
COMMAND = typer.main.get_command(app)


def commands(text):
    """Everything after `heitje` in code blocks."""
    lines = [line for block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("heitje ")]


def refusal(words):
    """Why a command line cannot be typed; empty if it can."""
    command, left = COMMAND, list(words)
    while hasattr(command, "commands"):
        name = left.pop(0) if left else ""
        if name not in command.commands:
            return f"there is no command {name}"
        command = command.commands[name]
    try:
        command.make_context(command.name, left)
    except Exception as error:  # noqa: BLE001 - typer has a click of its own, whose errors have no public name
        return error.format_message()
    return ""


def test_a_command_that_cannot_be_typed_is_noticed():
    assert "no command melt" in refusal(["lane", "melt"])
    assert "--databse" in refusal(["check", "--databse", "x"])
    assert "--rpc" in refusal(["lane", "show"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_runbook_can_be_typed(page):
    found = commands(page.read_text(encoding="utf-8"))
    assert found, "a runbook without a command"
    assert not {shlex.join(words): why for words in found if (why := refusal(words))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_a_runbook_leads_to_is_there(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_what_the_service_tells_an_operator_to_type_and_to_read_is_there():
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "backend").rglob("*.py")]
    told = {words for text in sources for words in TOLD.findall(text)}
    assert {"lane thaw", "reindex"} <= told
    for words in told:
        assert "there is no command" not in refusal(words.split())
    assert all((ROOT / name).exists() for text in sources for name in NAMED.findall(text))
