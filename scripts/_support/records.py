# SPDX-License-Identifier: EUPL-1.2
"""Everything the chain says about one member, for an answer to a request for access (GDPR, articles 15 and 20).

Amounts are text, in cents; times are RFC 3339 in UTC. Of another resident only the class is told: who they are is their
own business. Shops are told by number and address, which are public.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from heitje.chain.account import Account, Class, Flag
from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.calendar import month_of, month_text
from heitje.chain.events import (
    Expired,
    Frozen,
    PaymentFailed,
    RedemptionRequested,
    Replaced,
    ReplacementCancelled,
    ReplacementRequested,
    Transfer,
    Unfrozen,
)
from heitje.chain.words import AttestationStatus, Redemption, RedemptionStatus
from heitje.city.profile import Profile
from heitje.city.register import Member, evidence_salt
from heitje.city.roles import DESK, REGISTRY, TOKEN
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.personal import REPLACED, Part, Standing, addresses_of, matching, parts_of, topic_of

_REQUESTED: Final = "RedemptionRequested(bytes32,uint32,uint256,bytes32,bytes32)"
_REPLACEMENTS: Final = (
    "ReplacementRequested(bytes32,uint32,address,address,address,uint256,uint256)",
    REPLACED,
    "ReplacementCancelled(bytes32,uint32)",
)
_FAILED: Final = "PaymentFailed(bytes32,address,uint256,uint8)"
_SHOPS: Final = (Class.MERCHANT, Class.CLOSING)
_REFUSALS: Final = ("none", "same account", "zero value", "frozen", "not allowed", "too little credit")
"""Of `Refusal` in the token's interface, by number."""


def collect(city: CityChain, member: Member, profile: Profile) -> dict[str, Any]:
    """What the chain says, by heading."""
    standing = Standing.read(city, member.number)
    own = addresses_of(city, member.number, [member.address, standing.holder])
    moved = _transfers(city, own)
    parts = parts_of(city, member.number)
    number = topic_of(member.number)
    requested = city.events(DESK, _REQUESTED, None, number)
    frozen = city.events(TOKEN, "Frozen(uint32,address,uint16)", number)
    unfrozen = city.events(TOKEN, "Unfrozen(uint32,address)", number)
    failed = [item for address in own for item in city.events(TOKEN, _FAILED, None, topic_of(address))]
    replacements = [item for signature in _REPLACEMENTS for item in city.events(TOKEN, signature, None, number)]
    logs = [log for _, log in [*moved, *requested, *frozen, *unfrozen, *failed, *replacements]]
    times = _times(city, [*logs, *(part.log for part in parts)])
    return {
        "account": _account(standing, own),
        "rewards": _rewards(city, member, parts, times),
        "movements": _movements(city, moved, own, times),
        "failedPayments": _failed(failed, times),
        "redemptions": _redemptions(city, requested, times),
        "freezes": _freezes([*frozen, *unfrozen], times, profile),
        "replacements": _replacements(replacements, times),
        "limits": _limits(city, member.number),
    }


def _times(city: CityChain, logs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """When the blocks of these logs were made, by the block's number as the log has it."""
    numbers = sorted({str(log["blockNumber"]) for log in logs})
    blocks = city.rpc.batch([("eth_getBlockByNumber", [number, False]) for number in numbers])
    return {number: _utc(int(block["timestamp"], 16)) for number, block in zip(numbers, blocks, strict=True)}


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _account(standing: Standing, own: Sequence[str]) -> dict[str, Any]:
    account = standing.account
    return {
        "address": standing.holder,
        "everyAddress": list(own),
        "class": Class(account.holder_class).name.lower(),
        "balance": str(account.balance),
        "spendable": str(standing.spendable),
        "expiring": [{"cents": str(cents), "at": _utc(at)} for cents, at in standing.expiring],
        "frozen": bool(account.flags & Flag.FROZEN),
        "replacementUnderWay": standing.replacing,
        "openRedemptions": account.open_redemptions,
    }


def _rewards(city: CityChain, member: Member, parts: Sequence[Part], times: Mapping[str, str]) -> list[dict[str, Any]]:
    activities = sorted({part.event.activity for part in parts})
    details = dict(
        zip(activities, city.read_many([Call(REGISTRY, "activityOf", (a,)) for a in activities]), strict=True)
    )
    found = []
    for part in parts:
        number = part.event.activity
        notes = [*member.notes.get(number, ()), ""]
        found.append(
            {
                "activity": number,
                "programme": details[number]["programme"],
                "month": month_text(details[number]["month"]),
                "heldUntil": _utc(details[number]["opensAt"]),
                "neighbourhood": details[number]["neighbourhood"],
                "minutesAttested": part.line.minutes,
                "minutesNow": _minutes_now(part),
                "cents": "0" if part.skipped else str(part.attestation.amount),
                "centsStruck": "0" if part.skipped else str(part.attestation.struck),
                "skippedByIssuer": part.skipped,
                "time": times[part.log["blockNumber"]],
                "attester": part.event.attester,
                "report": "0x" + part.event.report.hex(),
                "transaction": part.log["transactionHash"],
                "commitment": "0x" + part.line.evidence.hex(),
                "salt": "0x" + evidence_salt(member.secret, number).hex(),
                "evidence": matching(member, number, part.line.evidence, notes),
            }
        )
    return found


def _minutes_now(part: Part) -> int:
    """The minutes that count now: those of the report, unless the reward was reduced since."""
    if part.skipped:
        return 0
    stored = part.attestation
    return stored.kept if stored.status >= AttestationStatus.REDUCED else stored.minutes


def _transfers(city: CityChain, own: Sequence[str]) -> list[tuple[Any, dict[str, Any]]]:
    """Every move of credits from or to these addresses, in the order of the chain, each once."""
    signature = "Transfer(address,address,uint256)"
    found = {}
    for address in own:
        topic = topic_of(address)
        for event, log in [*city.events(TOKEN, signature, topic), *city.events(TOKEN, signature, None, topic)]:
            found[_place(log)] = (event, log)
    return [found[place] for place in sorted(found)]


def _place(log: Mapping[str, Any]) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)


def _movements(
    city: CityChain, moved: Sequence[tuple[Any, dict[str, Any]]], own: Sequence[str], times: Mapping[str, str]
) -> list[dict[str, Any]]:
    expired = {
        _place(log)
        for address in own
        for event, log in city.events(TOKEN, "Expired(address,uint256)", topic_of(address))
        if isinstance(event, Expired)
    }
    transfers = [(event, log) for event, log in moved if isinstance(event, Transfer) and event.value]
    others = sorted({end for event, _ in transfers for end in (event.sender, event.recipient)} - {ZERO_ADDRESS, *own})
    parties = _parties(city, others)
    found = []
    for event, log in transfers:
        outward = event.sender in own
        other = event.recipient if outward else event.sender
        block, index = _place(log)
        item: dict[str, Any] = {
            "time": times[log["blockNumber"]],
            "cents": str(event.value),
            "direction": "own" if other in own else "out" if outward else "in",
            "kind": _kind(event, other, own, parties, expired=(block, index + 1) in expired),
        }
        if other in parties:
            item["with"] = parties[other]
        found.append({**item, "transaction": log["transactionHash"]})
    return found


def _parties(city: CityChain, others: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Who the other ends are, as far as the member may know: a shop by number and address, a resident by class."""
    words: Sequence[int] = city.read(TOKEN, "wordsOf", list(others)) if others else []
    accounts = {address: Account.from_word(word) for address, word in zip(others, words, strict=True)}
    classes = {address: account.holder_class for address, account in accounts.items()}
    # A wallet that was replaced has no class any more; its number's live one has.
    dead = [address for address, kind in classes.items() if kind == Class.NONE and accounts[address].number]
    live = city.read_many([Call(TOKEN, "holderOf", (accounts[address].number,)) for address in dead])
    moved = city.read(TOKEN, "wordsOf", [to_address(item) for item in live]) if live else []
    classes |= {address: Account.from_word(word).holder_class for address, word in zip(dead, moved, strict=True)}
    found: dict[str, dict[str, Any]] = {}
    for address, kind in sorted(classes.items()):
        found[address] = {"class": Class(kind).name.lower()}
        if kind in _SHOPS:
            found[address] |= {"member": accounts[address].number, "address": address}
    return found


def _kind(
    event: Transfer, other: str, own: Sequence[str], parties: Mapping[str, Mapping[str, Any]], *, expired: bool
) -> str:
    """What a move of credits was, in one word or two."""
    if other == ZERO_ADDRESS:
        return "reward" if event.sender == ZERO_ADDRESS else "expired" if expired else "corrected"
    if other in own:
        return "moved to a new address"
    outward, kind = event.sender in own, parties[other]["class"]
    if kind == "desk":
        return "into escrow" if outward else "back from escrow"
    shops = [shop.name.lower() for shop in _SHOPS]
    if not outward and kind in shops:
        return "refund received"
    return "payment" if outward == (kind in shops) else "refund given"


def _failed(events: Sequence[tuple[Any, dict[str, Any]]], times: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for event, log in events:
        if isinstance(event, PaymentFailed):
            reason = dict(enumerate(_REFUSALS)).get(event.reason, f"reason {event.reason}")
            found.append({"time": times[log["blockNumber"]], "reason": reason, "digest": "0x" + event.digest.hex()})
    return found


def _redemptions(
    city: CityChain, requested: Sequence[tuple[Any, dict[str, Any]]], times: Mapping[str, str]
) -> list[dict[str, Any]]:
    items = [(event, log) for event, log in requested if isinstance(event, RedemptionRequested)]
    words: Sequence[int] = city.read(DESK, "wordsOf", [event.id for event, _ in items]) if items else []
    return [
        {
            "id": "0x" + event.id.hex(),
            "cents": str(event.amount),
            "time": times[log["blockNumber"]],
            "state": RedemptionStatus(Redemption.from_word(word).status).name.lower(),
        }
        for (event, log), word in zip(items, words, strict=True)
    ]


def _freezes(
    events: Sequence[tuple[Any, dict[str, Any]]], times: Mapping[str, str], profile: Profile
) -> list[dict[str, Any]]:
    found = []
    reasons = profile.reasons(profile.freeze_reasons)
    for event, log in sorted(events, key=lambda item: _place(item[1])):
        if isinstance(event, Frozen):
            reason = reasons.get(str(event.reason), "not in the city's list")
            found.append({"time": times[log["blockNumber"]], "what": "frozen", "code": event.reason, "reason": reason})
        elif isinstance(event, Unfrozen):
            found.append({"time": times[log["blockNumber"]], "what": "unfrozen"})
    return found


def _replacements(events: Sequence[tuple[Any, dict[str, Any]]], times: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for event, log in sorted(events, key=lambda item: _place(item[1])):
        item: dict[str, Any] = {"time": times[log["blockNumber"]]}
        if isinstance(event, ReplacementRequested):
            item |= {"what": "asked for", "address": event.new_holder, "official": event.registrar}
        elif isinstance(event, Replaced):
            item |= {"what": "carried out", "address": event.new_holder, "official": event.replacer}
        elif isinstance(event, ReplacementCancelled):
            item |= {"what": "cancelled"}
        found.append(item)
    return found


def _limits(city: CityChain, number: int) -> dict[str, str]:
    month = month_of(city.timestamp)
    earned, left = city.read_many([Call(REGISTRY, name, (number, month)) for name in ("earned", "left")])
    amounts = {"earnedInMonth": earned[0], "earnedInYear": earned[1]}
    amounts |= {"leftInMonth": left[0], "leftInYear": left[1]} if left else {}
    return {"month": month_text(month), **{name: str(cents) for name, cents in amounts.items()}}
