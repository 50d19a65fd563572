# SPDX-License-Identifier: EUPL-1.2
"""Starts `heitje` for tests: as a fork of a process that has imported it, or as anybody starts it.

A fork differs by the second of processor time that importing takes, of which a run of all tests has hundreds. Under
pytest forks are the rule; what measures the program, and a test of starting it, take the program itself.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Final, Protocol

PROGRAM: Final = str(Path(sys.executable).with_name("heitje"))
ROOT: Final = Path(__file__).parents[2]


class Process(Protocol):
    """What tests do with a process; `subprocess.Popen` has it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Its exit code, or None while it runs; below 0 the signal that ended it."""

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its exit code."""

    def terminate(self) -> None:
        """SIGTERM."""

    def kill(self) -> None:
        """SIGKILL."""


def start(arguments: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path) -> Process:
    """Starts `heitje` with these arguments."""
    if "PYTEST_CURRENT_TEST" in os.environ:
        return _forks().start(arguments, environment, stdout, stderr)
    return start_program(arguments, environment, stdout, stderr)


def start_program(arguments: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path) -> Process:
    """The same, and certainly the program itself."""
    with stdout.open("ab") as out, stderr.open("ab") as err:
        return subprocess.Popen((PROGRAM, *arguments), stdout=out, stderr=err, env=environment)


def run(
    arguments: tuple[str, ...], environment: dict[str, str], timeout: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Runs `heitje` to its end."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = start(arguments, environment, out, err)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))


class _Fork:
    def __init__(self, pid: int, ended: threading.Condition, codes: dict[int, int]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended
        self._codes = codes

    def poll(self) -> int | None:
        with self._ended:
            if self.returncode is None:
                self.returncode = self._codes.pop(self.pid, None)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        with self._ended:
            if not self._ended.wait_for(lambda: self.poll() is not None, timeout):
                raise subprocess.TimeoutExpired("heitje", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with self._ended:
            if self.poll() is None:
                os.kill(self.pid, number)


class _Forks:
    """The process that forks, and the thread that hears of what has ended."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.heitje_forks"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ended = threading.Condition(threading.RLock())
        self._codes: dict[int, int] = {}
        self._began: list[int] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(self, arguments: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path) -> _Fork:
        request = {"arguments": arguments, "environment": environment, "stdout": str(stdout), "stderr": str(stderr)}
        assert self._server.stdin is not None
        with self._ended:
            print(json.dumps(request), file=self._server.stdin, flush=True)
            if not self._ended.wait_for(lambda: self._began or self._server.poll() is not None, 60) or not self._began:
                raise RuntimeError("the process that forks heitje does not answer")
            return _Fork(self._began.pop(), self._ended, self._codes)

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            what, pid, *code = line.split()
            with self._ended:
                if what == "began":
                    self._began.append(int(pid))
                else:
                    self._codes[int(pid)] = int(code[0])
                self._ended.notify_all()
        with self._ended:
            self._ended.notify_all()

    def end(self) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(20)
        self._listener.join(20)
        self._server.stdout.close()


@cache
def _forks() -> _Forks:
    forks = _Forks()
    atexit.register(forks.end)
    return forks
