# SPDX-License-Identifier: EUPL-1.2
"""What a block holds, and the rows it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from heitje.chain.typed_data import Domain
from heitje.relay.operation import Failure, Kind


class TransferKind(StrEnum):
    """Why credits moved."""

    REWARD = "reward"
    PAYMENT = "payment"
    AUTHORIZATION = "authorization"
    TRANSFER = "transfer"
    REDEMPTION = "redemption"
    RELEASE = "release"
    SETTLEMENT = "settlement"
    EXPIRY = "expiry"
    CORRECTION = "correction"
    REPLACEMENT = "replacement"


@dataclass(frozen=True, slots=True)
class Block:
    """A block's head, and what of it concerns us."""

    number: int
    hash: str
    parent: str
    time: int
    transactions: frozenset[str]
    logs: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Places:
    """Which contract is which."""

    token: str
    registry: str
    desk: str
    token_domain: Domain
    registry_domain: Domain
    desk_domain: Domain


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an event decides for operations that it does not name: those about the same subject.

    Attributes:
        kinds: Of the operations.
        subject: What they and the event are about.
        failure: Why they can never be carried out any more.
        actor: Only of this signer.
        minutes: For a reduction, what it keeps: a reduction to less can still be carried out, and one to as much by
            `done_by` has been.
        done_by: The attester who signed the reduction.
    """

    kinds: tuple[Kind, ...]
    subject: str
    failure: Failure
    block_number: int
    tx_hash: str
    actor: str | None = None
    minutes: int | None = None
    done_by: str | None = None


@dataclass(slots=True)
class Rows:
    """What blocks add, table by table; which accounts they touch, by address or number; what they decide for others."""

    outcome: list[dict[str, Any]] = field(default_factory=list)
    transfer: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    programme: list[dict[str, Any]] = field(default_factory=list)
    programme_cap: list[dict[str, Any]] = field(default_factory=list)
    attester: list[dict[str, Any]] = field(default_factory=list)
    activity: list[dict[str, Any]] = field(default_factory=list)
    reward: list[dict[str, Any]] = field(default_factory=list)
    correction: list[dict[str, Any]] = field(default_factory=list)
    authorization: list[dict[str, Any]] = field(default_factory=list)
    replacement: list[dict[str, Any]] = field(default_factory=list)
    desk: list[dict[str, Any]] = field(default_factory=list)
    redemption: list[dict[str, Any]] = field(default_factory=list)
    redemption_step: list[dict[str, Any]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    touched_numbers: set[int] = field(default_factory=set)
    verdicts: list[Verdict] = field(default_factory=list)
    rules_changed: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """The four sums of all time, in cents."""

    issued: int = 0
    settled: int = 0
    clawed_back: int = 0
    expired: int = 0
