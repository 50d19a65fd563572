# SPDX-License-Identifier: EUPL-1.2
"""The contracts of one city, read as of one block, so that what is compared belongs together."""

from collections.abc import Sequence
from typing import Any

from heitje.chain.abi import load
from heitje.chain.addresses import to_address
from heitje.chain.events import Event
from heitje.chain.logs import decode_log, topic
from heitje.chain.typed_data import Domain
from heitje.reports.state import Call
from scripts._support.documents import Deployment
from scripts._support.exits import Code, Stop
from scripts._support.rpc import Refused, Rpc


class CityChain:
    """Reads of one city. Everything is as of the block of the last `refresh`."""

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        self.rpc = rpc
        self.deployment = deployment
        self.block = 0
        self.timestamp = 0
        self.refresh()

    @classmethod
    def connect(cls, rpc: Rpc, deployment: Deployment) -> "CityChain":
        """The city of a deployment file, after a look whether it is on this chain.

        Raises:
            Stop: another chain, or the contracts are not there.
        """
        chain_id = int(rpc.call("eth_chainId"), 16)
        if chain_id != deployment.chain_id:
            text = f"The deployment is on chain {deployment.chain_id}, the node on chain {chain_id}: wrong --network?"
            raise Stop(Code.PROBLEMS, text)
        codes = rpc.batch([("eth_getCode", [address, "latest"]) for address in deployment.contracts.values()])
        if any(code in ("0x", None) for code in codes):
            text = (
                "The contracts of the deployment are not on this chain: wrong --network, or the chain was started anew"
            )
            raise Stop(Code.PROBLEMS, text)
        return cls(rpc, deployment)

    def refresh(self) -> None:
        """Moves to the latest block."""
        block = self.rpc.call("eth_getBlockByNumber", "latest", False)
        self.block, self.timestamp = int(block["number"], 16), int(block["timestamp"], 16)

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        return self.deployment.chain_id

    def address(self, contract: str) -> str:
        """Where a contract is."""
        return self.deployment.contracts[contract]

    def own_contract(self, address: str) -> str:
        """Which of the city's contracts an address is, by name; empty if none."""
        return next((name for name, at in self.deployment.contracts.items() if to_address(at) == address), "")

    def codes(self, addresses: Sequence[str]) -> list[str]:
        """Those of some addresses at which there is a contract."""
        found = self.rpc.batch([("eth_getCode", [address, "latest"]) for address in addresses])
        return [address for address, code in zip(addresses, found, strict=True) if code not in ("0x", None)]

    def read_many(self, calls: Sequence[Call]) -> list[Any]:
        """The answers in the order of the calls; None where the contract refused."""
        requests = [
            (
                "eth_call",
                [
                    {
                        "to": self.address(call.contract),
                        "data": "0x" + load(call.contract).encode(call.function, *call.args).hex(),
                    },
                    hex(self.block),
                ],
            )
            for call in calls
        ]
        answers = self.rpc.batch(requests)
        return [
            None
            if isinstance(answer, Refused)
            else load(call.contract).decode(call.function, bytes.fromhex(answer[2:]))
            for call, answer in zip(calls, answers, strict=True)
        ]

    def read(self, contract: str, function: str, *args: Any) -> Any:
        """One answer; None where the contract refused."""
        return self.read_many([Call(contract, function, args)])[0]

    def domain(self, contract: str) -> Domain:
        """The contract's EIP-712 domain, as it tells it (ERC-5267)."""
        _, name, version, chain_id, address, _, _ = self.read(contract, "eip712Domain")
        return Domain(name, version, chain_id, to_address(address))

    def events(self, contract: str, event: str, *topics: str | None) -> list[tuple[Event, dict[str, Any]]]:
        """Events of a contract since deployment, up to the block: decoded, and as the node gave them.

        Args:
            contract: the artifact's name.
            event: the event's signature, with types.
            topics: of its indexed arguments; None for any.
        """
        query = {
            "address": self.address(contract),
            "fromBlock": hex(self.deployment.deploy_block),
            "toBlock": hex(self.block),
            "topics": [topic(event), *topics],
        }
        logs: list[dict[str, Any]] = self.rpc.call("eth_getLogs", query)
        decoded = [(decode_log(log), log) for log in logs]
        return [(event_, log) for event_, log in decoded if event_ is not None]
