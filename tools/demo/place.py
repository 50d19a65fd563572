# SPDX-License-Identifier: EUPL-1.2
"""Which city the demo lives: its people and activities from `tools/demo/cities/`, its rules from its profile."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tools.demo.processes import ROOT

CITIES = ROOT / "tools" / "demo" / "cities"
PROFILES = ROOT / "backend" / "heitje" / "city" / "profiles"
_MONTHS_PER_YEAR = 12


class UnknownCity(ValueError):
    """The demo has no such city."""


@dataclass(frozen=True)
class Activity:
    """Something to do. `adult` is whether it is for 21 and over only; `days` is when, from today on."""

    code: str
    title: str
    euros_per_hour: str
    minutes: int
    adult: bool
    neighbourhood: str
    days: int = -1
    starts: str = ""
    where: str = ""
    places: str = ""
    lat: str = ""
    lon: str = ""


@dataclass(frozen=True)
class Place:
    """One city of the demo.

    Attributes:
        profile: the name of its profile.
        members: everybody the registrar knows (CSV).
        report: who did what, with mistakes (CSV).
        programme: what the council calls the programme.
        budget_euros: the programme's.
        purchase: what the first resident buys.
        prices: what things cost in the shops, in cents; the purchase costs the first.
        officials: names of people by the name of their keyfile.
        activities: those that were held come first; the report is about all but the last of them, which is for whoever
            joins. Residents can sign up for the others.
    """

    profile: str
    members: Path
    report: Path
    programme: str
    budget_euros: int
    purchase: str
    prices: tuple[int, ...]
    officials: dict[str, str]
    activities: tuple[Activity, ...]

    @property
    def open_activity(self) -> int:
        """The number of the activity that nobody has reported about."""
        return sum(activity.days < 0 for activity in self.activities)

    @property
    def rules(self) -> dict[str, Any]:
        """The city's profile, as it stands in its file."""
        return _read(PROFILES / f"{self.profile}.toml")

    @property
    def profile_text(self) -> str:
        """The same as text."""
        return (PROFILES / f"{self.profile}.toml").read_text(encoding="utf-8")

    @property
    def zone(self) -> ZoneInfo:
        """The city's clock."""
        return ZoneInfo(self.rules["time_zone"])

    def class_words(self) -> dict[str, str]:
        """What the city calls residents and merchants, in small letters, to what the contracts call them."""
        classes = self.rules["classes"]
        words = {text.casefold(): kind for kind in ("resident", "merchant") for text in classes[kind].values()}
        return {**words, "resident": "resident", "merchant": "merchant"}

    def called(self, kind: str) -> str:
        """What a class of account is called, in every language of the city."""
        texts = self.rules["classes"][kind]
        return ", ".join(f"{texts[language]} ({language})" for language in self.rules["languages"])

    def yesterday(self) -> dt.date:
        """A day on which activities took place: they have been held, whatever the time is now."""
        return self.day(-1)

    def day(self, days: int) -> dt.date:
        """So many days from today, on the city's clock."""
        return dt.datetime.now(self.zone).date() + dt.timedelta(days=days)

    def good_until(self, moment: int) -> int:
        """The first second (Unix time) at which what is earned at a moment is gone: two epochs after its own began."""
        now = dt.datetime.fromtimestamp(moment, dt.UTC)
        length = int(self.rules["expiry"]["epoch_months"])
        month = (_MONTHS_PER_YEAR * now.year + now.month - 1) // length * length + 2 * length
        end = dt.datetime(month // _MONTHS_PER_YEAR, month % _MONTHS_PER_YEAR + 1, 1, tzinfo=dt.UTC)
        return int(end.timestamp())


def available() -> list[str]:
    """The demo's cities, the default one first."""
    files = sorted(CITIES.glob("*.toml"), key=lambda file: (not _read(file).get("default", False), file.name))
    return [file.stem for file in files]


def load(name: str | None) -> Place:
    """A city by its name, or the default one.

    Raises:
        UnknownCity: there is none of that name.
    """
    names = available()
    if name is not None and name not in names:
        raise UnknownCity(f"There is no city {name!r} in {CITIES.relative_to(ROOT)}; there are: {', '.join(names)}.")
    city = _read(CITIES / f"{name or names[0]}.toml")
    return Place(
        profile=city["profile"],
        members=ROOT / city["members"],
        report=ROOT / city["report"],
        programme=city["programme"],
        budget_euros=city["budget_euros"],
        purchase=city["purchase"],
        prices=tuple(city["prices"]),
        officials=dict(city["officials"]),
        activities=tuple(Activity(**activity) for activity in city["activities"]),
    )


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
