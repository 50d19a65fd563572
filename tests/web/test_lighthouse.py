# SPDX-License-Identifier: EUPL-1.2
"""The first page of each face, as a slow phone gets it (Lighthouse, mobile)."""

import json
import os
import subprocess

import pytest

from tests.support.pages import CHROMIUM
from tests.support.scripts import ROOT

PROGRAM = ROOT / "build" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
SCORES = ROOT / "build" / "lighthouse" / "scores"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = 95
TRIES = 3
"""The machine may do something else meanwhile: what counts is what the page can do."""


def scores(address):
    """The four scores of a page, in percent, and what cost points."""
    command = (
        *("node", PROGRAM, address, "--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}"),
        "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
    )
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    found = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    lost = {
        reference["id"]: report["audits"][reference["id"]].get("displayValue")
        or report["audits"][reference["id"]]["title"]
        for name in CATEGORIES
        for reference in report["categories"][name]["auditRefs"]
        if reference["weight"] and (report["audits"][reference["id"]]["score"] or 0) < 0.9
    }
    return found, lost


@pytest.mark.timeout(900)
@pytest.mark.parametrize("face", ["", "/app", "/till", "/desk", "/ledger"])
def test_the_first_page_is_fast_and_for_everybody_on_a_slow_phone(url, face):
    best: dict[str, int] = {}
    for _ in range(TRIES):
        found, lost = scores(f"{url}/nl{face}")
        best = {name: max(score, best.get(name, 0)) for name, score in found.items()}
        if min(best.values()) >= LEAST:
            break
    SCORES.mkdir(parents=True, exist_ok=True)
    (SCORES / f"{face.strip('/') or 'front'}.json").write_text(json.dumps(best))
    assert min(best.values()) >= LEAST, (best, lost)
