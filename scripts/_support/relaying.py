# SPDX-License-Identifier: EUPL-1.2
"""Hands a released report to the relayer, and waits until the chain has it; publishes descriptions of activities.

The relayer is trusted with nothing: what it says is only a reason to look at the chain.
"""

import time
from collections.abc import Callable
from typing import Any, Final

import requests

from scripts._support.exits import Code, Stop

_TIMEOUT: Final = (5, 30)
_POLL: Final = 0.5
_PATIENCE: Final = 180.0
_BEHIND: Final = 60.0
"""Seconds for the relayer to read what has just been opened."""

_FAILED: Final = ("rejected", "failed", "expired")
_OPENED: Final = "The activities are open; run the same command again to publish what they are."
_KEPT: Final = "Nothing is lost: run the same command again, with or without --relayer."


class Relayer:
    """The relayer's API, for reports and descriptions."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def hand_over(self, body: dict[str, Any], digest: str, key: str, minted: Callable[[], bool]) -> None:
        """Posts a report and waits until the chain has it.

        Args:
            body: of POST /v1/reports.
            digest: the report's.
            key: the idempotency key: the digest of the release, so that a second run is the same request.
            minted: asks the chain.

        Raises:
            Stop: the relayer does not answer, refuses, or failed; or the chain still does not have it.
        """
        url = f"{self._url}/v1/reports"
        try:
            answer = self._session.post(url, json=body, headers={"Idempotency-Key": key}, timeout=_TIMEOUT)
        except requests.RequestException as error:
            text = f"The relayer at {self._url} does not answer ({type(error).__name__})."
            raise Stop(Code.RELAYER, f"{text} {_KEPT}") from error
        if answer.status_code >= 400 and not minted():
            raise Stop(Code.RELAYER, f"The relayer does not take report {digest}: {_reason(answer)}. {_KEPT}")
        self._wait(digest, minted)

    def publish(self, activity: int, description: dict[str, Any]) -> None:
        """Tells the relayer what an activity is. It looks on the chain whether that is so, and may be a block behind.

        Raises:
            Stop: the relayer does not answer, or refuses.
        """
        url = f"{self._url}/v1/activities/{activity}/description"
        deadline = time.monotonic() + _BEHIND
        while True:
            try:
                answer = self._session.put(url, json=description, timeout=_TIMEOUT)
            except requests.RequestException as error:
                text = f"The relayer at {self._url} does not answer ({type(error).__name__})."
                raise Stop(Code.RELAYER, f"{text} {_OPENED}") from error
            if answer.ok:
                return
            if answer.status_code != 404 or time.monotonic() > deadline:
                text = f"The relayer does not take the description of activity {activity}: {_reason(answer)}."
                raise Stop(Code.RELAYER, f"{text} {_OPENED}")
            time.sleep(_POLL)

    def _wait(self, digest: str, minted: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not minted():
            state, why = self._state(digest)
            if state in _FAILED and not minted():
                raise Stop(Code.RELAYER, f"The relayer could not bring report {digest} to the chain: {why}. {_KEPT}")
            if time.monotonic() > deadline:
                raise Stop(Code.RELAYER, f"The relayer has report {digest}, but the chain does not yet. {_KEPT}")
            time.sleep(_POLL)

    def _state(self, digest: str) -> tuple[str, str]:
        """The state the relayer tells, and its reason; empty while it does not answer."""
        try:
            answer = self._session.get(f"{self._url}/v1/reports/{digest}", timeout=_TIMEOUT)
            document = answer.json() if answer.ok else {}
        except (requests.RequestException, ValueError):
            return "", ""
        failure = document.get("failure") or {}
        return str(document.get("state", "")), str(failure.get("detail") or failure.get("title") or "no reason given")


def _reason(answer: requests.Response) -> str:
    """What an RFC 9457 problem says, or the status."""
    try:
        document = answer.json()
        return str(document.get("detail") or document.get("title") or answer.status_code).rstrip(".")
    except (ValueError, AttributeError):
        return f"HTTP {answer.status_code}"
