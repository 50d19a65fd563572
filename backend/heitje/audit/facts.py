# SPDX-License-Identifier: EUPL-1.2
"""Which contracts a city has, and what they say of themselves and never change. Found by `discover`."""

from dataclasses import dataclass

from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.typed_data import Domain


@dataclass(frozen=True, slots=True)
class Dates:
    """The last seconds (Unix time) of issuing, paying and redeeming, as the token gives them."""

    issue_until: int
    pay_until: int
    redeem_until: int

    @property
    def each(self) -> tuple[int, int, int]:
        """All three, in order."""
        return self.issue_until, self.pay_until, self.redeem_until


@dataclass(frozen=True)
class RegistryFacts:
    """A registry's constants. `clawback_window` is in seconds."""

    domain: Domain
    months_back: int
    predecessor: str = ZERO_ADDRESS
    clawback_window: int = 0


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """A desk's constants, in seconds."""

    reclaim_after: int
    locked_reclaim_after: int


@dataclass(frozen=True)
class CityFacts:
    """Which contracts there are, and their constants.

    Attributes:
        dates: The dates of winding down as they are at the audited block. A date moves only before it has passed, so
            that they tell for every moment before it as well whether it was past its date.
        first_dates: The dates at deployment; None if the node no longer has the state of then.
        epoch_months: Months of an epoch.
        replacement_window: Seconds between the request for a replacement and the first moment it can be carried out.
        desks: By address.
        registries: By address.
    """

    token: str
    name: str
    symbol: str
    chain_id: int
    domain: Domain
    dates: Dates
    first_dates: Dates | None
    epoch_months: int
    replacement_window: int
    registries: dict[str, RegistryFacts]
    desks: dict[str, DeskFacts]
    authorities: tuple[str, ...]
    first_block: int
    deploy_block: int
    head: int
    head_hash: str
    head_time: int

    @property
    def contracts(self) -> list[str]:
        """All addresses whose events are read."""
        return sorted({self.token, *self.registries, *self.desks, *self.authorities})
