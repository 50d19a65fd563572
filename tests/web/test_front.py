# SPDX-License-Identifier: EUPL-1.2
"""The way in, for everybody."""

import pytest

from heitje.problems import Code
from tests.support.pages import DEVICES, LANGUAGES, check, person, shoot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_a_browser_is_led_to_all_pages_in_its_language(browser, url, device, language):
    with person(browser, url, device, language) as page:
        page.goto("/")
        assert page.url == f"{url}/{language}"
        assert page.locator("html").get_attribute("lang") == language
        for face in ("app", "till", "desk", "ledger"):
            assert page.locator(f"main a[href='/{language}/{face}']").count() == 1
        check(page)
        shoot(page, f"front-{device.name}-{language}")


def test_the_other_language_is_one_step_away_from_every_page(browser, url):
    with person(browser, url, language="nl") as page:
        page.goto("/nl/about")
        page.get_by_role("link", name="English").click()
        assert page.url == f"{url}/en/about"
        check(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_says_in_plain_words_what_it_means_for_the_money(browser, url, language):
    with person(browser, url, language=language) as page:
        for code in (Code.INSUFFICIENT, Code.ACCOUNT_FROZEN):
            page.goto(f"/{language}/problem/{code}")
            assert page.locator("main").inner_text().count(str(code)) == 1
            assert ("Er is niets betaald" in page.locator("main").inner_text()) == (language == "nl")
        check(page)


def test_a_page_forbids_everything_from_elsewhere(service):
    for path in ("/nl", "/en/about"):
        policy = service.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_no_page_needs_anything_from_another_place(browser, url):
    asked = []
    with person(browser, url) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/nl")
        page.wait_for_load_state("networkidle")
    assert asked
    assert [one for one in asked if not one.startswith(url)] == []


@pytest.mark.parametrize(("language", "words"), [("nl", "Wij kunnen dit niet vinden"), ("en", "We cannot find this")])
def test_a_page_that_is_not_there_says_so_in_plain_words(browser, url, language, words):
    with person(browser, url, language=language) as page:
        answer = page.goto(f"/{language}/nowhere")
        assert answer.status == 404
        assert words in page.locator("main").inner_text()
        check(page)


def test_a_program_that_asks_for_a_page_that_is_not_there_gets_a_problem(service):
    answer = service.get("/nl/nowhere")
    assert (answer.status, answer.code) == (404, "not_found")
