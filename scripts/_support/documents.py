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
from heitje.city.profile import available_profiles, profile_text
from heitje.city.roles import AUTHORITY, DESK, REGISTRY, TOKEN
from scripts._support.exits import Code, Stop

PARTS: Final = {"authority": AUTHORITY, "token": TOKEN, "registry": REGISTRY, "desk": DESK}
"""Names of the contracts in files, and of their artifacts."""


@dataclass(frozen=True)
class Deployment:
    """Where a city is: profile, chain, first block, and its contracts by artifact name.

    `profile` is the file beside the deployment file that holds the city's own profile; None if there is none.
    """

    city: str
    chain_id: int
    deploy_block: int
    contracts: Mapping[str, str]
    profile: Path | None = None

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
        own = profile_beside(path)
        profile = own if own.is_file() else None
        return Deployment(document["city"], int(document["chainId"]), int(document["deployBlock"]), contracts, profile)
    except FileNotFoundError as error:
        text = f"{path}: there is no deployment; `ape run deploy` makes one, or name it with --deployment"
        raise Stop(Code.PROBLEMS, text) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Stop(Code.PROBLEMS, f"{path}: this is not a deployment file") from error


def profile_beside(path: Path) -> Path:
    """Where the profile of a city that does not come with the program is kept: `deployment.profile.toml`."""
    return path.with_suffix(".profile.toml")


def keep_profile(path: Path, city: str, text: str) -> None:
    """Keeps a city's profile beside its deployment file, unless it comes with the program, which may bring newer rows.

    Args:
        path: the deployment file.
        city: the city's id.
        text: of the profile.
    """
    beside = profile_beside(path)
    comes_along = city in available_profiles() and text == profile_text(city)[0]
    if beside.is_file() or not comes_along:
        write_text(beside, text)


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
