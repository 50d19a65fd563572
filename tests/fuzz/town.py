# SPDX-License-Identifier: EUPL-1.2
"""The city that is fuzzed: what stands ready on its chain before the first request, and how the hooks learn of it."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from heitje.access.message import digest
from heitje.chain.abi import load
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain
from heitje.chain.words import uid_of
from heitje.city.openings import description_hash
from tests.support.acts import long_ago
from tests.support.city import City
from tests.support.signed import signer_of
from tests.support.town import RESIDENTS, SHOPS

VARIABLE: Final = "HEITJE_FUZZ"
"""The environment variable that holds a `Town`, in JSON, for the process of schemathesis."""

CONTRACTS: Final = {
    "authority": "Authority",
    "token": "MunicipalToken",
    "registry": "ActivityRegistry",
    "desk": "RedemptionDesk",
}
DESCRIPTION: Final = {
    "code": "A",
    "title": "Tuinen",
    "date": "2026-12-01",
    "ends": "16:30",
    "neighbourhood": 0,
    "city": "testcity",
    "places": 20,
}
"""Of the activity that is yet to come."""

HELD: Final = 80
"""Activities that have been held, for claims."""

ACTIVITIES: Final = 60
"""Activities that stand open; each good report uses one."""

REDEMPTIONS: Final = 60
"""Redemptions at the desk; each good cancellation uses one."""

RECLAIMABLE: Final = 60
"""Redemptions that were not ended in time; each good reclaim uses one."""


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
    reclaimable: list[str] = field(default_factory=list)
    payments: list[tuple[str, int, int]] = field(default_factory=list)
    """Digest, payer and shop."""
    uids: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    coming: int = 0

    def log_in(self, name: str) -> str:
        """The token of a session of somebody in a test."""
        return self.log_in_as(signer_of(name))

    def log_in_as(self, signer: KeySigner) -> str:
        """The same for who has this key."""
        with urllib.request.urlopen(f"{self.api}/v1/sessions/challenge?address={signer.address}", timeout=30) as answer:
            message = json.load(answer)["message"]
        body = {"message": message, "signature": "0x" + signer.sign_digest(digest(message)).hex()}
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.api}/v1/sessions", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["token"])

    @classmethod
    def of(cls, city: City, *, api: str, database: str, counts: str, ready: dict[str, Any]) -> Self:
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


@contextmanager
def fuzzed_city() -> Iterator[tuple[City, dict[str, Any]]]:
    """A city that began forty days ago, and what stands ready in it; from now on it has a block a second."""
    with long_ago(40) as anvil:
        city = City.found(anvil.url, months_back=3)
        city.enrol(residents=RESIDENTS, merchants=SHOPS)
        held = city.open_activity()
        city.issue(held, dict.fromkeys(RESIDENTS, 240))
        payments = [
            city.payment(payer, shop, 800, nonce=SHOPS.index(shop)) for shop in SHOPS for payer in RESIDENTS[-16:]
        ]
        city.pay_batch(payments)
        waiting = ["0x" + city.redeem(SHOPS[i % 2], 1 + i, f"{i}").hex() for i in range(REDEMPTIONS + RECLAIMABLE)]
        anvil.move_time_to(int(time.time()))
        activities = [city.open_activity() for _ in range(ACTIVITIES)]
        more = [city.open_activity() for _ in range(HELD)]
        coming = city.open_activity(held_in=20 * 86_400, description=description_hash(DESCRIPTION))
        anvil.rpc("evm_setAutomine", False)
        anvil.rpc("evm_setIntervalMining", 1)
        numbers = {city.address_of(number): number for number in (*RESIDENTS, *SHOPS)}
        yield (
            city,
            {
                "activities": activities,
                "redemptions": waiting[:REDEMPTIONS],
                "reclaimable": waiting[REDEMPTIONS:],
                "payments": [("0x" + p.digest.hex(), numbers[p.sender], numbers[p.recipient]) for p in payments],
                "held": more,
                "coming": coming,
                "uids": [uid_of(held, number) for number in RESIDENTS],
            },
        )
