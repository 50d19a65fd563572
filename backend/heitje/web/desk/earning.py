# SPDX-License-Identifier: EUPL-1.2
"""From what residents hand in to rewards: confirmed and signed by one, released by another."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from heitje.activities.claim_schemas import ClaimState, ShelfState
from heitje.chain import messages
from heitje.chain.messages import Message
from heitje.chain.typed_data import Line
from heitje.city.roles import Role
from heitje.office.releasing import CheckedReport, look_at
from heitje.problems import Code, Problem
from heitje.web.desk.faults import FAULTS
from heitje.web.desk.frame import Desk
from heitje.web.desk.visitor import Official

_MOST: Final = 200
_PAGES: Final = 20
_WAIT: Final = 20
"""Seconds that a page waits for the chain."""


def add(routes: APIRouter, desk: Desk) -> None:
    """The pages."""
    desk.page(routes, "/claims", lambda request, official: _show_claims(desk, request, official))
    desk.page(routes, "/claims/{claim}", lambda request, official: _show_claim(desk, request, official))
    desk.page(routes, "/reports", lambda request, official: _show_reports(desk, request, official))
    desk.page(routes, "/reports/new", lambda request, official: _show_draft(desk, request, official))
    desk.page(routes, "/reports/{digest}", lambda request, official: _show_report(desk, request, official))
    desk.page(
        routes, "/reports/{digest}/withdrawal", lambda request, official: _show_withdrawal(desk, request, official)
    )


async def _show_claims(desk: Desk, request: Request, official: Official) -> Response:
    """What waits for a decision, and what is confirmed and waits for a report."""
    waiting, confirmed = [
        await _claims(desk, official, state) for state in (ClaimState.HANDED_IN, ClaimState.CONFIRMED)
    ]
    counted = Counter(item["activity"] for item in confirmed)
    titles = await _titles(desk, {item["activity"] for item in (*waiting, *confirmed)})
    return desk.show(
        request, "desk/claims.html", official, waiting=waiting, confirmed=sorted(counted.items()), titles=titles
    )


async def _show_claim(desk: Desk, request: Request, official: Official) -> Response:
    """One claim with its evidence."""
    claim = await desk.parts.community.claims.show(official.address, request.path_params["claim"])
    activity = await desk.parts.activities.show(claim["activity"])
    amount = int(activity["centsPerHour"]) * claim["minutes"] // 60
    return desk.show(request, "desk/claim.html", official, claim=claim, activity=activity, amount=amount)


async def _show_draft(desk: Desk, request: Request, official: Official) -> Response:
    """A report of confirmed claims, in words, for the attester to sign."""
    activity = _whole(request.query_params.get("activity", ""))
    draft = await desk.parts.community.drafts.draft(official.address, activity)
    report = draft["report"]
    checked = await look_at(desk.acts.chain, report, None, desk.pages.site.time_zone)
    post = {"path": "/v1/report-drafts", "body": {"report": report}, "field": "attesterSignature", "wait": 0}
    done = desk.text("Signed. It waits for an issuer, who is somebody else, to release it.")
    act = _act(official, _report(desk, report), post, done)
    page = {**await _told(desk, report, checked), "left": draft["left"], "act": act, "back": f"{desk.path}/claims"}
    return desk.show(request, "desk/draft.html", official, **page)


async def _show_reports(desk: Desk, request: Request, official: Official) -> Response:
    """Reports that wait, and what became of the others."""
    page = await desk.parts.community.shelf.page(official.address, None, None, _MOST)
    titles = await _titles(desk, {item["report"]["activity"] for item in page["items"]})
    return desk.show(request, "desk/reports.html", official, reports=page["items"], titles=titles)


async def _show_report(desk: Desk, request: Request, official: Official) -> Response:
    """One report in words and totals; an issuer who is not its attester can release it."""
    item = await _on_shelf(desk, official, request.path_params["digest"])
    report = item["report"]
    issuer = official.address if official.holds(Role.ISSUER) else None
    checked = await look_at(desk.acts.chain, report, issuer, desk.pages.site.time_zone)
    waits = item["state"] == ShelfState.WAITING
    can_release = waits and issuer is not None and checked.can_be_released
    message = messages.release(desk.acts.domains.registry, official.address, _bytes(item["digest"]), checked.skip)
    body = {
        "report": report,
        "attesterSignature": item["attesterSignature"],
        "issuer": official.address,
        "skip": str(checked.skip),
    }
    post = {"path": "/v1/reports", "body": body, "field": "issuerSignature", "wait": _WAIT}
    done = desk.text("Released. The credits are in the accounts of the residents.")
    return desk.show(
        request,
        "desk/report.html",
        official,
        **await _told(desk, report, checked),
        item=item,
        waits=waits,
        can_release=can_release,
        can_withdraw=waits and report["attester"] == official.address,
        can_cancel=waits and official.holds(Role.PROGRAMME),
        act=_act(official, message, post, done),
        back=f"{desk.path}/reports",
    )


async def _show_withdrawal(desk: Desk, request: Request, official: Official) -> Response:
    """An attester takes a report back before it is released."""
    item = await _on_shelf(desk, official, request.path_params["digest"])
    if item["report"]["attester"] != official.address or item["state"] != ShelfState.WAITING:
        raise Problem(Code.NOT_ITS_ATTESTER)
    digest = item["digest"]
    message = messages.cancel_report(desk.acts.domains.registry, official.address, _bytes(digest))
    body = {"attester": official.address}
    post = {"path": f"/v1/reports/{digest}/cancellation", "body": body, "field": "signature", "wait": _WAIT}
    return desk.show(
        request,
        "desk/act.html",
        official,
        title=desk.text("Take a report back"),
        does=desk.text("Nobody can release this report any more. Nobody gets credits from it."),
        follows=[desk.text("You can make another report of the same claims.")],
        facts=[(desk.text("Report"), digest), (desk.text("Activity"), str(item["report"]["activity"]))],
        items=[],
        references={},
        way="sign",
        refusal="",
        back=f"{desk.path}/reports",
        act=_act(official, message, post, desk.text("The report is taken back.")),
    )


async def _told(desk: Desk, report: dict[str, Any], checked: CheckedReport) -> dict[str, Any]:
    """A report in words and totals."""
    return {
        "report": report,
        "activity": await desk.parts.activities.show(report["activity"]),
        "lines": [(line, [desk.text(FAULTS[fault]) for fault in line.faults]) for line in checked.lines],
        "faults": [desk.text(FAULTS[fault]) for fault in checked.faults],
        "total": checked.total,
        "rewarded": len(checked.good),
        "minutes": sum(line.minutes for line in checked.good),
    }


def _report(desk: Desk, report: dict[str, Any]) -> Message:
    lines = [Line(one["number"], one["minutes"], _bytes(one["evidence"])) for one in report["lines"]]
    fields = (report["attester"], report["activity"], lines, report["deadline"], int(report["serial"]))
    return messages.report(desk.acts.domains.registry, *fields)


def _act(official: Official, message: Message, post: dict[str, Any], done: str) -> dict[str, Any]:
    """What the page's script signs and where it brings it."""
    return {
        "account": official.address,
        "name": "",
        "particulars": {},
        "deadline": 0,
        "typedData": message.as_json(),
        "transaction": None,
        "post": post,
        "done": done,
    }


async def _claims(desk: Desk, official: Official, state: ClaimState) -> list[dict[str, Any]]:
    chosen: dict[str, Any] = {"scope": "programme", "activity": None, "state": state, "cursor": None, "limit": _MOST}
    page = await desk.parts.community.claims.page(official.address, **chosen)
    return list(page["items"])


async def _titles(desk: Desk, activities: set[int]) -> dict[int, str]:
    """What activities are called; where nobody has published it, by number."""
    found = {}
    for number in sorted(activities):
        details = (await desk.parts.activities.show(number))["details"]
        found[number] = details["title"] if details else desk.text("Activity {number}", {"number": number})
    return found


async def _on_shelf(desk: Desk, official: Official, digest: str) -> dict[str, Any]:
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await desk.parts.community.shelf.page(official.address, None, cursor, _MOST)
        found: dict[str, Any] | None = next((item for item in page["items"] if item["digest"] == digest), None)
        if found is not None:
            return found
        cursor = page["next"]
        if cursor is None:
            break
    raise Problem(Code.NOT_FOUND)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Problem(Code.NOT_FOUND)
    return int(text)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
