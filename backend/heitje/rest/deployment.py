# SPDX-License-Identifier: EUPL-1.2
"""What a deployment file and the chain tell of a city, checked against each other at start-up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heitje.chain.abi import Interface, load
from heitje.chain.addresses import to_address
from heitje.chain.node import Node
from heitje.chain.typed_data import DESK_TYPES, REGISTRY_TYPES, TOKEN_TYPES, Domain
from heitje.city.profile import Profile, ProfileError, available_profiles, parse_profile, profile_text
from heitje.index.rows import Places
from heitje.relay.calldata import Contracts
from heitje.rest.city import CityBody, DomainBody, DomainsBody, TermsBody, TokenBody, TypesBody, contracts_body
from heitje.rest.middleware import API_VERSION


class WrongDeployment(Exception):
    """The deployment file cannot be used with this node."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A city's contracts, and what their chain says of them."""

    city: str
    chain_id: int
    deploy_block: int
    contracts: Contracts
    token_domain: Domain
    registry_domain: Domain
    desk_domain: Domain
    token_name: str
    token_symbol: str
    token_decimals: int
    terms: TermsBody
    profile: Profile | None
    """What is particular to the city; None if it has no profile here, as a city of tests has none."""

    @property
    def places(self) -> Places:
        """Which contract is which, for the index."""
        domains = (self.token_domain, self.registry_domain, self.desk_domain)
        return Places(self.contracts.token, self.contracts.registry, self.contracts.desk, *domains)

    def body(self) -> dict[str, Any]:
        """As `/v1/city` shows it."""
        domains = DomainsBody(
            token=DomainBody.of(self.token_domain),
            registry=DomainBody.of(self.registry_domain),
            desk=DomainBody.of(self.desk_domain),
        )
        return CityBody(
            name=self.city,
            token=TokenBody(name=self.token_name, symbol=self.token_symbol, decimals=self.token_decimals),
            chain_id=self.chain_id,
            contracts=contracts_body(self.contracts),
            domains=domains,
            types=TypesBody(token=dict(TOKEN_TYPES), registry=dict(REGISTRY_TYPES), desk=dict(DESK_TYPES)),
            terms=self.terms,
            rules=None,
            deploy_block=self.deploy_block,
            api_version=API_VERSION,
        ).model_dump(by_alias=True)


async def read_deployment(path: Path, node: Node) -> Deployment:
    """Read the file, and the domains and names from the chain.

    Raises:
        WrongDeployment: The file is none, or the node's chain is another.
        NodeUnreachable: The node cannot be asked.
    """
    try:
        file = json.loads(path.read_text(encoding="utf-8"))  # noqa: ASYNC240 - once, before anything runs
        chain_id, deploy_block = int(file["chainId"]), int(file["deployBlock"])
        parts = {part: to_address(file["contracts"][part]) for part in ("authority", "token", "registry", "desk")}
        contracts = Contracts(**parts)
        city = str(file["city"])
    except FileNotFoundError:
        raise WrongDeployment(f"{path}: there is no deployment file; `ape run deploy` makes one") from None
    except (ValueError, KeyError, TypeError) as error:
        raise WrongDeployment(f"{path}: this is not a deployment file ({error})") from None
    actual = int(await node.call("eth_chainId"), 16)
    if actual != chain_id:
        raise WrongDeployment(f"{path} is for chain {chain_id}, but the node is of chain {actual}")
    for part, address in parts.items():
        if await node.call("eth_getCode", address, "latest") in ("0x", None):
            raise WrongDeployment(f"{path}: the {part} at {address} is not on this chain; was the chain begun anew?")
    token, registry, desk = load("MunicipalToken"), load("ActivityRegistry"), load("RedemptionDesk")
    return Deployment(
        city=city,
        chain_id=chain_id,
        deploy_block=deploy_block,
        contracts=contracts,
        token_domain=await _domain(node, token, contracts.token),
        registry_domain=await _domain(node, registry, contracts.registry),
        desk_domain=await _domain(node, desk, contracts.desk),
        token_name=await _view(node, token, contracts.token, "name"),
        token_symbol=await _view(node, token, contracts.token, "symbol"),
        token_decimals=await _view(node, token, contracts.token, "decimals"),
        terms=TermsBody(
            epoch_months=await _view(node, token, contracts.token, "epochMonths"),
            replacement_window=await _view(node, token, contracts.token, "replacementWindow"),
            clawback_window=await _view(node, registry, contracts.registry, "clawbackWindow"),
            reclaim_after=await _view(node, desk, contracts.desk, "reclaimAfter"),
            locked_reclaim_after=await _view(node, desk, contracts.desk, "lockedReclaimAfter"),
        ),
        profile=_profile(path, city),
    )


def _profile(path: Path, city: str) -> Profile | None:
    """The profile that lies beside the deployment file, or else the one that comes with the program."""
    beside = path.with_suffix(".profile.toml")
    name = str(beside) if beside.is_file() else city
    if name == city and city not in available_profiles():
        return None
    try:
        return parse_profile(*profile_text(name))
    except ProfileError as error:
        raise WrongDeployment(str(error)) from None


async def _domain(node: Node, interface: Interface, address: str) -> Domain:
    """A contract's EIP-712 domain (ERC-5267)."""
    _, name, version, chain_id, contract, _, _ = await _view(node, interface, address, "eip712Domain")
    return Domain(name, version, chain_id, contract)


async def _view(node: Node, interface: Interface, address: str, function: str) -> Any:
    request = {"to": address, "data": "0x" + interface.encode(function).hex()}
    answer = await node.call("eth_call", request, "latest")
    return interface.decode(function, bytes.fromhex(answer[2:]))
