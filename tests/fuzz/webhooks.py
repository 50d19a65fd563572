# SPDX-License-Identifier: EUPL-1.2
"""A shop that has webhooks, and what of them stands ready for generated requests."""

import json
import urllib.request
from functools import cached_property
from typing import Any, Final

from schemathesis import Case

from tests.fuzz.town import Town
from tests.support.town import SHOPS

SUBSCRIBER: Final = SHOPS[0]
RECEIVER: Final = "http://127.0.0.1:9/nobody-there"
"""Every delivery fails, and is a delivery."""


class Subscriber:
    """The shop, which has one webhook from the beginning, and keeps it."""

    def __init__(self, town: Town) -> None:
        self._api = town.api
        self._city = town.city()
        self._town = town

    @cached_property
    def token(self) -> str:
        """Of its session."""
        return self._town.log_in_as(self._city.member(SUBSCRIBER))

    def known(self, case: Case, number: int) -> dict[str, str]:
        """Path parameters that lead to a webhook of this shop, and to a delivery of it where one is asked for."""
        hooks = [hook["id"] for hook in self._items("")]
        if "delivery" in case.path_parameters:
            deliveries = [row["id"] for row in self._items(f"/{hooks[0]}/deliveries")]
            return {"id": hooks[0], "delivery": deliveries[number % len(deliveries)]} if deliveries else {}
        if case.method == "DELETE":
            hooks = hooks[1:]
        return {"id": hooks[number % len(hooks)]} if hooks else {}

    def _items(self, path: str) -> list[dict[str, Any]]:
        request = urllib.request.Request(
            f"{self._api}/v1/webhooks{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            items: list[dict[str, Any]] = json.load(response)["items"]
            return items
