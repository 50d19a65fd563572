# SPDX-License-Identifier: EUPL-1.2
"""Puts together what officials need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heitje.chain.node import Node
from heitje.ledger import repository
from heitje.office.acts import Domains
from heitje.office.books import Books
from heitje.office.chain import Chain
from heitje.office.sending import SendingService
from heitje.office.service import OfficeService
from heitje.rest.city import TermsBody
from heitje.rest.deployment import Deployment
from heitje.rest.offices import Offices
from heitje.store.session import Store


@dataclass(frozen=True, slots=True)
class Office:
    """What officials need: who holds which role, their acts, what they look up, and their transactions."""

    offices: Offices
    acts: OfficeService
    books: Books
    sending: SendingService
    terms: TermsBody


def office(node: Node, deployment: Deployment, offices: Offices, store: Store, clock: Callable[[], float]) -> Office:
    """The services."""
    chain = Chain(node, deployment.contracts, deployment.deploy_block)
    domains = Domains(deployment.token_domain, deployment.registry_domain, deployment.desk_domain)
    acts = OfficeService(chain, domains, clock)

    async def holds_office(address: str) -> bool:
        return bool(await offices.roles_of(address) or await acts.attests_for(address))

    async def final_block() -> int:
        async with store.read() as session:
            at = await repository.position(session)
        return -1 if at is None else int(at.final_number)

    sending = SendingService(chain, deployment.chain_id, holds_office, final_block)
    return Office(offices, acts, Books(chain), sending, deployment.terms)
