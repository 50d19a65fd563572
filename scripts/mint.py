# SPDX-License-Identifier: EUPL-1.2
"""Mints the rewards of reports that an attester signed: checks them again, releases them, brings them to the chain."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from heitje.chain import messages
from heitje.chain.abi import load
from heitje.chain.events import ReportIssued
from heitje.chain.messages import ToSign
from heitje.chain.words import Attestation, uid_of
from heitje.city.roles import REGISTRY
from heitje.reports.file import SignedReport
from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, count, nothing_more, progress, say, show_table, were
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import profile_of
from scripts._support.means import Means, signs_as
from scripts._support.office import Office
from scripts._support.relaying import Relayer
from scripts._support.releasing import Release, decide, left_out, load_reports
from scripts._support.script import Script, profile_option, receipt_option, switches
from scripts._support.sending import Transaction

_EVENT: Final = (
    "ReportIssued(bytes32,uint256,address,address,(uint32,uint16,bytes32)[],uint256,uint256,uint256,bytes,bytes)"
)

HELP = """Mint the rewards of reports that were attested.

REPORTS are files that `attest` wrote, or folders of them. Everything is checked again against the chain as it is now:
that nobody changed a file after it was signed, the attester's signature and right to attest, that the attester is
somebody else than you, the deadline, and every line (unknown, frozen or wrong-class people, minutes, duplicates, who
was rewarded before, month, year and budget with what is left).

All or nothing: with any problem nothing is minted. With --skip-bad, reports and lines that cannot be minted are listed
and left out; your signature says exactly which lines, so nobody can add or leave out others.

You sign a release per report. This script then sends it to the chain itself, or with --relayer URL hands it to the
relayer, which can delay it but change nothing.

Running the same command again is always safe, also after a crash or when the receipt is lost: the chain knows each
report, mints none twice, and the receipt is written anew from the chain.
"""


@click.command(cls=Script, help=HELP, short_help="Release attested reports and mint their rewards")
@click.argument("reports", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True)
@click.option("--skip-bad", is_flag=True, help="Mint without the bad lines and reports; see above.")
@click.option("--relayer", metavar="URL", help="Send through the relayer, such as http://localhost:8000.")
@signs_as("It needs the role ISSUER, and must not be the attester.")
@profile_option
@receipt_option("mint")
@switches
def cli(
    provider: Any,
    reports: Sequence[Path],
    means: Means,
    profile: str | None,
    relayer: str | None,
    receipt: Path,
    deployment: Path,
    *,
    skip_bad: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    signed = load_reports(reports)
    where = read_deployment(deployment)
    zone = profile_of(where, profile).time_zone
    office = Office.open(provider, where, means, zone, signs=True, relayed=relayer is not None, dry_run=dry_run)
    city, issuer = office.city, office.official
    releases = decide(city, signed, issuer.address, zone)
    bad = left_out(releases)
    if bad and not skip_bad:
        hint = "Have them corrected and attested anew, or leave them out with --skip-bad."
        raise Stop(Code.PROBLEMS, "There are problems. Nothing was signed or sent.", [*bad, hint])
    _show(releases)
    if bad:
        say(f"Left out ({len(bad)}):")
        for line in bad:
            say(f"  {line}")
    ready = [release for release in releases if release.ready]
    if ready:
        total = euros(sum(release.cents for release in ready))
        text = f"Mint {total} in {count(len(ready), 'report')} as {issuer.alias} ({issuer.address})?"
        confirm(text, yes=yes, dry_run=dry_run)
    nothing_more(dry_run=dry_run)
    carrier = Relayer(relayer) if relayer else None
    if carrier:
        click.get_current_context().call_on_close(carrier.close)
    minter = Minter(office, carrier)
    signatures = minter.sign(ready)
    with progress() as bar:
        for release, signature in bar.track(list(zip(ready, signatures, strict=True)), description="Minting"):
            minter.mint(release, signature)
            _write_receipt(receipt, city, releases, bad)
    _write_receipt(receipt, city, releases, bad)
    before = sum(release.issued for release in releases)
    say(f"{count(len(ready), 'report')} minted, {were(before)} minted already. Receipt: {receipt}")


class Minter:
    """Signs releases and brings them to the chain, by itself or through the relayer."""

    def __init__(self, office: Office, relayer: Relayer | None) -> None:
        self._office = office
        self._city = office.city
        self._issuer = office.official.address
        self._relayer = relayer
        self._domain = office.city.domain(REGISTRY)

    def sign(self, releases: Sequence[Release]) -> list[bytes]:
        """The issuer's signatures. See `Office.sign` for how that can end."""
        items = []
        for release in releases:
            what = f"mint {euros(release.cents)}: {release.report.path.name}"
            items.append(ToSign(what, partial(self._message, release)))
        return [signed.signature for signed in self._office.sign(items)]

    def _message(self, release: Release, _deadline: int = 0) -> messages.Message:
        return messages.release(self._domain, self._issuer, release.report.digest, release.skip)

    def mint(self, release: Release, signature: bytes) -> None:
        """Mints one report. See `Sender` and `Relayer` for how that can end."""
        report, skip = release.report, release.skip
        if self._relayer:
            name = report.document.digest
            key = "0x" + self._message(release).digest.hex()
            self._relayer.hand_over(self._body(report, signature, skip), name, key, lambda: self._is_minted(report))
            return
        body = report.body
        fields = (body.attester, body.activity, report.lines, body.deadline, int(body.serial))
        data = load(REGISTRY).encode("issue", fields, report.signature, self._issuer, signature, skip)
        what = f"mint {euros(release.cents)} for activity {body.activity}"
        self._office.carry(Transaction(what, self._city.address(REGISTRY), data))

    def _is_minted(self, report: SignedReport) -> bool:
        self._city.refresh()
        return bool(self._city.read(REGISTRY, "isIssued", report.digest))

    def _body(self, report: SignedReport, signature: bytes, skip: int) -> dict[str, Any]:
        return {
            "report": report.body.model_dump(mode="json"),
            "attesterSignature": report.document.signature,
            "issuer": self._issuer,
            "issuerSignature": "0x" + signature.hex(),
            "skip": str(skip),
        }


def _show(releases: Sequence[Release]) -> None:
    rows = []
    for release in releases:
        body = release.report.body
        status = "minted already" if release.issued else "to mint" if release.ready else "left out"
        good = "" if release.issued else release.good
        cents = "" if release.issued else euros(release.cents)
        lines = len(body.lines)
        rows.append((release.report.path.name, body.activity, body.attester, lines, good, cents, status))
    columns = ("report", "activity#", "attester", "lines#", "to mint#", "rewards€", "status")
    show_table("Reports", columns, rows)


def _write_receipt(path: Path, city: CityChain, releases: Sequence[Release], bad: Sequence[str]) -> None:
    """What the chain says became of these reports; nothing in it comes from memory."""
    city.refresh()
    by_digest = {item.report.document.digest: item.report for item in releases if item.sound}
    items = []
    for digest, report in by_digest.items():
        for event, log in city.events(REGISTRY, _EVENT, digest):
            if isinstance(event, ReportIssued):
                items.append(_receipt_item(city, report, event, log))
    minted = {item["file"] for item in items}
    document = {
        "script": "mint",
        "city": city.deployment.city,
        "registry": city.address(REGISTRY),
        "block": city.block,
        "reports": items,
        "notMinted": [item.report.path.name for item in releases if item.report.path.name not in minted],
        "leftOut": list(bad),
    }
    write_json(path, document)


def _receipt_item(city: CityChain, report: SignedReport, event: ReportIssued, log: dict[str, Any]) -> dict[str, Any]:
    uids = [uid_of(event.activity, line.number) for line in event.lines]
    amounts = [Attestation.from_word(word).amount for word in city.read(REGISTRY, "wordsOf", uids)]
    skipped = [bool(event.skip >> i & 1) for i in range(len(uids))]
    return {
        "file": report.path.name,
        "source": report.document.source.file,
        "digest": "0x" + event.report.hex(),
        "activity": event.activity,
        "attester": event.attester,
        "issuer": event.issuer,
        "skip": str(event.skip),
        "skippedLines": [report.source_line(i) for i, skip in enumerate(skipped) if skip],
        "rewarded": skipped.count(False),
        "cents": str(sum(amount for amount, skip in zip(amounts, skipped, strict=True) if not skip)),
        "transaction": log["transactionHash"],
        "block": int(log["blockNumber"], 16),
    }
