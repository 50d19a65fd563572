# SPDX-License-Identifier: EUPL-1.2
from heitje.privacy.notice import notice


def test_the_notice_is_in_english_and_in_the_language_of_the_city():
    both = notice(["nl"], "Testdam")
    assert list(both) == ["en", "nl"]
    assert len(both["en"]) == len(both["nl"]) == 6
    for parts in both.values():
        assert "Testdam" in parts[0]["text"]
        assert all(part["title"] and part["text"] and "{" not in part["text"] for part in parts)


def test_a_city_whose_language_we_have_not_gets_english():
    assert list(notice(["fy"], "Testdam")) == list(notice(["en"], "Testdam")) == ["en"]
