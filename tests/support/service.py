# SPDX-License-Identifier: EUPL-1.2
"""The real `heitje serve`, as a process of its own, for tests that stop it, kill it and ask it things."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from eth_account import Account
from eth_utils.crypto import keccak

from heitje.chain import typed_data
from heitje.chain.logs import PAID, decode_log
from heitje.chain.signing import KeySigner
from tests.support import forks
from tests.support.anvil import free_port, rpc
from tests.support.city import City
from tests.support.databases import place_of
from tests.support.signed import Payment, Report, signer_of

PASSPHRASE: Final = "a test's passphrase, worth nothing"
ENDED: Final = ("final", "failed", "expired", "rejected")
Start = Callable[[tuple[str, ...], dict[str, str], Path, Path], forks.Process]
T = TypeVar("T")
STARTS_WITHIN: Final = 60.0
"""Seconds, on a machine that does much else."""

PATIENCE: Final = 60.0
"""Seconds that something may take, on such a machine, before it counts as not happening."""

LOOK: Final = 0.02
"""Seconds between two looks."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.body["code"])


def relayer() -> KeySigner:
    """The relayer's key in tests."""
    return signer_of("relayer")


def write_files(folder: Path, city: City, deploy_block: int = 0) -> None:
    """The deployment file and the relayer's key file."""
    document = {"city": "testcity", "chainId": city.chain_id, "deployBlock": deploy_block, "contracts": city.addresses}
    (folder / "deployment.json").write_text(json.dumps(document))
    write_key(folder / "relayer.json", relayer())


def write_key(file: Path, signer: KeySigner) -> None:
    """A keystore file. Few rounds: opening a test's worthless key shall cost no time."""
    file.write_text(json.dumps(Account.encrypt(signer._key.secret, PASSPHRASE, kdf="pbkdf2", iterations=2)))


class Service:
    """A running service. Use it as `with Service(folder, city) as service`; the database stays in the folder."""

    def __init__(
        self,
        folder: Path,
        city: City,
        *options: str,
        node: str | None = None,
        database: str = "db",
        start: Start = forks.start,
        **environment: str,
    ) -> None:
        self.city = city
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"service-{self.port}.log"
        if not (folder / "deployment.json").exists():
            write_files(folder, city)
        self.database = place_of(folder, database)
        arguments = (
            *("serve", f"--rpc={node or city.url}"),
            *(f"--deployment={folder / 'deployment.json'}", f"--keyfile={folder / 'relayer.json'}"),
            *(f"--database={self.database}", f"--port={self.port}", *options),
        )
        variables = {**os.environ, "HEITJE_RELAYER_PASSPHRASE": PASSPHRASE, "HEITJE_LEASE": "2"}
        variables |= {"HEITJE_RATE": "0", "HEITJE_RATE_KNOWN": "0"}
        variables |= {name: value.replace("{port}", str(self.port)) for name, value in environment.items()}
        self.process = start(arguments, variables, self.log, self.log)

    def __enter__(self) -> Self:
        try:
            self.wait_until_alive()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Another command on the same database."""
        variables = {**os.environ, "HEITJE_DATABASE": self.database}
        return forks.run(words, variables)

    def stop(self) -> int:
        """Ends it as Ctrl-C does; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL: it cannot clean up anything."""
        self.process.kill()
        self.process.wait()

    def wait_until_alive(self, within: float = STARTS_WITHIN) -> None:
        """Waits for the first answer, and for the index to reach the chain's head; for a lane, if it only relays."""
        deadline = time.monotonic() + within
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended with code {self.process.returncode}: {self.log.read_text()}")
            try:
                seen = self.get("/readyz").body
                index = seen.get("index", {})
                if index.get("ok") and index.get("blocksBehind") == 0:
                    return
                if "index" not in seen and seen.get("lane", {}).get("ok"):
                    return
            except urllib.error.URLError:
                seen = None
            if time.monotonic() > deadline:
                raise TimeoutError(f"the service is not ready: {seen}\n{self.log.read_text()}")
            time.sleep(LOOK)

    def wait_until_indexed(self) -> None:
        """Waits until it has read the block that is the chain's last one now."""
        head = int(rpc(self.city.url, "eth_blockNumber"), 16)
        until(lambda: self.get("/readyz").body["index"].get("block", -1), lambda block: block >= head)

    def get(self, path: str) -> Answer:
        """GET."""
        return self.request("GET", path)

    def post(self, path: str, body: Any, *, key: str | None = None, wait: int = 0) -> Answer:
        """POST, with an Idempotency-Key of its own unless one is given."""
        headers = {"content-type": "application/json", "idempotency-key": key or str(uuid.uuid4())}
        if wait:
            headers["prefer"] = f"wait={wait}"
        return self.request("POST", path, body, headers)

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Any request; `body` is JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return _answer(response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error)

    def raw(self, path: str, token: str) -> bytes:
        """The bytes of something that is no text."""
        request = urllib.request.Request(self.url + path, headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return bytes(response.read())

    def wait_for(self, path: str, *states: str, within: float = PATIENCE) -> dict[str, Any]:
        """Waits until an operation is in one of these states, by default until it has ended."""
        deadline = time.monotonic() + within
        while True:
            body: dict[str, Any] = self.get(path).body
            if body.get("state") in (states or ENDED):
                return body
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} is still {body}\n{self.log.read_text()[-3000:]}")
            time.sleep(LOOK)


def heitje(*words: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command `heitje` to its end."""
    return forks.run(words, dict(os.environ))


def thaw(folder: Path, node: str, *options: str, database: str = "db") -> "subprocess.CompletedProcess[str]":
    """Lets the lane of a folder's database go on."""
    return heitje("lane", "thaw", f"--rpc={node}", f"--database={place_of(folder, database)}", "--yes", *options)


def until(look: Callable[[], T], holds: Callable[[T], bool], within: float = PATIENCE) -> T:
    """Looks until something holds of what is seen."""
    deadline = time.monotonic() + within
    while not holds(seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"it is still {seen}")
        time.sleep(LOOK)
    return seen


def _answer(response: Any) -> Answer:
    raw = response.read()
    is_json = "json" in response.headers.get("content-type", "")
    # Names in small letters, as HTTP has them alike; what is no text is asked for by `raw`.
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, json.loads(raw) if is_json else raw.decode(errors="replace"), headers)


def signed_payment(city: City, payer: int, payee: int, cents: int, nonce: int, **others: Any) -> dict[str, Any]:
    """A payment as the API takes it; `deadline`, `request_id` (bytes) and `signer` can be given."""
    sender = city.member(payer)
    deadline = others.get("deadline", int(time.time()) + 600)
    request_id = others.get("request_id", bytes(32))
    fields = (sender.address, city.address_of(payee), cents, nonce, deadline, request_id)
    digest = typed_data.payment_digest(others.get("domain", city.domains["token"]), *fields)
    signature = others.get("signer", sender).sign_digest(digest)
    return payment_body(Payment(*fields, digest, signature))


def digest_of(city: City, body: dict[str, Any]) -> str:
    """The digest of a payment in the API's form."""
    request_id = bytes.fromhex(body["requestId"][2:])
    numbers = (int(body["value"]), int(body["nonce"]), body["deadline"])
    return "0x" + typed_data.payment_digest(city.domains["token"], body["from"], body["to"], *numbers, request_id).hex()


def redemption_body(city: City, merchant: int, cents: int, salt: bytes) -> dict[str, Any]:
    """A signed redemption request as the API takes it."""
    signer, commitment = city.member(merchant), keccak(b"payout account")
    identity = typed_data.redemption_id(merchant, cents, commitment, salt)
    before = int(time.time()) + 600
    digest = typed_data.receive_with_authorization_digest(
        city.domains["token"], signer.address, city.addresses["desk"], cents, 0, before, identity
    )
    return {
        "from": signer.address,
        "amount": str(cents),
        "validAfter": 0,
        "validBefore": before,
        "payoutCommitment": "0x" + commitment.hex(),
        "salt": "0x" + salt.hex(),
        "signature": "0x" + signer.sign_digest(digest).hex(),
    }


def paid_on_chain(city: City) -> list[str]:
    """The digests of all payments the chain has carried out, in order, asked of the chain and nobody else."""
    logs = rpc(city.url, "eth_getLogs", {"fromBlock": "0x0", "address": city.addresses["token"], "topics": [PAID]})
    return ["0x" + digest.hex() for log in logs for digest in decode_log(log).digests]


def nonce_on_chain(city: City) -> int:
    """How many transactions the relayer's key has on the chain."""
    return int(rpc(city.url, "eth_getTransactionCount", relayer().address, "latest"), 16)


def transactions_without_effect(city: City) -> list[str]:
    """The relayer's transactions that emitted nothing: carried for nothing, because their items were carried before."""
    head = int(rpc(city.url, "eth_blockNumber"), 16)
    hashes = [
        sent["hash"]
        for number in range(head + 1)
        for sent in rpc(city.url, "eth_getBlockByNumber", hex(number), True)["transactions"]
        if sent["from"].lower() == relayer().address.lower()
    ]
    return [sent for sent in hashes if not rpc(city.url, "eth_getTransactionReceipt", sent)["logs"]]


def payment_body(payment: Payment) -> dict[str, Any]:
    """A signed payment as the API takes it."""
    return {
        "from": payment.sender,
        "to": payment.recipient,
        "value": str(payment.value),
        "nonce": str(payment.nonce),
        "deadline": payment.deadline,
        "requestId": "0x" + payment.request_id.hex(),
        "signature": "0x" + payment.signature.hex(),
    }


def report_body(report: Report) -> dict[str, Any]:
    """A signed report as the API takes it."""
    lines = [{"number": n, "minutes": m, "evidence": "0x" + e.hex()} for n, m, e in report.lines]
    return {
        "report": {
            "attester": report.attester,
            "activity": report.activity,
            "lines": lines,
            "deadline": report.deadline,
            "serial": str(report.serial),
        },
        "attesterSignature": "0x" + report.attester_signature.hex(),
        "issuer": report.issuer,
        "issuerSignature": "0x" + report.issuer_signature.hex(),
        "skip": str(report.skip),
    }
