# SPDX-License-Identifier: EUPL-1.2
"""`make mutants` on a purse of two functions: one tested well, one hardly."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tools.compile import ROOT
from tools.mutants.__main__ import EXPLAINED, Choice, run, survivors_in
from tools.mutants.explained import Explanations
from tools.mutants.journal import Journal, fingerprint
from tools.mutants.operators import Mutant, Region, mutants_of
from tools.mutants.project import Project
from tools.mutants.trials import Selection, Tree
from tools.mutants.verdicts import Court
from tools.mutants.weave import weave

HEAD = "// SPDX-License-Identifier: EUPL-1.2\npragma solidity 0.8.37;\n"
PURSE = (
    HEAD
    + """
contract Purse {
    uint256 private constant MOST = 100;
    uint256 public cents;

    function fill(uint256 amount) external {
        if (amount > MOST) revert();
        cents += amount;
    }

    function isRich() external view returns (bool) {
        return cents >= 50;
    }
}
"""
)
TESTS = (
    HEAD
    + """
interface Vm {
    function getCode(string calldata path) external view returns (bytes memory);
}

interface IPurse {
    function cents() external view returns (uint256);
    function fill(uint256 amount) external;
    function isRich() external view returns (bool);
}

contract PurseTest {
    IPurse private purse;

    function setUp() public {
        Vm vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
        bytes memory code = vm.getCode("backend/heitje/chain/artifacts/Purse.json");
        address made;
        assembly {
            made := create(0, add(code, 32), mload(code))
        }
        purse = IPurse(made);
    }

    function test_fill_upToTheMost() public {
        purse.fill(100);
        require(purse.cents() == 100);
        try purse.fill(101) {
            require(false);
        } catch {}
    }

    /// Hardly a test: it never comes near the boundary.
    function test_isRich() public {
        purse.fill(90);
        require(purse.isRich());
    }
}
"""
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "tests" / "contracts").mkdir(parents=True)
    (tmp_path / "contracts" / "Purse.sol").write_text(PURSE)
    (tmp_path / "tests" / "contracts" / "Purse.t.sol").write_text(TESTS)
    shutil.copy(ROOT / "foundry.toml", tmp_path)
    for name in ("node_modules", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    return Project(root=tmp_path, deployed=("Purse",))


def explain(file: Path, mutated: str, reason: str) -> None:
    entry = {
        "file": "contracts/Purse.sol",
        "function": "Purse.isRich",
        "operator": "comparison" if ">" in mutated else "literal",
        "original": "cents >= 50" if ">" in mutated else "50",
        "mutated": mutated,
        "reason": reason,
    }
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in entry.items()]
    with file.open("a") as out:
        out.write("[[survivor]]\n" + "".join(lines))


def stopped_after(project: Project, mutated: str, killer: str) -> None:
    """As if a run had been killed when it had judged this one mutant."""
    sources = project.sources()
    (judged,) = [one for one in mutants_of(project.analyse(sources), sources) if one.mutated == mutated]
    court = Court(project, project.root / "build" / "mutants", 1, print)
    court.journal.write("woven", judged, "killed", (killer,))


def state_of(root: Path) -> dict[str, str]:
    files = [file for name in ("contracts", "tests") for file in sorted((root / name).rglob("*")) if file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.timeout(900)  # two builds of the tests, by a compiler that shares its machine
def test_survivors_are_told_apart_from_what_the_tests_notice_and_the_tree_is_untouched(project, capsys):
    stopped_after(project, "((amount) >= (MOST))", "test_before_the_stop")
    before = state_of(project.root)
    explained = project.root / "explained.toml"

    assert run(project, explained, Choice(), 2) == 1

    assert state_of(project.root) == before
    report = capsys.readouterr().out
    assert "Goes on where a run was stopped, after 1 judgements." in report
    assert "original: cents >= 50" in report
    assert "3 survivors are neither killed by a test nor explained" in report
    rows = json.loads((project.root / "build" / "mutants.json").read_text())["mutants"]
    fates = {(row["original"], row["mutated"]): row["fate"] for row in rows}
    assert fates["cents >= 50", "((cents) > (50))"] == "survived"
    assert fates["50", "51"] == "survived"
    assert fates["50", "49"] == "survived"
    assert fates["amount > MOST", "((amount) >= (MOST))"] == "killed"
    assert fates["amount > MOST", "false"] == "killed"
    assert fates["cents += amount;", ""] == "killed"
    assert fates["100", "uint256(100) + 1"] == "killed"
    killers = {row["mutated"]: row["killers"] for row in rows}
    assert killers["false"] == ["test_fill_upToTheMost"]
    assert killers["((amount) >= (MOST))"] == ["test_before_the_stop"]

    for mutated in ("((cents) > (50))", "51", "49"):
        explain(explained, mutated, "A purse of exactly fifty cents is nobody's concern in this test.")
    results = project.root / "build" / "mutants.json"
    assert run(project, explained, Choice(again=survivors_in(results)), 1) == 0
    report = capsys.readouterr().out
    assert f"3 of {len(rows)} mutants tried" in report
    assert "Every survivor is explained (3)." in report
    # What was not tried again keeps its verdict, and counts.
    assert [row["fate"] for row in json.loads(results.read_text())["mutants"]] == [row["fate"] for row in rows]

    explain(explained, "52", "Explains what no mutant does.")
    assert run(project, explained, Choice(sample=1), 1) == 1
    assert (
        "explains what does not survive: contracts/Purse.sol, Purse.isRich, literal, 50, 52" in capsys.readouterr().out
    )


def test_a_choice_of_no_file_and_an_explanation_without_a_reason_are_refused(project, capsys):
    explained = project.root / "explained.toml"
    assert run(project, explained, Choice(only="contracts/Nobody.sol"), 1) == 2
    assert "No mutants in contracts/Nobody.sol: give a path such as contracts/Purse.sol." in capsys.readouterr().err

    explain(explained, "51", " ")
    assert run(project, explained, Choice(), 1) == 2
    assert "needs a reason" in capsys.readouterr().err


@pytest.mark.timeout(600)
def test_tests_that_cannot_begin_judge_nobody(project, capsys):
    tests = TESTS.replace("purse = IPurse(made);", "require(false);")
    (project.root / "tests" / "contracts" / "Purse.t.sol").write_text(tests)
    assert run(project, project.root / "explained.toml", Choice(), 1) == 2
    assert "The setUp of some tests fails without any mutant" in capsys.readouterr().err


SPIN = (
    HEAD
    + """
contract SpinTest {
    function test_spin() public pure {
        for (uint256 i = 0; ; ++i) {}
    }
}
"""
)


@pytest.mark.timeout(600)
def test_a_run_that_computes_for_ever_is_stopped_by_the_time_of_the_processor(project):
    (project.root / "tests" / "contracts" / "Purse.t.sol").write_text(SPIN)
    settings = (project.root / "foundry.toml").read_text()
    (project.root / "foundry.toml").write_text(
        settings.replace("[profile.tests]", "[profile.tests]\ngas_limit = 9_000_000_000_000_000")
    )
    tree = Tree(project, project.root / "tests" / "contracts", project.root / "build" / "mutants" / "one", {}, {})
    assert tree.test(Selection(8), seconds=3).timed_out


def test_a_journal_goes_on_after_a_line_that_was_cut_short_and_forgets_what_other_tests_said(tmp_path):
    file = tmp_path / "journal.jsonl"
    (tmp_path / "Purse.sol").write_text(PURSE)
    one, other = (
        Mutant("Purse.sol", "Purse.fill", "literal", "100", text, plain=Region("Purse.sol", 0, 3, text, "number"))
        for text in ("99", "101")
    )
    of = fingerprint(tmp_path / "Purse.sol")
    Journal(file, of).write("woven", one, "killed", ("test_fill",))
    with file.open("a") as out:
        out.write('["woven", ["Purse.sol", "Purse.f')

    journal = Journal(file, of)
    journal.write("woven", other, "", ())

    assert len(journal) == 1
    again = Journal(file, of)
    assert again.read("woven", one) == ("killed", ("test_fill",))
    assert again.read("woven", other) == ("", ())
    assert again.read("alone", one) is None
    (tmp_path / "Purse.sol").write_text(PURSE.replace("100", "200"))
    assert len(Journal(file, fingerprint(tmp_path / "Purse.sol"))) == 0


@pytest.fixture(scope="module")
def ours() -> tuple[dict[str, bytes], list[Mutant]]:
    project = Project()
    sources = project.sources()
    return sources, mutants_of(project.analyse(sources), sources)


def test_a_sample_has_its_share_of_every_file_and_is_the_same_for_a_seed(ours):
    _, mutants = ours

    sample = Choice(sample=60, seed=3).among(mutants)

    assert {one.file for one in sample} == {one.file for one in mutants}
    assert 50 <= len(sample) <= 70
    assert [one.number for one in sample] == [one.number for one in Choice(sample=60, seed=3).among(mutants)]
    assert [one.number for one in sample] != [one.number for one in Choice(sample=60, seed=4).among(mutants)]


def test_nearly_all_mutants_of_a_library_share_one_build(ours):
    sources, mutants = ours
    files = {"contracts/libraries/Calendar.sol", "contracts/libraries/Account.sol"}
    mutants = [one for one in mutants if one.file in files]
    _, inside = weave(Project(), sources, mutants)
    assert len(inside) > 0.9 * len(mutants)


def test_every_committed_explanation_is_of_a_mutant_that_exists(ours):
    _, mutants = ours
    assert Explanations.read(EXPLAINED).idle(mutants, []) == []
