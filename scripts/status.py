# SPDX-License-Identifier: EUPL-1.2
"""Shows how the city stands, from the chain alone."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from heitje.chain.calendar import month_of, month_text
from heitje.chain.events import AttesterSet
from heitje.chain.words import Account, RedemptionStatus
from heitje.city.profile import RuleRow
from heitje.city.roles import REGISTRY, TOKEN, Role
from heitje.reports.problems import euros
from heitje.reports.state import Call
from scripts._support.announcements import State, announcements
from scripts._support.attention import attention, show_attention
from scripts._support.city_chain import CityChain
from scripts._support.console import say, show_table, warn
from scripts._support.desk import redemptions
from scripts._support.documents import PARTS, read_deployment
from scripts._support.exits import Code, Stop
from scripts._support.inputs import known_profile
from scripts._support.inspection import members_on_chain
from scripts._support.people import wallets
from scripts._support.script import Script, deployment_option, node_of, profile_option

HELP = """Show how the city stands, from the chain alone. Needs no account.

The books (issued less settled, clawed back and expired must be the supply, and the sum of all balances), budgets, who
holds which role with which delay, the limits in force, whether payments are paused, what waits at the desk, what
officials have announced, who is frozen, which wallets are being replaced, and which struck rewards can be taken back.
Exits with 8 if the books do not add up; `heitje audit` then says where. The city's profile adds only where the
limits were read, and whether they are confirmed for now.
"""


@click.command(cls=Script, help=HELP, short_help="Show how the city stands")
@click.option("--json", "as_json", is_flag=True, help="For machines; amounts are text, in cents.")
@profile_option
@deployment_option
def cli(provider: Any, deployment: Path, profile: str | None, *, as_json: bool) -> None:
    """See HELP."""
    city = CityChain.connect(node_of(provider), read_deployment(deployment))
    document = {
        "city": city.deployment.city,
        "chainId": city.chain_id,
        "block": city.block,
        "time": city.timestamp,
        "contracts": {part: city.address(name) for part, name in PARTS.items()},
        "books": _books(city),
        **_switches(city),
        "programmes": _programmes(city),
        "limits": _limits(city, profile),
        "roles": _roles(city),
        "redemptions": _redemptions(city),
        "announced": _announced(city),
        **attention(city),
    }
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        _show(document)
    if not document["books"]["balanced"]:
        raise Stop(Code.MISMATCH, "The books do not add up. Run `heitje audit` to find out where.")


def _books(city: CityChain) -> dict[str, Any]:
    issued, settled, clawed_back, expired = city.read(TOKEN, "ledger")
    supply = city.read(TOKEN, "totalSupply")
    everybody = [*wallets(city), *([city.address("RedemptionDesk")])]
    words: list[int] = []
    for start in range(0, len(everybody), 500):
        words += city.read(TOKEN, "wordsOf", everybody[start : start + 500])
    accounts = [Account.from_word(word) for word in words]
    balances = sum(account.balance for account in accounts)
    figures = {
        "issued": issued,
        "settled": settled,
        "clawedBack": clawed_back,
        "expired": expired,
        "supply": supply,
        "balances": balances,
    }
    balanced = issued - settled - clawed_back - expired == supply == balances
    members = len({account.number for account in accounts} - {0})
    return {**{name: str(cents) for name, cents in figures.items()}, "balanced": balanced, "members": members}


def _switches(city: CityChain) -> dict[str, Any]:
    _, paused, issue_until, pay_until, redeem_until = city.read(TOKEN, "rules")
    return {
        "paused": paused,
        "windDown": {"issueUntil": issue_until, "payUntil": pay_until, "redeemUntil": redeem_until},
    }


def _programmes(city: CityChain) -> list[dict[str, Any]]:
    count = city.read(REGISTRY, "counts")[0]
    states = city.read_many([Call(REGISTRY, "programmeOf", (number,)) for number in range(1, count + 1)])
    events = [event for event, _ in city.events(REGISTRY, "AttesterSet(uint256,address,bool)")]
    attesters: dict[int, dict[str, None]] = {}
    for event in events:
        if isinstance(event, AttesterSet):
            people = attesters.setdefault(event.programme, {})
            if event.appointed:
                people[event.attester] = None
            else:
                people.pop(event.attester, None)
    return [
        {
            "programme": number,
            "cap": str(state["cap"]),
            "used": str(state["used"]),
            "left": str(state["cap"] - state["used"]),
            "from": month_text(state["fromMonth"]),
            "to": month_text(state["toMonth"]),
            "attesters": list(attesters.get(number, {})),
        }
        for number, state in enumerate(states, 1)
        if state
    ]


def _limits(city: CityChain, given: str | None) -> dict[str, Any] | None:
    """The limits in force on the chain, with what the profile knows of them; None before the first."""
    month = month_of(city.timestamp)
    rule = city.read(REGISTRY, "ruleFor", month)
    if not rule:
        return None
    names = ("hourlyAdult", "hourlyYouth", "monthLimit", "yearLimit", "headroom")
    limits = {"validFrom": month_text(rule["validFrom"]), **{name: str(rule[name]) for name in names}}
    return {**limits, **_origin(city, given, month, rule)}


def _origin(city: CityChain, given: str | None, month: int, rule: dict[str, Any]) -> dict[str, str | None]:
    """Where limits were read, for which months, and what is wrong with that now, as far as there is a profile."""
    nothing: dict[str, str | None] = {"source": None, "confirmedTo": None}
    profile = known_profile(city.deployment, given)
    if profile is None:
        return {**nothing, "problem": "Whether they are confirmed for now is in the city's profile; name it: --profile"}
    row = next((row for row in profile.confirmed_rules if _is(rule, row)), None)
    if row is None:
        text = (
            f"The profile of {profile.name} has no confirmed row with their source. Find out who added them, and why."
        )
        return {**nothing, "problem": text}
    problem = profile.limits_problem(month)
    newest = profile.row_in_force(month)
    if newest is not None and newest is not row:
        problem = f"The profile has a newer confirmed row, of {newest.valid_from}. To put it in force: `ape run rules`."
    return {"source": row.source, "confirmedTo": row.valid_to, "problem": problem}


def _is(rule: dict[str, Any], row: RuleRow) -> bool:
    return (rule["validFrom"], bytes(rule["source"])) == (row.month, row.source_hash)


def _roles(city: CityChain) -> list[dict[str, Any]]:
    names = {role.value: role.name for role in Role}
    return [
        {"role": names.get(number, str(number)), "member": member, "delay": delay}
        for (number, member), delay in sorted(members_on_chain(city).items())
    ]


def _redemptions(city: CityChain) -> dict[str, Any]:
    items = redemptions(city)
    found = {}
    for status in (RedemptionStatus.REQUESTED, RedemptionStatus.LOCKED):
        cents = [item.state.amount for item in items if item.status is status]
        found[status.name.lower()] = {"count": len(cents), "cents": str(sum(cents))}
    return found


def _announced(city: CityChain) -> list[dict[str, Any]]:
    """What has been announced and can still be done."""
    return [
        {
            "id": "0x" + item.id.hex(),
            "what": item.what,
            "role": item.role.name if item.role is not None else None,
            "caller": item.caller,
            "from": item.due,
            "until": item.expires,
        }
        for item in announcements(city)
        if item.state(city.timestamp) is not State.EXPIRED
    ]


def _show(document: dict[str, Any]) -> None:
    when = datetime.fromtimestamp(document["time"], UTC)
    say(f"{document['city']}, chain {document['chainId']}, block {document['block']}, {when:%d %B %Y %H:%M} UTC")
    books = document["books"]
    names = ("issued", "settled", "clawedBack", "expired", "supply", "balances")
    labels = ("issued€", "settled€", "clawed back€", "expired€", "supply€", "sum of balances€")
    verdict = "The books add up" if books["balanced"] else "THE BOOKS DO NOT ADD UP"
    show_table(f"{verdict} ({books['members']} members)", labels, [[euros(int(books[name])) for name in names]])
    rows = [
        (
            p["programme"],
            euros(int(p["cap"])),
            euros(int(p["used"])),
            euros(int(p["left"])),
            f"{p['from']} to {p['to']}",
        )
        for p in document["programmes"]
    ]
    show_table("Programmes", ("number#", "budget€", "used€", "left€", "months"), rows)
    roles = [(item["role"], item["member"], f"{item['delay']:,} s") for item in document["roles"]]
    show_table("Roles", ("role", "member", "delay#"), roles)
    limits = document["limits"]
    if limits:
        say(
            f"Limits since {limits['validFrom']}: {euros(int(limits['hourlyAdult']))} an hour"
            f" ({euros(int(limits['hourlyYouth']))} under 21), {euros(int(limits['monthLimit']))} a month,"
            f" {euros(int(limits['yearLimit']))} a year, {euros(int(limits['headroom']))} kept free of both."
        )
        if limits["source"]:
            say(f"Read in: {limits['source']}")
        if limits["problem"]:
            warn(limits["problem"])
    for status, found in document["redemptions"].items():
        say(f"Redemptions {status}: {found['count']}, {euros(int(found['cents']))}")
    for item in document["announced"]:
        due = datetime.fromtimestamp(item["from"], UTC)
        say(f"Announced, from {due.day} {due:%B %Y %H:%M} UTC: {item['what']} (see `ape run announced`)")
    show_attention(document)
    if document["paused"]:
        warn("PAUSED: no rewards, and residents cannot pay.")
