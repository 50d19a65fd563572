# SPDX-License-Identifier: EUPL-1.2
"""What activities are, in words. The chain has the hash: anybody may bring the words, and nobody can bring others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from heitje.activities import repository, taking_part
from heitje.activities.schemas import DescriptionBody
from heitje.activities.service import activity_body
from heitje.city.openings import description_hash
from heitje.problems import Code, Problem
from heitje.store.session import Store


class DescriptionService:
    """What the API does with descriptions."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    async def put(self, activity: int, described: DescriptionBody) -> dict[str, Any]:
        """Keep the description of an activity; the activity with it. One that is kept already is the same one.

        Raises:
            Problem: There is no such activity (yet), or it was opened with another description.
        """
        document = described.model_dump(exclude_unset=True)
        hashed = "0x" + description_hash(document).hex()
        async with self._store.write() as session:
            row = await repository.find_activity(session, activity)
            if row is None:
                raise Problem(Code.NOT_FOUND, f"There is no activity {activity}, or the index has not read it yet.")
            if row.description != hashed:
                raise Problem(
                    Code.DESCRIPTION_DIFFERS, f"Its hash is {hashed}, and the activity's is {row.description}."
                )
            text = json.dumps(document, sort_keys=True, ensure_ascii=False)
            values = {"hash": hashed, "document": text, "places": described.places, "stored_at": self._clock()}
            await taking_part.keep_description(session, values)
            row = await repository.find_activity(session, activity)
        assert row is not None
        return activity_body(row)
