# SPDX-License-Identifier: EUPL-1.2
"""What everybody must be told beside their data (GDPR, article 15): why, for whom, how long, which rights."""

import tomllib
from importlib import resources
from typing import Final

DEFAULT: Final = "en"


def notice(language: str, city: str) -> dict[str, list[dict[str, str]]]:
    """The notice in English, and in the city's language where there is a file for it; parts with title and text.

    Args:
        language: of the city, ISO 639-1.
        city: the municipality's name.
    """
    folder = resources.files("heitje.privacy").joinpath("notices")
    found = {}
    for name in dict.fromkeys((DEFAULT, language)):
        file = folder.joinpath(f"{name}.toml")
        if file.is_file():
            parts = tomllib.loads(file.read_text(encoding="utf-8"))["part"]
            found[name] = [{"title": part["title"], "text": part["text"].format(city=city)} for part in parts]
    return found
