# SPDX-License-Identifier: EUPL-1.2
"""The Ethereum Attestation Service: what a reward's proof costs there, alone and with a resolver that mints."""

from __future__ import annotations

from typing import Any, Final

from eth_abi.abi import encode

from heitje.chain.addresses import ZERO_ADDRESS
from tools.bench_gas.chain import Chain, payers
from tools.bench_gas.rows import Kind

EAS: Final = "EAS"
#: A batch of 96 bytes each, and a batch that mints, take more gas than Osaka allows where it has a hundred.
FEWER_OF_96_BYTES: Final = 75
FEWER_THAT_MINT: Final = 85


def measure_attestations(chain: Chain) -> None:
    """Everything here."""
    registry = chain.deploy("SchemaRegistry")
    eas = chain.deploy("EAS", registry)
    resolver = chain.deploy("MintingResolver", eas)
    small = _register(chain, registry, "uint256 cents", ZERO_ADDRESS)
    large = _register(chain, registry, "uint32 number,uint16 minutes,bytes32 evidence", ZERO_ADDRESS)
    minting = _register(chain, registry, "uint256 cents", resolver)
    cents = encode(["uint256"], [750])
    line = encode(["uint32", "uint16", "bytes32"], [1000, 90, b"\x5a" * 32])
    people = [payer.address for payer in payers(chain.size)]

    chain.send(eas, "attest", _one(small, people[0], cents))
    for schema, data, size in ((small, cents, 32), (large, line, 96)):
        receipt = chain.send(eas, "attest", _one(schema, people[0], data))
        chain.measured(Kind.REWARD, EAS, f"`attest`, {size} bytes, no mint", receipt)
    some = min(chain.size, FEWER_OF_96_BYTES)
    for schema, data, size, count in ((small, cents, 32, chain.size), (large, line, 96, some)):
        receipt = chain.send(eas, "multiAttest", _many(schema, people[:count], data))
        chain.measured(Kind.REWARD, EAS, f"`multiAttest({count})`, {size} bytes each, no mint", receipt, count)
    some = min(chain.size, FEWER_THAT_MINT)
    for words in ("new holders", "holders"):
        receipt = chain.send(eas, "multiAttest", _many(minting, people[:some], cents))
        operation = f"`multiAttest({some})`, 32 bytes each, a resolver mints to {words}"
        chain.measured(Kind.REWARD, EAS, operation, receipt, some)
    receipt = chain.send(eas, "attest", _one(minting, people[0], cents))
    chain.measured(Kind.REWARD, EAS, "`attest`, 32 bytes, a resolver mints to a holder", receipt)


def _register(chain: Chain, registry: str, schema: str, resolver: str) -> bytes:
    receipt = chain.send(registry, "register", schema, resolver, True)
    return bytes.fromhex(receipt["logs"][0]["topics"][1][2:])


def _data(recipient: str, data: bytes) -> tuple[Any, ...]:
    """Recipient, no end, revocable, no reference, data, no money."""
    return (recipient, 0, True, bytes(32), data, 0)


def _one(schema: bytes, recipient: str, data: bytes) -> tuple[Any, ...]:
    return (schema, _data(recipient, data))


def _many(schema: bytes, recipients: list[str], data: bytes) -> list[tuple[Any, ...]]:
    return [(schema, [_data(recipient, data) for recipient in recipients])]
