# SPDX-License-Identifier: EUPL-1.2
"""An answer to a request for access, as people read it, from the same document that machines get."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

FORMAT: Final = "heitje access 1"


def counts(document: Mapping[str, Any]) -> dict[str, int]:
    """How much there is under each heading."""
    names = ("rewards", "movements", "failedPayments", "redemptions", "freezes", "replacements")
    return {"notes": len(document["register"]["notes"]), **{name: len(document["chain"][name]) for name in names}}


def as_text(document: Mapping[str, Any], zone: ZoneInfo) -> str:
    """The whole answer, in plain English, times on the city's clock; the notice in each language it is in."""
    return (
        "\n".join([*_register(document, zone), *_chain(document["chain"], zone), *_notices(document["notice"])]) + "\n"
    )


def _when(text: str, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(text).astimezone(zone)
    return f"{moment.day} {moment:%B %Y %H:%M}"


def _euros(cents: str) -> str:
    return f"{int(cents) // 100:,}.{int(cents) % 100:02d} euros"


def _register(document: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    held = document["register"]
    yield f"WHAT IS KNOWN OF MEMBER {held['member']}, {document['city'].upper()}"
    block = f"block {document['block']} of chain {document['chainId']}"
    yield f"As of {_when(document['time'], zone)} ({zone.key}), {block}."
    yield ""
    yield "IN THE REGISTER"
    yield f"  Member number {held['member']}, {held['class']}, address {held['address']}."
    yield "  No name, no citizen service number (BSN), no bank account."
    yield "  A personal secret, with which notes about you are sealed. It is not shown: it would open future ones too."
    for note in held["notes"]:
        yield f"  Noted about activity {note['activity']}: {note['evidence']}"
    yield ""


def _chain(chain: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    account, limits = chain["account"], chain["limits"]
    yield "YOUR ACCOUNT, ON THE CHAIN"
    yield f"  Address {account['address'] or 'none'}, {account['class']}; balance {_euros(account['balance'])},"
    yield f"  of which {_euros(account['spendable'])} can be spent or redeemed now."
    for part in account["expiring"]:
        yield f"  {_euros(part['cents'])} expire on {_when(part['at'], zone)}."
    yield f"  Frozen: {_yes(account['frozen'])}. Wallet being replaced: {_yes(account['replacementUnderWay'])}."
    earned = f"{_euros(limits['earnedInMonth'])}; in its year: {_euros(limits['earnedInYear'])}"
    yield f"  Earned in {limits['month']}: {earned}."
    if "leftInMonth" in limits:
        yield f"  Left to earn: {_euros(limits['leftInMonth'])} this month, {_euros(limits['leftInYear'])} this year."
    yield from _headed("WHAT YOU WERE REWARDED FOR", [_reward(item, zone) for item in chain["rewards"]])
    yield from _headed("WHAT CAME IN AND WENT OUT", [_movement(item, zone) for item in chain["movements"]])
    failed = [f"{_when(item['time'], zone)}: {item['reason']}" for item in chain["failedPayments"]]
    yield from _headed("PAYMENTS THAT FAILED", failed)
    redeemed = [
        f"{_when(item['time'], zone)}: {_euros(item['cents'])}, {item['state']} ({item['id']})"
        for item in chain["redemptions"]
    ]
    yield from _headed("REDEMPTIONS", redeemed)
    freezes = [
        f"{_when(item['time'], zone)}: {item['what']}" + (f": {item['reason']}" if "reason" in item else "")
        for item in chain["freezes"]
    ]
    yield from _headed("FREEZES", freezes)
    replaced = [
        f"{_when(item['time'], zone)}: {item['what']}"
        + (f", to the new wallet {item['address']}, by the official {item['official']}" if "address" in item else "")
        for item in chain["replacements"]
    ]
    yield from _headed("REPLACEMENTS OF THE WALLET", replaced)


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _reward(item: Mapping[str, Any], zone: ZoneInfo) -> str:
    got = "nothing: the issuer left this line out" if item["skippedByIssuer"] else _euros(item["cents"])
    reduced = (
        f", of which {_euros(item['centsStruck'])} were struck when it was reduced to {item['minutesNow']} minutes"
    )
    struck = reduced if int(item["centsStruck"]) else ""
    text = f"{_when(item['time'], zone)}: activity {item['activity']}, {item['minutesAttested']} minutes, {got}{struck}"
    noted = item["evidence"]
    if noted is None:
        return f"{text}; what was noted is not in the register"
    return f"{text}; noted: {noted}" if noted else f"{text}; nothing was noted"


def _movement(item: Mapping[str, Any], zone: ZoneInfo) -> str:
    if item["direction"] == "own":
        moved = f"{_euros(item['cents'])} moved to the new wallet; nothing came or went"
        return f"{_when(item['time'], zone)}: {moved}"
    sign = "-" if item["direction"] == "out" else "+"
    other = item.get("with", {})
    who = f" (shop {other['member']})" if "member" in other else f" ({other['class']})" if other else ""
    return f"{_when(item['time'], zone)}: {sign}{_euros(item['cents'])}, {item['kind']}{who}"


def _headed(title: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {line}" for line in lines or ["None."])


def _notices(notices: Mapping[str, Any]) -> Iterator[str]:
    for language, parts in notices.items():
        yield ""
        yield f"WHAT YOU SHOULD KNOW ({language})"
        for part in parts:
            yield f"  {part['title']}. {part['text']}"
