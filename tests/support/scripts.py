# SPDX-License-Identifier: EUPL-1.2
"""The real scripts, as child processes of ape, with a keyfile per role; and the contracts, to look behind them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from eth_account import Account

from heitje.chain import typed_data
from heitje.chain.abi import load
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain
from heitje.city.members import with_check_digit
from tests.support.anvil import Anvil, rpc
from tests.support.signed import signer_of

ROOT: Final = Path(__file__).parents[2]
ROLES: Final = ("admin", "rules", "programme", "registrar", "replacer", "issuer", "clawback", "guardian", "unpauser")
PEOPLE: Final = (*ROLES, "treasurer", "treasurer2", "attester", "stranger", "deployer")
PASSPHRASE: Final = "a test's passphrase, worth nothing"
CONTRACTS: Final = {
    "token": "MunicipalToken",
    "registry": "ActivityRegistry",
    "desk": "RedemptionDesk",
    "authority": "Authority",
}
WITHIN: Final = 90
"""Seconds a script may take on a busy machine."""


@dataclass
class Town:
    """A folder with keyfiles and input files, a chain, and what the scripts make of them. Use it with `with`."""

    folder: Path
    anvil: Anvil
    numbers: dict[str, int] = field(default_factory=dict)
    _forks: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        accounts = self.folder / "ape" / "accounts"
        accounts.mkdir(parents=True)
        for name in PEOPLE:
            # Few rounds: opening a test's worthless key shall cost no time.
            keyfile = Account.encrypt(signer_of(name)._key.secret, PASSPHRASE, kdf="pbkdf2", iterations=2)
            (accounts / f"{name}.json").write_text(json.dumps(keyfile))

    # Scripts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._forks is not None:
            assert self._forks.stdin is not None
            assert self._forks.stdout is not None
            self._forks.stdin.close()
            self._forks.wait(WITHIN)
            self._forks.stdout.close()

    def run(self, *arguments: object, code: int | None = 0, node: str | None = None) -> str:
        """Runs a script that must end with `code`, or may end with any (None); everything it said."""
        self.start(*arguments, node=node)
        return self.end(*arguments[:2], code=code)

    def start(self, *arguments: object, node: str | None = None) -> int:
        """Starts a script; its process id."""
        network = f"ethereum:local:{node or self.anvil.url}"
        request = {
            "arguments": ["run", *map(str, arguments), "--network", network],
            "environment": {f"APE_ACCOUNTS_{name}_PASSPHRASE": PASSPHRASE for name in PEOPLE},
            "output": str(self.folder / "output"),
        }
        request["environment"]["HEITJE_REGISTER_PASSPHRASE"] = PASSPHRASE
        print(json.dumps(request), file=self._server().stdin, flush=True)
        return int(self._answer())

    def end(self, *what: object, code: int | None = 0) -> str:
        """Waits for the script that was started; everything it said."""
        found = int(self._answer())
        said = (self.folder / "output").read_text()
        assert code in (None, found), f"{what} ended with {found}\n{said}"
        return said

    def run_alone(self, *arguments: object) -> None:
        """Runs a script from nothing, as a person does."""
        command = [str(Path(sys.executable).with_name("ape")), "run", *map(str, arguments)]
        environment = {**os.environ, "APE_DATA_FOLDER": str(self.folder / "ape")}
        environment |= {f"APE_ACCOUNTS_{name}_PASSPHRASE": PASSPHRASE for name in PEOPLE}
        network = ("--network", f"ethereum:local:{self.anvil.url}")
        subprocess.run([*command, *network], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=WITHIN)

    def _server(self) -> subprocess.Popen[str]:
        if self._forks is None:
            self._forks = subprocess.Popen(
                [sys.executable, "-m", "tests.support.ape_forks"],
                cwd=ROOT,
                env={**os.environ, "APE_DATA_FOLDER": str(self.folder / "ape"), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._forks

    def _answer(self) -> str:
        stream = self._server().stdout
        assert stream is not None
        return stream.readline()

    def common(self, receipt: str) -> tuple[object, ...]:
        """The switches of every script that does something."""
        return "--deployment", self.deployment, "--yes", "--receipt", self.folder / receipt

    def enrol(self, name: str, account: str = "registrar") -> tuple[object, ...]:
        """The arguments of `enrol`."""
        register = ("--register", self.folder / "register.json")
        return "enrol", self.folder / name, *register, "--account", account, *self.common("enrol.json")

    def attest(self, name: str, *more: object, account: str = "attester") -> tuple[object, ...]:
        """The arguments of `attest`; reports go into a folder named like the file."""
        stem = name.partition(".")[0]
        where = ("--register", self.folder / "register.json", "--out", self.folder / stem)
        return "attest", self.folder / name, *where, "--account", account, *self.common(f"attest-{stem}.json"), *more

    def mint(self, stem: str, *more: object, account: str = "issuer") -> tuple[object, ...]:
        """The arguments of `mint` for such a folder."""
        return "mint", self.folder / stem, "--account", account, *self.common(f"mint-{stem}.json"), *more

    @property
    def deployment(self) -> Path:
        """The deployment file."""
        return self.folder / "deployment.json"

    def write(self, name: str, text: str) -> Path:
        """An input file."""
        path = self.folder / name
        path.write_bytes(text.encode())
        return path

    def receipt(self, name: str) -> Any:
        """What a script wrote down."""
        return json.loads((self.folder / name).read_text())

    # The chain, past the scripts

    @property
    def contracts(self) -> dict[str, str]:
        """Addresses by part."""
        contracts: dict[str, str] = json.loads(self.deployment.read_text())["contracts"]
        return contracts

    def call(self, part: str, function: str, *arguments: Any, sender: str = ZERO_ADDRESS) -> Any:
        """What a view answers, or what a function would that this sender called."""
        interface = load(CONTRACTS[part])
        data = "0x" + interface.encode(function, *arguments).hex()
        call = {"from": sender, "to": self.contracts[part], "data": data}
        return interface.decode(function, bytes.fromhex(rpc(self.anvil.url, "eth_call", call, "latest")[2:]))

    def send(self, signer: KeySigner, part: str, function: str, *arguments: Any) -> None:
        """A transaction that must succeed."""
        url = self.anvil.url
        fields = {
            "chainId": 31_337,
            "nonce": int(rpc(url, "eth_getTransactionCount", signer.address, "pending"), 16),
            "value": 0,
            "gas": 15_000_000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "to": self.contracts[part],
            "data": load(CONTRACTS[part]).encode(function, *arguments),
        }
        sent = rpc(url, "eth_sendRawTransaction", "0x" + signer.sign_transaction(fields).hex())
        until = time.monotonic() + WITHIN
        while (receipt := rpc(url, "eth_getTransactionReceipt", sent)) is None and time.monotonic() < until:
            time.sleep(0.02)
        assert int(receipt["status"], 16) == 1, f"{function} reverted"

    def domain(self, part: str) -> Domain:
        """A contract's EIP-712 domain."""
        answer = self.call(part, "eip712Domain")
        return Domain(answer[1], answer[2], answer[3], answer[4])

    # People

    def person(self, name: str) -> KeySigner:
        """The key of a resident or shop."""
        return signer_of(f"member {name}")

    def number(self, name: str) -> int:
        """The member number of a resident or shop, allotted by the test in the order of asking."""
        return self.numbers.setdefault(name, with_check_digit(1_000_000 + len(self.numbers)))

    def members_file(self, name: str, members: Mapping[str, str]) -> None:
        """A members file of people by name and class."""
        lines = [f"{self.number(who)};{what};{self.person(who).address}\r\n" for who, what in members.items()]
        self.write(name, "member;class;address\r\n" + "".join(lines))

    def report_file(self, name: str, lines: Sequence[Sequence[object]]) -> None:
        """A report as a Dutch spreadsheet saves it: `;`, byte order mark, carriage returns."""
        rows = ["activity;resident;minutes;evidence", *(";".join(map(str, line)) for line in lines)]
        self.write(name, "\ufeff" + "\r\n".join(rows) + "\r\n")

    def redeem(self, shop: str, cents: int, salt: int) -> bytes:
        """A shop's request, carried by a stranger; its id."""
        signer, commitment, salted = self.person(shop), b"c" * 32, salt.to_bytes(32, "big")
        until = self.anvil.now() + 3600
        name = typed_data.redemption_id(self.number(shop), cents, commitment, salted)
        digest = typed_data.receive_with_authorization_digest(
            self.domain("token"), signer.address, self.contracts["desk"], cents, 0, until, name
        )
        request = (signer.address, cents, 0, until, commitment, salted)
        self.send(signer_of("carrier"), "desk", "request", [request], [signer.sign_digest(digest)])
        return name

    def pay(self, resident: str, shop: str, cents: int) -> None:
        """A payment, carried by a stranger."""
        signer = self.person(resident)
        nonce = self.call("token", "paymentNonce", signer.address)
        item = (signer.address, self.person(shop).address, cents, nonce, self.anvil.now() + 3600, bytes(32))
        digest = typed_data.payment_digest(self.domain("token"), *item)
        self.send(signer_of("carrier"), "token", "payBatch", [item], [signer.sign_digest(digest)])


def officials() -> str:
    """An officials file with a test key per role."""
    lines = [f'{role} = ["{signer_of(role).address}"]' for role in ROLES]
    treasurers = [signer_of(name).address for name in ("treasurer", "treasurer2")]
    return "\n".join(["[roles]", *lines, f"treasurer = {json.dumps(treasurers)}"]) + "\n"


def day(offset: int) -> str:
    """A day from today on the city's clock, as the scripts want it."""
    return (datetime.now(ZoneInfo("Europe/Amsterdam")) + timedelta(days=offset)).date().isoformat()


def month(offset: int) -> str:
    """A month from this one, as the scripts want it."""
    now = datetime.now(ZoneInfo("Europe/Amsterdam"))
    index = 12 * now.year + now.month - 1 + offset
    return f"{index // 12}-{index % 12 + 1:02d}"
