# SPDX-License-Identifier: EUPL-1.2
"""The wheel must bring everything the audit needs: nothing of the checkout, no configuration, no database."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.anvil import Anvil
from tests.support.city import City
from tools.compile import CONTRACTS, ROOT

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    # The build back end looks for its own executable on the path.
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_artifacts_and_profiles(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"heitje/chain/artifacts/{name}.json" for name in CONTRACTS} <= names
    assert "heitje/city/profiles/heerlen.toml" in names
    assert not [name for name in names if name.startswith("tests") or ".stamp" in name]


def test_the_wheel_audits_a_city_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    zipfile.ZipFile(wheel).extractall(installed)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}

    def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments], cwd=empty, env=environment, capture_output=True, text=True, check=False
        )

    where = python("-c", "import heitje; print(heitje.__file__)")
    assert where.stdout.startswith(str(installed)), where.stderr
    with Anvil() as anvil:
        city = City.found(anvil.url)
        audited = python("-m", "heitje", "audit", "--rpc", anvil.url, "--token", city.addresses["token"])
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "THE BOOKS ARE RIGHT" in audited.stdout
    assert not list(empty.iterdir())
