# SPDX-License-Identifier: EUPL-1.2
"""Asks the contract whether it would refuse, before that costs a transaction. Not on the way of payments."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from heitje.chain.abi import Revert, decode_revert
from heitje.chain.node import Node, NodeUnreachable, RpcError
from heitje.chain.words import AttestationStatus, RedemptionStatus
from heitje.problems import Code, Problem
from heitje.relay.batch import gas_of
from heitje.relay.calldata import Contracts, browser_gas, encode, extra_bytes
from heitje.relay.operation import Submission

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


async def try_submission(node: Node, sender: str, contracts: Contracts, wanted: Submission) -> None:
    """Ask the contract whether it would refuse this one.

    Raises:
        Problem: See `try_call`.
    """
    to, data = encode(contracts, wanted.kind, [wanted.payload])
    more = (extra_bytes(wanted.payload), browser_gas(wanted.payload, wanted.wallets))
    gas = gas_of(wanted.kind, 1, wanted.wallets, *more)
    await try_call(node, sender, to, data, gas)


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


def _wrong_status(args: _Arguments) -> tuple[Code, str]:
    """The registry names an attestation, the desk a redemption."""
    if "uid" in args:
        known = args["status"] != AttestationStatus.NONE
        return (Code.REWARD_FINAL, "It was taken back.") if known else (Code.NOT_FOUND, "There is no such reward.")
    return Code.REDEMPTION_ENDED, f"It is {RedemptionStatus(args['status']).name.lower()}."


_TABLE: Final[Mapping[str, _Told]] = {
    "ERC20InsufficientBalance": _sentence(
        lambda args: f"The account has {_euros(args['balance'])}, {_euros(args['needed'])} are asked for.",
        Code.INSUFFICIENT,
    ),
    "TransferRefused": _transfer_refused,
    "AuthorizationExpired": _sentence(
        lambda args: f"It was valid before {_time(args['validBefore'])}.", Code.DEADLINE_PASSED
    ),
    "AuthorizationNotYetValid": _sentence(
        lambda args: f"It is valid after {_time(args['validAfter'])}.", Code.NOT_YET_VALID
    ),
    "AuthorizationAlreadyUsed": _sentence(lambda _: "", Code.AUTHORIZATION_USED),
    "PaymentsEnded": _sentence(
        lambda args: f"Payments were possible until {_time(args['payUntil'])}.", Code.PAYMENTS_ENDED
    ),
    "RedemptionsEnded": _sentence(
        lambda args: f"Redemptions were possible until {_time(args['redeemUntil'])}.", Code.PAYMENTS_ENDED
    ),
    "DeskIsClosed": _sentence(lambda _: "This desk takes no new redemptions; another one does."),
    "ReclaimTooEarly": _sentence(
        lambda args: f"It can be reclaimed from {_time(args['from'])} on.", Code.RECLAIM_TOO_EARLY
    ),
    "ReportAlreadyIssued": _sentence(lambda _: "", Code.REPORT_ISSUED),
    "ReportWithdrawn": _sentence(lambda _: "", Code.REPORT_CANCELLED),
    "ReductionExpired": _sentence(
        lambda args: f"It could be carried until {_time(args['deadline'])}.", Code.DEADLINE_PASSED
    ),
    "ReportExpired": _sentence(
        lambda args: f"It could be issued until {_time(args['deadline'])}.", Code.DEADLINE_PASSED
    ),
    "NotReduced": _sentence(
        lambda args: f"{args['kept']} minutes count now; a reduction to {args['minutes_']} takes nothing off.",
        Code.REWARD_FINAL,
    ),
    "WrongStatus": _wrong_status,
    "AttesterNotAppointed": _sentence(
        lambda args: f"{args['attester']} is not an attester of programme {args['programme']}."
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
