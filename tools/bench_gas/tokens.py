# SPDX-License-Identifier: EUPL-1.2
"""OpenZeppelin's and solady's tokens: transfers, mints, and the ways to have somebody else carry a transfer."""

from __future__ import annotations

from typing import Any, Final

from eth_utils.crypto import keccak

from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain, permit_digest, transfer_with_authorization_digest
from tests.support.signed import signer_of
from tools.bench_gas.chain import PAYEES, Chain, digest, payees, payers, stranger
from tools.bench_gas.peers import peer
from tools.bench_gas.rows import Kind

OPENZEPPELIN: Final = "OpenZeppelin"
_REQUEST: Final = (
    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,uint48 deadline,bytes data)"
)
_FORWARDED_GAS: Final = 60_000


def measure_tokens(chain: Chain) -> None:
    """Everything here."""
    plain(chain, OPENZEPPELIN, "PlainToken")
    plain(chain, "solady", "SoladyToken")
    authorizations(chain)
    permits(chain)
    forwarding(chain)


def plain(chain: Chain, project: str, contract: str) -> None:
    """Transfers and mints, to somebody who has the token already and to somebody who has not."""
    token = chain.deploy(contract)
    payer, known = payers(1)[0], payees(1)[0]
    for holder in (payer.address, known):
        chain.send(token, "mint", holder, 1000)
    for words, to in (("a holder", known), ("a new holder", stranger(contract))):
        receipt = chain.send(token, "transfer", to, 25, sender=payer)
        chain.measured(Kind.TRANSFER, project, f"ERC-20 `transfer` to {words}", receipt)
    for words, to in (("a holder", known), ("a new holder", stranger(contract + " mint"))):
        receipt = chain.send(token, "mint", to, 25)
        chain.measured(Kind.MINT, project, f"ERC-20 `_mint` to {words}", receipt)


def authorizations(chain: Chain) -> None:
    """ERC-3009 with random nonces, one transaction each: it has no batch."""
    token = chain.deploy("AuthorizedToken")
    domain = Domain("Authorized", "1", chain.chain_id, token)
    payer, known = payers(1)[0], payees(1)[0]
    for holder in (payer.address, known):
        chain.send(token, "mint", holder, 1000)
    for words, to in (("a holder", known), ("a new holder", stranger("authorized"))):
        before, nonce = chain.now() + 600, keccak(text=words)
        signed = payer.sign_digest(transfer_with_authorization_digest(domain, payer.address, to, 25, 0, before, nonce))
        r, s, v = signed[:32], signed[32:64], signed[64]
        receipt = chain.send(token, "transferWithAuthorization", payer.address, to, 25, 0, before, nonce, v, r, s)
        operation = f"ERC-3009 `transferWithAuthorization` to {words}"
        chain.measured(Kind.PAYMENT, OPENZEPPELIN, operation, receipt)


def permits(chain: Chain) -> None:
    """An allowance that is signed, then used: two transactions. The second such payment of one payer is measured."""
    token = chain.deploy("PermitToken")
    domain = Domain("Permit", "1", chain.chain_id, token)
    payer, known, spender = payers(1)[0], payees(1)[0], signer_of("carrier")
    for holder in (payer.address, known):
        chain.send(token, "mint", holder, 1000)
    both: list[dict[str, Any]] = []
    for nonce in range(2):
        deadline = chain.now() + 600
        signed = payer.sign_digest(permit_digest(domain, payer.address, spender.address, 25, nonce, deadline))
        r, s, v = signed[:32], signed[32:64], signed[64]
        both = [
            chain.send(token, "permit", payer.address, spender.address, 25, deadline, v, r, s),
            chain.send(token, "transferFrom", payer.address, known, 25, sender=spender),
        ]
    chain.measured(Kind.PAYMENT, OPENZEPPELIN, "ERC-2612 `permit` + `transferFrom`, two transactions", both)


def forwarding(chain: Chain) -> None:
    """ERC-2771: `execute` of one, and `executeBatch` of as many as a batch has, from payers who did it before."""
    forwarder = chain.deploy("Forwarder")
    token = chain.deploy("ForwardedToken", forwarder)
    domain = Domain("Forwarder", "1", chain.chain_id, forwarder)
    people, shops = payers(chain.size), payees(PAYEES)
    for holder in (*(payer.address for payer in people), *shops):
        chain.send(token, "mint", holder, 1000)

    def request(payer: KeySigner, to: str, nonce: int) -> tuple[Any, ...]:
        data, deadline = peer("ForwardedToken").encode("transfer", to, 25), chain.now() + 600
        fields = (payer.address, token, 0, _FORWARDED_GAS)
        signed = payer.sign_digest(digest(domain, _REQUEST, *fields, nonce, deadline, data))
        return (*fields, deadline, data, signed)

    for nonce in range(2):
        batch = [request(payer, shops[i % PAYEES], nonce) for i, payer in enumerate(people)]
        receipt = chain.send(forwarder, "executeBatch", batch, ZERO_ADDRESS)
        if nonce:
            operation = f"ERC-2771 `executeBatch({chain.size})` of ERC-20 transfers"
            chain.measured(Kind.PAYMENT, OPENZEPPELIN, operation, receipt, chain.size)
    receipt = chain.send(forwarder, "execute", request(people[0], shops[0], 2))
    chain.measured(Kind.PAYMENT, OPENZEPPELIN, "ERC-2771 `execute` of an ERC-20 transfer", receipt)
