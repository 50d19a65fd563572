# SPDX-License-Identifier: EUPL-1.2
"""The activities file: what residents can do. CSV, one activity per line.

Columns: code, title, programme, date, ends, euros_per_hour, max_minutes, neighbourhood, adult, no_staff_work, closes.
`code` is the organisation's own, and different for every activity. `ends` is when it has been held. `neighbourhood` is
a code of the statistics office, or empty for the whole city. `closes` is the last day for reports; empty: as long as
the month can be rewarded. For those who want to come: `starts` is when it begins, `where` in words where people meet,
`lat` and `lon` the same for a map (degrees; a public place), `places` how many can sign up.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from eth_utils.crypto import keccak

from heitje.city.fields import FieldError, parse_date, parse_euros, parse_time, parse_whole, parse_yes
from heitje.city.profile import Profile
from heitje.city.table import LineProblem, Row

COLUMNS: Final = (
    "code",
    "title",
    "programme",
    "date",
    "ends",
    "euros_per_hour",
    "max_minutes",
    "adult",
    "no_staff_work",
)
OPTIONAL: Final = ("neighbourhood", "closes", "starts", "where", "places", "lat", "lon")
MOST_TEXT: Final = 300
"""Characters of a title or a place, where people read them."""

_DAY_ENDS: Final = time(23, 59, 59)


@dataclass(frozen=True)
class Opening:
    """One activity to open. `struct` is what the registry takes; `description` is public, its hash is in `struct`."""

    line: int
    code: str
    title: str
    description: dict[str, Any]
    struct: dict[str, Any]


def description_hash(description: dict[str, Any]) -> bytes:
    """keccak256 of the description as JSON with sorted keys, no spaces, in UTF-8."""
    text = json.dumps(description, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return keccak(text.encode())


def read_openings(rows: Sequence[Row], profile: Profile) -> tuple[list[Opening], list[LineProblem]]:
    """The activities in a table, and everything that cannot be read or contradicts the profile."""
    openings: list[Opening] = []
    problems: list[LineProblem] = []
    codes: dict[str, int] = {}
    for row in rows:
        if row.misfit:
            problems.append(LineProblem(row.line, row.misfit))
            continue
        wrong: list[str] = []
        opening = _opening(row, profile, wrong)
        code = row.cells["code"]
        if codes.setdefault(code, row.line) != row.line:
            wrong.append(f"code {code!r} is in line {codes[code]} too; every activity needs its own")
        problems += [LineProblem(row.line, text) for text in wrong]
        if opening and not wrong:
            openings.append(opening)
    return openings, problems


def _opening(row: Row, profile: Profile, wrong: list[str]) -> Opening | None:
    cells = row.cells
    readers: dict[str, Any] = {
        "programme": lambda text: parse_whole(text, 1, 2**32 - 1),
        "date": parse_date,
        "ends": parse_time,
        "euros_per_hour": parse_euros,
        "max_minutes": lambda text: parse_whole(text, 1, 1440),
        "adult": parse_yes,
        "no_staff_work": parse_yes,
        "neighbourhood": lambda text: _neighbourhood(text, profile),
        "closes": lambda text: parse_date(text) if text else None,
        "starts": lambda text: parse_time(text) if text else None,
        "where": _place,
        "places": lambda text: parse_whole(text, 1, 9_999) if text else None,
        "lat": lambda text: _degrees(text, 90),
        "lon": lambda text: _degrees(text, 180),
    }
    values: dict[str, Any] = {}
    for column, read in readers.items():
        try:
            values[column] = read(cells.get(column, ""))
        except FieldError as error:
            wrong.append(f"{column}: {error}")
    wrong += [f"{column} is missing" for column in ("code", "title") if not cells[column]]
    wrong += [
        f"{column} has more than {MOST_TEXT} characters" for column in ("code", "title") if _is_long(cells[column])
    ]
    if wrong:
        return None
    if not values["no_staff_work"]:
        wrong.append("no_staff_work must be yes: an activity may not replace work of the municipality's own staff")
    zone = ZoneInfo(profile.time_zone)
    month = 12 * values["date"].year + values["date"].month - 1
    opens_at = int(datetime.combine(values["date"], values["ends"], zone).timestamp())
    closes_at = _closes_at(values["closes"], month, profile, zone)
    if closes_at <= opens_at:
        wrong.append("closes: the last day for reports is before the activity ends")
    if values["starts"] is not None and values["starts"] >= values["ends"]:
        wrong.append("starts: the activity begins after it ends")
    if (values["lat"] is None) != (values["lon"] is None):
        wrong.append("lat, lon: a point on the map needs both")
    description = {
        "code": cells["code"],
        "title": cells["title"],
        "date": values["date"].isoformat(),
        "ends": values["ends"].strftime("%H:%M"),
        "neighbourhood": values["neighbourhood"],
        "city": profile.id,
        **_for_guests(values),
    }
    struct = {
        "programme": values["programme"],
        "month": month,
        "centsPerHour": values["euros_per_hour"],
        "maxMinutes": values["max_minutes"],
        "opensAt": opens_at,
        "closesAt": closes_at,
        "neighbourhood": values["neighbourhood"],
        "adult": values["adult"],
        "noDisplacement": values["no_staff_work"],
        "description": description_hash(description),
    }
    return Opening(row.line, cells["code"], cells["title"], description, struct)


def _for_guests(values: dict[str, Any]) -> dict[str, Any]:
    """What a description says for those who want to come. What is not said is left out, so that it hashes as before."""
    starts = values["starts"]
    said = {
        "starts": None if starts is None else starts.strftime("%H:%M"),
        "place": values["where"],
        "places": values["places"],
        "lat": values["lat"],
        "lon": values["lon"],
    }
    return {name: value for name, value in said.items() if value is not None}


def _is_long(text: str) -> bool:
    return len(text) > MOST_TEXT


def _place(text: str) -> str | None:
    if _is_long(text):
        raise FieldError(f"it has {len(text)} characters; at most {MOST_TEXT} fit")
    return text or None


def _degrees(text: str, most: int) -> str | None:
    """Degrees as digits, because readers of JSON write a number in more than one way, and it is hashed."""
    if not text:
        return None
    found = re.fullmatch(r"(-?)(\d{1,3})[.,](\d{1,6})", text)
    if not found or not text.isascii() or float(f"{found[2]}.{found[3]}") > most:
        raise FieldError(f"{text!r} is not a number of degrees such as 50.88812, from -{most} to {most}")
    return f"{found[1]}{int(found[2])}.{found[3]}"


def _neighbourhood(text: str, profile: Profile) -> int:
    """The digits of a code; letters in front, which statistics offices write for the kind of area, are left out."""
    if not text:
        return 0  # the whole city
    code = parse_whole(re.sub(r"^[A-Z]+", "", text.upper()), 1, 2**32 - 1)
    known = {item.code for item in profile.neighbourhoods}
    if known and code not in known:
        raise FieldError(f"{text!r} is not a neighbourhood in the profile of {profile.name}")
    return code


def _closes_at(day: Any, month: int, profile: Profile, zone: ZoneInfo) -> int:
    """The last second for reports: the end of `day` on the city's clock.

    Without a day, of the last month in which the activity's month can still be rewarded, in UTC as the contract counts.
    """
    if day is not None:
        return int(datetime.combine(day, _DAY_ENDS, zone).timestamp())
    after = month + profile.months_back + 1
    return int(datetime(after // 12, after % 12 + 1, 1, tzinfo=UTC).timestamp()) - 1
