# SPDX-License-Identifier: EUPL-1.2
"""A city that has lived for some months, of which there is something to tell."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.support.anvil import Anvil
from tests.support.city import DAY, City

RESIDENTS: Final = tuple(range(101, 125))
SHOPS: Final = (500, 501, 502)
AGO: Final = 100 * DAY
"""How long ago it began."""


@contextmanager
def lived() -> Iterator[tuple[Anvil, City]]:
    """Everybody earns in two programmes and spends ten days later; 40 days on, five people earn something.

    Between them 24 people, three shops, and one redemption that was paid out; then 45 quiet days until now.
    """
    with Anvil(f"--timestamp={int(time.time()) - AGO}") as anvil:
        city = City.found(anvil.url)
        city.enrol(residents=RESIDENTS, merchants=SHOPS)
        city.issue(city.open_activity(), dict.fromkeys(RESIDENTS[:12], 120))
        city.open_programme(1_000_000)
        city.issue(city.open_activity(), dict.fromkeys(RESIDENTS[12:], 60))
        city.issue(city.open_activity(), dict.fromkeys(RESIDENTS[:3], 30))
        city.wait(10 * DAY)
        city.pay_batch([city.payment(number, SHOPS[i % 3], 300) for i, number in enumerate(RESIDENTS)])
        redemption = city.redeem(500, 1_000)
        city.lock([redemption])
        city.settle([(city.reference("payout"), [redemption])])
        city.wait(40 * DAY)
        city.issue(city.open_activity(), dict.fromkeys(RESIDENTS[:5], 60))
        city.wait(45 * DAY)
        yield anvil, city
