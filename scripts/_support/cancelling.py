# SPDX-License-Identifier: EUPL-1.2
"""Reports to be cancelled before they are minted: by their attester's signature, or by PROGRAMME."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from heitje.chain.addresses import ZERO_ADDRESS, to_address
from heitje.chain.messages import Message, cancel_report
from heitje.chain.typed_data import Domain
from heitje.city.roles import REGISTRY
from heitje.reports.file import SignedReport
from heitje.reports.state import Call
from scripts._support.city_chain import CityChain
from scripts._support.clerk import Clerk, SignedAct
from scripts._support.console import say
from scripts._support.exits import Code, Stop
from scripts._support.office import Act, delay_of
from scripts._support.releasing import load_reports


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One report: its digest, what to call it, how many lines it has (0 if only the digest is known)."""

    digest: bytes
    author: str
    """Its attester; empty if only the digest is known."""
    name: str
    lines: int
    done: bool
    signed: bool
    """Whether its attester cancels it by signature, rather than PROGRAMME."""


def named(texts: Sequence[str]) -> tuple[list[SignedReport], list[bytes]]:
    """Files and digests among what was named on the command line.

    Raises:
        Stop: something is neither.
    """
    digests = [bytes.fromhex(text[2:]) for text in texts if re.fullmatch(r"0x[0-9a-fA-F]{64}", text)]
    paths = [Path(text) for text in texts if not re.fullmatch(r"0x[0-9a-fA-F]{64}", text)]
    missing = [
        f"{path}: there is no such file, and it is no digest (0x and 64 digits)" for path in paths if not path.exists()
    ]
    if missing:
        raise Stop(Code.PROBLEMS, "Some reports cannot be found. Nothing was signed or sent.", missing)
    return (load_reports(paths) if paths else []), list(dict.fromkeys(digests))


def read_cancellations(
    clerk: Clerk, documents: Sequence[SignedReport], digests: Sequence[bytes], as_: str | None
) -> list[Cancellation]:
    """What is to be cancelled, in which way, and what is cancelled already.

    Raises:
        Stop: one is minted, or not as it was signed, or this account may not; all such are listed.
    """
    city, domain, me = clerk.city, clerk.city.domain(REGISTRY), clerk.official.address
    wrong = [f"{report.path.name}: {p.text}" for report in documents for p in report.problems(domain)]
    if wrong:
        raise Stop(Code.PROBLEMS, "Some reports are not as they were signed. Nothing was signed or sent.", wrong)
    known = {report.digest: report for report in documents}
    everything = [*known, *(digest for digest in digests if digest not in known)]
    authors = {digest: to_address(known[digest].body.attester) if digest in known else "" for digest in everything}
    signed = as_ != "programme" and all(author == me for author in authors.values())
    issued = city.read_many([Call(REGISTRY, "isIssued", (digest,)) for digest in everything])
    wrong = [
        f"{_name(digest, known)}: it was minted before; `ape run correct reduce` corrects what was rewarded"
        for digest, yes in zip(everything, issued, strict=True)
        if yes
    ]
    if wrong:
        raise Stop(Code.PROBLEMS, "Some reports cannot be cancelled any more. Nothing was signed or sent.", wrong)
    gone = _cancelled(city, authors)
    if not signed and not all(gone):
        _must_be_programme(clerk, [_name(d, known) for d in everything if authors[d] != me], as_)
    return [
        Cancellation(
            digest,
            authors[digest],
            _name(digest, known),
            len(known[digest].lines) if digest in known else 0,
            done,
            signed,
        )
        for digest, done in zip(everything, gone, strict=True)
    ]


def _cancelled(city: CityChain, authors: Mapping[bytes, str]) -> list[bool]:
    """Whether each report can never be minted; of one whose attester is not known, whether PROGRAMME cancelled it."""
    calls = [Call(REGISTRY, "isCancelled", (digest, author or ZERO_ADDRESS)) for digest, author in authors.items()]
    return [bool(answer) for answer in city.read_many(calls)]


def outcomes(city: CityChain, items: Sequence[Cancellation]) -> list[dict[str, Any]]:
    """For a receipt: whether the chain has each of these as cancelled, as of its block."""
    gone = _cancelled(city, {item.digest: item.author for item in items})
    return [
        {"report": "0x" + item.digest.hex(), "attester": item.author or None, "cancelled": yes}
        for item, yes in zip(items, gone, strict=True)
    ]


def _must_be_programme(clerk: Clerk, others: Sequence[str], as_: str | None) -> None:
    text = f"{clerk.official.alias} ({clerk.official.address}) is not the attester of these, and may not cancel them"
    refusal = Stop(Code.PROBLEMS, f"{text} without the role PROGRAMME. Nothing was signed or sent.", others)
    if as_ == "attester":
        raise refusal
    try:
        delay = delay_of(clerk.city, clerk.official, REGISTRY, "cancelReport")
    except Stop as stop:
        raise refusal from stop
    if delay:
        say(
            f"As PROGRAMME you announce this, and carry it out {delay // 3600} hours later. Until then the reports can "
            "still be minted: tell the issuers, or have the attester cancel them at once."
        )


def _name(digest: bytes, known: dict[bytes, SignedReport]) -> str:
    return known[digest].path.name if digest in known else "0x" + digest.hex()


def acts_of_attester(clerk: Clerk, items: Sequence[Cancellation]) -> list[SignedAct]:
    """Those that their attester cancels by signature."""
    domain, me = clerk.city.domain(REGISTRY), clerk.official.address
    return [
        SignedAct(
            f"cancel {item.name}",
            REGISTRY,
            "cancelReportBySignature",
            (item.digest,),
            partial(_message, domain, me, item.digest),
            has_deadline=False,
        )
        for item in items
        if item.signed
    ]


def _message(domain: Domain, attester: str, digest: bytes, _deadline: int) -> Message:
    return cancel_report(domain, attester, digest)


def acts_of_programme(items: Sequence[Cancellation]) -> list[Act]:
    """Those that PROGRAMME cancels."""
    return [Act(f"cancel {item.name}", REGISTRY, "cancelReport", (item.digest,)) for item in items if not item.signed]
