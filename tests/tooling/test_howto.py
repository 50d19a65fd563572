# SPDX-License-Identifier: EUPL-1.2
"""Every command in the how-to pages can be typed: the script or command exists, and takes these options and arguments.

Every member number in them, and in the help, is one that a script takes.
"""

import importlib
import re
import shlex

import click
import pytest
from typer.testing import CliRunner

from heitje import cli
from heitje.city.members import is_valid
from tests.support.scripts import ROOT

PAGES = sorted((ROOT / "docs" / "howto").glob("*.md"))
INLINE = re.compile(r"(?<!`)`((?:ape\s+run|heitje)\s[^`]+)`(?!`)")
NUMBER = re.compile(r"(?<![\w.])\d{8}(?![\w-])")
SCRIPTS = sorted((ROOT / "scripts").glob("[a-z]*.py"))
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def commands(text):
    """Every `ape run` and `heitje` in code blocks, with what is continued on the next line, and between backticks."""
    blocks = "".join(BLOCK.findall(text)).replace("\\\n", " ").splitlines()
    inline = [" ".join(found.split()) for found in INLINE.findall(BLOCK.sub("", text))]
    lines = [line.strip() for line in [*blocks, *inline]]
    typed = [shlex.split(line, comments=True) for line in lines if line.startswith(("ape run ", "heitje "))]
    return [words[2:] if words[0] == "ape" else words for words in typed]


def refusal(words):
    """Why a command line cannot be typed; empty if it can."""
    name, *rest = words
    if name == "heitje":
        # It asks for help like every other; what cannot be typed is refused before it is given.
        asked = CliRunner().invoke(cli.app, [*rest, "--help"])
        return asked.stderr if asked.exit_code else ""
    if not (ROOT / "scripts" / f"{name}.py").exists():
        return f"there is no script {name}"
    command = importlib.import_module(f"scripts.{name}").cli
    if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        step, *rest = rest
        if step not in command.commands:
            return f"{name} has no step {step}"
        command = command.commands[step]
    # ape adds this one itself, and asks for help like every other.
    network = click.Option(["--network"])
    parser = click.Command(name, params=[*command.params, network]).make_parser(click.Context(command))
    try:
        _, left, _ = parser.parse_args([word for word in rest if word != "--help"])
    except click.UsageError as error:
        return error.format_message()
    return f"too much: {' '.join(left)}" if left else ""


def test_a_command_that_cannot_be_typed_is_noticed():
    assert "no script settle" in refusal(["settle"])
    assert "no step pay" in refusal(["redemptions", "pay"])
    assert "--relay" in refusal(["mint", "reports", "--relay", "http://localhost"])
    assert "requires an argument" in refusal(["mint", "reports", "--account"])
    assert "No such command 'repair'" in refusal(["heitje", "repair"])
    assert "--sideways" in refusal(["heitje", "migrate", "--sideways"])
    assert refusal(["status", "everything"]) == "too much: everything"
    assert commands("See `ape run\nstatus`.\n```\nape run rules \\\n  --add a.toml  # so\nheitje migrate\n```\n") == [
        ["rules", "--add", "a.toml"],
        ["heitje", "migrate"],
        ["status"],
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_can_be_typed(page):
    found = commands(page.read_text(encoding="utf-8"))
    assert found, "a how-to page without a command"
    assert not {shlex.join(words): why for words in found if (why := refusal(words))}


@pytest.mark.parametrize("file", [*PAGES, *SCRIPTS], ids=lambda file: file.name)
def test_every_member_number_of_a_page_or_of_a_help_has_its_check_digit(file):
    numbers = NUMBER.findall(file.read_text(encoding="utf-8"))
    assert not [number for number in numbers if not is_valid(int(number))]


def test_member_numbers_are_found_in_the_pages():
    assert NUMBER.findall("10000018;resident, access-10000012.txt, 20261124-141503, 0x12345678, 123456789") == [
        "10000018",
        "10000012",
    ]
