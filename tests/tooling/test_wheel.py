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
    profiles = {f"heitje/city/profiles/{path.name}" for path in (ROOT / "backend/heitje/city/profiles").iterdir()}
    assert profiles >= {"heitje/city/profiles/heerlen.toml", "heitje/city/profiles/example.toml"}
    assert profiles == {name for name in names if "/profiles/" in name and not name.endswith("/")}
    assert {f"heitje/store/migrations/{path}" for path in ("env.py", "versions/r0001_tables.py")} <= names
    assert not [name for name in names if name.startswith("tests") or ".stamp" in name]


def test_every_profile_can_be_loaded_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        "from heitje.city.profile import *; import heitje; print(heitje.__file__);"
        "print(*(load_profile(name).id for name in available_profiles()))"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
    where, loaded = said.splitlines()
    assert where.startswith(str(tmp_path))
    assert loaded == "example heerlen"


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
