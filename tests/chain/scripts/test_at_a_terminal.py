# SPDX-License-Identifier: EUPL-1.2
"""What somebody at a terminal sees who leaves a question unanswered, and what they need not type."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from heitje.city.profile import profile_text
from tests.support.scripts import PASSPHRASE, ROOT, WITHIN

APE = str(Path(sys.executable).with_name("ape"))
TERMINAL = (
    "import os, pty, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    "signal.alarm(60); sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
)
"""Ends whatever it runs after a minute, so that a question nobody can leave does not stop the tests."""
KEYS = {"Ctrl-C": b"\x03", "Ctrl-D": b"\x04"}


def environment(town, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEITJE_", "APE_"))}
    return {**kept, "APE_DATA_FOLDER": str(town.folder / "ape"), "COLUMNS": "140", **more}


def leave(town, *arguments, question, key, **more):
    """Runs a script at a terminal of its own and presses a key at its question; its exit code, and what it said."""
    network = ("--network", f"ethereum:local:{town.anvil.url}")
    command = [sys.executable, "-c", TERMINAL, APE, "run", *map(str, arguments), *network]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=ROOT, env=environment(town, **more), **pipes) as process:
        said = b""
        while question.encode() not in said:
            part = os.read(process.stdout.fileno(), 4096)
            assert part, f"it did not ask {question!r}:\n{said.decode()}"
            said += part
        # What is typed in the very moment in which a question appears, a terminal throws away.
        time.sleep(1)
        process.stdin.write(KEYS[key])
        process.stdin.flush()
        while part := os.read(process.stdout.fileno(), 4096):
            said += part
        return process.wait(WITHIN), said.decode()


@pytest.mark.parametrize("key", KEYS)
def test_whoever_leaves_a_question_is_told_that_nothing_was_done(town, key):
    block = town.anvil.rpc("eth_blockNumber")
    freeze = ("freeze", town.number("ann"), "--reason", 1, "--account", "guardian", "--deployment", town.deployment)
    code, said = leave(town, *freeze, question="[y/N]", key=key)
    assert (code, said.count("Interrupted. Nothing was signed or sent.")) == (130, 1), said
    code, said = leave(town, *freeze, "--yes", question="passphrase to permanently unlock", key=key)
    assert (code, said.count("Interrupted. Nothing was signed or sent.")) == (130, 1), said
    code, said = leave(town, *town.enrol("members.csv"), question="Passphrase of the register", key=key)
    assert (code, said.count("Interrupted. Nothing was signed or sent.")) == (130, 1), said
    assert town.anvil.rpc("eth_blockNumber") == block


def test_a_new_register_gets_no_passphrase_that_is_soon_guessed(town):
    town.members_file("newcomers.csv", {"newcomer": "resident"})
    register = ("--register", town.folder / "short.register")
    enrol = ("enrol", town.folder / "newcomers.csv", *register, "--account", "registrar", *town.common("enrol.json"))
    command = [APE, "run", *map(str, enrol), "--network", f"ethereum:local:{town.anvil.url}"]
    keys = {"APE_ACCOUNTS_registrar_PASSPHRASE": PASSPHRASE, "HEITJE_REGISTER_PASSPHRASE": "eleven char"}
    asked = {"cwd": ROOT, "env": environment(town, **keys), "capture_output": True, "text": True, "timeout": WITHIN}
    done = subprocess.run(command, check=False, **asked)
    assert done.returncode == 1
    assert "at least 12 characters" in done.stderr
    assert not (town.folder / "short.register").exists()


def test_city_and_node_can_be_named_once_for_all_commands(town):
    named = {"HEITJE_DEPLOYMENT": str(town.deployment), "HEITJE_NETWORK": town.anvil.url}
    asked = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": WITHIN}
    done = subprocess.run([APE, "run", "freeze"], check=False, env=environment(town, **named), **asked)
    assert done.returncode == 0, done.stderr
    assert "Reasons for --reason" in done.stdout
    named["HEITJE_DEPLOYMENT"] = str(town.folder / "none.json")
    done = subprocess.run([APE, "run", "freeze"], check=False, env=environment(town, **named), **asked)
    assert done.returncode == 1
    assert "there is no deployment; `ape run deploy` makes one, or name it with --deployment" in done.stderr


def test_a_city_with_a_profile_of_its_own_needs_no_profile_again(town):
    beside = town.folder / "deployment.profile.toml"
    assert beside.read_text() == (town.folder / "profile.toml").read_text()
    other = profile_text("example")[0]
    beside.write_text(other)
    assert "but the city is 'heerlen'" in town.run("freeze", "--deployment", town.deployment, code=1)
    beside.unlink()
    assert "Reasons for --reason" in town.run("freeze", "--deployment", town.deployment)
