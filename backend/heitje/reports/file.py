# SPDX-License-Identifier: EUPL-1.2
"""A signed report on its way from the attester to the issuer: one JSON file per report.

It holds what was signed, the signature, the digest, and where the lines come from (the file's name, and which lines of
it), so that the issuer's messages can name the lines that the attester knows. Of the evidence it holds commitments,
and no plain hash of the attester's file, from which short notes could be guessed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heitje.chain.addresses import to_address
from heitje.chain.signing import SignatureError, recover
from heitje.chain.typed_data import Domain, Line, report_digest
from heitje.reports.problems import Fault, Problem

MOST_LINES: Final = 200
FORMAT: Final = "heitje report 1"
SUFFIX: Final = ".report.json"
_HASH: Final = r"^0x[0-9a-f]{64}$"
_ADDRESS: Final = r"^0x[0-9a-fA-F]{40}$"


class ReportFileError(ValueError):
    """This file is no report, or cannot be read. The message names the file."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ReportLine(_Strict):
    """One person in the report, in the words of the signed struct."""

    number: int = Field(ge=0, lt=2**32)
    minutes: int = Field(ge=0, lt=2**16)
    evidence: str = Field(pattern=_HASH)


class ReportBody(_Strict):
    """What the attester signs. `serial` is 256 bits, so it is written as text."""

    attester: str = Field(pattern=_ADDRESS)
    activity: int = Field(ge=1)
    lines: list[ReportLine] = Field(min_length=1, max_length=MOST_LINES)
    deadline: int = Field(ge=0)
    serial: str = Field(pattern=r"^\d{1,78}$")


class Source(_Strict):
    """Where the lines come from: the attester's file, and the line of it for each line of the report."""

    file: str
    lines: list[int]


class ReportDocument(_Strict):
    """The whole file."""

    format: str = Field(pattern=f"^{FORMAT}$")
    chainId: int  # noqa: N815 -- the words of EIP-712, as in the API
    registry: str = Field(pattern=_ADDRESS)
    report: ReportBody
    digest: str = Field(pattern=_HASH)
    signature: str = Field(pattern=r"^0x[0-9a-f]{130}$")
    source: Source


@dataclass(frozen=True)
class SignedReport:
    """A report file that could be read. `path` is where it is."""

    path: Path
    document: ReportDocument

    @property
    def body(self) -> ReportBody:
        """What the attester signed."""
        return self.document.report

    @property
    def lines(self) -> list[Line]:
        """The lines as typed data wants them."""
        return [Line(line.number, line.minutes, unhex(line.evidence)) for line in self.body.lines]

    @property
    def digest(self) -> bytes:
        """The digest the file says was signed."""
        return unhex(self.document.digest)

    @property
    def signature(self) -> bytes:
        """The attester's signature."""
        return unhex(self.document.signature)

    def source_line(self, index: int) -> int:
        """The line of the attester's file that line `index` of the report comes from; 0 if the file does not say."""
        lines = self.document.source.lines
        return lines[index] if index < len(lines) else 0

    def problems(self, domain: Domain) -> list[Problem]:
        """Whether this is what the attester signed, for this registry."""
        name, document = self.path.name, self.document
        if (document.chainId, to_address(document.registry)) != (domain.chain_id, to_address(domain.contract)):
            text = f"signed for registry {document.registry} on chain {document.chainId}, which is not this city's"
            return [Problem(0, Fault.ELSEWHERE, text, name)]
        actual = body_digest(self.body, domain)
        if actual != self.digest:
            text = f"changed after it was signed: it now says 0x{actual.hex()}, the attester signed {document.digest}"
            return [Problem(0, Fault.CHANGED, text, name)]
        try:
            signer = recover(actual, self.signature)
        except SignatureError as error:
            return [Problem(0, Fault.SIGNATURE, f"broken signature: {error}", name)]
        if signer != to_address(self.body.attester):
            text = f"broken signature: it is not by the attester {self.body.attester}"
            return [Problem(0, Fault.SIGNATURE, text, name)]
        return []


def unhex(text: str) -> bytes:
    """The bytes of hexadecimal text that begins with `0x`."""
    return bytes.fromhex(text.removeprefix("0x"))


def body_digest(body: ReportBody, domain: Domain) -> bytes:
    """The digest of a report's contents, under the registry's domain."""
    lines = [Line(line.number, line.minutes, unhex(line.evidence)) for line in body.lines]
    return report_digest(domain, body.attester, body.activity, lines, body.deadline, int(body.serial))


def file_hash(raw: bytes) -> bytes:
    """SHA-256 of the attester's file."""
    return hashlib.sha256(raw).digest()


def serial_of(salts: Sequence[bytes], source: bytes, activity: int, part: int) -> int:
    """A report's serial: keccak256(salts, SHA-256 of the file, activity, part); the same file gives the same reports.

    The serial goes on the chain, and everything else in a small file can be read there. Without the salts, whoever
    guesses a note could see in the serial that it was right; with them, not even what is left after an erasure tells.

    Args:
        salts: of the evidence of each line, 32 bytes each; at least one.
        source: the hash of the attester's file.
        activity: the activity's number.
        part: 0 for the first two hundred lines of this activity, then 1, ….
    """
    salted = b"".join(salts) + source
    return int.from_bytes(keccak(salted + activity.to_bytes(32, "big") + part.to_bytes(32, "big")), "big")


def read_report(path: Path) -> SignedReport:
    """Reads a report file.

    Raises:
        ReportFileError: it cannot be read, or is no report.
    """
    other = f"{path} is not a report file; attest writes them (*{SUFFIX})"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ReportFileError(other)
        return SignedReport(path, ReportDocument.model_validate(document))
    except OSError as error:
        raise ReportFileError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ReportFileError(f"{path} is a damaged report file: {where}: {first['msg']}") from error
    except ValueError as error:
        raise ReportFileError(other) from error


def find_reports(paths: Sequence[Path]) -> list[Path]:
    """Report files among files and folders, each once, in order.

    Raises:
        ReportFileError: nothing is there, or a folder holds no report.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise ReportFileError(f"{path}: this folder holds no report (files named *{SUFFIX})")
        found.update(dict.fromkeys(item.resolve() for item in inside))
    return list(found)


def as_json(document: ReportDocument) -> dict[str, Any]:
    """The contents of a report file."""
    return document.model_dump(mode="json")
