# SPDX-License-Identifier: EUPL-1.2
"""What all pages have in common: templates, a language, protecting headers, how money and time are written."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from heitje.city.profile import Profile
from heitje.web.texts import Catalogue, catalogues, preferred

HTML: Final = "text/html; charset=utf-8"

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""The pages' Content-Security-Policy: nothing from elsewhere, no script or style that is not a file of ours."""

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}

_WORTH_PACKING: Final = 1_000
"""Bytes from which on a page is compressed."""

_PART: Final = re.compile(r"\bpart-[A-Z0-9]+\.js\b(?!\.)")
"""What a built script loads (`tools/pages.mjs` names it so)."""
_BUILT: Final = resources.files("heitje.web").joinpath("built")


@dataclass(frozen=True)
class Site:
    """The city as all pages show it.

    Attributes:
        city: as `/v1/city` has it.
        profile: what is particular to it; None where the service knows no profile.
        languages: offered ones, the main one first.
        time_zone: IANA.
        currency: ISO 4217.
        demo: whether demo people can be used.
        assets: from the name in templates to the file's name with its hash.
    """

    city: Mapping[str, Any]
    profile: Profile | None
    languages: tuple[str, ...]
    time_zone: str
    currency: str
    demo: bool
    assets: Mapping[str, str]

    @classmethod
    def of(cls, city: Mapping[str, Any], profile: Profile | None, *, demo: bool) -> Site:
        """For a city. Languages of its profile for which there is a catalogue, and English."""
        known = catalogues()
        wanted = profile.languages if profile else tuple(known)
        languages = tuple(name for name in wanted if name in known) or ("en",)
        manifest = json.loads(_BUILT.joinpath("manifest.json").read_text("utf-8"))
        return cls(
            city=city,
            profile=profile,
            languages=languages,
            time_zone=profile.time_zone if profile else "UTC",
            currency="EUR",
            demo=demo,
            assets=manifest,
        )

    @property
    def name(self) -> str:
        """Of the city."""
        return self.profile.name if self.profile else str(self.city["name"]).capitalize()

    @property
    def theme(self) -> str:
        """The city's own colours as a style sheet; empty if it has none."""
        theme = self.profile.theme if self.profile else None
        if theme is None:
            return ""
        return (
            f":root{{--city-colour:{theme.colour};--city-colour-dark:{theme.dark};--city-colour-light:{theme.light}}}"
        )

    @property
    def theme_path(self) -> str:
        """Where the style sheet is; another one when it is another."""
        return f"/static/theme-{sha256(self.theme.encode()).hexdigest()[:8]}.css" if self.theme else ""

    @cached_property
    def each(self) -> list[Pages]:
        """The pages in every language, the main one first."""
        return [Pages(self, catalogues()[language]) for language in self.languages]

    def needed(self, script: str) -> list[str]:
        """The files of a script: its own, and those that it loads now or later."""
        found, waiting = set[str](), {self.assets[script]}
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= set(_PART.findall(_BUILT.joinpath(name).read_text("utf-8"))) - found
        return sorted(found)

    def language_of(self, request: Request) -> str:
        """The language in which somebody would like to read."""
        return preferred(request.headers.get("accept-language", ""), self.languages)


class Pages:
    """The pages in one language."""

    def __init__(self, site: Site, catalogue: Catalogue) -> None:
        self.site = site
        self.language = catalogue.language
        self.gettext: Callable[[str], str] = catalogue.gettext
        self.ngettext: Callable[[str, str, int], str] = catalogue.ngettext
        self._locale = Locale.parse(catalogue.language)
        self._zone = ZoneInfo(site.time_zone)
        self._environment = environment = Environment(
            loader=PackageLoader("heitje.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_callables(  # type: ignore[attr-defined] # the extension adds it
            catalogue.gettext, catalogue.ngettext, newstyle=True
        )
        environment.filters |= {"money": self.money, "day": self.day, "moment": self.moment, "month": self.month}
        environment.globals |= {
            "asset": self._asset,
            "city_name": site.name,
            "client_city": self._client_city(),
            "demo": site.demo,
            "island": _island,
            "language": self.language,
            "language_name": lambda code: str(Locale.parse(code).get_display_name(code)).capitalize(),
            "languages": site.languages,
            "script_texts": dict(catalogue.scripts),
            "theme_path": site.theme_path,
            "token_name": site.city["token"]["name"],
        }

    def render(
        self,
        request: Request,
        template: str,
        status: int = HTTPStatus.OK,
        *,
        connect: str = "",
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """A page, or a part of one.

        Args:
            request: what is answered.
            template: below `templates`.
            status: of HTTP.
            connect: more places to which this page's script may connect (Content-Security-Policy, connect-src).
            headers: more of them.
            values: what the template shows.
        """
        path = request.url.path
        text = self._environment.get_template(template).render(
            in_language=lambda other: _in_language(path, self.language, other), path=path, **values
        )
        policy = POLICY | ({"connect-src": f"'self' {connect}"} if connect else {})
        sent = {**_HEADERS, "Content-Language": self.language, "Content-Security-Policy": _policy(policy)}
        return packed(request, text.encode(), HTML, status, sent | dict(headers or {}))

    def money(self, cents: int | str) -> str:
        """Cents, as people of this language write them."""
        return str(format_currency(int(cents) / 100, self.site.currency, locale=self._locale))

    def day(self, at: str | float) -> str:
        """A day, written out, in the city's time."""
        return str(format_date(self.local(at), format="long", locale=self._locale))

    def date(self, text: str) -> str:
        """A day of the calendar (`2026-03-14`), written out."""
        return str(format_date(date.fromisoformat(text), format="long", locale=self._locale))

    def moment(self, at: str | float) -> str:
        """A day and a time, in the city's time."""
        return str(format_datetime(self.local(at), format="d MMMM y HH:mm", locale=self._locale))

    def month(self, text: str) -> str:
        """`2026-03` as people write it."""
        first = datetime.strptime(text + "-01", "%Y-%m-%d").replace(tzinfo=UTC)
        return str(format_date(first, format="MMMM y", locale=self._locale))

    def local(self, at: str | float) -> datetime:
        """RFC 3339 or Unix seconds to a time in the city."""
        moment = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at, UTC)
        return moment.astimezone(self._zone)

    def _asset(self, name: str) -> str:
        return f"/static/{self.site.assets[name]}"

    def _client_city(self) -> dict[str, Any]:
        """What scripts have to know of the city."""
        site = self.site
        return {
            "name": site.name,
            "chainId": site.city["chainId"],
            "contracts": site.city["contracts"],
            "domains": site.city["domains"],
            "currency": site.currency,
            "timeZone": site.time_zone,
            "demo": site.demo,
        }


def packed(request: Request, body: bytes, media: str, status: int, headers: Mapping[str, str]) -> Response:
    """An answer, compressed if that is worth it and understood."""
    if len(body) >= _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            gzip.compress(body, 5, mtime=0), status, {**headers, "Content-Encoding": "gzip"}, media_type=media
        )
    return Response(body, status, dict(headers), media_type=media)


def _policy(parts: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _in_language(path: str, mine: str, other: str) -> str:
    """The same page in another language."""
    return f"/{other}{path.removeprefix(f'/{mine}')}" if path.startswith(f"/{mine}") else f"/{other}"


def _island(value: Any) -> Markup:
    """JSON that can stand in a page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - escaped
