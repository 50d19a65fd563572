# SPDX-License-Identifier: EUPL-1.2
"""JSON-RPC to the node that ape has connected to, one request or many, with answers that can be told apart."""

from collections.abc import Sequence
from typing import Any, Final

import requests

from heitje.chain.abi import Revert, decode_revert

_TIMEOUT: Final = (5, 30)
"""Seconds to connect, and for an answer."""
_BATCH: Final = 100


class NoAnswer(Exception):
    """The node did not answer, or not in JSON-RPC. What became of the request is unknown."""


class Refused(Exception):
    """The node answered no. `revert` is the contract's error, where it was one."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.revert: Revert | None = None
        if isinstance(data, dict):
            data = data.get("data")
        if isinstance(data, str) and data.startswith("0x"):
            self.revert = decode_revert(bytes.fromhex(data[2:]))

    def __str__(self) -> str:
        return str(self.revert or self.message)


class Rpc:
    """One node."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._id = 0

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def call(self, method: str, *params: Any) -> Any:
        """Asks one thing.

        Raises:
            NoAnswer: see there.
            Refused: see there.
        """
        answer = self._post(self._body(method, params))
        if not isinstance(answer, dict):
            raise NoAnswer(f"the node at {self.url} does not speak JSON-RPC")
        result = _result(answer)
        if isinstance(result, Refused):
            raise result
        return result

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Asks many things. A refusal stands in its place, as a `Refused` that is returned.

        Raises:
            NoAnswer: at least one answer is missing.
        """
        results: list[Any] = []
        for start in range(0, len(calls), _BATCH):
            bodies = [self._body(method, params) for method, params in calls[start : start + _BATCH]]
            answers = self._post(bodies)
            by_id = {a.get("id"): a for a in answers if isinstance(a, dict)} if isinstance(answers, list) else {}
            if any(body["id"] not in by_id for body in bodies):
                raise NoAnswer(f"the node at {self.url} left out an answer")
            results += [_result(by_id[body["id"]]) for body in bodies]
        return results

    def _body(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        self._id += 1
        return {"jsonrpc": "2.0", "id": self._id, "method": method, "params": list(params)}

    def _post(self, body: Any) -> Any:
        try:
            return self._session.post(self.url, json=body, timeout=_TIMEOUT).json()
        except (requests.RequestException, ValueError) as error:
            raise NoAnswer(f"no answer from the node at {self.url}: {type(error).__name__}") from error


def _result(answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    return Refused(int(error.get("code", 0)), str(error.get("message", "")), error.get("data"))
