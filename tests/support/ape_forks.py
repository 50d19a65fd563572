# SPDX-License-Identifier: EUPL-1.2
"""Runs ape's command line in forks of a process that has imported it already, because importing it takes seconds.

Each run is a process of its own, with its own arguments, environment, output and exit code, and can be killed. Reads
one JSON request per line (`arguments`, `environment`, `output`), answers with the process id, then with the exit code.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Final

_SLOW: Final = (
    "ape.managers.chain",
    "ape_accounts.accounts",
    "ape_ethereum.provider",
    "ape_node.provider",
    "ape_test.provider",
    "cryptography.hazmat.primitives.ciphers.aead",
    "heitje.city.profile",
    "rich.progress",
    "scripts._support.relaying",
    "scripts._support.releasing",
)
"""What a script needs and ape imports late."""


def main() -> None:
    """Imports ape by asking it for help, then serves until its input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _ape(["run", "status", "--help"])
    for module in _SLOW:
        importlib.import_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        process = os.fork()
        if process == 0:
            answers.close()
            os._exit(_child(request))
        print(process, file=answers, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _child(request: dict[str, Any]) -> int:
    os.environ.update(request["environment"])
    with Path(request["output"]).open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    return _ape(request["arguments"])


def _ape(arguments: list[str]) -> int:
    from ape._cli import cli  # noqa: PLC0415 -- the import that takes so long

    sys.argv = ["ape", *arguments]
    try:
        cli()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    main()
