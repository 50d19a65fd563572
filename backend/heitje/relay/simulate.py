# SPDX-License-Identifier: EUPL-1.2
"""Asks the contract whether it would refuse, before that costs a transaction. Not on the way of payments."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from heitje.chain.abi import Revert, decode_revert
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.problems import Code, Problem

_INDEXES: Final = ("line", "index", "group")
"""Names under which the contracts' errors say which item is at fault."""


_LAST_SECOND: Final = 253_402_300_799
"""31 December 9999: later times cannot be written."""

_REFUSALS: Final = {
    1: Code.SAME_ACCOUNT,
    2: Code.ZERO_VALUE,
    3: Code.ACCOUNT_FROZEN,
    4: Code.NOT_ALLOWED,
    5: Code.INSUFFICIENT,
}
"""What the token's `Refusal` is to people."""

_Arguments = Mapping[str, Any]
_Told = Callable[[_Arguments], tuple[Code, str]]


async def try_call(node: Node, sender: str, to: str, data: bytes, gas: int) -> str:
    """The answer of a call on top of what waits to be mined, in hex.

    Raises:
        Problem: The contract would refuse, and why; or the node cannot be asked.
    """
    request = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(gas)}
    try:
        answer: str = await node.call("eth_call", request, "pending")
    except NodeUnreachable:
        raise Problem(Code.NODE_UNREACHABLE) from None
    except RpcError as error:
        revert = _revert(error)
        if revert is None:
            raise Problem(Code.REFUSED_BY_CONTRACT, f"The node says: {error.message}.") from None
        raise problem_of(revert) from None
    return answer


def problem_of(revert: Revert) -> Problem:
    """What a contract's refusal is to people: a code of their own where there is one, and a sentence."""
    shown = _shown(revert)
    told = _TABLE.get(revert.name)
    if told is not None:
        code, detail = told(revert.args)
        more = {"spendable": str(revert.args["balance"])} if revert.name == "ERC20InsufficientBalance" else {}
        return Problem(code, detail, contract=shown, **more)
    words = re.sub(r"(?<!^)(?=[A-Z][a-z])", " ", revert.name).lower()
    return Problem(Code.REFUSED_BY_CONTRACT, f"It says: {words}.", contract=shown)


def _euros(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d} euros"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _transfer_refused(args: _Arguments) -> tuple[Code, str]:
    code = _REFUSALS.get(args["reason"], Code.REFUSED_BY_CONTRACT)
    return code, f"From {args['from']} to {args['to']}."


def _sentence(tell: Callable[[_Arguments], str], code: Code = Code.REFUSED_BY_CONTRACT) -> _Told:
    return lambda args: (code, tell(args))


def _line(tell: Callable[[_Arguments], str]) -> _Told:
    """About one line of a report. People count from one; `index` beside it counts from zero, as the contract does."""
    return lambda args: (Code.REFUSED_BY_CONTRACT, f"Line {args['line'] + 1}: {tell(args)}.")


def _over_limit(period: str) -> _Told:
    return _line(
        lambda args: (
            f"{_euros(args['amount'])}; of what this member may earn in a {period}, {_euros(args['left'])} are left"
        )
    )


_TABLE: Final[Mapping[str, _Told]] = {
    "ERC20InsufficientBalance": _sentence(
        lambda args: f"The account has {_euros(args['balance'])}, {_euros(args['needed'])} are asked for.",
        Code.INSUFFICIENT,
    ),
    "TransferRefused": _transfer_refused,
    "AuthorizationExpired": _sentence(
        lambda args: f"It was valid before {_time(args['validBefore'])}.", Code.DEADLINE_PASSED
    ),
    "TokenPaused": _sentence(lambda _: "", Code.PAUSED),
    "RedemptionExists": _sentence(lambda args: f"Redemption 0x{args['id'].hex()} is at the desk already."),
    "ActivityNotHeld": _sentence(
        lambda args: f"The activity has not been held yet; reports are taken from {_time(args['opensAt'])}."
    ),
    "ActivityClosed": _sentence(
        lambda args: f"The activity is closed; reports were taken until {_time(args['closesAt'])}."
    ),
    "BudgetExceeded": _sentence(
        lambda args: (
            f"The report needs {_euros(args['needed'])}; in the budget of programme {args['programme']}, "
            f"{_euros(args['left'])} are left."
        )
    ),
    "NotResident": _line(lambda args: f"member {args['number']} is not a resident"),
    "LineMinutes": _line(lambda args: f"{args['minutes_']} minutes; the activity allows {args['maxMinutes']}"),
    "LineMonthLimit": _over_limit("month"),
    "LineYearLimit": _over_limit("year"),
    "LineAlreadyRewarded": _line(
        lambda args: f"member {args['uid'] & 0xFFFFFFFF} has been rewarded for activity {args['uid'] >> 32} already"
    ),
    "LineOwnNumber": _line(
        lambda args: f"member {args['number']} signs this report, as attester or issuer, and cannot be rewarded by it"
    ),
}
"""What the contracts' errors say, by name. One that is not here is told by its name."""


def _revert(error: RpcError) -> Revert | None:
    if not isinstance(error.data, str) or not re.fullmatch(r"0x([0-9a-fA-F]{2})+", error.data):
        return None
    return decode_revert(bytes.fromhex(error.data[2:]))


def _shown(revert: Revert) -> dict[str, Any]:
    arguments = {
        name: "0x" + value.hex() if isinstance(value, bytes) else str(value) for name, value in revert.args.items()
    }
    index = next((revert.args[name] for name in _INDEXES if isinstance(revert.args.get(name), int)), None)
    return {"error": revert.name, "arguments": arguments, "index": index}
