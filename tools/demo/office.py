# SPDX-License-Identifier: EUPL-1.2
"""The municipality's side of the day: files as officials write them, and the scripts they run."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from tools.demo.people import PASSPHRASE, City
from tools.demo.story import Ended, run

ZONE = ZoneInfo("Europe/Amsterdam")
BUDGET_EUROS = 25_000
ACTIVITIES = (
    ("weeding", "Weeding the public garden at Tempsplein", "5.60", 120),
    ("night-watch", "Night watch on the block in Molenberg", "5.60", 180),
    ("outing", "Wheelchair outing with the elderly in Caumerbeek", "5.60", 240),
    ("open", "Painting benches in Grasbroek: still open for reports", "5.60", 120),
)
"""Code, title, euros per hour, most minutes. The reports are about the first three; the fourth is for whoever joins."""
OPEN_ACTIVITY = len(ACTIVITIES)
_COLUMNS = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work;neighbourhood"


class Office:
    """Runs `ape run …` for an official, each with a keyfile of their own."""

    def __init__(self, folder: Path, rpc: str) -> None:
        self.folder = folder
        self._rpc = rpc
        self.deployment = folder / "deployment.json"
        self.register = folder / "members.register"

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
        self._write_officials(city)
        self._write_programme(city)
        self._write_activities()

    def _write_officials(self, city: City) -> None:
        roles: dict[str, list[str]] = {}
        for person in city.officials.values():
            if person.role not in {"deployer", "attester", "relayer"}:
                roles.setdefault(person.role, []).append(person.address)
        lines = [f"{role} = {_toml_list(members)}" for role, members in roles.items()]
        (self.folder / "officials.toml").write_text("[roles]\n" + "\n".join(lines) + "\n")

    def _write_programme(self, city: City) -> None:
        held, today = _yesterday(), dt.datetime.now(ZONE).date()
        (self.folder / "programme.toml").write_text(
            "[[programme]]\n"
            'name = "Together for the neighbourhood"\n'
            f"budget_euros = {BUDGET_EUROS}\n"
            f'from = "{held:%Y-%m}"\n'
            f'to = "{today.year}-12"\n'
            f"attesters = {_toml_list([city.officials['attester'].address])}\n"
        )

    def _write_activities(self) -> None:
        with (self.folder / "activities.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(_COLUMNS.split(";"))
            for code, title, rate, minutes in ACTIVITIES:
                row = [code, title, 1, _yesterday().isoformat(), "16:30", rate, minutes, "yes", "yes", ""]
                writer.writerow(row)


def _yesterday() -> dt.date:
    """The day the activities took place, on the city's clock: they have been held, whatever the time is now."""
    return dt.datetime.now(ZONE).date() - dt.timedelta(days=1)


def _toml_list(addresses: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{address}"' for address in addresses) + "]"
