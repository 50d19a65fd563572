# SPDX-License-Identifier: EUPL-1.2
"""The whole audit, from a node's address and a token's address to a result."""

from heitje.audit.compare import differences
from heitje.audit.discover import Discovery
from heitje.audit.findings import AuditImpossible, Findings, Place
from heitje.audit.locate import locate
from heitje.audit.reader import Reader
from heitje.audit.refunds import exceptions
from heitje.audit.replay import Replay
from heitje.audit.report import Result
from heitje.audit.signatures import untold_note
from heitje.audit.walk import walk
from heitje.chain.addresses import to_address
from heitje.chain.node import Node, RpcNode

TIMEOUT = 60.0
"""Seconds for one answer; a range of many blocks takes its time."""


async def audit_url(url: str, token: str) -> Result:
    """Audits the token at an address through the node at a URL; see `audit`."""
    async with RpcNode(url, timeout=TIMEOUT) as node:
        return await audit(node, token)


async def audit(node: Node, token: str) -> Result:
    """Audits a token up to the node's last block at this moment.

    Raises:
        AuditImpossible: nothing can be said about the books: no answer, no such token, or the chain was reorganised
            while it was read.
    """
    try:
        address = to_address(token)
    except ValueError as error:
        raise AuditImpossible(f"{token} is not an address: 0x and 40 hexadecimal digits") from error
    reader, findings, notes = Reader(node), Findings(), list[str]()
    head = await reader.header("latest")
    facts = await Discovery(reader, address, head, findings, notes).facts()
    replay = Replay(facts, findings)
    async for _ in walk(reader, replay):
        pass
    sums, total = replay.books.sums, replay.books.total()
    if sums.supply != total:
        message = f"balances add up to {total} cents, issued less what left to {sums.supply}"
        findings.add("equation", message, Place(head.number))
    await replay.wallets.ask(reader, head.number, findings)
    if replay.wallets.untold:
        notes.append(untold_note(replay.wallets))
    found, compared = await differences(reader, replay, facts)
    for finding in await locate(reader, facts, found) if found else []:
        findings.put(finding)
    excused = await exceptions(reader, facts, replay.books)
    again = await reader.header(head.number)
    if again.hash != head.hash:
        raise AuditImpossible(f"block {head.number} was replaced while the chain was read; please run the audit again")
    return Result(facts, replay, findings, compared, excused, notes)
