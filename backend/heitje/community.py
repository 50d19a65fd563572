# SPDX-License-Identifier: EUPL-1.2
"""The services of what people do here and the chain does not keep: how they are put together, and tidied up after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heitje.activities.claim_repository import forget_photos
from heitje.activities.claims import ClaimService
from heitje.activities.descriptions import DescriptionService
from heitje.activities.drafts import DraftService
from heitje.activities.shelf import ShelfService
from heitje.activities.sign_ups import SignUpService
from heitje.activities.taking_part import forget_sign_ups
from heitje.complaints.service import ComplaintService
from heitje.counter.repository import forget as forget_invitations
from heitje.counter.service import InvitationService
from heitje.relay.signatures import Signatures
from heitje.rest.deployment import Deployment
from heitje.rest.offices import Offices
from heitje.settings import Settings
from heitje.store.session import Store, WriteSession


@dataclass(frozen=True, slots=True)
class Community:
    """What people do here and the chain does not keep."""

    descriptions: DescriptionService
    sign_ups: SignUpService
    claims: ClaimService
    drafts: DraftService
    shelf: ShelfService
    invitations: InvitationService
    complaints: ComplaintService


def community(
    settings: Settings,
    store: Store,
    signatures: Signatures,
    offices: Offices,
    deployment: Deployment,
    clock: Callable[[], float],
) -> Community:
    """The services."""
    registry = deployment.registry_domain
    return Community(
        descriptions=DescriptionService(store, clock),
        sign_ups=SignUpService(store, clock),
        claims=ClaimService(store, clock),
        drafts=DraftService(store, registry, clock),
        shelf=ShelfService(store, signatures, offices, registry, clock),
        invitations=InvitationService(
            store, signatures, offices, deployment.token_domain, clock, wrong_codes=settings.wrong_codes
        ),
        complaints=ComplaintService(store, offices, clock),
    )


async def forget_community(session: WriteSession, before: float, most: int) -> int:
    """Delete what has been kept long enough: photos, and sign-ups and invitations that are of no use; how many rows."""
    photos = await forget_photos(session, before, most)
    return photos + await forget_sign_ups(session, before, most) + await forget_invitations(session, before, most)
