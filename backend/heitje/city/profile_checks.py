# SPDX-License-Identifier: EUPL-1.2
"""What must hold between the parts of a city profile, each of which is right by itself."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from heitje.city.payouts import BANK_DAYS
from heitje.city.roles import AT_ONCE, OFFICES
from heitje.city.toml_lines import Path

if TYPE_CHECKING:
    from heitje.city.profile import Profile, Theme

_REASON_LIMIT: Final = 0xFFFF
"""Of a reason's code, which the contracts keep in 16 bits."""

_READABLE: Final = 4.5
"""Contrast of text (WCAG 2.1, 1.4.3, level AA)."""

_DAY: Final = 86_400
_LEAST: Final = (
    (
        ("delays", "admin"),
        _DAY,
        "seconds (a day)",
        "GUARDIAN must be able to cancel what a stolen key of ADMIN announces",
    ),
    (("delays", "rules"), _DAY, "seconds (a day)", "GUARDIAN must be able to cancel limits that are wrong"),
    (("delays", "programme"), 3_600, "seconds (an hour)", "GUARDIAN must be able to cancel a budget that is wrong"),
    (
        ("wind_down", "pay_gap"),
        30 * _DAY,
        "seconds (30 days)",
        "residents must have time to spend what they earned last",
    ),
    (("wind_down", "redeem_gap"), 30 * _DAY, "seconds (30 days)", "shops must have time to ask for the last euros"),
    (("redemption", "reclaim_days"), BANK_DAYS, "", "what waits for its payout must not go back before it can be paid"),
    (
        ("redemption", "locked_reclaim_days"),
        2 * BANK_DAYS,
        "",
        "a payment, and a second one if it comes back, must be known before anybody can have the credits given back",
    ),
    (("objection", "replacement_days"), 7, "", "whoever did not ask for a new wallet must have time to hear of it"),
    (("objection", "clawback_days"), 14, "", "a resident must have time to be told, and to object"),
)
"""The least that a city with real money promises: field, figure, its unit, and why."""


def weak_promises(profile: "Profile") -> Iterator[tuple[Path, str]]:
    """What is too short for a city with real money, and cannot be changed once it is founded: field, and why.

    A rehearsal may do with less, because there nobody waits.
    """
    for (table, field), least, unit, why in _LEAST:
        part = getattr(profile, table)
        value = part.get(field, 0) if isinstance(part, Mapping) else getattr(part, field)
        if value < least:
            yield (table, field), f"{value} is less than {least}{' ' if unit else ''}{unit}: {why}"
    times = profile.redemption
    if times.locked_reclaim_days < times.reclaim_days:
        text = f"{times.locked_reclaim_days} is less than reclaim_days: a lock would shorten the time in which to pay"
        yield ("redemption", "locked_reclaim_days"), text


def contradictions(profile: "Profile") -> Iterator[tuple[Path, str]]:
    """Where parts of a profile do not go together: the field, and what is wrong with it."""
    for place, language in enumerate(profile.languages):
        if language in profile.languages[:place]:
            yield ("languages", place), f"{language!r} stands there twice"
    yield from _delays(profile.delays)
    for place, (earlier, later) in enumerate(pairwise(profile.rules), 1):
        if later.month <= earlier.month:
            yield ("rules", place, "valid_from"), "each row must begin after the one before it"
    if not profile.confirmed_rules:
        yield ("rules",), "no row is confirmed, so nothing could be rewarded"
    codes = [item.code for item in profile.neighbourhoods]
    for place, number in enumerate(codes):
        if number in codes[:place]:
            yield ("neighbourhoods", place, "code"), f"{number} is in the list before"
    yield from _texts(profile)
    yield from _colours(profile.theme)


def _delays(delays: Mapping[str, int]) -> Iterator[tuple[Path, str]]:
    offices = {role.name.lower(): role for role in OFFICES}
    for name, seconds in delays.items():
        if name not in offices:
            yield ("delays", name), f"there is no role {name!r}; the roles are {', '.join(offices)}"
        elif seconds and offices[name] in AT_ONCE:
            yield ("delays", name), f"{name} acts at once or by signature, so its delay must be 0"


def _texts(profile: "Profile") -> Iterator[tuple[Path, str]]:
    classes = {name: getattr(profile.classes, name) for name in type(profile.classes).model_fields}
    lists = {"classes": classes, "freeze_reasons": profile.freeze_reasons, "refund_reasons": profile.refund_reasons}
    for name, texts in lists.items():
        for key, by_language in texts.items():
            if name != "classes" and (not re.fullmatch(r"[1-9]\d{0,4}", key) or int(key) > _REASON_LIMIT):
                yield (name, key), f"a reason's code is a number from 1 to {_REASON_LIMIT}, not {key!r}"
            for language in profile.languages:
                if language not in by_language:
                    yield (name, key), f"there is no text in {language!r}; every text must be there in every language"
            for language in sorted(set(by_language) - set(profile.languages)):
                yield (name, key, language), f"{language!r} is none of the profile's languages"
    words: dict[str, str] = {}
    for key, by_language in classes.items():
        for language, text in by_language.items():
            owner = words.setdefault(text.casefold(), key)
            if owner != key:
                yield ("classes", key, language), f"{text!r} is what the class {owner} is called too"


def contrast(one: str, other: str) -> float:
    """How well one colour is read on another, 1 to 21 (WCAG 2.1, "contrast ratio").

    Args:
        one: #rrggbb.
        other: likewise.
    """
    lower, higher = sorted((_luminance(one), _luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colours(theme: "Theme | None") -> Iterator[tuple[Path, str]]:
    """Where text could not be read (WCAG 2.1, 1.4.3)."""
    if theme is None:
        return
    pairs = (("colour", theme.colour, "#ffffff", "white"), ("dark", theme.dark, theme.light, "the light colour"))
    for field, one, other, words in pairs:
        if (ratio := contrast(one, other)) < _READABLE:
            yield ("theme", field), f"its contrast with {words} is {ratio:.1f} to 1, and text needs {_READABLE} to 1"
