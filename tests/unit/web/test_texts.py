# SPDX-License-Identifier: EUPL-1.2
import pytest

from heitje.problems import Code
from heitje.web.plain import PLAIN
from heitje.web.texts import catalogues, preferred
from tools.catalogues import CATALOGUES, missing, stale

LANGUAGES = sorted(path.name for path in CATALOGUES.iterdir() if path.is_dir())


def test_there_is_dutch_beside_english():
    assert {"en", "nl"} <= set(catalogues())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_people_read_has_its_translation(language):
    assert missing(language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_are_as_make_catalogues_writes_them(language):
    assert stale(language) == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "nl"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.4, nl;q=0.3", "en"),
        ("de", "nl"),
        ("en;q=0, nl;q=0.1", "nl"),
        ("*;q=0.5, ;;;, en;q=x", "en"),
    ],
)
def test_a_reader_gets_the_language_they_like_best_of_those_there_are(header, language):
    assert preferred(header, ("nl", "en")) == language


def test_every_problem_can_be_told_to_people():
    assert set(PLAIN) == set(Code)
