# SPDX-License-Identifier: EUPL-1.2
"""The municipality's side of the day: files as officials write them, and the scripts they run."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.demo.people import PASSPHRASE, City
from tools.demo.story import Ended, run

_COLUMNS = (
    "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work;neighbourhood;"
    "starts;where;places;lat;lon"
)
_WINDOWS = 2
"""Times to object in a profile: to a new phone, and to a clawback."""


class Office:
    """Runs `ape run …` for an official, each with a keyfile of their own."""

    def __init__(self, folder: Path, rpc: str) -> None:
        self.folder = folder
        self._rpc = rpc
        self.deployment = folder / "deployment.json"
        self.register = folder / "members.register"

    def contracts(self) -> dict[str, str]:
        """Where the city's contracts are, by part, once it is founded."""
        contracts: dict[str, str] = json.loads(self.deployment.read_text())["contracts"]
        return contracts

    def ape(self, script: str, *arguments: str | Path, account: str | None) -> Ended:
        """One script, as `account` where a key is needed."""
        environment = {"APE_DATA_FOLDER": str(self.folder / "ape"), "HEITJE_REGISTER_PASSPHRASE": PASSPHRASE}
        command: list[str | Path] = [Path(sys.executable).with_name("ape"), "run", *script.split(), *arguments]
        if account:
            environment[f"APE_ACCOUNTS_{account}_PASSPHRASE"] = PASSPHRASE
            command += ["--account", account, "--yes"]
        if script != "deploy":
            command += ["--deployment", self.deployment]
        return run([*command, "--network", f"ethereum:local:{self._rpc}"], environment)

    def write_files(self, city: City) -> None:
        """Everything the officials bring along: who they are, who joins, what the council voted, what is to be done."""
        city.write_keyfiles(self.folder / "ape" / "accounts")
        city.write_members(self.folder / "members.csv")
        self._write_profile(city)
        self._write_officials(city)
        self._write_programme(city)
        self._write_activities(city)

    def _write_profile(self, city: City) -> None:
        """The city's profile, but nobody can object: a day has no weeks to wait for a new phone or a clawback."""
        text, changed = re.subn(r"(?m)^(replacement_days|clawback_days) = \d+", r"\1 = 0", city.place.profile_text)
        if changed != _WINDOWS:
            raise ValueError(f"the profile {city.place.profile} has not the {_WINDOWS} times to object")
        (self.folder / "profile.toml").write_text(text)

    def _write_officials(self, city: City) -> None:
        roles: dict[str, list[str]] = {}
        for person in city.officials.values():
            if person.role not in {"deployer", "attester", "relayer"}:
                roles.setdefault(person.role, []).append(person.address)
        lines = [f"{role} = {_toml_list(members)}" for role, members in roles.items()]
        (self.folder / "officials.toml").write_text("[roles]\n" + "\n".join(lines) + "\n")

    def _write_programme(self, city: City) -> None:
        held = city.place.yesterday()
        (self.folder / "programme.toml").write_text(
            "[[programme]]\n"
            f'name = "{city.place.programme}"\n'
            f"budget_euros = {city.place.budget_euros}\n"
            f'from = "{held:%Y-%m}"\n'
            f'to = "{held.year + 1}-12"\n'
            f"attesters = {_toml_list([city.officials['attester'].address])}\n"
        )

    def _write_activities(self, city: City) -> None:
        with (self.folder / "activities.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(_COLUMNS.split(";"))
            for item in city.place.activities:
                who, day = "yes" if item.adult else "no", city.place.day(item.days).isoformat()
                row = [item.code, item.title, 1, day, "16:30", item.euros_per_hour, item.minutes, who, "yes"]
                writer.writerow([*row, item.neighbourhood, item.starts, item.where, item.places, item.lat, item.lon])


def _toml_list(addresses: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{address}"' for address in addresses) + "]"
