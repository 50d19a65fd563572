# SPDX-License-Identifier: EUPL-1.2
"""The programs the demo starts: each with a log file, none left behind."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "backend" / "heitje" / "chain" / "artifacts"
PATIENCE = 60.0
"""Seconds for a program to come up."""

_PR_SET_PDEATHSIG = 1
# Loaded here, because between fork and exec a child had better do nothing but call it.
_LIBC = ctypes.CDLL(None)


class StartFailed(RuntimeError):
    """A program did not come up; the message names its log."""


def find_port(preferred: int) -> int:
    """`preferred` if nobody listens there, else a free port that the system names."""
    if not _taken(socket.AF_INET, "127.0.0.1", preferred) and not _taken(socket.AF_INET6, "::1", preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _taken(family: int, address: str, port: int) -> bool:
    """Whether somebody listens there: `localhost` may mean the one address or the other."""
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def anvil_program() -> Path:
    """The anvil that npm brought for this kind of machine; not its wrapper, which would have to be stopped too."""
    for program in sorted((ROOT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil*")):
        return program
    return ROOT / "node_modules" / ".bin" / "anvil"


def die_with_parent() -> None:
    """Asks Linux to end this child when the demo ends, however it ends; elsewhere Ctrl-C still does."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """What was started. Leaving the `with` block stops it all, last first."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._children):
            child.terminate()
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], is_up: Callable[[], bool]
    ) -> None:
        """Starts a program and waits until `is_up`.

        Raises:
            StartFailed: it ended, or was not up in time.
        """
        log = self._logs / f"{name}.log"
        with log.open("wb") as out:
            child = subprocess.Popen(  # noqa: S603  -- our own programs with our own arguments
                [str(part) for part in command],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  -- no threads are running yet
            )
        self._children.append(child)
        deadline = time.monotonic() + PATIENCE
        while not is_up():
            if child.poll() is not None or time.monotonic() > deadline:
                end = log.read_text(errors="replace")[-2000:]
                raise StartFailed(f"{name} did not start. The end of its log {log.relative_to(ROOT)}:\n{end}")
            time.sleep(0.05)

    def check(self) -> None:
        """Raises StartFailed if something that was started has ended."""
        for child in self._children:
            if child.poll() is not None:
                raise StartFailed(f"{Path(str(child.args[0])).name} ended by itself; see {self._logs}.")  # type: ignore[index]
