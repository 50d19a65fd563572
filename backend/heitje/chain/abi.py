# SPDX-License-Identifier: EUPL-1.2
"""The contracts' interfaces: calls, answers and errors, from the artifacts that the build puts beside this module."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from heitje.chain.addresses import to_address

CONTRACTS: Final = ("Authority", "MunicipalToken", "ActivityRegistry", "RedemptionDesk")

_ERROR_STRING: Final = keccak(b"Error(string)")[:4]
_PANIC: Final = keccak(b"Panic(uint256)")[:4]


class UnknownFunction(LookupError):
    """The interface has no such function, or several of that name: then give the whole signature."""


class Revert(NamedTuple):
    """Why a call was refused: the error's name, its arguments by name, and its signature (`Name(type,…)`)."""

    name: str
    args: dict[str, Any]
    signature: str

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={_text(value)}' for key, value in self.args.items())})"


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


class Entry(NamedTuple):
    """One function, error or event of an interface."""

    signature: str
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]

    @property
    def selector(self) -> bytes:
        """The four bytes a call or an error begins with."""
        return keccak(self.signature.encode())[:4]


def _entry(item: Mapping[str, Any]) -> Entry:
    inputs = item.get("inputs", [])
    return Entry(f"{item['name']}({','.join(map(collapse_if_tuple, inputs))})", inputs, item.get("outputs", []))


def _shape(value: Any, component: Mapping[str, Any]) -> Any:
    """Decoded values in the shape Python code wants: structs as dicts, addresses as EIP-55."""
    kind: str = component["type"]
    if kind.endswith("]"):
        inner = {**component, "type": kind[: kind.rindex("[")]}
        return [_shape(item, inner) for item in value]
    if kind == "tuple":
        parts = component["components"]
        return {part["name"]: _shape(item, part) for part, item in zip(parts, value, strict=True)}
    return to_address(value) if kind == "address" else value


def _unshape(value: Any, component: Mapping[str, Any]) -> Any:
    """The reverse: a struct may be given as a dict by field name, or as a tuple in order."""
    kind: str = component["type"]
    if kind.endswith("]"):
        inner = {**component, "type": kind[: kind.rindex("[")]}
        return [_unshape(item, inner) for item in value]
    if kind == "tuple":
        parts = component["components"]
        items = [value[part["name"]] for part in parts] if isinstance(value, Mapping) else list(value)
        return tuple(_unshape(item, part) for item, part in zip(items, parts, strict=True))
    return value


@dataclass(frozen=True)
class Interface:
    """One contract: its ABI, and its bytecode where there is one."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes = b""
    deployed_bytecode: bytes = b""
    immutables: tuple[tuple[int, int], ...] = ()
    """Where the constructor writes into the deployed code: (start, length)."""

    def is_code(self, code: bytes) -> bool:
        """Whether code found on a chain is this contract's, whatever its constructor was given."""
        if len(code) != len(self.deployed_bytecode):
            return False
        found, built = bytearray(code), bytearray(self.deployed_bytecode)
        for start, length in self.immutables:
            found[start : start + length] = built[start : start + length] = bytes(length)
        return found == built

    def entries(self, kind: str) -> list[Entry]:
        """All of `function`, `error` or `event`."""
        return [_entry(item) for item in self.abi if item["type"] == kind]

    def function(self, name: str) -> Entry:
        """A function by name, or by whole signature (`name(type,…)`) where a name is used twice.

        Raises:
            UnknownFunction: there is none, or there are several.
        """
        found = _functions(self.name).get(name) if self.name in CONTRACTS else None
        if found is None:
            matches = [e for e in self.entries("function") if name in (e.signature, e.signature.partition("(")[0])]
            if len(matches) != 1:
                raise UnknownFunction(f"{self.name} has {len(matches)} functions {name}")
            found = matches[0]
        return found

    def encode(self, name: str, *args: Any) -> bytes:
        """The data of a call. Structs as dicts by field name or tuples in order, addresses as text.

        Raises:
            UnknownFunction: see `function`.
            eth_abi.exceptions.EncodingError: an argument does not fit its type.
        """
        entry = self.function(name)
        return entry.selector + _encode(entry.inputs, args)

    def decode(self, name: str, data: bytes) -> Any:
        """The answer of a call: the value where there is one output, a tuple where there are several.

        Raises:
            eth_abi.exceptions.DecodingError: this is no answer of that function.
        """
        values = _decode(self.function(name).outputs, data)
        return values[0] if len(values) == 1 else values

    def decode_call(self, data: bytes) -> tuple[str, dict[str, Any]]:
        """The signature of the function a transaction calls, and its arguments by name.

        Raises:
            UnknownFunction: this contract has no function with that selector.
        """
        for entry in self.entries("function"):
            if entry.selector == data[:4]:
                values = _decode(entry.inputs, data[4:])
                return entry.signature, {part["name"]: v for part, v in zip(entry.inputs, values, strict=True)}
        raise UnknownFunction(f"{self.name} has no function 0x{data[:4].hex()}")

    def deployment(self, *args: Any) -> bytes:
        """The data of the transaction that deploys the contract with these constructor arguments."""
        inputs: list[dict[str, Any]] = next((item["inputs"] for item in self.abi if item["type"] == "constructor"), [])
        return self.bytecode + _encode(inputs, args)


def _encode(components: Sequence[dict[str, Any]], args: Sequence[Any]) -> bytes:
    values = [_unshape(value, component) for value, component in zip(args, components, strict=True)]
    return encode([collapse_if_tuple(component) for component in components], values)


def _decode(components: Sequence[dict[str, Any]], data: bytes) -> tuple[Any, ...]:
    values = decode([collapse_if_tuple(component) for component in components], data)
    return tuple(_shape(value, component) for value, component in zip(values, components, strict=True))


@cache
def load(name: str) -> Interface:
    """One of our contracts, as it was built.

    Raises:
        FileNotFoundError: the contracts have not been compiled; `make compile` does that.
    """
    file = resources.files("heitje.chain").joinpath("artifacts", f"{name}.json")
    artifact = json.loads(file.read_text(encoding="utf-8"))
    places = [place for found in artifact.get("immutableReferences", {}).values() for place in found]
    return Interface(
        name,
        artifact["abi"],
        _code(artifact, "bytecode"),
        _code(artifact, "deployedBytecode"),
        tuple((place["start"], place["length"]) for place in places),
    )


def _code(artifact: Mapping[str, Any], key: str) -> bytes:
    """Bytecode, as plain hex or as the compiler's `{object: hex}`."""
    value = artifact.get(key) or ""
    text = value["object"] if isinstance(value, Mapping) else value
    return bytes.fromhex(text.removeprefix("0x"))


@cache
def _functions(contract: str) -> dict[str, Entry]:
    entries = load(contract).entries("function")
    by_name: dict[str, Entry] = {entry.signature: entry for entry in entries}
    names = [entry.signature.partition("(")[0] for entry in entries]
    by_name.update((name, e) for name, e in zip(names, entries, strict=True) if names.count(name) == 1)
    return by_name


@cache
def _errors() -> dict[bytes, Entry]:
    return {entry.selector: entry for name in CONTRACTS for entry in load(name).entries("error")}


def decode_revert(data: bytes) -> Revert | None:
    """What a contract said when it refused; None if it said nothing we know.

    Knows every error of our four contracts, `Error(string)` and `Panic(uint256)`.
    """
    selector, rest = data[:4], data[4:]
    entry = _errors().get(selector)
    if selector == _ERROR_STRING:
        entry = Entry("Error(string)", [{"name": "message", "type": "string"}], [])
    elif selector == _PANIC:
        entry = Entry("Panic(uint256)", [{"name": "code", "type": "uint256"}], [])
    if entry is None:
        return None
    try:
        values = _decode(entry.inputs, rest)
    except DecodingError:
        return None
    args = {part["name"] or str(i): v for i, (part, v) in enumerate(zip(entry.inputs, values, strict=True))}
    return Revert(entry.signature.partition("(")[0], args, entry.signature)


def error_names(contracts: Iterable[str] = CONTRACTS) -> set[str]:
    """The names of all errors our contracts can refuse with."""
    return {entry.signature.partition("(")[0] for name in contracts for entry in load(name).entries("error")}
