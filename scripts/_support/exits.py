# SPDX-License-Identifier: EUPL-1.2
"""How a script ends: the exit codes, which the help of every script lists."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final


class Code(IntEnum):
    """Exit codes."""

    DONE = 0
    PROBLEMS = 1
    USAGE = 2
    DECLINED = 3
    NO_ANSWER = 4
    REFUSED = 5
    RELAYER = 6
    WAITING = 7
    MISMATCH = 8
    FILE = 9
    INTERRUPTED = 130


MEANINGS: Final = {
    Code.DONE: "done, or nothing was left to do",
    Code.PROBLEMS: "the input has problems, all listed; nothing was signed or sent",
    Code.USAGE: "wrong use of the command line",
    Code.DECLINED: "you answered no; nothing was signed or sent",
    Code.NO_ANSWER: "the node did not answer; run the same command again, nothing happens twice",
    Code.REFUSED: "the chain refused; the message says why",
    Code.RELAYER: "the relayer did not answer or refused; nothing is lost, run the same command again",
    Code.WAITING: "announced, or written for a Safe; run the same command again when that is done",
    Code.MISMATCH: "the chain is not as it should be; the message says what differs",
    Code.FILE: "a file could not be written; run the same command again, nothing happens twice",
    Code.INTERRUPTED: "interrupted; run the same command again, nothing happens twice",
}


class Stop(Exception):
    """Ends a script with a code and words for whoever ran it.

    `listing` is printed line by line under the message.
    """

    def __init__(self, code: Code, message: str, listing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.listing = tuple(listing)


_SENT: Final = """As a Safe: name it with --safe, and a file with --export. Its owners open the file in the Safe's
Transaction Builder, sign it and send it; then run the same command again. docs/howto/safe.md tells it step by step.

"""
_SIGNED: Final = """As a Safe: name it with --safe, and a file with --export. Its owners sign what is in the file as a
message; then run the same command again with --signature. docs/howto/safe.md tells it step by step.

"""


def epilog(*, safe: bool = False, signs: bool = False) -> str:
    """The end of a script's help: how a Safe runs it, if one can, and the exit codes.

    Args:
        safe: whether a Safe can act.
        signs: whether it acts by signature.
    """
    codes = "\b\nExit codes:\n" + "\n".join(f"  {code.value:>3}  {text}" for code, text in MEANINGS.items())
    return (_SIGNED if signs else _SENT if safe else "") + codes
