# SPDX-License-Identifier: EUPL-1.2
"""Whether somebody signed something. The one place to add other kinds of signature when the contracts take them.

A key's signature (secp256k1, or P-256 of a browser) is checked from the event alone. A contract's (ERC-1271) cannot
be: the contract has to be asked, as of the block it was asked in. A node that no longer has the state of that block
leaves that open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from heitje.audit.findings import Finding, Findings
from heitje.audit.reader import Question, Reader
from heitje.chain.browser_keys import signer_of
from heitje.chain.signing import SignatureError


def is_key_signature(signer: str, digest: bytes, signature: bytes) -> bool:
    """Whether this is a signature of the digest by `signer`'s own key, of any kind that the contracts take."""
    try:
        return signer_of(digest, signature) == signer
    except SignatureError:
        return False


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature that is no key's. Unless the signer is a contract that agrees, `code` and `message` are a finding."""

    signer: str
    digest: bytes
    signature: bytes
    asked_by: str
    block: int
    transaction: str | None
    code: str
    message: str

    def question(self, block: int) -> Question:
        """What the wallet is asked, as of a block."""
        return Question(self.signer, self.asked_by, self.digest, self.signature, block)


@dataclass
class Wallets:
    """Signatures of contracts: those to be asked about, and how many turned out right or could not be told."""

    claims: list[Claim] = field(default_factory=list)
    verified: int = 0
    untold: list[Claim] = field(default_factory=list)

    async def ask(self, reader: Reader, head: int, findings: Findings) -> None:
        """Asks every wallet as of the block of its signature, and as of the block before it.

        A wallet's owners can change within a block, so one yes of the two is enough. Where the node has forgotten
        the block, an account without code now is taken for a key, whose signature this is not.
        """
        for claim, answer in zip(self.claims, await self._answers(reader, self.claims, head), strict=True):
            if answer is None:
                self.untold.append(claim)
            elif answer:
                self.verified += 1
            else:
                findings.put(Finding(claim.code, claim.message, claim.block, claim.transaction))

    async def _answers(self, reader: Reader, claims: Sequence[Claim], head: int) -> list[bool | None]:
        after = await reader.wallets_agree([claim.question(claim.block) for claim in claims])
        again = [claim for claim, answer in zip(claims, after, strict=True) if not answer]
        before = iter(await reader.wallets_agree([claim.question(max(claim.block - 1, 0)) for claim in again]))
        together = [answer or _either(answer, next(before)) for answer in after]
        open_ = [claim for claim, answer in zip(claims, together, strict=True) if answer is None]
        codes = {signer: await reader.code(signer, head) for signer in {claim.signer for claim in open_}}
        return [
            False if answer is None and codes[claim.signer] == b"" else answer
            for claim, answer in zip(claims, together, strict=True)
        ]


def _either(after: bool | None, before: bool | None) -> bool | None:  # noqa: FBT001 - two answers
    if after or before:
        return True
    return None if after is None or before is None else False


def untold_note(wallets: Wallets) -> str:
    """What to tell people about signatures that could not be checked."""
    blocks = sorted({claim.block for claim in wallets.untold})
    which = ", ".join(map(str, blocks[:10])) + (", …" if len(blocks) > 10 else "")
    return (
        f"{len(wallets.untold)} signatures of reports are of contracts, and the node does not tell what those answered "
        f"then (blocks {which}): they were NOT checked. A node that keeps all state can tell."
    )
