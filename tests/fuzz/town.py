# SPDX-License-Identifier: EUPL-1.2
"""The city that is fuzzed: what stands ready on its chain before the first request, and how the hooks learn of it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from heitje.chain.abi import load
from heitje.chain.typed_data import Domain
from tests.support.city import City
from tests.support.town import RESIDENTS, SHOPS

VARIABLE: Final = "HEITJE_FUZZ"
"""The environment variable that holds a `Town`, in JSON, for the process of schemathesis."""

CONTRACTS: Final = {
    "authority": "Authority",
    "token": "MunicipalToken",
    "registry": "ActivityRegistry",
    "desk": "RedemptionDesk",
}
ACTIVITIES: Final = 60
"""Activities that stand open; each good report uses one."""

REDEMPTIONS: Final = 60
"""Redemptions at the desk; each good cancellation uses one."""


@dataclass
class Town:
    """Everything the hooks need to sign and to look."""

    api: str
    database: str
    counts: str
    chain: str
    chain_id: int
    addresses: dict[str, str]
    domains: dict[str, tuple[Any, ...]]
    activities: list[int] = field(default_factory=list)
    redemptions: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, city: City, *, api: str, database: str, counts: str, ready: dict[str, list[Any]]) -> Self:
        """The town around a city and its service."""
        domains = {part: (d.name, d.version, d.chain_id, d.contract) for part, d in city.domains.items()}
        return cls(api, database, counts, city.url, city.chain_id, city.addresses, domains, **ready)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The reverse of `json`."""
        return cls(**json.loads(text))

    def json(self) -> str:
        """For the environment variable."""
        return json.dumps(asdict(self))

    def city(self) -> City:
        """The city, as tests know it."""
        domains = {part: Domain(*values) for part, values in self.domains.items()}
        interfaces = {part: load(name) for part, name in CONTRACTS.items()}
        return City(self.chain, self.chain_id, self.addresses, domains, 1, interfaces)


def make_ready(city: City) -> dict[str, list[Any]]:
    """Opens activities and brings redemptions to the desk; on a chain that mines at once."""
    activities = [city.open_activity() for _ in range(ACTIVITIES)]
    for shop in SHOPS:
        payers = RESIDENTS[-16:]
        city.pay_batch([city.payment(payer, shop, 800, nonce=SHOPS.index(shop)) for payer in payers])
    redemptions = ["0x" + city.redeem(SHOPS[i % 2], 1 + i, f"ready {i}").hex() for i in range(REDEMPTIONS)]
    return {"activities": activities, "redemptions": redemptions}
