# SPDX-License-Identifier: EUPL-1.2
"""What `make bench-gas` says about others and about us: committed figures, live ones, and what a check refuses."""

import json
import subprocess
import sys

import pytest

from tests.support.anvil import Anvil
from tools.bench_gas.__main__ import COMMITTED, DOCUMENT, state_of
from tools.bench_gas.chain import Chain
from tools.bench_gas.ours import measure_ours
from tools.bench_gas.peers import versions
from tools.bench_gas.record import Record, faults
from tools.bench_gas.rows import BATCH_CALLDATA, BATCH_GAS, OURS, Kind, Row, Transaction
from tools.bench_gas.table import BEGIN, markdown, renewed
from tools.compile import ROOT

WITHIN = 0.01
"""Of a committed figure: addresses and signatures differ in their zero bytes."""
RENEW = "`make bench-gas WRITE=1` renews them"


def bench(*arguments):
    command = [sys.executable, "-m", "tools.bench_gas", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run with batches of four, and its chain, as `make bench-gas` leaves them."""
    file = tmp_path_factory.mktemp("bench") / "bench-gas.json"
    ended = bench("--size", 4, "--out", file)
    assert ended.returncode == 0, ended.stderr
    return file, ended.stdout


@pytest.fixture
def altered(small, tmp_path):
    """Writes the small run down again, with something changed, beside its chain."""

    def write(change):
        file = tmp_path / "altered.json"
        content = json.loads(small[0].read_text())
        change(content["rows"][0])
        file.write_text(json.dumps(content))
        state_of(file).symlink_to(state_of(small[0]))
        return file

    return write


def test_the_document_shows_what_was_committed_and_nothing_was_typed_by_hand():
    document = DOCUMENT.read_text(encoding="utf-8")
    assert renewed(document, Record.read(COMMITTED)) == document, RENEW


def test_the_committed_figures_are_of_the_peers_that_are_installed():
    assert Record.read(COMMITTED).made_with["peers"]["packages"] == versions(), RENEW


def test_the_committed_figures_of_ours_are_what_the_contracts_cost_now():
    committed = {row.operation: row.per_item for row in Record.read(COMMITTED).rows if row.project == OURS}
    with Anvil() as anvil:
        chain = Chain(anvil.url)
        measure_ours(chain)
    now = {row.operation: row.per_item for row in chain.rows}
    assert now == pytest.approx(committed, rel=WITHIN), RENEW


def test_a_run_measures_every_committed_row_and_prints_how_to_recompute_it(small):
    file, printed = small
    rows = Record.read(file).rows
    assert len(rows) == len(Record.read(COMMITTED).rows)
    assert {row.project for row in rows} == {OURS, "OpenZeppelin", "solady", "EAS", "ERC-4337"}
    assert f"--check {file}" in printed
    assert f"--load-state {state_of(file)}" in printed


def test_every_receipt_is_fetched_again_from_the_chain_that_was_kept(small):
    ended = bench("--check", small[0])
    assert ended.returncode == 0, ended.stderr
    hashes = [each.hash for row in Record.read(small[0]).rows for each in row.transactions]
    assert f"All {len(hashes)} receipts" in ended.stdout
    assert len(set(hashes)) == len(hashes)


def test_a_figure_that_does_not_follow_from_its_receipts_is_refused(altered):
    ended = bench("--check", altered(lambda row: row.update(gas_per_item=row["gas_per_item"] - 1)))
    assert ended.returncode == 1
    assert "its transactions say" in ended.stderr


def test_gas_that_the_chain_does_not_confirm_is_refused(altered):
    def flatter(row):
        row["transactions"][0]["gas_used"] -= row["items"]
        row["gas_per_item"] -= 1

    ended = bench("--check", altered(flatter))
    assert ended.returncode == 1
    assert "the file says" in ended.stderr


def test_a_transaction_that_the_chain_does_not_know_is_refused(altered):
    ended = bench("--check", altered(lambda row: row["transactions"][0].update(hash="0x" + "11" * 32)))
    assert ended.returncode == 1
    assert "does not know 0x1111" in ended.stderr


def test_a_record_without_its_chain_says_what_to_do(small, tmp_path):
    alone = tmp_path / "alone.json"
    alone.write_bytes(small[0].read_bytes())
    ended = bench("--check", alone)
    assert ended.returncode == 1
    assert "name one that runs with --url" in ended.stderr


def test_a_batch_over_its_budget_over_the_gas_or_over_the_size_is_named():
    def row(gas, calldata, project=OURS):
        return Row(Kind.PAYMENT, project, "batch", 100, (Transaction("0x1", 1, gas, calldata),), 17_000)

    assert faults([row(1_700_000, BATCH_CALLDATA)]) == []
    assert "1 over its budget" in faults([row(1_700_100, 10)])[0]
    assert "bytes of calldata" in faults([row(1_700_000, BATCH_CALLDATA + 1)])[0]
    assert f"over the {BATCH_GAS} of a batch" in faults([row(BATCH_GAS + 1, 10)])[1]
    assert len(faults([row(BATCH_GAS + 1, BATCH_CALLDATA + 1, "EAS")])) == 1


def test_a_document_without_its_marks_is_left_alone():
    with pytest.raises(ValueError, match="once each"):
        renewed(f"{BEGIN} only", Record.read(COMMITTED))


def test_the_peers_rows_come_from_the_same_chain_as_ours():
    blocks = [each.block for row in Record.read(COMMITTED).rows for each in row.transactions]
    assert len(set(blocks)) == len(blocks)
    assert markdown(Record.read(COMMITTED)).startswith(BEGIN)
