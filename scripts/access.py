# SPDX-License-Identifier: EUPL-1.2
"""Answers one member's request for access: everything the register and the chain hold, for people and for machines."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from heitje.city.register import Member, evidence_salt
from heitje.city.roles import TOKEN
from heitje.privacy.dossier import FORMAT, as_text, counts
from heitje.privacy.notice import notice
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, say, show_table, warn
from scripts._support.documents import read_deployment, write_json, write_text
from scripts._support.exits import Code, Stop
from scripts._support.inputs import open_register, profile_of
from scripts._support.personal import find_member, moment
from scripts._support.records import collect
from scripts._support.script import Script, node_of, profile_option, receipt_option, switches

HELP = """Answer a member's request for access (GDPR, articles 15 and 20).

MEMBER is a member number. In the folder OUT two files are written, readable by you only: a text for the person, and the
same as JSON, to take elsewhere. They hold what the register holds, what the chain says (account, rewards, payments,
redemptions, freezes, limits), and why, for whom and how long. Of another resident only that it was one is told.

First make sure who asks. The files are personal data: hand them over safely, and destroy your copy.

With --dry-run only counts are shown, and nothing is written. The receipt holds counts only. Needs no account, and
changes nothing.
"""


@click.command(cls=Script, help=HELP, short_help="Write down all that is known of a member")
@click.argument("member")
@click.option(
    "--register", "register_path", type=click.Path(path_type=Path), required=True, help="The register's file."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder for the two files."
)
@profile_option
@receipt_option("access")
@switches
def cli(
    provider: Any,
    member: str,
    register_path: Path,
    out: Path,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    city_profile = profile_of(where, profile)
    zone = ZoneInfo(city_profile.time_zone)
    found = find_member(open_register(register_path), member, register_path)
    if found.is_erased:
        when = f" on {moment(found.erased_at, zone)}" if found.erased_at else ""
        text = f"Member {found.number} was erased{when}: the register holds nothing but the number and that moment."
        raise Stop(Code.PROBLEMS, f"{text} Nothing was written.")
    city = CityChain.connect(node_of(provider), where)
    document = {
        "format": FORMAT,
        "city": city_profile.name,
        "chainId": city.chain_id,
        "token": city.address(TOKEN),
        "block": city.block,
        "time": datetime.fromtimestamp(city.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "register": _held(found),
        "chain": collect(city, found, city_profile),
        "notice": notice(city_profile.languages, city_profile.name),
    }
    how_many = counts(document)
    show_table(f"Known of member {found.number}", ("what", "how many#"), how_many.items())
    confirm(f"Write all of it into {out}?", yes=yes, dry_run=dry_run)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"access-{found.number}"
    write_json(out / f"{name}.json", document, mode=0o600)
    write_text(out / f"{name}.txt", as_text(document, zone), mode=0o600)
    done = {"script": "access", "city": where.city, "member": found.number, "block": city.block, "counts": how_many}
    write_json(receipt, done)
    say(f"Written: {out / name}.txt and {name}.json. Receipt: {receipt}")
    warn("These files are personal data: hand them over safely, then destroy your copy.")


def _held(member: Member) -> dict[str, Any]:
    """What the register holds; of the secret only that it is there, and the salts that open what is on the chain."""
    notes = [
        {"activity": activity, "evidence": text, "salt": "0x" + evidence_salt(member.secret, activity).hex()}
        for activity, texts in sorted(member.notes.items())
        for text in texts
    ]
    held = {"member": member.number, "class": member.member_class, "address": member.address}
    return {**held, "personalSecret": "held, not shown", "notes": notes}
