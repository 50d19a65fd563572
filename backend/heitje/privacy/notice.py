# SPDX-License-Identifier: EUPL-1.2
"""What everybody must be told beside their data (GDPR, article 15): why, for whom, how long, which rights."""

import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Final

DEFAULT: Final = "en"


def notice(languages: Iterable[str], city: str) -> dict[str, list[dict[str, str]]]:
    """The notice in English, and in the city's languages where there is a file; parts with title and text.

    Args:
        languages: of the city, ISO 639-1.
        city: the municipality's name.
    """
    folder = resources.files("heitje.privacy").joinpath("notices")
    found = {}
    for name in dict.fromkeys((DEFAULT, *languages)):
        file = folder.joinpath(f"{name}.toml")
        if file.is_file():
            parts = tomllib.loads(file.read_text(encoding="utf-8"))["part"]
            found[name] = [{"title": part["title"], "text": part["text"].format(city=city)} for part in parts]
    return found
