# SPDX-License-Identifier: EUPL-1.2
"""The page about the proofs names what is proven, and what shows that proofs can fail still fits the contracts."""

import re

from tools.compile import ROOT
from tools.proofs.prove import FAULTS, PROOFS, checks_in, chosen, why_not_proven


def test_the_page_names_every_proof_and_no_other() -> None:
    page = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
    proven = {check for checks in checks_in(ROOT / PROOFS).values() for check in checks}
    assert set(re.findall(r"`(check_\w+)`", page)) == proven


def test_every_fault_changes_one_line_that_is_there_and_names_a_proof() -> None:
    proofs = checks_in(ROOT / PROOFS)
    for fault in FAULTS:
        assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) == 1
        assert fault.check in proofs[fault.contract]


def test_nothing_less_than_a_full_proof_counts() -> None:
    full = {"exitcode": 0, "num_models": 0, "num_bounded_loops": 0}
    assert why_not_proven(full) == ""
    assert "did not run" in why_not_proven(None)
    assert "counterexample" in why_not_proven({**full, "exitcode": 1, "num_models": 1})
    assert "rounds" in why_not_proven({**full, "num_bounded_loops": 1})
    assert "in time" in why_not_proven({**full, "exitcode": 2})


def test_proofs_are_chosen_by_contract_or_by_the_beginning_of_their_name() -> None:
    proofs = {"AccountProof": ["check_roll", "check_debit"], "MoverProof": ["check_transfer", "check_transferFrom"]}
    assert chosen(proofs, "") == proofs
    assert chosen(proofs, "MoverProof") == {"MoverProof": proofs["MoverProof"]}
    assert chosen(proofs, "AccountProof.check_debit") == {"AccountProof": ["check_debit"]}
    assert chosen(proofs, "NobodyProof") == {}
