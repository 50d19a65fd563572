# SPDX-License-Identifier: EUPL-1.2
"""What docs/gas.md says is what was measured, and a change of it says which verb renews it."""

import json
import re
import subprocess
import sys

from tools.compile import ROOT
from tools.gas_snapshot import SNAPSHOT

DOCUMENT = (ROOT / "docs" / "gas.md").read_text(encoding="utf-8")
KEPT: dict[str, int] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
ROW = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


def check(figures: dict[str, int]) -> subprocess.CompletedProcess[str]:
    lines = "".join(f"{gas}\t{name}\n" for name, gas in figures.items())
    command = [sys.executable, "-m", "tools.gas_snapshot", "--check"]
    return subprocess.run(command, cwd=ROOT, input=lines, check=False, capture_output=True, text=True)


def test_the_document_says_what_was_measured_and_what_the_floor_is() -> None:
    said = {name: (int(measured), int(floor)) for name, measured, _, floor in ROW.findall(DOCUMENT)}
    names = [name for name in KEPT if not name.startswith("floor of ")]
    assert said == {name: (KEPT[name], KEPT[f"floor of {name}"]) for name in names}


def test_exactly_the_operations_that_the_document_explains_are_above_their_budget() -> None:
    above = [name for name, measured, budget, _ in ROW.findall(DOCUMENT) if int(measured) > int(budget)]
    assert above == ["transferWithAuthorization", "settle(100) in 100 groups"]


def test_the_items_of_each_floor_add_up_to_it() -> None:
    for title, name in (
        ("transferWithAuthorization", "transferWithAuthorization"),
        ("settle in groups of one", "settle(100) in 100 groups"),
    ):
        section = DOCUMENT.split(f"## {title}\n")[1].split("\n## ")[0]
        items = [int(gas) for gas in re.findall(r"^\| [^|*]+ \| (\d+) \|", section, re.MULTILINE)]
        assert sum(items) == KEPT[f"floor of {name}"]
        assert f"**{sum(items)}**" in section


def test_gas_that_is_as_it_was_is_accepted() -> None:
    done = check(KEPT)
    assert done.returncode == 0, done.stderr


def test_any_change_of_gas_is_named_with_the_verb_that_renews_it() -> None:
    done = check({**KEPT, "payBatch(100)": KEPT["payBatch(100)"] - 1})
    assert done.returncode == 1
    assert f"payBatch(100): {KEPT['payBatch(100)']} is now {KEPT['payBatch(100)'] - 1}" in done.stderr
    assert "make gas-snapshot" in done.stderr


def test_gas_that_was_not_measured_is_not_taken_for_unchanged() -> None:
    done = check({})
    assert done.returncode == 1
    assert "Nothing was measured" in done.stderr
