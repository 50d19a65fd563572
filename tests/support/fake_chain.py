# SPDX-License-Identifier: EUPL-1.2
"""A chain in memory with the token's payments on it, whose node does everything a node can do wrong, on command.

Real nodes are killed and cut off in other tests; this one is for thousands of orders of events that no real node could
be brought into within seconds. It executes `payBatch` as the contract does: an item that is too late or whose nonce is
not next has no effect, one without cover is counted and told, everything else moves.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from heitje.chain.abi import load
from heitje.chain.account import Account, Class
from heitje.chain.addresses import ZERO_ADDRESS, checksummed
from heitje.chain.calendar import epoch_of
from heitje.chain.logs import PAID, TRANSFER, topic
from heitje.chain.node import RpcError
from heitje.chain.typed_data import Domain, payment_digest
from heitje.index.rows import Places
from heitje.relay.calldata import Contracts

CHAIN_ID: Final = 31_337
GENESIS: Final = 1_800_000_000
"""Unix time of the first block."""
FUNDS: Final = 1_000
_FAILED: Final = topic("PaymentFailed(bytes32,address,uint256,uint8)")
_ITEM: Final = 6 * 32
_RULES: Final = ((1 << 8 * Class.RESIDENT + Class.MERCHANT), False, 1 << 40, 1 << 40, 1 << 40)


def _address(name: str) -> str:
    return checksummed(keccak(name.encode())[12:].hex())


TOKEN, REGISTRY, DESK, KEY = map(_address, ("token", "registry", "desk", "relayer's key"))
RESIDENTS: Final = tuple(_address(f"resident {n}") for n in range(4))
SHOP: Final = _address("shop")
_DOMAINS: Final = [Domain("Heitje", "1", CHAIN_ID, contract) for contract in (TOKEN, REGISTRY, DESK)]
PLACES: Final = Places(TOKEN, REGISTRY, DESK, *_DOMAINS)
CONTRACTS: Final = Contracts(_address("authority"), TOKEN, REGISTRY, DESK)


class FakeKey:
    """A key whose transactions are JSON: deterministic bytes, as signatures are (RFC 6979)."""

    address = KEY

    def sign_digest(self, digest: bytes) -> bytes:
        """Not needed here."""
        raise NotImplementedError

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """Nonce and data are what matters."""
        return orjson.dumps([transaction["nonce"], transaction["data"].hex()])


@dataclass
class State:
    """What a block leaves behind."""

    accounts: dict[str, Account] = field(default_factory=dict)
    used: int = 0
    """Nonces of the relayer's key."""


@dataclass
class FakeBlock:
    """A block, and the state after it."""

    head: dict[str, Any]
    logs: list[dict[str, Any]]
    state: State


class FakeChain:
    """The chain and what its one node keeps. `pool` holds what waits, by nonce of the relayer's key."""

    def __init__(self) -> None:
        self.blocks: list[FakeBlock] = []
        self.pool: dict[int, bytes] = {}
        self.received: dict[int, set[bytes]] = {}
        """All bytes that ever reached the node, by nonce."""
        self._forks = 0
        epoch = epoch_of(GENESIS, 6)
        accounts = {
            who: Account(fresh=FUNDS, epoch=epoch, number=n + 1, holder_class=Class.RESIDENT)
            for n, who in enumerate(RESIDENTS)
        }
        accounts[SHOP] = Account(fresh=1, epoch=epoch, number=99, holder_class=Class.MERCHANT)
        state = State(accounts)
        self._add(
            state, [], [(TRANSFER, [ZERO_ADDRESS, who], [a.balance], "0x" + "11" * 32) for who, a in accounts.items()]
        )

    @property
    def state(self) -> State:
        """At the last block."""
        return self.blocks[-1].state

    @property
    def time(self) -> int:
        """Of the last block."""
        return int(self.blocks[-1].head["timestamp"], 16)

    def paid(self, below: int | None = None) -> list[str]:
        """The digests of all payments on the chain, in order; of blocks up to a number."""
        found = []
        for block in self.blocks[: None if below is None else below + 1]:
            for log in block.logs:
                if log["topics"][0] == PAID:
                    words = bytes.fromhex(log["data"][2:])[64:]
                    found += ["0x" + words[i : i + 32].hex() for i in range(0, len(words), 32)]
        return found

    def receive(self, raw: bytes) -> str:
        """What `eth_sendRawTransaction` does, on a Besu network without fees: another one of a nonce just replaces."""
        nonce = orjson.loads(raw)[0]
        self.received.setdefault(nonce, set()).add(raw)
        if nonce < self.state.used:
            raise RpcError(-32001, "Nonce too low")
        if self.pool.get(nonce) == raw:
            raise RpcError(-32000, "Known transaction")
        if nonce > self.state.used + 64:
            raise RpcError(-32000, "Transaction nonce is too distant from current sender nonce")
        self.pool[nonce] = raw
        return "0x" + keccak(raw).hex()

    def mine(self, *, foreign: bool = False, by_others: Sequence[Mapping[str, Any]] = (), seconds: int = 1) -> None:
        """One block: first what others carry, then what waits."""
        state, time = deepcopy(self.state), self.time + seconds
        events: list[tuple[str, list[str], list[Any], str]] = []
        hashes = []
        if by_others:
            hashes.append(self._name("others"))
            self._pay([_fields(item) for item in by_others], state, time, hashes[-1], events)
        if foreign:
            hashes.append(self._name("foreign"))
            self.pool.pop(state.used, None)
            state.used += 1
        while state.used in self.pool:
            raw = self.pool.pop(state.used)
            hashes.append("0x" + keccak(raw).hex())
            self._pay(_items(bytes.fromhex(orjson.loads(raw)[1])), state, time, hashes[-1], events)
            state.used += 1
        self._add(state, hashes, events, time)

    def reorganise(self, depth: int, *, keep: bool) -> list[bytes]:
        """The last blocks are replaced by as many and one more, all empty; what was in them waits again, if kept.

        Returns:
            The relayer's bytes that were in them.
        """
        depth = min(depth, len(self.blocks) - 1)
        gone = {tx for block in self.blocks[len(self.blocks) - depth :] for tx in block.head["transactions"]}
        del self.blocks[len(self.blocks) - depth :]
        raws = [raw for nonce in self.received.values() for raw in nonce if "0x" + keccak(raw).hex() in gone]
        waiting = dict(self.pool) if keep else {}
        self.pool.clear()
        self._forks += 1
        for _ in range(depth + 1):
            self.mine()
        self.pool |= waiting | ({orjson.loads(raw)[0]: raw for raw in raws} if keep else {})
        return raws

    def _pay(self, items: Sequence[tuple[Any, ...]], state: State, time: int, tx: str, events: list[Any]) -> None:
        digests = []
        for item in items:
            payer, payee, value, nonce, deadline, _ = item
            account, digest = state.accounts[payer], payment_digest(PLACES.token_domain, *item)
            if nonce != account.nonce or time > deadline:
                continue
            account = account.with_nonce(nonce + 1)
            if account.balance < value:
                state.accounts[payer] = account
                events.append((_FAILED, ["0x" + digest.hex(), payer], [value, 5], tx))
                continue
            state.accounts[payer] = account.debit(value)
            state.accounts[payee] = state.accounts[payee].credit(value)
            events.append((TRANSFER, [payer, payee], [value], tx))
            digests.append(digest)
        if digests:
            events.append((PAID, [], [encode(["bytes32[]"], [digests])], tx))

    def _add(self, state: State, hashes: list[str], events: Sequence[tuple[Any, ...]], time: int = GENESIS) -> None:
        parent = self.blocks[-1].head["hash"] if self.blocks else "0x" + "00" * 32
        number = len(self.blocks)
        name = "0x" + keccak(f"{parent} {self._forks} {time} {hashes}".encode()).hex()
        logs = [
            {
                "address": TOKEN,
                "blockHash": name,
                "transactionHash": tx,
                "logIndex": hex(index),
                "topics": [kind, *(word[:2] + word[2:].rjust(64, "0").lower() for word in words)],
                "data": "0x" + b"".join(v if isinstance(v, bytes) else v.to_bytes(32, "big") for v in values).hex(),
            }
            for index, (kind, words, values, tx) in enumerate(events)
        ]
        head = {
            "number": hex(number),
            "hash": name,
            "parentHash": parent,
            "timestamp": hex(time),
            "transactions": hashes,
            "logsBloom": "0x1" if logs else "0x0",
        }
        self.blocks.append(FakeBlock(head, logs, state))

    def _name(self, what: str) -> str:
        return "0x" + keccak(f"{what} {len(self.blocks)} {self._forks}".encode()).hex()

    # What the node answers

    def answer(self, method: str, params: Sequence[Any]) -> Any:
        """One request.

        Raises:
            RpcError: The node refuses.
        """
        answers: dict[str, Callable[..., Any]] = {
            "eth_sendRawTransaction": lambda raw: self.receive(bytes.fromhex(raw[2:])),
            "eth_getTransactionCount": self._count,
            "eth_chainId": lambda: hex(CHAIN_ID),
            "eth_blockNumber": lambda: self.blocks[-1].head["number"],
            "eth_getBlockByNumber": self._head,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": lambda filters: self._at(filters["blockHash"]).logs,
            "eth_call": lambda call, at: self._view(bytes.fromhex(call["data"][2:]), self._at(at["blockHash"]).state),
        }
        return answers[method](*params)

    def _count(self, _: str, tag: str) -> str:
        if tag == "latest":
            return hex(self.state.used)
        if tag == "pending":
            return hex(max([self.state.used, *(nonce + 1 for nonce in self.pool)]))
        return hex(self.blocks[int(tag, 16)].state.used)

    def _head(self, number: str, _: bool) -> dict[str, Any] | None:  # noqa: FBT001 - JSON-RPC's order
        place = len(self.blocks) - 1 if number == "latest" else int(number, 16)
        return self.blocks[place].head if place < len(self.blocks) else None

    def _receipt(self, tx: str) -> dict[str, Any] | None:
        numbers = [block.head["number"] for block in self.blocks if tx in block.head["transactions"]]
        return {"status": "0x1", "blockNumber": numbers[0]} if numbers else None

    def _at(self, name: str) -> FakeBlock:
        found = next((block for block in self.blocks if block.head["hash"] == name), None)
        if found is None:
            raise RpcError(-32000, "Block not found")
        return found

    def _view(self, data: bytes, state: State) -> str:
        token = load("MunicipalToken")
        if data[:4] == token.function("wordsOf").selector:
            asked = [checksummed(data[68 + 32 * i : 100 + 32 * i][12:].hex()) for i in range((len(data) - 68) // 32)]
            words = [state.accounts.get(address, Account()).to_word() for address in asked]
            return "0x" + encode(["uint256[]"], [words]).hex()
        if data == token.encode("rules"):
            return "0x" + b"".join(int(value).to_bytes(32, "big") for value in _RULES).hex()
        return "0x" + (6).to_bytes(32, "big").hex()


def _items(data: bytes) -> list[tuple[Any, ...]]:
    """The payments in the data of `payBatch`."""
    count = int.from_bytes(data[68:100], "big")
    words = [[data[100 + _ITEM * i + 32 * j :][:32] for j in range(6)] for i in range(count)]
    return [
        (checksummed(w[0][12:].hex()), checksummed(w[1][12:].hex()), *(int.from_bytes(n, "big") for n in w[2:5]), w[5])
        for w in words
    ]


def _fields(payload: Mapping[str, Any]) -> tuple[Any, ...]:
    numbers = (int(payload["value"]), int(payload["nonce"]), payload["deadline"])
    return payload["from"], payload["to"], *numbers, bytes.fromhex(payload["requestId"][2:])
