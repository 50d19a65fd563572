# SPDX-License-Identifier: EUPL-1.2
"""Looks, before the service is started or when it is ill, whether everything it needs is there and as it must be.

It changes nothing. Each thing is looked at by itself, so that one that fails hides no other.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from heitje.chain.abi import load
from heitje.chain.node import Node, NodeUnreachable, RpcError, RpcNode
from heitje.chain.signing import KeystoreSigner, require_coincurve
from heitje.city.roles import Role
from heitje.relay.batch import MAX_GAS
from heitje.rest.deployment import Deployment, WrongDeployment, read_deployment
from heitje.store.migrate import revisions
from heitje.store.session import CannotConnect, Store

_OLD: Final = 60
"""Seconds after which a node's last block is old."""

_FREE: Final = 1_000_000_000
"""Bytes that should be free where the database is."""

_P256VERIFY: Final = "0x0000000000000000000000000000000000000100"
"""Address of the precompile (EIP-7951)."""


class Grade(StrEnum):
    """How it is."""

    GOOD = "good"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one thing, and what to do where it is not good."""

    grade: Grade
    thing: str
    said: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What the service would be started with."""

    rpc: Sequence[str]
    deployment: Path
    database: str
    keyfile: Path | None
    passphrase: str


async def examine(patient: Patient) -> list[Finding]:
    """Look at everything, in the order in which one thing needs another."""
    found = [_library()]
    city: Deployment | None = None
    for number, url in enumerate(patient.rpc):
        async with RpcNode(url, timeout=5.0) as node:
            try:
                found += await _node(node, "node" if not number else f"fallback node {number}")
                if city is None:
                    city, said = await _deployment(node, patient.deployment)
                    found.append(said)
                if city is not None and not number:
                    found += await _key(node, city, patient)
            except (NodeUnreachable, RpcError, ValueError, KeyError, TypeError) as error:
                found.append(Finding(Grade.BAD, f"node {url}", str(error), "Start it, or correct --rpc."))
    found += await _database(patient.database)
    return found


def _library() -> Finding:
    try:
        require_coincurve()
    except RuntimeError as error:
        return Finding(Grade.BAD, "signatures", str(error), "Install the requirements again.")
    return Finding(Grade.GOOD, "signatures", "are checked by the fast library")


async def _node(node: Node, name: str) -> list[Finding]:
    block = await node.call("eth_getBlockByNumber", "latest", False)
    number, age = int(block["number"], 16), round(time.time() - int(block["timestamp"], 16))
    limit, price = int(block["gasLimit"], 16), int(await node.call("eth_gasPrice"), 16)
    findings = [Finding(Grade.GOOD, name, f"block {number}, {age} s old")]
    if abs(age) > _OLD:
        then = "Does the chain stand still? Is this machine's clock right?"
        findings = [Finding(Grade.LOOK, name, f"block {number} is {age} s old", then)]
    if limit < MAX_GAS:
        told = f"a block holds {limit} gas, and a batch takes up to {MAX_GAS}"
        findings.append(Finding(Grade.BAD, name, told, "Raise the gas limit of blocks."))
    if price:
        told = f"asks {price} wei for gas; the relayer pays nothing"
        findings.append(Finding(Grade.LOOK, name, told, "Set the node's least gas price to 0."))
    if await _verifies_browsers_keys(node):
        return [*findings, Finding(Grade.GOOD, name, "verifies browsers' keys (P-256)")]
    told = "has no precompile for P-256: browsers' keys cost ten times the gas that batches reserve for them"
    return [*findings, Finding(Grade.BAD, name, told, "Let the chain run the rules of Osaka from its first block.")]


async def _verifies_browsers_keys(node: Node) -> bool:
    """Ask the precompile about a signature made just now (EIP-7951: hash, r, s, x, y)."""
    key, digest = generate_private_key(SECP256R1()), hashlib.sha256(b"heitje doctor").digest()
    r, s = decode_dss_signature(key.sign(digest, ECDSA(Prehashed(SHA256()))))
    point = key.public_key().public_numbers()
    data = digest + b"".join(word.to_bytes(32, "big") for word in (r, s, point.x, point.y))
    answer = await node.call("eth_call", {"to": _P256VERIFY, "data": "0x" + data.hex()}, "latest")
    return int(answer, 16) == 1 if answer not in (None, "0x") else False


async def _deployment(node: Node, path: Path) -> tuple[Deployment | None, Finding]:
    try:
        city = await read_deployment(path, node)
    except WrongDeployment as error:
        return None, Finding(Grade.BAD, "deployment", str(error), "Give the deployment.json of this chain's city.")
    return city, Finding(Grade.GOOD, "deployment", f"{city.city}, {city.token_name}, on chain {city.chain_id}")


async def _key(node: Node, city: Deployment, patient: Patient) -> list[Finding]:
    if patient.keyfile is None:
        return [Finding(Grade.LOOK, "key", "none was given, so it was not looked at", "Give --keyfile.")]
    try:
        signer = KeystoreSigner(patient.keyfile.read_text("utf-8"), patient.passphrase)
    except (OSError, ValueError, KeyError, TypeError):
        told = f"{patient.keyfile} cannot be opened with HEITJE_RELAYER_PASSPHRASE"
        return [Finding(Grade.BAD, "key", told, "Give the right file and passphrase.")]
    held = [role for role in Role if await _holds(node, city, role, signer.address)]
    if held:
        told = f"{signer.address} holds {', '.join(role.name.lower() for role in held)}"
        why = "The relayer must hold no role: whoever breaks into this machine has it. Give the relayer another key."
        return [Finding(Grade.BAD, "key", told, why)]
    return [Finding(Grade.GOOD, "key", f"{signer.address} opens, and holds no role")]


async def _holds(node: Node, city: Deployment, role: Role, address: str) -> bool:
    authority = load("Authority")
    request = {"to": city.contracts.authority, "data": "0x" + authority.encode("hasRole", int(role), address).hex()}
    answer: Any = await node.call("eth_call", request, "latest")
    return bool(authority.decode("hasRole", bytes.fromhex(answer[2:]))[0])


async def _database(place: str) -> list[Finding]:
    if "://" not in place:
        folder = Path(place).resolve().parent  # noqa: ASYNC240 - once
        if not folder.is_dir():
            return [Finding(Grade.LOOK, "database", f"{folder} is not there; it will be made")]
        space = _space(folder)
        if not Path(place).exists():  # noqa: ASYNC240 - once
            return [space, Finding(Grade.GOOD, "database", f"{place} is not there; it will be made")]
    else:
        space = None
    try:
        store = Store.of(place)
    except ValueError as error:
        return [Finding(Grade.BAD, "database", str(error), "Give a path, or postgresql://user@host/name.")]
    try:
        at = await store.revision()
    except CannotConnect as error:
        return [Finding(Grade.BAD, "database", str(error), "Start it, or correct --database.")]
    finally:
        await store.close()
    newest = revisions()[-1]
    said = Finding(Grade.GOOD, "database", f"its tables are of revision {at}")
    if at is not None and at != newest:
        said = Finding(Grade.BAD, "database", f"its tables are of revision {at}, not {newest}", "heitje migrate")
    elif at is None:
        said = Finding(Grade.GOOD, "database", "it is empty; tables will be made")
    return [said] if space is None else [space, said]


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < _FREE:
        return Finding(Grade.LOOK, "disk", f"{free // 1_000_000} MB are free", "docs/runbooks/full-disk.md")
    return Finding(Grade.GOOD, "disk", f"{free // 1_000_000_000} GB are free")
