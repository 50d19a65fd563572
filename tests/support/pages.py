# SPDX-License-Identifier: EUPL-1.2
"""A real browser in front of the real pages: devices, passkeys, accessibility, screenshots."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.scripts import ROOT

CHROMIUM: Final = os.environ.get("HEITJE_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS: Final = ("--no-sandbox", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream")
"""Root has no sandbox, containers have little shared memory; the camera is a file, and nobody is there to allow it."""

AXE: Final = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
SCREENS: Final = ROOT / "build" / "screens"
PATIENCE: Final = 20_000
"""Milliseconds that a page may take for what it has to do, on a machine that does much else."""
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Device:
    """What somebody holds or sits at."""

    name: str
    options: dict[str, Any] = field(hash=False)


PHONE: Final = Device(
    "phone",
    {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
)
DESKTOP: Final = Device("desktop", {"viewport": {"width": 1280, "height": 900}})
TABLET: Final = Device("tablet", {"viewport": {"width": 1024, "height": 768}, "has_touch": True})
"""An old one, on its side on a counter."""
DEVICES: Final = (PHONE, DESKTOP)
LANGUAGES: Final = ("nl", "en")


class Faults(list[str]):
    """What a page complained about in its console: errors of scripts, things the policy forbids, files not found."""

    def watch(self, page: Page) -> None:
        """Listen to a page."""
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)


@contextmanager
def person(browser: Browser, url: str, device: Device = PHONE, language: str = "nl", **options: Any) -> Iterator[Page]:
    """Somebody's browser, with nothing in it. Afterwards no script may have failed and nothing may have been forbidden.

    Args:
        browser: the program.
        url: of the service; paths are relative to it.
        device: phone or desktop.
        language: the browser's.
        options: more, as Playwright's `new_context` takes them.
    """
    context = browser.new_context(base_url=url, locale=language, **{**device.options, **options})
    context.set_default_timeout(PATIENCE)
    faults = Faults()
    context.on("page", faults.watch)
    try:
        yield context.new_page()
    finally:
        context.close()
    assert [fault for fault in faults if not _expected(fault)] == []


def _expected(fault: str) -> bool:
    """Chromium writes every answer that is an error, and every lost connection, into the console."""
    return fault.startswith("Failed to load resource")


def give_passkeys(page: Page, *, verified: bool = True) -> tuple[Any, str]:
    """A phone that can make passkeys, and confirms them by itself. Returns the session and the authenticator's id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


def be(page: Page, slot: str, address: str, secret: str) -> None:
    """Put a known key into the browser, as the demo's page does."""
    page.evaluate(
        """async ([slot, address, secret]) => {
          const asked = indexedDB.open("heitje", 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore("things");
          await new Promise((done, failed) => { asked.onsuccess = done; asked.onerror = failed; });
          const all = asked.result.transaction("things", "readwrite");
          all.objectStore("things").put({kind: "demo", address, secret}, `key of ${slot}`);
          await new Promise((done, failed) => { all.oncomplete = done; all.onabort = failed; });
          asked.result.close();
        }""",
        [slot, address, secret],
    )


def complaints(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 AA and good practice, one line each."""
    page.evaluate(f"{AXE}; undefined")
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", list(RULES))
    return [
        f"{item['id']}: {item['help']}: {node['target']} {node['failureSummary']}"
        for item in found["violations"]
        for node in item["nodes"]
    ]


def check(page: Page) -> None:
    """The page can be used by everybody, and is no wider than its screen."""
    found = complaints(page)
    assert not found, f"{page.url}: {found}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen"


def shoot(page: Page, name: str) -> Path:
    """Keep what the page looks like now, as build/screens/<name>.png."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def island(page: Page, name: str) -> Any:
    """What the page tells its script."""
    return json.loads(page.locator(f"script#{name}").text_content() or "null")


__all__ = [
    "CHROMIUM",
    "DESKTOP",
    "DEVICES",
    "FLAGS",
    "LANGUAGES",
    "PHONE",
    "TABLET",
    "BrowserContext",
    "Device",
    "be",
    "check",
    "complaints",
    "give_passkeys",
    "island",
    "person",
    "shoot",
]
