# SPDX-License-Identifier: EUPL-1.2
"""What the documents say is shown by a test is shown by a test that is there."""

import re
from pathlib import Path

import pytest

from tools.compile import ROOT

NAME = re.compile(r"`((?:test|testFuzz|invariant)_\w+)`")


def names_of_tests() -> set[str]:
    files = [*(ROOT / "tests").rglob("*.sol"), *(ROOT / "tests").rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files if file != Path(__file__))
    return set(re.findall(r"(?:function|def) (\w+)\(", text))


@pytest.mark.parametrize(
    ("document", "least"),
    [("properties.md", 60), ("threat-model.md", 15), ("gas.md", 7), ("mutants.md", 4), ("coverage.toml", 3)],
)
def test_every_test_that_a_document_names_is_there(document: str, least: int) -> None:
    named = set(NAME.findall((ROOT / "docs" / document).read_text(encoding="utf-8")))
    assert len(named) >= least
    assert named <= names_of_tests()


def test_every_invariant_of_the_specification_has_its_line() -> None:
    text = (ROOT / "docs" / "properties.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (I\d+) \|", text, re.MULTILINE) == [f"I{number}" for number in range(1, 16)]
