# SPDX-License-Identifier: EUPL-1.2
"""A real chain for a test: anvil, with zero fees, on a free port, gone when the test is over."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ANVIL: Final = Path(__file__).parents[2] / "node_modules" / ".bin" / "anvil"
FLAGS: Final = (
    "--gas-price=0",
    "--base-fee=0",
    "--disable-min-priority-fee",
    "--order=fifo",
    "--accounts=1",
    "--quiet",
)
STARTS_WITHIN: Final = 20.0
"""Seconds."""


class RpcRefused(Exception):
    """The node answered with an error; `data` is the revert data of a call that was refused, or None."""

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        super().__init__(f"{method}: {error.get('message')}")
        self.data: str | None = error.get("data")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def rpc(url: str, method: str, *params: Any) -> Any:
    """One JSON-RPC request.

    Raises:
        RpcRefused: the node answered with an error.
    """
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RpcRefused(method, answer["error"])
    return answer["result"]


def receipt_of(url: str, transaction: str, within: float = 30.0) -> dict[str, Any]:
    """Waits for a transaction's receipt, at most so many seconds."""
    deadline = time.monotonic() + within
    while True:
        receipt: dict[str, Any] | None = rpc(url, "eth_getTransactionReceipt", transaction)
        if receipt is not None:
            return receipt
        if time.monotonic() > deadline:
            raise TimeoutError(f"no receipt for {transaction}")
        time.sleep(0.02)


class Anvil:
    """A running anvil. Use it as `with Anvil() as anvil`.

    Args:
        block_time: seconds between blocks; None mines each transaction at once in a block of its own.
        flags: more of anvil's own flags.
        fork: the rules of the chain; before Osaka it has no precompile for P-256.
    """

    def __init__(
        self, *flags: str, block_time: float | None = None, chain_id: int = 31_337, fork: str = "osaka"
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        pace = () if block_time is None else (f"--block-time={block_time}",)
        command = (
            str(ANVIL),
            *FLAGS,
            *pace,
            f"--port={self.port}",
            f"--chain-id={chain_id}",
            f"--hardfork={fork}",
            *flags,
        )
        # npm's `anvil` is a small program that starts the real one: both are in a group of their own, to end together.
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            if self._process.poll() is not None:
                raise RuntimeError(f"anvil ended at once with code {self._process.returncode}: port {self.port} taken?")
            try:
                self.rpc("eth_chainId")
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the chain. Everything on it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC request; see `rpc`."""
        return rpc(self.url, method, *params)

    def mine(self, blocks: int = 1) -> None:
        """Makes blocks at once."""
        self.rpc("anvil_mine", hex(blocks))

    def snapshot(self) -> str:
        """Remembers the chain as it is now, for `revert`."""
        return str(self.rpc("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Makes the chain what it was at the snapshot, which is used up by that."""
        if not self.rpc("evm_revert", snapshot):
            raise RuntimeError(f"anvil does not know snapshot {snapshot}")

    def now(self) -> int:
        """The time of the last block, Unix time."""
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def move_time_to(self, timestamp: int) -> None:
        """Makes a block at a later time."""
        self.rpc("evm_setNextBlockTimestamp", timestamp)
        self.mine()
