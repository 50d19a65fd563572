# SPDX-License-Identifier: EUPL-1.2
"""The page of an act: says in words what is signed and what follows, lets it be signed, and tells what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from heitje.city.payouts import Payout
from heitje.city.roles import Role
from heitje.office.announced import Announcement
from heitje.office.books import Redemption
from heitje.office.service import NAMES, Prepared, Way
from heitje.problems import Code, Problem
from heitje.rest.fields import Hash
from heitje.rest.principal import Person
from heitje.web.desk.frame import Desk
from heitje.web.desk.schemas import CarriedRequest
from heitje.web.desk.visitor import Official
from heitje.web.desk.words import CALLS, LABELS, OTHER_CALL, SIGNED_FOR_AN_HOUR, WORDS

_WRITTEN: Final[Mapping[str, Callable[[Desk, Any], str]]] = {
    **dict.fromkeys(("cap", "centsPerHour"), lambda desk, value: desk.pages.money(value)),
    **dict.fromkeys(("from", "to", "month", "fromMonth", "toMonth"), lambda desk, value: desk.month(value)),
    **dict.fromkeys(("opensAt", "closesAt"), lambda desk, value: desk.pages.moment(float(value))),
    "euros": lambda desk, value: desk.pages.money(100 * int(value)),
    "class": lambda desk, value: desk.holder_class(value),
    "neighbourhood": lambda desk, value: desk.neighbourhood(value),
}
"""How particulars are written that are not simply text."""
_DAY: Final = 86_400


def add(routes: APIRouter, desk: Desk) -> None:
    """The page of every act, and what its script asks."""

    async def show_act(request: Request, official: Official) -> Response:
        """What is signed, and what follows."""
        name = request.path_params["name"]
        if name not in NAMES:
            raise Problem(Code.NOT_FOUND)
        particulars = {key: value for key, value in request.query_params.items() if value}
        prepared = await desk.acts.prepare(official.address, name, particulars)
        return desk.show(request, "desk/act.html", official, **await told(desk, prepared, particulars, official))

    desk.page(routes, "/acts/{name}", show_act)

    @routes.post("/acts/{name}/carried")
    async def carry(name: str, asked: CarriedRequest, who: Person) -> Response:
        """The transaction that carries what was signed."""
        signature = bytes.fromhex(asked.signature[2:])
        prepared = await desk.acts.carry(who.address, name, asked.particulars, signature, asked.deadline)
        refusal = desk.refusal(prepared.refusal) if prepared.way is Way.REFUSED else None
        return JSONResponse({"transaction": prepared.transaction, "refusal": refusal})

    @routes.get("/outcomes/{transaction}")
    async def show_outcome(transaction: Annotated[Hash, Path()]) -> Response:
        """What became of a transaction."""
        state, revert = await desk.parts.office.sending.outcome(transaction)
        words = desk.refusal(revert) if state == "refused" else ""
        return JSONResponse({"state": state, "words": words}, HTTPStatus.OK, {"Cache-Control": "no-store"})


async def told(desk: Desk, prepared: Prepared, particulars: Mapping[str, str], official: Official) -> dict[str, Any]:
    """What the page of an act shows."""
    words = WORDS[prepared.name]
    items = await _redemptions(desk, prepared)
    values = _values(desk, prepared)
    if items:
        values["total"] = desk.pages.money(sum(item.amount for item in items))
    island = {
        "account": official.address,
        "name": prepared.name,
        "particulars": dict(particulars),
        "deadline": prepared.deadline,
        "typedData": prepared.message.as_json() if prepared.message else None,
        "transaction": prepared.transaction,
        "post": None,
        "done": _done(desk, prepared, words.done, values),
    }
    return {
        "title": desk.text(words.title),
        "does": desk.text(words.does, values),
        "follows": _follows(desk, prepared, desk.text(words.follows, values)),
        "facts": _facts(desk, prepared),
        "items": items,
        "references": _references(prepared),
        "way": prepared.way,
        "refusal": desk.refusal(prepared.refusal) if prepared.refusal else "",
        "back": f"{desk.path}/{desk.text(words.back, values)}".rstrip("/"),
        "act": island,
    }


def _done(desk: Desk, prepared: Prepared, done: str, values: Mapping[str, Any]) -> str:
    if prepared.way is Way.ANNOUNCE:
        return desk.text("Announced. It can be carried out from {due}.", {"due": desk.pages.moment(prepared.due)})
    return desk.text(done, values)


def _follows(desk: Desk, prepared: Prepared, follows: str) -> list[str]:
    """What follows, who can object, until when."""
    due = {"due": desk.pages.moment(prepared.due), "guardian": desk.role(prepared.guardian)}
    found = [follows]
    if prepared.way is Way.ANNOUNCE:
        found.insert(0, desk.text("Your office has a delay: this is announced first, and can be done from {due}.", due))
    if prepared.way in (Way.ANNOUNCE, Way.WAITS):
        found.append(
            desk.text(
                "Until it is done, everybody here can see it; {guardian}, administrator and you can cancel it.", due
            )
        )
    if prepared.way is Way.WAITS:
        found.insert(0, desk.text("This has been announced. It can be carried out from {due}.", due))
    if prepared.way is Way.SIGN:
        found.append(desk.text(SIGNED_FOR_AN_HOUR))
    return found


def _values(desk: Desk, prepared: Prepared) -> dict[str, str]:
    """The particulars of an act, as they stand in sentences."""
    values = {name: _shown(desk, prepared.name, name, value) for name, value in prepared.values.items()}
    if "uid" in prepared.values:
        uid = prepared.values["uid"]
        values |= {"number": str(uid & 0xFFFFFFFF), "activity": str(uid >> 32)}
    terms = desk.parts.office.terms
    values["replacement_days"] = str(terms.replacement_window // _DAY)
    values["clawback_days"] = str(terms.clawback_window // _DAY)
    values["locked_days"] = str(terms.locked_reclaim_after // _DAY)
    if prepared.announced:
        values["what"] = call_in_words(desk, prepared.announced)
    return values


def _shown(desk: Desk, act: str, name: str, value: Any) -> str:
    """A particular, as people write it."""
    if name in _WRITTEN:
        return _WRITTEN[name](desk, value)
    if name == "reason":
        reasons = desk.reasons("refund" if act == "refund" else "freeze")
        return f"{reasons.get(str(value), '')} ({value})"
    if isinstance(value, bool):
        return desk.text("Yes") if value else desk.text("No")
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def _facts(desk: Desk, prepared: Prepared) -> list[tuple[str, str]]:
    """Label and value of every particular, as it is signed."""
    values = _values(desk, prepared)
    named = [name for name in prepared.values if name in LABELS]
    if "uid" in prepared.values:
        named = ["number", "activity", *named]
    return [(desk.text(LABELS[name]), values[name]) for name in named]


async def _redemptions(desk: Desk, prepared: Prepared) -> list[Redemption]:
    ids = prepared.values.get("ids") or [i for group in prepared.values.get("groups", ()) for i in group.ids]
    return await desk.books.redemptions(ids)


def _references(prepared: Prepared) -> dict[bytes, str]:
    """The payment reference of each redemption that is settled."""
    groups: tuple[Payout, ...] = prepared.values.get("groups", ())
    return {name: group.end_to_end_id for group in groups for name in group.ids}


def call_in_words(desk: Desk, item: Announcement) -> str:
    """What an announced call does."""
    values = {name: _argument(desk, name, value) for name, value in item.args.items()}
    sentence = CALLS.get((item.contract, item.function))
    if sentence is None:
        where = {"function": item.function or item.data[:4].hex(), "contract": item.contract or item.target}
        return desk.text(OTHER_CALL, where)
    return desk.text(sentence, values)


def _argument(desk: Desk, name: str, value: Any) -> str:
    if name == "roleId":
        return desk.role(Role(value)) if value in list(Role) else str(value)
    return _shown(desk, "", name, value)
