# SPDX-License-Identifier: EUPL-1.2
"""Proves what the register says: that a note belongs to a reward on the chain, and that a certificate is genuine."""

import unicodedata
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from heitje.city.register import Member, evidence_salt
from heitje.city.roles import TOKEN
from heitje.privacy.certificate import CertificateError, read_certificate
from heitje.reports.problems import euros
from scripts._support.city_chain import CityChain
from scripts._support.console import say, show_table, warn
from scripts._support.documents import read_deployment, write_json
from scripts._support.exits import Code, Stop
from scripts._support.inputs import open_register, profile_of
from scripts._support.office import may_sign
from scripts._support.personal import Part, find_member, matching, moment, parts_of
from scripts._support.script import Script, deployment_option, node_of, profile_option

_FORMULA: Final = (
    "commitment = keccak256(salt | evidence), the salt as 32 bytes, the evidence as UTF-8 in Unicode's form NFC"
)


@click.group(short_help="Prove that a note belongs to a reward, or check a certificate of erasure")
def cli() -> None:
    """Prove what the register says, before an auditor, a court or the person it is about.

    `evidence` opens one commitment that stands on the chain; `certificate` checks a certificate of erasure. Each has
    its own help: `ape run verify evidence --help`. Both change nothing and need no account.
    """


@cli.command(cls=Script)
@click.argument("member")
@click.argument("activity", type=click.IntRange(min=1))
@click.option(
    "--register", "register_path", type=click.Path(path_type=Path), required=True, help="The register's file."
)
@click.option("--text", help="Try this text instead of what the register holds.")
@click.option(
    "--proof",
    type=click.Path(path_type=Path),
    help="Also write what anybody needs to check it without the register (JSON, readable by you only).",
)
@profile_option
@deployment_option
def evidence(
    provider: Any,
    member: str,
    activity: int,
    register_path: Path,
    text: str | None,
    proof: Path | None,
    profile: str | None,
    deployment: Path,
) -> None:
    """Show what was noted about a MEMBER in an ACTIVITY, and that it is what the chain committed to.

    Exits with 8 if the text is not what was committed to, and with 1 if nothing was, or if the member was erased: then
    nobody can tell any more. A proof holds the salt of this one person and activity, and opens nothing else; it is
    personal data.
    """
    where = read_deployment(deployment)
    zone = ZoneInfo(profile_of(where, profile).time_zone)
    found = find_member(open_register(register_path), member, register_path)
    if found.is_erased:
        when = f" on {moment(found.erased_at, zone)}" if found.erased_at else ""
        raise Stop(
            Code.PROBLEMS, f"Member {found.number} was erased{when}: the salt is gone, and nobody can tell any more."
        )
    city = CityChain.connect(node_of(provider), where)
    parts = parts_of(city, found.number, activity)
    if not parts:
        raise Stop(Code.PROBLEMS, f"No report that was minted has member {found.number} in activity {activity}.")
    tried = _texts(found, activity, text)
    opened = [(part, matching(found, activity, part.line.evidence, tried)) for part in parts]
    for part, words in opened:
        _show(city, part, words)
    matched = [(part, words) for part, words in opened if words is not None]
    if not matched:
        kept = "This text is" if text is not None else f"What the register holds ({len(tried) - 1} notes) is"
        raise Stop(Code.MISMATCH, f"{kept} not what was committed to on the chain.")
    if proof:
        write_json(proof, _proof(city, found, activity, *matched[-1]), mode=0o600)
        say(f"Proof written to {proof}. It is personal data: hand it to whoever checks it, then destroy it.")
    say("It matches: this is what was committed to on the chain.")


def _texts(member: Member, activity: int, text: str | None) -> list[str]:
    """What may have been committed to; where nothing was noted, that was the empty text."""
    if text is not None:
        return [unicodedata.normalize("NFC", text)]
    return [*member.notes.get(activity, ()), ""]


def _show(city: CityChain, part: Part, words: str | None) -> None:
    reward = "none: the issuer skipped this line" if part.skipped else euros(part.attestation.amount)
    rows = [
        ("evidence", "does not match" if words is None else words or "(nothing was noted)"),
        ("commitment", "0x" + part.line.evidence.hex()),
        ("minutes", part.line.minutes),
        ("reward", reward),
        ("report", "0x" + part.event.report.hex()),
        ("attester", part.event.attester),
        ("transaction", part.log["transactionHash"]),
    ]
    title = f"{city.deployment.city}: member {part.line.number} in activity {part.event.activity}"
    show_table(title, ("what", "on the chain and in the register"), rows)


def _proof(city: CityChain, member: Member, activity: int, part: Part, words: str) -> dict[str, Any]:
    return {
        "format": "heitje evidence 1",
        "city": city.deployment.city,
        "chainId": city.chain_id,
        "registry": part.log["address"],
        "member": member.number,
        "activity": activity,
        "evidence": words,
        "salt": "0x" + evidence_salt(member.secret, activity).hex(),
        "commitment": "0x" + part.line.evidence.hex(),
        "formula": _FORMULA,
        "report": "0x" + part.event.report.hex(),
        "transaction": part.log["transactionHash"],
        "block": part.block,
        "minutes": part.line.minutes,
        "cents": "0" if part.skipped else str(part.attestation.amount),
    }


@cli.command(cls=Script)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@profile_option
@deployment_option
def certificate(provider: Any, file: Path, profile: str | None, deployment: Path) -> None:
    """Check a certificate of erasure: FILE is the one that ends in .json.

    Exits with 8 if it was changed, if its signature is not the registrar's, or if the signer is no registrar now.
    """
    where = read_deployment(deployment)
    zone = ZoneInfo(profile_of(where, profile).time_zone)
    try:
        found = read_certificate(file)
    except CertificateError as error:
        raise Stop(Code.PROBLEMS, f"{error}.") from error
    said = found.contents
    city = CityChain.connect(node_of(provider), where)
    problems = found.problems()
    if (said.chain_id, said.token.lower()) != (city.chain_id, city.address(TOKEN).lower()):
        problems.append("it is of another city than this deployment")
    if problems:
        raise Stop(Code.MISMATCH, f"{file} is not genuine.", problems)
    if not may_sign(city, said.registrar, TOKEN, "enrol"):
        text = f"{file} is signed by {said.registrar}, who is no registrar of this city now."
        raise Stop(Code.MISMATCH, text, ["If the registrar changed since then, look in the events of the authority."])
    say(f"Genuine: member {said.number} was erased on {moment(said.erased_at, zone)} by {said.registrar}, a registrar.")
    if said.owed:
        warn("Something was still owed to this member when it was erased.")
