# SPDX-License-Identifier: EUPL-1.2
"""py-solc-x, forge and ape must make the same code, or what is tested is not what is deployed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.compile import ARTIFACTS, CONTRACTS, ROOT

ENVIRONMENT = {**os.environ, "SOLCX_BINARY_PATH": str(ROOT / "tools" / "solc")}
# Not node_modules/.bin/forge: that wrapper ends with 0 when forge fails, and old output would be compared.
(FORGE,) = (ROOT / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge*")
LIMIT_EIP_170 = 24_576


def run(*command: str | Path, **environment: str) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def without_metadata(code: str) -> str:
    """Code without the CBOR at its end, which names the sources' paths; its length is in the last two bytes."""
    return code[: -2 * (int(code[-4:], 16) + 2)]


def deployed(name: str) -> dict[str, str]:
    artifact: dict[str, str] = json.loads((ARTIFACTS / f"{name}.json").read_text())
    return artifact


@pytest.fixture(scope="module")
def by_forge() -> dict[str, str]:
    run(FORGE, "build", "contracts")
    out = ROOT / "build" / "forge" / "out"
    return {
        name: json.loads((out / f"{name}.sol" / f"{name}.json").read_text())["bytecode"]["object"] for name in CONTRACTS
    }


@pytest.fixture(scope="module")
def by_ape(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    # Data of its own: in ~/.ape, ape keeps a copy of the libraries that a newer node_modules does not replace. And a
    # temporary folder that the checkout is not in: inside one, ape compiles in place and leaves contracts/.cache.
    data, temporary = tmp_path_factory.mktemp("ape"), tmp_path_factory.mktemp("temporary")
    ape = Path(sys.executable).with_name("ape")
    run(ape, "compile", "--force", APE_DATA_FOLDER=str(data), TMPDIR=str(temporary))
    types = json.loads((ROOT / ".build" / "__local__.json").read_text())["contractTypes"]
    return {name: types[name]["deploymentBytecode"]["bytecode"] for name in CONTRACTS}


def test_forge_makes_the_code_that_is_deployed(by_forge: dict[str, str]) -> None:
    for name, code in by_forge.items():
        assert without_metadata(code) == without_metadata(deployed(name)["bytecode"]), name


def test_ape_makes_the_code_that_is_deployed(by_ape: dict[str, str]) -> None:
    for name, code in by_ape.items():
        assert without_metadata(code) == without_metadata(deployed(name)["bytecode"]), name


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_fits_the_limit_of_eip_170(name: str) -> None:
    assert len(bytes.fromhex(deployed(name)["deployedBytecode"][2:])) <= LIMIT_EIP_170
