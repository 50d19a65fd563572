# SPDX-License-Identifier: EUPL-1.2
"""What docs/gas.md says is what was measured, and a change of it says which verb renews it."""

import json
import re
import subprocess
import sys

from heitje.relay.batch import MAX_CALLDATA, MAX_GAS, gas_of, weight_limit
from heitje.relay.calldata import pay_batch
from heitje.relay.operation import Kind
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


def test_the_largest_batches_are_those_that_the_contracts_tests_send() -> None:
    rows = re.findall(r"^\| [^|]+ \| (\d+) \| [^|]+ \| `(\w+)` \|$", DOCUMENT, re.MULTILINE)
    code = (ROOT / "tests" / "contracts" / "Largest.t.sol").read_text(encoding="utf-8")
    assert len(rows) == code.count("function test_") == 7
    for most, name in rows:
        body = code.split(f"function {name}(")[1].split("\n    }\n")[0]
        assert re.search(rf"\b{most}\b", body), name


def test_the_relayers_largest_batch_of_payments_fits_and_is_the_one_that_is_named() -> None:
    address = "0x" + "11" * 20
    payload = {"from": address, "to": address, "value": "1", "nonce": "0", "deadline": 1}
    payload |= {"requestId": "0x" + "22" * 32, "signature": "0x" + "33" * 65}
    most = weight_limit(Kind.PAYMENT)
    assert len(pay_batch([payload] * most)) <= MAX_CALLDATA
    assert len(pay_batch([payload] * 283)) <= MAX_CALLDATA < len(pay_batch([payload] * 284))
    assert gas_of(Kind.PAYMENT, most) <= MAX_GAS
    assert f"at most {most} payments" in DOCUMENT
