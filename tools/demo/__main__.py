# SPDX-License-Identifier: EUPL-1.2
"""`make demo`: see the package."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.demo.certificate import make
from tools.demo.day import Day
from tools.demo.mishaps import Mishaps
from tools.demo.office import Office
from tools.demo.people import PASSPHRASE, City, MembersUnreadable
from tools.demo.place import Place, UnknownCity, available, load
from tools.demo.processes import ARTIFACTS, ROOT, Children, StartFailed, anvil_program, find_port
from tools.demo.story import NotAsItShouldBe, console, fail, heading, note
from tools.demo.wallet import Refused, Relayer

FOLDER = ROOT / "build" / "demo"
LOCK = ROOT / "build" / "demo.lock"
PUBLISHED = ROOT / "build" / "demo.json"
CHAIN_ID = 31_337
PAGES = {
    "app": "the app for residents",
    "till": "the till for shops",
    "desk": "the desk for officials",
    "ledger": "the public ledger",
    "demo": "be one of the demo people, in any of them",
}


def main() -> int:
    """Lives the day; serves it until Ctrl-C unless `--once`."""
    arguments = _arguments()
    # Also where whoever started this had them ignored, as shells do for what runs in the background.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        place = load(arguments.city)
        report, members = arguments.report or place.report, arguments.members or place.members
        missing = [str(file) for file in (report, members) if not file.is_file()]
        if missing:
            return fail(f"There is no file {' and no file '.join(missing)}. Nothing was started.")
        city = City(place, members)
    except (UnknownCity, MembersUnreadable) as error:
        return fail(f"{error} Nothing was started.")
    started = time.monotonic()
    with LOCK.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return fail("Another one runs in this folder, and goes on. Nothing was started; stop that one first.")
        return _run(city, report, arguments.host, started, once=arguments.once)


def _run(city: City, report: Path, host: str, started: float, *, once: bool) -> int:
    """The day, with nobody else in this folder. Returns the exit code."""
    PUBLISHED.unlink(missing_ok=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    FOLDER.chmod(0o700)
    try:
        with Children(FOLDER) as children:
            day = _live(children, city, report, host)
            _publish(day)
            heading(f"That was the day, in {time.monotonic() - started:.0f} s")
            note(f"What an outside client needs is in {PUBLISHED.relative_to(ROOT)}.")
            if once:
                note("The city ends here; `make demo` without ONCE=1 keeps it running.")
            else:
                _serve(children, day)
    except (NotAsItShouldBe, StartFailed, Refused, urllib.error.URLError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        console.print()
        note("Stopped. Nothing is left running; `make demo` starts a new city.")
        return 0 if PUBLISHED.exists() else 130
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=main.__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the day")
    names = available()
    parser.add_argument("--city", help=f"which city: {', '.join(names)}; {names[0]} if none is named")
    parser.add_argument("--host", default="", help="this machine's name or address in its network: serve phones too")
    parser.add_argument("--report", type=Path, help="who did what, instead of the city's own file")
    parser.add_argument("--members", type=Path, help="who lives and trades there, instead of the city's own file")
    return parser.parse_args()


def _live(children: Children, city: City, report: Path, host: str) -> Day:
    heading("A chain starts: one block a second, no gas to pay")
    port = _port(8545, "the chain")
    rpc = f"http://127.0.0.1:{port}"
    children.start("anvil", [anvil_program(), *_anvil_flags(port)], {}, lambda: _answers(port))
    note(f"anvil at {rpc}, chain {CHAIN_ID}; nothing of it is unlocked, every transaction is signed outside.")

    office = Office(FOLDER, rpc)
    office.write_files(city)
    api = _port(8000, "the relayer")
    day = Day(city, office, Relayer(f"http://localhost:{api}"), rpc, report)
    day.found()
    settings = {**_relayer_settings(api), **(_https(host) if host else {})}
    children.start("relayer", _relayer_command(office, rpc, api), settings, lambda: _is_ready(day.relayer.url))
    heading("The relayer serves")
    note(f"{day.relayer.url}: it holds no role, no credit and no gas. What it can do: {day.relayer.url}/openapi.json")
    day.prepare()
    day.attest()
    day.mint()
    day.spend()
    Mishaps(day).live()
    day.redeem()
    day.prove()
    children.check()
    return day


def _port(preferred: int, user: str) -> int:
    port = find_port(preferred)
    if port != preferred:
        note(f"Port {preferred} is taken by another program; {user} uses {port}.")
    return port


def _anvil_flags(port: int) -> list[str]:
    return [
        *("--port", str(port), "--chain-id", str(CHAIN_ID), "--accounts", "0"),
        *("--block-time", "1", "--order", "fifo", "--hardfork", "osaka"),
        *("--gas-price", "0", "--base-fee", "0", "--disable-min-priority-fee"),
    ]


def _relayer_command(office: Office, rpc: str, port: int) -> list[str | Path]:
    return [
        *(Path(sys.executable).with_name("heitje"), "serve", "--role", "all", "--rpc", rpc),
        *("--deployment", office.deployment, "--database", FOLDER / "relayer.sqlite"),
        *("--keyfile", FOLDER / "ape" / "accounts" / "relayer.json", "--port", str(port)),
    ]


def _relayer_settings(port: int) -> dict[str, str]:
    # The pages stand where the reader's browser has them, and there people log in. A passkey needs the name localhost.
    return {
        "HEITJE_RELAYER_PASSPHRASE": PASSPHRASE,
        "HEITJE_DEMO": str(PUBLISHED),
        "HEITJE_PUBLIC_URL": f"http://localhost:{port}",
    }


def _https(host: str) -> dict[str, str]:
    """Settings for a real phone to join, which needs HTTPS for a passkey."""
    port = _port(8443, "the pages for phones")
    trusted, certificate, key = make(FOLDER / "certificate", host)
    note(f"Pages for a phone in the same network: https://{host}:{port}")
    note(f"The phone must trust {trusted.relative_to(ROOT)} first; it is good for {host} only, and for 30 days.")
    return {
        "HEITJE_CERTIFICATE": str(certificate),
        "HEITJE_CERTIFICATE_KEY": str(key),
        "HEITJE_TLS_PORT": str(port),
        "HEITJE_PUBLIC_URL": f"https://{host}:{port}",
    }


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310  -- http, on this machine
            return bool(json.load(answer).get("ready"))
    except (OSError, ValueError):
        return False


def _deployment(office: Office) -> dict[str, dict[str, str]]:
    deployment: dict[str, dict[str, str]] = json.loads(office.deployment.read_text())
    return deployment


def _publish(day: Day) -> None:
    """Writes what an outside client needs, readable only by its owner, last and at once."""
    deployment = _deployment(day.office)
    names = {
        "authority": "Authority",
        "token": "MunicipalToken",
        "registry": "ActivityRegistry",
        "desk": "RedemptionDesk",
    }
    abi = {}
    for key, name in names.items():
        path = FOLDER / "abi" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(json.loads((ARTIFACTS / f"{name}.json").read_text())["abi"], indent=1))
        abi[key] = str(path)
    document = {
        "city": day.city.place.profile,
        "rpc": day.rpc,
        "chainId": deployment["chainId"],
        "api": day.relayer.url,
        "contracts": deployment["contracts"],
        "abi": abi,
        "deployBlock": deployment["deployBlock"],
        "domain": day.relayer.get("/v1/city")["domains"]["token"],
        "actors": [person.entry() for person in day.city.everyone()],
        "openActivity": day.city.place.open_activity,
    }
    _write_environment(day.office, day.city.place, day.rpc)
    part = PUBLISHED.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(document, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    part.rename(PUBLISHED)


def _write_environment(office: Office, place: Place, rpc: str) -> None:
    """A file to `source`, after which `ape run …` works on this city, as the pages have it, with any demo key."""
    settings = {
        "PATH": f"{ROOT / '.venv' / 'bin'}:$PATH",
        "APE_DATA_FOLDER": str(office.folder / "ape"),
        "HEITJE_NETWORK": rpc,
        "HEITJE_DEPLOYMENT": str(office.deployment),
        "HEITJE_REGISTER_PASSPHRASE": PASSPHRASE,
        **{f"APE_ACCOUNTS_{alias}_PASSPHRASE": PASSPHRASE for alias in place.officials},
    }
    lines = [f'export {name}="{value}"' for name, value in settings.items()]
    (office.folder / "env").write_text("\n".join(["# Demo keys, worth nothing.", *lines]) + "\n")


def _serve(children: Children, day: Day) -> None:
    note(f"The city goes on until you press Ctrl-C. Open {day.relayer.url} in a browser:")
    for path, words in PAGES.items():
        note(f"  {day.relayer.url}/{path}  {words}")
    while True:
        time.sleep(1)
        children.check()


if __name__ == "__main__":
    sys.exit(main())
