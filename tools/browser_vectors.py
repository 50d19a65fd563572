# SPDX-License-Identifier: EUPL-1.2
"""Has a real browser sign, with passkeys and a device key, and keeps what it signed in tests/vectors/webauthn.json.

The passkeys are of Chromium's virtual authenticators, the device key is WebCrypto's; the browser writes the client data
and signs as on any phone. Needed only to renew the vectors. Usage: `python -m tools.browser_vectors [chromium]`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse, web
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from heitje.chain.browser_keys import ORDER, BrowserSignature

OUTPUT: Final = Path(__file__).parent.parent / "tests" / "vectors" / "webauthn.json"
RP_ID: Final = "localhost"
"""The one name for which a page without a certificate may use passkeys."""

STARTS_WITHIN: Final = 30.0
"""Seconds."""

PASSKEYS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "phone": ({"transport": "internal", "hasResidentKey": True, "hasUserVerification": True}, "required"),
    "synced phone": (
        {
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "defaultBackupEligibility": True,
            "defaultBackupState": True,
        },
        "required",
    ),
    "security key": ({"transport": "usb", "hasResidentKey": False, "hasUserVerification": True}, "required"),
    "security key that verifies nobody": (
        {"transport": "usb", "hasResidentKey": False, "hasUserVerification": False},
        "discouraged",
    ),
}
"""Authenticators as the DevTools protocol describes them, and what the page asks for in user verification."""

PAGE: Final = """<!doctype html><title>keys</title><script>
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
async function passkey(digest, userVerification) {
  const made = await navigator.credentials.create({publicKey: {
    rp: {name: "Heitje"}, user: {id: bytes("01"), name: "test", displayName: "test"}, challenge: bytes("00"),
    pubKeyCredParams: [{type: "public-key", alg: -7}], authenticatorSelection: {userVerification},
  }});
  const given = await navigator.credentials.get({publicKey: {
    challenge: bytes(digest), userVerification, allowCredentials: [{type: "public-key", id: made.rawId}],
  }});
  const {authenticatorData, clientDataJSON, signature} = given.response;
  return {key: hex(made.response.getPublicKey()), authenticatorData: hex(authenticatorData),
          clientData: hex(clientDataJSON), signature: hex(signature)};
}
async function deviceKey(digest) {
  const ecdsa = {name: "ECDSA", namedCurve: "P-256", hash: "SHA-256"};
  const pair = await crypto.subtle.generateKey(ecdsa, false, ["sign"]);
  return {key: hex(await crypto.subtle.exportKey("raw", pair.publicKey)),
          signature: hex(await crypto.subtle.sign(ecdsa, pair.privateKey, bytes(digest)))};
}
</script>"""


class Tab:
    """A page of the browser, spoken to by the DevTools protocol."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its result.

        Raises:
            RuntimeError: the browser refused it.
        """
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while (answer := await self._socket.receive_json()).get("id") != number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    async def run(self, script: str) -> Any:
        """What a promise of the page becomes.

        Raises:
            RuntimeError: the page failed.
        """
        asked = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = await self.ask("Runtime.evaluate", expression=script, **asked)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"]["value"]


async def passkey_vector(tab: Tab, name: str) -> dict[str, str]:
    """An assertion by a passkey of a new virtual authenticator."""
    authenticator, verification = PASSKEYS[name]
    options = {**authenticator, "protocol": "ctap2", "isUserVerified": True, "automaticPresenceSimulation": True}
    added = await tab.ask("WebAuthn.addVirtualAuthenticator", options=options)
    digest = digest_for(name)
    signed = await tab.run(f'passkey("{digest.hex()}", "{verification}")')
    await tab.ask("WebAuthn.removeVirtualAuthenticator", authenticatorId=added["authenticatorId"])
    told = {field: bytes.fromhex(value) for field, value in signed.items()}
    r, s = decode_dss_signature(told["signature"])
    return vector(name, digest, told["key"], (r, s), told["authenticatorData"], told["clientData"])


async def device_key_vector(tab: Tab) -> dict[str, str]:
    """A signature by a key that cannot leave the browser."""
    digest = digest_for("device key")
    signed = await tab.run(f'deviceKey("{digest.hex()}")')
    raw = bytes.fromhex(signed["signature"])
    numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    return vector("device key", digest, bytes.fromhex(signed["key"]), numbers)


def vector(
    name: str, digest: bytes, key: bytes, numbers: tuple[int, int], authenticator_data: bytes = b"", data: bytes = b""
) -> dict[str, str]:
    """What is kept of a signature. Every notation of the key ends with x and y."""
    r, s = (number.to_bytes(32, "big") for number in (numbers[0], min(numbers[1], ORDER - numbers[1])))
    signed = BrowserSignature(key[-64:-32], key[-32:], r, s, authenticator_data, data)
    kept = {"digest": digest, "x": signed.x, "y": signed.y, "signature": signed.to_bytes()}
    return {"name": name} | {field: "0x" + value.hex() for field, value in kept.items()}


def digest_for(name: str) -> bytes:
    """Something to sign."""
    return sha256(f"heitje test digest: {name}".encode()).digest()


async def port_of(profile: Path) -> int:
    """Where the browser listens for the DevTools protocol, once it does."""
    file = profile / "DevToolsActivePort"
    async with asyncio.timeout(STARTS_WITHIN):
        while not (file.exists() and file.read_text(encoding="utf-8")):  # noqa: ASYNC110 -- another program writes it
            await asyncio.sleep(0.05)
    return int(file.read_text(encoding="utf-8").split()[0])


async def collect(chromium: str) -> dict[str, Any]:
    """Starts a page and a browser, and has it sign."""
    application = web.Application()
    application.router.add_get("/", _page)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    page = f"http://{RP_ID}:{runner.addresses[0][1]}/"
    with tempfile.TemporaryDirectory() as folder:
        flags = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", "--no-first-run"]
        # Chromium refuses to be root in its sandbox; it sees no page but ours.
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        quiet = asyncio.subprocess.DEVNULL
        browser = await asyncio.create_subprocess_exec(chromium, *flags, page, stdout=quiet, stderr=quiet)
        try:
            return await _sign(await port_of(Path(folder)), page)
        finally:
            browser.terminate()
            await browser.wait()
            await runner.cleanup()


async def _page(_: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html")


async def _sign(port: int, page: str) -> dict[str, Any]:
    async with ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/json/version") as answer:
            version = (await answer.json())["Browser"]
        async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
            tabs = [tab for tab in await answer.json() if tab["url"] == page]
        async with session.ws_connect(tabs[0]["webSocketDebuggerUrl"]) as socket:
            tab = Tab(socket)
            async with asyncio.timeout(STARTS_WITHIN):
                while not await tab.run('document.readyState === "complete" && "passkey" in window'):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            await tab.ask("WebAuthn.enable")
            passkeys = [await passkey_vector(tab, name) for name in PASSKEYS]
            rp_id_hash = "0x" + sha256(RP_ID.encode()).hexdigest()
            signatures = [await device_key_vector(tab), *passkeys]
            return {"browser": version, "rpId": RP_ID, "rpIdHash": rp_id_hash, "signatures": signatures}


def main() -> int:
    """Writes the vectors."""
    found = asyncio.run(collect(sys.argv[1] if len(sys.argv) > 1 else "chromium"))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"{len(found['signatures'])} signatures by {found['browser']} are in {OUTPUT}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
