# SPDX-License-Identifier: EUPL-1.2
"""The city profile: everything that differs from one city to the next, in one TOML file.

Profiles that come with the package are named by their file (`heerlen`); a path to a `.toml` file works as well.
"""

import re
import tomllib
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from heitje.city.roles import AT_ONCE, OFFICES, Role

_UINT32: Final = 2**32 - 1
_MONTH_LIMIT: Final = 2**20 - 1
_DELAY_LIMIT: Final = 2**32 - 1

Cents = Annotated[int, Field(ge=0, le=_UINT32)]
"""An amount in cents."""


class ProfileError(ValueError):
    """The profile cannot be used. The message names the file and every field that is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TokenProfile(_Strict):
    """What the credit is called."""

    name: str = Field(min_length=1, max_length=64)
    symbol: str = Field(min_length=1, max_length=11, pattern=r"^[A-Z0-9]+$")


class WindDown(_Strict):
    """How long the city promises the scheme, from deployment, and how far apart its three ends are."""

    issue_years: int = Field(ge=1, le=100)
    """Years in which rewards are issued, from the day of deployment."""
    pay_gap: int = Field(ge=1, le=_DELAY_LIMIT)
    """Seconds for residents to spend what they have, after the last reward."""
    redeem_gap: int = Field(ge=1, le=_DELAY_LIMIT)
    """Seconds for merchants to redeem, after the last payment."""


class RedemptionTimes(_Strict):
    """After how many days a merchant can have a redemption back without the municipality."""

    reclaim_days: int = Field(ge=1, le=3650)
    """N: days after the request, while it is not locked."""
    locked_reclaim_days: int = Field(ge=1, le=3650)
    """R: days after the lock."""


class ObjectionTimes(_Strict):
    """How long a person can object, in days, before something they may not want is carried out."""

    replacement_days: int = Field(ge=0, le=3650)
    """From the request that their wallet be replaced to the replacement."""
    clawback_days: int = Field(ge=0, le=3650)
    """From the last reduction of a reward to taking it back."""


class Expiry(_Strict):
    """When residents' credits expire."""

    epoch_months: int = Field(ge=1, le=12)
    """Months of an epoch: what is earned in one is good to the end of the next. A divisor of 12."""

    @field_validator("epoch_months")
    @classmethod
    def _divides_the_year(cls, value: int) -> int:
        if 12 % value:
            raise ValueError("an epoch has 1, 2, 3, 4, 6 or 12 months")
        return value


class RuleRow(_Strict):
    """The limits of the volunteer compensation from a month on. All amounts in cents."""

    valid_from: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    """First month, as `2025-01`."""
    hourly_adult: Cents
    """Most per hour, 21 years and over."""
    hourly_youth: Cents
    """Most per hour, under 21."""
    month_limit: int = Field(ge=0, le=_MONTH_LIMIT)
    year_limit: Cents
    headroom: Cents
    """Taken off the month's and the year's limit, to leave room for volunteer work elsewhere."""
    confirmed: bool
    """Whether the figures were read in a published source for this period."""
    source: str = Field(min_length=1)
    """Where the figures were read. Its hash goes on the chain."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if not self.headroom <= self.month_limit <= self.year_limit:
            raise ValueError("headroom <= month_limit <= year_limit must hold")
        return self

    @property
    def month(self) -> int:
        """`valid_from` as the contracts count months: `12 * year + (month - 1)`."""
        year, number = map(int, self.valid_from.split("-"))
        return 12 * year + number - 1

    @property
    def source_hash(self) -> bytes:
        """keccak256 of the source's text, as it goes on the chain."""
        return keccak(self.source.encode())


class Neighbourhood(_Strict):
    """A neighbourhood or district as the statistics office numbers it."""

    code: int = Field(ge=1, le=_UINT32)
    name: str = Field(min_length=1)
    source: str = Field(min_length=1)


class Profile(_Strict):
    """One city."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str = Field(min_length=1)
    municipality_code: str = Field(min_length=1)
    language: str = Field(pattern=r"^[a-z]{2}$")
    time_zone: str
    months_back: int = Field(ge=0, le=12)
    """How many months before the current one can still be rewarded."""
    token: TokenProfile
    delays: dict[str, Annotated[int, Field(ge=0, le=_DELAY_LIMIT)]]
    """Seconds between announcing and doing, per role; a role that is not named has none."""
    wind_down: WindDown
    redemption: RedemptionTimes
    objection: ObjectionTimes
    expiry: Expiry
    rules: tuple[RuleRow, ...] = Field(min_length=1)
    neighbourhoods: tuple[Neighbourhood, ...] = ()
    freeze_reasons: dict[str, str] = Field(min_length=1)
    refund_reasons: dict[str, str] = Field(min_length=1)

    @field_validator("rules", "neighbourhoods", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone of the IANA database, such as Europe/Amsterdam") from error
        return value

    @field_validator("delays")
    @classmethod
    def _known_roles(cls, value: dict[str, int]) -> dict[str, int]:
        offices = {role.name.lower(): role for role in OFFICES}
        for name, seconds in value.items():
            if name not in offices:
                raise ValueError(f"there is no role {name!r}; the roles are {', '.join(offices)}")
            if seconds and offices[name] in AT_ONCE:
                raise ValueError(f"{name} acts at once or by signature, so its delay must be 0")
        return value

    @field_validator("freeze_reasons", "refund_reasons")
    @classmethod
    def _numeric_codes(cls, value: dict[str, str]) -> dict[str, str]:
        for code in value:
            if not re.fullmatch(r"[1-9]\d{0,4}", code) or int(code) > 0xFFFF:
                raise ValueError(f"a reason's code is a number from 1 to 65535, not {code!r}")
        return value

    @field_validator("rules")
    @classmethod
    def _rows_in_order(cls, value: tuple[RuleRow, ...]) -> tuple[RuleRow, ...]:
        if any(later.month <= earlier.month for earlier, later in pairwise(value)):
            raise ValueError("each row must begin after the one before it")
        return value

    def delay(self, role: Role) -> int:
        """Seconds a member of this role waits between announcing and doing."""
        return self.delays.get(role.name.lower(), 0)

    def unconfirmed_year(self, today: date) -> str | None:
        """What to tell whoever deploys, when the last row confirmed by a source is not of this year; else None."""
        confirmed = [row for row in self.rules if row.confirmed and row.valid_from[:4] <= str(today.year)]
        last = confirmed[-1].valid_from if confirmed else None
        if last and int(last[:4]) >= today.year:
            return None
        known = f"the row of {last} is the last one confirmed by a source" if last else "no row is confirmed"
        return (
            f"No limits of the volunteer compensation confirmed for {today.year} are in the profile: {known}, and stays"
            f" in force until a newer row is added. Look up the amounts of {today.year} before issuing rewards."
        )


def _where(error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_url=False):
        field = ""
        for part in item["loc"]:
            field += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if field else str(part)
        lines.append(f"  {field or 'the file'}: {item['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def parse_profile(text: str, file: str) -> Profile:
    """Reads a profile from TOML.

    Args:
        text: the file's contents.
        file: its name, for messages.

    Raises:
        ProfileError: it is no TOML (with line and column), or fields are missing, wrong or unknown (with their names;
            `rules[2]` is the second row).
    """
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ProfileError(f"{file}: {error.error_count()} things are wrong\n{_where(error)}") from error


def available_profiles() -> list[str]:
    """The names of the profiles that come with the package."""
    folder = resources.files("heitje.city").joinpath("profiles")
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def profile_text(name: str) -> tuple[str, str]:
    """The text of a profile, by name or path, and the file it is in.

    Raises:
        ProfileError: there is none.
    """
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise ProfileError(f"{name}: there is no such file")
        return path.read_text(encoding="utf-8"), name
    if name not in available_profiles():
        raise ProfileError(f"there is no profile {name!r}; there are: {', '.join(available_profiles())}")
    file = resources.files("heitje.city").joinpath("profiles", f"{name}.toml")
    return file.read_text(encoding="utf-8"), f"{name}.toml"


def load_profile(name: str) -> Profile:
    """A profile by its name (`heerlen`) or the path of its file.

    Raises:
        ProfileError: there is none, or it cannot be used.
    """
    return parse_profile(*profile_text(name))
