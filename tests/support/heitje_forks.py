# SPDX-License-Identifier: EUPL-1.2
"""Runs the command `heitje` in forks of a process that has imported all of it, because importing it takes a second.

Each is a process of its own, with its own arguments, environment, output and exit code, and can be killed. Reads one
JSON request a line (`arguments`, `environment`, `stdout`, `stderr`), answers each with `began PID`, and says
`ended PID CODE` when one has ended. It ends with its input; what it started goes on.
"""

import gc
import importlib
import json
import os
import random
import selectors
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, Final

_LATE: Final = ("heitje.serve", "heitje.doctor", "heitje.upkeep", "aiosqlite", "asyncpg", "uvicorn.protocols.http")
"""What the command imports when it needs it."""


def main() -> None:
    """Imports, then serves until its input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for module in ("heitje.cli", *_LATE):
        importlib.import_module(module)
    gc.freeze()  # so that a collection in a fork does not copy all of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    woken, wakes = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        asked = b""
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if woken in ready:
                os.read(woken, 4096)
                _tell_ended(answers)
            if 0 in ready:
                if not (part := os.read(0, 65_536)):
                    return
                *lines, asked = (asked + part).split(b"\n")
                for line in lines:
                    print("began", _fork(json.loads(line)), file=answers, flush=True)


def _tell_ended(answers: Any) -> None:
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not process:
            return
        print("ended", process, os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _fork(request: dict[str, Any]) -> int:
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        code = _run(request)
    except BaseException:  # noqa: BLE001 - as an interpreter does with whatever nobody caught
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _run(request: dict[str, Any]) -> int:
    """In the fork: be as a process that was started anew."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()
    os.environ.clear()
    os.environ.update(request["environment"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, path in ((1, request["stdout"]), (2, request["stderr"])):
        with Path(path).open("ab") as file:
            os.dup2(file.fileno(), number)
    os.closerange(3, 64)  # what the others have open is not this one's
    from heitje.cli import main as run  # noqa: PLC0415 - imported long ago

    sys.argv = ["heitje", *request["arguments"]]
    try:
        run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                thread.join()  # as an interpreter does at its end: a database is closed by its own
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
