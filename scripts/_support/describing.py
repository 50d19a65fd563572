# SPDX-License-Identifier: EUPL-1.2
"""What a call to one of our contracts does, in words, from its arguments: for what others have announced."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from heitje.chain.calendar import month_text
from heitje.chain.words import Class
from heitje.city.roles import AUTHORITY, DESK, REGISTRY, TOKEN, Role
from heitje.reports.problems import euros

Arguments = Mapping[str, Any]


def describe(contract: str, function: str, args: Arguments) -> str:
    """A call in words; one that has no words of its own as its name and arguments."""
    words = _WORDS.get((contract, function))
    if words is None:
        listed = ", ".join(f"{name}={_text(value)}" for name, value in args.items())
        return f"{contract}.{function}({listed})"
    return words(args)


def date_text(time: int) -> str:
    """A day, written out, in UTC."""
    day = datetime.fromtimestamp(time, UTC)
    return f"{day.day} {day:%B %Y}"


def rule_text(rule: Arguments) -> str:
    """A row of limits of the volunteer compensation."""
    return (
        f"{euros(rule['hourlyAdult'])} an hour ({euros(rule['hourlyYouth'])} under 21), "
        f"{euros(rule['monthLimit'])} a month, {euros(rule['yearLimit'])} a year, "
        f"{euros(rule['headroom'])} kept free of both"
    )


def _text(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def role_name(number: int) -> str:
    """A role by its number in the authority."""
    return Role(number).name if number in list(Role) else f"role {number}"


def _delay(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{seconds} seconds" if rest else f"{hours} hours"


def _transfer_rule(args: Arguments) -> str:
    whom = f"{Class(args['from']).name.lower()} to {Class(args['to']).name.lower()}"
    return f"{'allow' if args['allowed'] else 'forbid'} payments from {whom}"


def _activity(args: Arguments) -> str:
    details = args["details"]
    return (
        f"open an activity of programme {details['programme']} in {month_text(details['month'])}, "
        f"{euros(details['centsPerHour'])} an hour, at most {details['maxMinutes']} minutes"
    )


def _dates(args: Arguments) -> str:
    issue, pay, redeem = (date_text(args[name]) for name in ("issueUntil", "payUntil", "redeemUntil"))
    return f"extend the scheme: rewards until {issue}, payments until {pay}, redemptions until {redeem} (UTC)"


_WORDS: Final[dict[tuple[str, str], Callable[[Arguments], str]]] = {
    (TOKEN, "setDesk"): lambda a: (
        f"make {a['desk']} a redemption desk, which may destroy what is in its escrow"
        if a["active"]
        else f"end the redemption desk {a['desk']}"
    ),
    (TOKEN, "extendWindDown"): _dates,
    (TOKEN, "setTransferRule"): _transfer_rule,
    (TOKEN, "unfreeze"): lambda a: f"unfreeze the account of member {a['number']}",
    (TOKEN, "unpause"): lambda _: "end the pause: rewards and payments go on",
    (TOKEN, "enrol"): lambda a: f"enrol {len(a['enrolments'])} members",
    (TOKEN, "setClass"): lambda a: f"make member {a['number']} a {Class(a['class']).name.lower()}",
    (DESK, "close"): lambda _: "close the redemption desk: it takes no new requests",
    (REGISTRY, "openProgramme"): lambda a: (
        f"open a programme of {euros(a['cap'])} from {month_text(a['fromMonth'])} to {month_text(a['toMonth'])}"
    ),
    (REGISTRY, "setProgrammeCap"): lambda a: f"set the budget of programme {a['programme']} to {euros(a['cap'])}",
    (REGISTRY, "setAttester"): lambda a: (
        f"{'appoint' if a['appointed'] else 'dismiss'} attester {a['attester']} in programme {a['programme']}"
    ),
    (REGISTRY, "openActivity"): _activity,
    (REGISTRY, "addRule"): lambda a: f"add limits from {month_text(a['rule']['validFrom'])}: {rule_text(a['rule'])}",
    (REGISTRY, "cancelReport"): lambda a: f"cancel report {_text(a['report'])}, so that nobody can mint it",
    (REGISTRY, "reduce"): lambda a: (
        f"strike minutes: member {a['uid'] & 0xFFFFFFFF} keeps {a['minutes_']} in activity {a['uid'] >> 32}"
    ),
    (AUTHORITY, "grantRole"): lambda a: (
        f"make {a['account']} {role_name(a['roleId'])} with a delay of {_delay(a['executionDelay'])}"
    ),
    (AUTHORITY, "revokeRole"): lambda a: f"{a['account']} shall no longer be {role_name(a['roleId'])}",
    (AUTHORITY, "setRoleAdmin"): lambda a: f"{role_name(a['admin'])} shall give out {role_name(a['roleId'])}",
    (AUTHORITY, "setRoleGuardian"): lambda a: (
        f"{role_name(a['guardian'])} shall be able to cancel what {role_name(a['roleId'])} announces"
    ),
    (AUTHORITY, "setTargetFunctionRole"): lambda a: (
        f"give {len(a['selectors'])} functions of {a['target']} to {role_name(a['roleId'])}"
    ),
    (AUTHORITY, "setTargetClosed"): lambda a: f"{'close' if a['closed'] else 'open'} {a['target']} for all officials",
    (AUTHORITY, "updateAuthority"): lambda a: f"make {a['newAuthority']} the authority of {a['target']}",
}
