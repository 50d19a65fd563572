# SPDX-License-Identifier: EUPL-1.2
"""Files the scripts write: the deployment, receipts. Each is written whole or not at all."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from heitje.chain.addresses import to_address
from heitje.city.roles import AUTHORITY, DESK, REGISTRY, TOKEN
from scripts._support.exits import Code, Stop

PARTS: Final = {"authority": AUTHORITY, "token": TOKEN, "registry": REGISTRY, "desk": DESK}
"""Names of the contracts in files, and of their artifacts."""


@dataclass(frozen=True)
class Deployment:
    """Where a city is: profile, chain, first block, and its contracts by artifact name."""

    city: str
    chain_id: int
    deploy_block: int
    contracts: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The contents of the deployment file."""
        return {
            "city": self.city,
            "chainId": self.chain_id,
            "deployBlock": self.deploy_block,
            "contracts": {part: self.contracts[name] for part, name in PARTS.items()},
        }


def read_deployment(path: Path) -> Deployment:
    """Reads a deployment file.

    Raises:
        Stop: there is none, or it is something else.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        contracts = {name: to_address(document["contracts"][part]) for part, name in PARTS.items()}
        return Deployment(document["city"], int(document["chainId"]), int(document["deployBlock"]), contracts)
    except FileNotFoundError as error:
        raise Stop(Code.PROBLEMS, f"{path}: there is no deployment; `ape run deploy` makes one") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Stop(Code.PROBLEMS, f"{path}: this is not a deployment file") from error


def write_json(path: Path, document: Mapping[str, Any], *, mode: int = 0o644) -> None:
    """Puts a JSON file in place, whole or not at all."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n", mode=mode)


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Puts a text file in place, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105 -- Path.replace says the same with fewer guarantees in its name
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
