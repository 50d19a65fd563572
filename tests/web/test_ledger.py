# SPDX-License-Identifier: EUPL-1.2
"""The public ledger, as anybody reads it, and the check of the books in a visitor's own browser."""

import json
import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from heitje.chain.logs import TRANSFER
from tests.support.lived import RESIDENTS, lived
from tests.support.pages import DEVICES, LANGUAGES, check, person, shoot
from tests.support.service import Service

MINUTE = 60_000
DRAWN = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


def written(cents, language):
    """Cents as a page writes them, without the sign of the currency."""
    return f"{int(cents) // 100}{',' if language == 'nl' else '.'}{int(cents) % 100:02d}"


@pytest.fixture(scope="module")
def chain_and_city():
    with lived() as found:
        yield found


@pytest.fixture(scope="module")
def anvil(chain_and_city):
    return chain_and_city[0]


@pytest.fixture(scope="module")
def city(chain_and_city):
    return chain_and_city[1]


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("ledger"), city) as running:
        yield running


@pytest.fixture(scope="module")
def url(service):
    return f"http://localhost:{service.port}"


@contextmanager
def node_that_says(node, tell):
    """A node between a visitor and the real one; `tell` may change what it answers to a request."""

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self):
            self._answer(204, b"")

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            request = urllib.request.Request(node, json.dumps(asked).encode(), {"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=30) as response:
                answers = json.load(response)
            for question, answer in zip(asked, answers, strict=True):
                tell(question, answer)
            self._answer(200, json.dumps(answers).encode())

        def _answer(self, status, body):
            self.send_response(status)
            self.send_header("access-control-allow-origin", "*")
            self.send_header("access-control-allow-headers", "content-type")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_logs(change):
    """What changes the logs of an answer, once."""
    done = []

    def tell(question, answer):
        if question["method"] == "eth_getLogs" and not done and change(answer["result"]):
            done.append(True)

    return tell


def check_books(page, node=None):
    page.goto("/en/ledger/check")
    if node:
        page.get_by_label("Node to ask").fill(node)
    page.get_by_role("button", name="Check the books").click()
    expect(page.locator("#outcome")).to_be_visible(timeout=MINUTE)
    return page.locator("#outcome")


# The figures


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_the_ledger_shows_the_equation_charts_their_tables_and_the_rule(browser, url, device, language, service):
    with person(browser, url, device, language) as page:
        page.goto("/ledger")
        assert page.url == f"{url}/{language}/ledger"
        page.wait_for_load_state("networkidle")
        equation = page.locator("#equation")
        assert equation.get_attribute("role") == "status"
        expect(equation).to_contain_text(written(service.get("/v1/ledger").body["totalSupply"], language))
        canvases = page.locator("figure canvas")
        assert canvases.count() == 4
        for at in range(4):
            drawn = (
                "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
            )
            assert canvases.nth(at).evaluate(drawn)
        check(page)
        shoot(page, f"ledger-{device.name}-{language}")
        for summary in page.locator("figure summary").all():
            summary.click()
        few = "minder dan 10 mensen" if language == "nl" else "fewer than 10 people"
        expect(page.locator("figure table").first).to_contain_text(few)
        expect(page.locator("#rule")).to_be_visible()
        check(page)


def test_the_equation_renews_itself_when_the_chain_moves_and_only_then(browser, url, city):
    with person(browser, url, language="en") as page:
        answers = []
        page.on("response", lambda response: answers.append(response.status) if "equation" in response.url else None)
        page.goto("/en/ledger")
        before = page.locator("#equation table").inner_text()
        expect.set_options(timeout=20_000)
        page.wait_for_event("response", lambda response: "equation" in response.url)
        assert answers == [204]
        city.issue(city.open_activity(), {RESIDENTS[0]: 60})
        expect(page.locator("#equation table")).not_to_have_text(before)
        expect(page.locator("#equation")).to_contain_text("The books add up.")
        assert 200 in answers
        check(page)


@pytest.mark.parametrize("path", ["/nl/ledger", "/nl/ledger/derivation", "/nl/ledger/check"])
def test_the_smallest_phone_shows_every_page_without_scrolling_sideways(browser, url, path):
    with person(browser, url, viewport={"width": 320, "height": 640}) as page:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for summary in page.locator("summary").all():
            summary.click()
        check(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_figure_leads_to_how_it_is_derived(browser, url, language):
    with person(browser, url, language=language) as page:
        page.goto(f"/{language}/ledger")
        links = page.locator("a[href*='/derivation#']")
        places = {links.nth(at).get_attribute("href") for at in range(links.count())}
        assert len(places) >= 12
        page.goto(f"/{language}/ledger/derivation")
        for place in places:
            assert page.locator(f"#{place.partition('#')[2]}").count() == 1, place
        check(page)
        shoot(page, f"ledger-derivation-{language}")


def test_no_page_of_the_ledger_shows_an_address_of_a_person_or_a_shop(browser, url, city):
    with person(browser, url, language="en") as page:
        for path in ("/en/ledger", "/en/ledger/derivation"):
            page.goto(path)
            assert "0x" not in page.locator("main").inner_text()


def test_the_downloads_come_as_files(browser, url):
    with person(browser, url, language="en") as page:
        page.goto("/en/ledger")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Credits month by month (CSV)").click()
        assert waiting.value.suggested_filename == "months.csv"
        with waiting.value.path().open("rb") as file:
            assert file.readline().startswith(b"month,issued,spent")


def test_only_the_check_may_connect_elsewhere(service):
    policy = service.get("/en/ledger/check").headers["content-security-policy"]
    assert "connect-src 'self' https: http://localhost:* http://127.0.0.1:*;" in policy
    assert "connect-src 'self';" in service.get("/en/ledger").headers["content-security-policy"]


# The check


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_a_visitor_checks_the_books_and_is_told_what_was_checked_and_what_was_not(
    browser, url, device, language, service
):
    with person(browser, url, device, language) as page:
        page.goto(f"/{language}/ledger/check")
        check(page)
        page.locator("#check button").click()
        outcome = page.locator("#outcome")
        expect(outcome).to_be_visible(timeout=MINUTE)
        assert page.locator(".heitje-checks li").count() == 8
        assert page.locator(".heitje-checks .heitje-wrong").count() == 0
        right = "De boeken kloppen" if language == "nl" else "The books are right"
        expect(outcome).to_contain_text(right)
        assert page.locator("#not-checked li").count() == 8
        supply = written(service.get("/v1/ledger").body["totalSupply"], language)
        expect(outcome.locator(".heitje-sum").first).to_contain_text(supply)
        check(page)
        shoot(page, f"ledger-check-{device.name}-{language}")


def test_a_visitor_asks_a_node_of_their_own_and_the_service_is_not_asked(browser, url, anvil):
    with person(browser, url, language="en") as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
        outcome = check_books(page, anvil.url)
        expect(outcome).to_contain_text("The books are right")
        assert {one.rstrip("/") for one in asked} == {anvil.url}


def raised(logs):
    """A payment of a cent more."""
    for log in logs:
        if log["topics"][0] == TRANSFER and 0 not in (int(log["topics"][1], 16), int(log["topics"][2], 16)):
            log["data"] = "0x" + (int(log["data"], 16) + 1).to_bytes(32, "big").hex()
            return True
    return False


def minted(logs):
    """A reward of a cent more."""
    for log in logs:
        if log["topics"][0] == TRANSFER and int(log["topics"][1], 16) == 0:
            log["data"] = "0x" + (int(log["data"], 16) + 1).to_bytes(32, "big").hex()
            return True
    return False


def redirected(logs):
    """A payment to somebody else."""
    transfers = [log for log in logs if log["topics"][0] == TRANSFER and int(log["topics"][1], 16)]
    if not transfers:
        return False
    transfers[0]["topics"][2] = "0x" + "00" * 12 + "ab" * 20
    return True


def hidden(logs):
    """An event left out."""
    found = next((log for log in logs if log["topics"][0] == TRANSFER), None)
    if found:
        logs.remove(found)
    return found is not None


def doubled(logs):
    """An event twice."""
    logs.append(logs[-1])
    return True


def resigned(logs):
    """Another evidence in a report: what was signed was something else."""
    longest = max(logs, key=lambda log: len(log["data"]), default=None)
    if longest is None or len(longest["data"]) < 2_000:
        return False
    longest["data"] = longest["data"][: 2 + 64 * 10 - 2] + "99" + longest["data"][2 + 64 * 10 :]
    return True


@pytest.mark.parametrize("lie", [raised, minted, redirected, hidden, doubled, resigned])
def test_a_node_that_changes_one_event_is_found_out(browser, url, anvil, lie):
    with node_that_says(anvil.url, in_logs(lie)) as node, person(browser, url, language="en") as page:
        outcome = check_books(page, node)
        expect(outcome).to_contain_text("Something is wrong")
        assert page.locator("#findings li").count() > 0
        assert page.locator(".heitje-checks .heitje-wrong").count() > 0
        if lie is raised:
            check(page)
            shoot(page, "ledger-check-wrong")


def test_a_node_that_stores_other_balances_is_found_out(browser, url, anvil):
    def tell(question, answer):
        if question["method"] == "eth_call" and len(answer["result"]) > 500:
            answer["result"] = answer["result"][:-1] + ("1" if answer["result"][-1] == "0" else "0")

    with node_that_says(anvil.url, tell) as node, person(browser, url, language="en") as page:
        outcome = check_books(page, node)
        expect(outcome).to_contain_text("Something is wrong. Findings: 1.")
        expect(page.locator("#findings")).to_contain_text("by the events")


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("http://127.0.0.1:9", "The node cannot be reached from this page."),
        ("http://", "This is no address of a node."),
        ("/v1/ledger", "The node refused the question (HTTP 405)."),
    ],
)
def test_a_node_that_does_not_answer_says_nothing_about_the_books(browser, url, node, said):
    with person(browser, url, language="en") as page:
        outcome = check_books(page, node)
        expect(outcome).to_contain_text(said)
        expect(outcome).to_contain_text("That says nothing about them.")
        check(page)


def test_a_node_of_another_chain_is_not_mistaken_for_this_one(browser, url, anvil):
    def tell(question, answer):
        if question["method"] == "eth_chainId":
            answer["result"] = "0x1"

    with node_that_says(anvil.url, tell) as node, person(browser, url, language="en") as page:
        expect(check_books(page, node)).to_contain_text("This node has another chain")
