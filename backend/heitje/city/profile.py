# SPDX-License-Identifier: EUPL-1.2
"""The city profile: everything that differs from one city to the next, in one TOML file.

Profiles that come with the package are named by their file (`example`); a path to a `.toml` file works as well.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from heitje.city.profile_checks import contradictions, weak_promises
from heitje.city.roles import Role
from heitje.city.toml_lines import Path as Place
from heitje.city.toml_lines import line_of, lines_of

_UINT32: Final = 2**32 - 1
_MONTH_LIMIT: Final = 2**20 - 1
_DELAY_LIMIT: Final = 2**32 - 1
_NAME_BYTES: Final = 31
_MONTH: Final = r"^\d{4}-(0[1-9]|1[0-2])$"

Cents = Annotated[int, Field(ge=0, le=_UINT32)]
"""An amount in cents."""
Texts = Annotated[dict[str, Annotated[str, Field(min_length=1)]], Field(min_length=1)]
"""What people read, by language."""


class ProfileError(ValueError):
    """The profile cannot be used. The message names the file, and the line and the name of every field in question."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TokenProfile(_Strict):
    """What the credit is called."""

    name: str = Field(min_length=1)
    symbol: str = Field(min_length=1, max_length=11, pattern=r"^[A-Z0-9]+$")

    @field_validator("name")
    @classmethod
    def _fits_the_contract(cls, value: str) -> str:
        if len(value.encode()) > _NAME_BYTES:
            raise ValueError(
                f"must not be longer than {_NAME_BYTES} bytes in UTF-8, because the contract keeps no more"
            )
        return value


class Theme(_Strict):
    """The colours of the pages, as #rrggbb. Text on them must be readable; see `profile_checks`."""

    colour: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    """Of the head of a page, its buttons and links, with white text on it or white behind it."""
    dark: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    """Of headings, and of what the pointer is on."""
    light: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    """Behind text of the dark colour."""


class Transfers(_Strict):
    """The two ways of paying that a city may switch on. With either, the token is no closed loop of purchases."""

    resident_to_resident: bool = False
    merchant_to_merchant: bool = False


class ClassNames(_Strict):
    """What people call the four kinds of account."""

    resident: Texts
    merchant: Texts
    closing: Texts
    """A merchant whose agreement has ended: takes no payments, but may refund and redeem."""
    desk: Texts
    """The contract at which merchants redeem."""


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

    valid_from: str = Field(pattern=_MONTH)
    """First month, as `2025-01`."""
    valid_to: str = Field(pattern=_MONTH)
    """Last month the source speaks of. Without a confirmed row for later months this one stays in force, and whoever
    deploys or asks for the status is told."""
    hourly_adult: Cents
    """Most per hour, 21 years and over."""
    hourly_youth: Cents
    """Most per hour, under 21."""
    month_limit: int = Field(ge=0, le=_MONTH_LIMIT)
    year_limit: Cents
    headroom: Cents
    """Taken off the month's and the year's limit, to leave room for volunteer work elsewhere."""
    confirmed: bool
    """Whether the figures were read in a published source for this period. A row that is not is never deployed."""
    source: str = Field(min_length=1)
    """Where the figures were read. Its hash goes on the chain."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        if not self.headroom <= self.month_limit <= self.year_limit:
            raise ValueError("headroom <= month_limit <= year_limit must hold")
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to must not be before valid_from")
        return self

    @property
    def month(self) -> int:
        """`valid_from` as the contracts count months: `12 * year + (month - 1)`."""
        return _month(self.valid_from)

    @property
    def last_month(self) -> int:
        """`valid_to`, counted likewise."""
        return _month(self.valid_to)

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
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = Field(min_length=1)
    """ISO 639-1 codes. The first is the city's main one; every text for people is there in each."""
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
    transfers: Transfers = Transfers()
    classes: ClassNames
    theme: Theme | None = None
    """None: the colours that come with the pages."""
    rules: tuple[RuleRow, ...] = Field(min_length=1)
    neighbourhoods: tuple[Neighbourhood, ...] = ()
    freeze_reasons: dict[str, Texts] = Field(min_length=1)
    """Why an account was frozen, by code. Only the code goes on the chain; the texts are published."""
    refund_reasons: dict[str, Texts] = Field(min_length=1)
    """Why a redemption was given back, likewise."""

    @field_validator("languages", "rules", "neighbourhoods", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone of the IANA database, such as Europe/Berlin") from error
        return value

    def delay(self, role: Role) -> int:
        """Seconds a member of this role waits between announcing and doing."""
        return self.delays.get(role.name.lower(), 0)

    def reasons(self, published: Mapping[str, Texts], language: str | None = None) -> dict[str, str]:
        """The texts of `freeze_reasons` or `refund_reasons` in one language, by code.

        Args:
            published: one of the two lists.
            language: one of the city's; its main one when it is not given.
        """
        return {code: texts[language or self.languages[0]] for code, texts in published.items()}

    @property
    def confirmed_rules(self) -> tuple[RuleRow, ...]:
        """The rows that may go on the chain: those whose figures were read in a published source."""
        return tuple(row for row in self.rules if row.confirmed)

    def row_in_force(self, month: int) -> RuleRow | None:
        """The last confirmed row that has begun by a month (`12 * year + (month - 1)`); None before the first one."""
        begun = [row for row in self.confirmed_rules if row.month <= month]
        return begun[-1] if begun else None

    def limits_problem(self, month: int) -> str | None:
        """What to tell officials when no confirmed row speaks of a month: what applies then, and what to do.

        Args:
            month: `12 * year + (month - 1)`.
        """
        row = self.row_in_force(month)
        if row and month <= row.last_month:
            return None
        now = f"{month // 12:04d}-{month % 12 + 1:02d}"
        if row:
            known = (
                f"The last confirmed ones are in force: those of {row.valid_from}, which were read for"
                f" {row.valid_from} to {row.valid_to}."
            )
        else:
            known = "The first confirmed ones begin later, so nothing can be rewarded yet."
        return (
            f"No limits of the volunteer compensation are confirmed for {now}. {known} Look up the amounts of {now},"
            f" add a row with its source and confirmed = true to the profile of {self.name}, and then run"
            " `ape run rules`."
        )


def _month(text: str) -> int:
    year, number = map(int, text.split("-"))
    return 12 * year + number - 1


def _invalid(error: ValidationError) -> Iterator[tuple[Place, str]]:
    for item in error.errors(include_url=False):
        place = tuple(part for part in item["loc"] if part != "[key]")
        yield place, item["msg"].removeprefix("Value error, ")


def _listing(text: str, file: str, wrong: list[tuple[Place, str]]) -> str:
    """Everything that is wrong, each with its line and field; `rules[2]` is the second row."""
    lines = lines_of(text)
    found = [f"{file}: {len(wrong)} thing{' is' if len(wrong) == 1 else 's are'} wrong"]
    for place, words in sorted(wrong, key=lambda item: line_of(lines, item[0]) or 0):
        field = ""
        for part in place:
            field += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if field else part
        line = line_of(lines, place)
        found.append(f"  line {line}: {field}: {words}" if line else f"  {field or 'the file'}: {words}")
    return "\n".join(found)


def parse_profile(text: str, file: str, *, real_money: bool = False) -> Profile:
    """Reads a profile from TOML.

    Args:
        text: the file's contents.
        file: its name, for messages.
        real_money: whether a city is founded with it that is no rehearsal, so that it must promise enough.

    Raises:
        ProfileError: it is no TOML (with line and column), or fields are missing, wrong, unknown, contradict each
            other or promise too little (with their lines and names).
    """
    try:
        profile = Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ProfileError(_listing(text, file, [*_invalid(error)])) from error
    wrong = [*contradictions(profile), *(weak_promises(profile) if real_money else ())]
    if wrong:
        raise ProfileError(_listing(text, file, wrong))
    return profile


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


def load_profile(name: str, *, real_money: bool = False) -> Profile:
    """A profile by its name (`example`) or the path of its file.

    Args:
        name: see there.
        real_money: see `parse_profile`.

    Raises:
        ProfileError: there is none, or it cannot be used.
    """
    return parse_profile(*profile_text(name), real_money=real_money)
