# SPDX-License-Identifier: EUPL-1.2
"""The city as the API shows it: which contracts, on which chain, and under which domains to sign."""

from typing import Annotated

from pydantic import Field

from heitje.chain.typed_data import Domain
from heitje.relay.calldata import Contracts
from heitje.rest.fields import Answer


class TokenBody(Answer):
    """What the credit is called."""

    name: str
    symbol: str
    decimals: Annotated[int, Field(description="2: amounts are cents.")]


class ContractsBody(Answer):
    """Addresses, EIP-55."""

    authority: str
    token: str
    registry: str
    desk: str


class DomainBody(Answer):
    """An EIP-712 domain."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str

    @classmethod
    def of(cls, domain: Domain) -> "DomainBody":
        """A domain, as JSON-RPC's `eth_signTypedData_v4` wants it."""
        return cls(
            name=domain.name, version=domain.version, chain_id=domain.chain_id, verifying_contract=domain.contract
        )


class DomainsBody(Answer):
    """The domains to sign under.

    Payments, refunds, authorizations and redemptions the token's; reports, their cancellations and reductions the
    registry's; cancellations of redemptions the desk's.
    """

    token: DomainBody
    registry: DomainBody
    desk: DomainBody


class TypesBody(Answer):
    """What is signed under each domain: from a struct's name to its EIP-712 encodeType."""

    token: dict[str, str]
    registry: dict[str, str]
    desk: dict[str, str]


class TermsBody(Answer):
    """What the contracts were deployed with, for good. Times are seconds."""

    epoch_months: Annotated[
        int, Field(description="Credits are good to the end of the epoch after the one of earning.")
    ]
    replacement_window: Annotated[int, Field(description="To object to the replacement of a wallet.")]
    clawback_window: Annotated[int, Field(description="To object to a reward's reduction, before it is taken back.")]
    reclaim_after: Annotated[int, Field(description="After its request anybody can reclaim a redemption.")]
    locked_reclaim_after: Annotated[int, Field(description="The same after its lock.")]


class RulesBody(Answer):
    """What can change, at the indexed block. Dates are the last seconds at which something can be done."""

    paused: Annotated[bool, Field(description="Whether rewards and payments by residents have stopped.")]
    issue_until: str
    pay_until: str
    redeem_until: str


class CityBody(Answer):
    """The city."""

    name: str
    token: TokenBody
    chain_id: int
    contracts: ContractsBody
    domains: DomainsBody
    types: TypesBody
    terms: TermsBody
    rules: Annotated[RulesBody | None, Field(description="Null until the index has read the chain.")]
    deploy_block: int
    api_version: str


def contracts_body(contracts: Contracts) -> ContractsBody:
    """The addresses of a deployment."""
    return ContractsBody(
        authority=contracts.authority, token=contracts.token, registry=contracts.registry, desk=contracts.desk
    )
