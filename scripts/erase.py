# SPDX-License-Identifier: EUPL-1.2
"""Erases a member: destroys what opens the commitments on the chain, and says so in a signed certificate."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from heitje.chain import messages
from heitje.city.register import Member, Register, RegisterError
from heitje.city.roles import TOKEN
from heitje.privacy.certificate import (
    BY_HAND,
    DESTROYED,
    FORMAT,
    REMAINS,
    Certificate,
    CertificateError,
    Contents,
    read_certificate,
)
from scripts._support.city_chain import CityChain
from scripts._support.console import confirm, say, show_table, warn
from scripts._support.documents import read_deployment, write_json, write_text
from scripts._support.exits import Code, Stop
from scripts._support.inputs import open_register, profile_of
from scripts._support.keys import Key
from scripts._support.office import delay_of
from scripts._support.personal import Standing, find_member, moment
from scripts._support.script import Script, account_option, node_of, profile_option, receipt_option, switches

HELP = """Erase a member (GDPR, article 17).

MEMBER is a member number. In the register everything about it is destroyed: the personal secret (and with it the salt
of every commitment on the chain), what attesters noted, the address and the class. The number stays there, marked as
erased, so that nobody gets it again. On the chain nothing can be deleted; what stands there names nobody and cannot be
opened any more. Nothing is sent to the chain.

While credits can be spent, redemptions are open or a replacement is under way, nothing is erased, unless you say
--forfeit. It takes nothing from anybody: the credits stay in the account, and expire by themselves.

The certificate says what was destroyed and what you must still destroy by hand, above all backups of the register. You
sign it; `ape run verify certificate` checks it.

This cannot be undone. Running it again erases nothing twice, and finishes a certificate that was cut off.
"""


@click.command(cls=Script, help=HELP, short_help="Erase a member from the register")
@click.argument("member")
@click.option(
    "--register", "register_path", type=click.Path(path_type=Path), required=True, help="The register's file."
)
@click.option("--forfeit", is_flag=True, help="Erase although something is still owed; see above.")
@click.option(
    "--certificates",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/certificates"),
    show_default=True,
    help="The folder for the certificate (JSON and text).",
)
@account_option("It needs the role REGISTRAR.")
@profile_option
@receipt_option("erase")
@switches
def cli(
    provider: Any,
    member: str,
    register_path: Path,
    certificates: Path,
    account: str,
    profile: str | None,
    receipt: Path,
    deployment: Path,
    *,
    forfeit: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """See HELP."""
    where = read_deployment(deployment)
    zone = ZoneInfo(profile_of(where, profile).time_zone)
    register = open_register(register_path)
    found = find_member(register, member, register_path)
    files = Files(certificates, found.number, receipt, zone)
    if found.is_erased:
        files.finish(found)
        return
    key = Key(account)
    city = CityChain.connect(node_of(provider), where)
    if delay_of(city, key, TOKEN, "enrol"):
        raise Stop(Code.PROBLEMS, f"{key.alias} may act only with a delay, which REGISTRAR must not have.")
    standing = Standing.read(city, found.number)
    owed = standing.owed(zone)
    _show(found, standing)
    if owed and not forfeit:
        hint = "Wait until it is spent, paid or expired; or, if the person wants it all the same, say --forfeit."
        raise Stop(Code.PROBLEMS, f"Member {found.number} is not erased: something is owed.", [*owed, hint])
    for words in owed:
        warn(f"With --forfeit: {words}.")
    confirm(f"Erase member {found.number}? This cannot be undone.", yes=yes, dry_run=dry_run)
    _erase(register, key, city, files, owed=bool(owed))


@dataclass(frozen=True)
class Files:
    """Where the certificate and the receipt of one erasure go."""

    folder: Path
    number: int
    receipt: Path
    zone: ZoneInfo

    @property
    def certificate(self) -> Path:
        """The certificate, once the register has been written."""
        return self.folder / f"erasure-{self.number}.json"

    @property
    def pending(self) -> Path:
        """The certificate before that."""
        return self.folder / f"erasure-{self.number}.json.part"

    def complete(self, certificate: Certificate) -> None:
        """Puts the certificate in place, in both forms, and writes the receipt."""
        said = certificate.contents
        write_text(self.certificate.with_suffix(".txt"), certificate.as_text(self.zone))
        document = {"script": "erase", "city": said.city, "member": said.number, "erasedAt": said.erased_at}
        document |= {"registerSha256": said.register_sha256.model_dump(), "somethingWasOwed": said.owed}
        write_json(self.receipt, {**document, "certificate": str(self.certificate), "digest": certificate.digest})
        # Last, so that a run that was cut off before finds the pending one and does all of this.
        self.pending.replace(self.certificate)

    def finish(self, member: Member) -> None:
        """The end of a run for a number that was erased before: completes what was cut off then."""
        when = f" on {moment(member.erased_at, self.zone)}" if member.erased_at else ""
        if self.pending.exists():
            try:
                certificate = read_certificate(self.pending)
            except CertificateError as error:
                raise Stop(Code.FILE, f"Member {self.number} was erased{when}, but {error}.") from error
            said = certificate.contents
            if (said.number, said.erased_at) == (self.number, member.erased_at) and not certificate.problems():
                self.complete(certificate)
                say(f"Member {self.number} was erased{when}; its certificate is now in {self.certificate}.")
                return
        say(f"Member {self.number} was erased{when} already. Nothing was left to do.")


def _show(member: Member, standing: Standing) -> None:
    notes = sum(len(words) for words in member.notes.values())
    rows = [("destroyed", text) for text in DESTROYED]
    rows += [("remains", text) for text in REMAINS] + [("by hand, by you", text) for text in BY_HAND]
    show_table(f"Erasing member {member.number}", ("what becomes of it", "what"), rows)
    say(f"Notes of attesters in the register: {notes}.")
    if standing.holder and standing.holder.lower() != member.address.lower():
        warn("The chain knows another address for this number than the register: the wallet was replaced.")


def _erase(register: Register, key: Key, city: CityChain, files: Files, *, owed: bool) -> None:
    """Signs the certificate, puts it aside, writes the register, and only then puts the certificate in place."""
    try:
        register.refresh()
        member = register.get(files.number)
        if member is None or member.is_erased:
            raise Stop(Code.FILE, "The register was changed meanwhile. Run the same command again.")
        notes = sum(len(words) for words in member.notes.values())
        at, before = int(time.time()), register.sha256
        register.erase(files.number, at)
        sealed = register.sealed()
        after = hashlib.sha256(sealed.encode()).digest()
        contents = Contents.model_validate(
            {
                "format": FORMAT,
                "city": city.deployment.city,
                "chainId": city.chain_id,
                "token": city.address(TOKEN),
                "member": files.number,
                "erasedAt": at,
                "registrar": key.address,
                "registerSha256": {"before": "0x" + before.hex(), "after": "0x" + after.hex()},
                "notesDestroyed": notes,
                "somethingWasOwed": owed,
                "destroyed": list(DESTROYED),
                "remains": list(REMAINS),
                "toBeDestroyedByHand": list(BY_HAND),
            }
        )
        typed = messages.erasure(contents.domain, contents.message)
        signature = key.sign_typed_data(typed, contents.digest)
        certificate = Certificate(
            contents=contents, digest="0x" + contents.digest.hex(), signature="0x" + signature.hex()
        )
        write_json(files.pending, certificate.as_json())
        register.save(sealed)
    except RegisterError as error:
        raise Stop(Code.FILE, f"{error}. Nothing was erased.") from error
    files.complete(certificate)
    say(f"Member {files.number} is erased. Certificate: {files.certificate} (and .txt). Receipt: {files.receipt}")
    warn("Now destroy by hand what the certificate lists, above all every backup of the register.")
