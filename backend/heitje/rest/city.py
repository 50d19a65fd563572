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
    epoch_months: Annotated[
        int, Field(description="Months of an epoch, counted from January: credits end with the epoch after their own.")
    ]


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

    Payments and redemptions the token's, reports the registry's, cancellations the desk's.
    """

    token: DomainBody
    registry: DomainBody
    desk: DomainBody


class TypesBody(Answer):
    """What is signed under each domain: from a struct's name to its EIP-712 encodeType."""

    token: dict[str, str]
    registry: dict[str, str]
    desk: dict[str, str]


class CityBody(Answer):
    """The city."""

    name: str
    token: TokenBody
    chain_id: int
    contracts: ContractsBody
    domains: DomainsBody
    types: TypesBody
    deploy_block: int
    api_version: str


def contracts_body(contracts: Contracts) -> ContractsBody:
    """The addresses of a deployment."""
    return ContractsBody(
        authority=contracts.authority, token=contracts.token, registry=contracts.registry, desk=contracts.desk
    )
