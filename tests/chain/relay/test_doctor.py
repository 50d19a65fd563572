# SPDX-License-Identifier: EUPL-1.2
"""What `heitje doctor` says of a service that is well, and of each thing that is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account

from heitje.store.session import Store
from tests.support.anvil import Anvil, free_port
from tests.support.city import City
from tests.support.service import PASSPHRASE, write_files


def ask(folder, rpc, *options, passphrase=PASSPHRASE, database="db.sqlite"):
    command = (
        *(str(Path(sys.executable).with_name("heitje")), "doctor", f"--rpc={rpc}"),
        *(f"--deployment={folder / 'deployment.json'}", f"--database={folder / database}", *options),
    )
    environment = {**os.environ, "HEITJE_RELAYER_PASSPHRASE": passphrase}
    environment.pop("HEITJE_DATABASE", None)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def folder(tmp_path, city):
    write_files(tmp_path, city)
    return tmp_path


def bad(done):
    return [line for line in done.stdout.splitlines() if line.startswith("bad")]


def test_where_all_is_well_nothing_is_bad_and_nothing_is_made(folder, city):
    done = ask(folder, city.url, f"--keyfile={folder / 'relayer.json'}")
    assert (done.returncode, bad(done)) == (0, []), done.stdout + done.stderr
    assert "deployment: testcity, Test Heitje, on chain 31337" in done.stdout
    assert "verifies browsers' keys" in done.stdout
    assert "holds no role" in done.stdout
    assert sorted(file.name for file in folder.iterdir()) == ["deployment.json", "relayer.json"]


def test_a_node_that_does_not_answer_hides_nothing_else(folder, city):
    away = f"http://127.0.0.1:{free_port()}"
    done = ask(folder, away, f"--fallback-rpc={city.url}")
    (said,) = bad(done)
    assert done.returncode == 1
    assert f"node {away}" in said
    assert "fallback node 1: block" in done.stdout
    assert "database" in done.stdout


def test_another_chain_s_deployment_is_named(folder, city):
    told = json.loads((folder / "deployment.json").read_text())
    (folder / "deployment.json").write_text(json.dumps({**told, "chainId": 1}))
    done = ask(folder, city.url)
    assert done.returncode == 1
    assert "is for chain 1, but the node is of chain 31337" in bad(done)[0]


def test_a_chain_before_osaka_is_no_chain_for_browsers_keys(tmp_path):
    with Anvil(fork="prague") as anvil:
        write_files(tmp_path, City.found(anvil.url))
        done = ask(tmp_path, anvil.url)
    assert done.returncode == 1
    assert "has no precompile for P-256" in bad(done)[0]


def test_blocks_that_are_too_small_are_named(tmp_path):
    with Anvil() as anvil:
        write_files(tmp_path, City.found(anvil.url))
        anvil.rpc("evm_setBlockGasLimit", hex(15_000_000))
        anvil.mine()
        done = ask(tmp_path, anvil.url)
    assert "a block holds 15000000 gas, and a batch takes up to 15500000" in bad(done)[0]


def test_a_relayer_s_key_with_a_role_is_bad(folder, city):
    key = Account.create()
    (folder / "powerful.json").write_text(json.dumps(Account.encrypt(key.key, PASSPHRASE, kdf="pbkdf2", iterations=2)))
    city.send("admin", "authority", "grantRole", 8, key.address, 0)
    done = ask(folder, city.url, f"--keyfile={folder / 'powerful.json'}")
    assert done.returncode == 1
    assert f"{key.address} holds guardian. The relayer must hold no role" in bad(done)[0]


def test_a_key_that_does_not_open_is_bad(folder, city):
    done = ask(folder, city.url, f"--keyfile={folder / 'relayer.json'}", passphrase="another one")
    assert "cannot be opened with HEITJE_RELAYER_PASSPHRASE" in bad(done)[0]


async def test_tables_of_another_revision_are_bad(folder, city):
    store = Store.at(folder / "db.sqlite")
    await store.migrate("0002")
    await store.close()
    done = ask(folder, city.url)
    assert "its tables are of revision 0002" in bad(done)[0]
    assert bad(done)[0].endswith("heitje migrate")


def test_a_database_that_cannot_be_reached_is_bad(folder, city):
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("heitje")), "doctor", f"--rpc={city.url}"),
            *(f"--deployment={folder / 'deployment.json'}", f"--database=postgresql://127.0.0.1:{free_port()}/heitje"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "database" in bad(done)[0]
