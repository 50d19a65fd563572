# SPDX-License-Identifier: EUPL-1.2
"""From the logs of a block to rows. Pure: what it cannot see in the logs, the follower reads from the chain.

How a payment's digest finds its transfer: the n digests of a `Paid` log belong, in order, to the last n `Transfer` logs
of the token before it in that transaction whose both ends are not zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

from heitje.chain import events
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.logs import decode_log
from heitje.chain.typed_data import Domain, cancel_digest
from heitje.chain.words import RedemptionStatus
from heitje.relay.operation import Failure, Kind


class TransferKind(StrEnum):
    """Why credits moved."""

    REWARD = "reward"
    PAYMENT = "payment"
    TRANSFER = "transfer"
    REDEMPTION = "redemption"
    RELEASE = "release"
    SETTLEMENT = "settlement"
    EXPIRY = "expiry"
    CORRECTION = "correction"


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
    desk_domain: Domain


@dataclass(slots=True)
class Rows:
    """What blocks add, table by table."""

    outcome: list[dict[str, Any]] = field(default_factory=list)
    transfer: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    programme: list[dict[str, Any]] = field(default_factory=list)
    programme_cap: list[dict[str, Any]] = field(default_factory=list)
    activity: list[dict[str, Any]] = field(default_factory=list)
    reward: list[dict[str, Any]] = field(default_factory=list)
    redemption: list[dict[str, Any]] = field(default_factory=list)
    redemption_step: list[dict[str, Any]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    rules_changed: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """The four sums of all time, in cents."""

    issued: int = 0
    settled: int = 0
    clawed_back: int = 0
    expired: int = 0


def project(blocks: Sequence[Block], places: Places, sums: Sums) -> tuple[Rows, Sums]:
    """The rows of these blocks, and the sums after them."""
    rows = Rows()
    for block in blocks:
        before = sums
        for tx_hash, logs in groupby(block.logs, key=lambda log: log["transactionHash"]):
            moved = _Transaction(block, tx_hash, places, rows)
            for log in logs:
                moved.read(log)
            sums = moved.close(sums)
        if sums != before:
            rows.ledger.append(
                {
                    "block_number": block.number,
                    "issued": sums.issued,
                    "settled": sums.settled,
                    "clawed_back": sums.clawed_back,
                    "expired": sums.expired,
                }
            )
    return rows, sums


class _Transaction:
    """Reads the logs of one transaction in order."""

    def __init__(self, block: Block, tx_hash: str, places: Places, rows: Rows) -> None:
        self._block = block
        self._tx_hash = tx_hash
        self._places = places
        self._rows = rows
        self._transfers: list[dict[str, Any]] = []
        self._report: tuple[events.ReportIssued, list[int]] | None = None
        self._into_desk: list[str] = []
        self._out_of_desk: list[str] = []
        self._expired: list[tuple[str, int]] = []

    def read(self, log: Mapping[str, Any]) -> None:
        """Take in one log."""
        event = decode_log(log)
        index = int(log["logIndex"], 16)
        match event:
            case events.Transfer():
                self._transfer(event, index)
            case events.Paid():
                self._paid(event, index)
            case events.PaymentFailed():
                self._rows.touched.add(event.payer)
                failure = Failure.of_refusal(event.reason)
                self._outcome(event.digest, Kind.PAYMENT, index, failure)
            case events.Expired():
                self._expired.append((event.account, event.amount))
            case events.Enrolled() | events.ClassSet() | events.Frozen() | events.Unfrozen():
                self._rows.touched.add(event.account)
            case events.Paused() | events.Unpaused() | events.TransferRuleSet():
                self._rows.rules_changed = True
            case _:
                self._read_registry(event, index)

    def _read_registry(self, event: events.Event | None, index: int) -> None:
        match event:
            case events.ReportIssued():
                left_in = [i for i in range(len(event.lines)) if not event.skip >> i & 1]
                self._report = (event, left_in)
                self._outcome(event.report, Kind.REPORT, index)
            case events.ProgrammeOpened():
                self._rows.programme.append(
                    {
                        "id": event.programme,
                        "from_month": event.from_month,
                        "to_month": event.to_month,
                        "block_number": self._block.number,
                    }
                )
                self._cap(event.programme, event.cap, index)
            case events.ProgrammeCapSet():
                self._cap(event.programme, event.cap, index)
            case events.ActivityOpened():
                self._rows.activity.append(_activity(event, self._block.number))
            case _:
                self._read_desk(event, index)

    def _read_desk(self, event: events.Event | None, index: int) -> None:
        match event:
            case events.RedemptionRequested():
                self._into_desk.append(_hex(event.id))
                self._outcome(event.id, Kind.REDEMPTION, index)
                self._rows.redemption.append(
                    {
                        "id": _hex(event.id),
                        "number": event.number,
                        "amount": event.amount,
                        "payout_commitment": _hex(event.payout_commitment),
                        "salt": _hex(event.salt),
                        "requested_at": self._block.time,
                        "log_index": index,
                        "block_number": self._block.number,
                    }
                )
                self._step((event.id,), RedemptionStatus.REQUESTED, index)
            case events.RedemptionsLocked():
                self._step(event.ids, RedemptionStatus.LOCKED, index, str(event.lock_id))
            case events.RedemptionsSettled():
                self._step(event.ids, RedemptionStatus.SETTLED, index, _hex(event.payout_reference))
            case events.RedemptionRefunded():
                self._out_of_desk.append(_hex(event.id))
                self._step((event.id,), RedemptionStatus.REFUNDED, index, str(event.reason))
            case events.RedemptionCancelled():
                self._out_of_desk.append(_hex(event.id))
                self._step((event.id,), RedemptionStatus.CANCELLED, index)
                digest = cancel_digest(self._places.desk_domain, event.id)
                self._outcome(digest, Kind.CANCELLATION, index)
            case _:
                return

    def close(self, sums: Sums) -> Sums:
        """Name what the transfers were for; the sums after this transaction."""
        issued = settled = clawed_back = expired = 0
        rewards = iter(self._report[1] if self._report else ())
        into, out = iter(self._into_desk), iter(self._out_of_desk)
        for row in self._transfers:
            value = row["value"]
            if row["sender"] == ZERO_ADDRESS:
                issued += value
                self._reward(row, next(rewards, None))
            elif row["recipient"] == ZERO_ADDRESS:
                if row["sender"] == self._places.desk:
                    settled += value
                    row["kind"] = TransferKind.SETTLEMENT
                elif (row["sender"], value) in self._expired:
                    self._expired.remove((row["sender"], value))
                    expired += value
                    row["kind"] = TransferKind.EXPIRY
                else:
                    clawed_back += value
                    row["kind"] = TransferKind.CORRECTION
            elif row["recipient"] == self._places.desk:
                row.update(kind=TransferKind.REDEMPTION, operation_id=next(into, None))
            elif row["sender"] == self._places.desk:
                row.update(kind=TransferKind.RELEASE, operation_id=next(out, None))
            if value:
                self._rows.transfer.append(row)
        return Sums(
            sums.issued + issued, sums.settled + settled, sums.clawed_back + clawed_back, sums.expired + expired
        )

    def _transfer(self, event: events.Transfer, index: int) -> None:
        self._rows.touched.update((event.sender, event.recipient))
        self._transfers.append(
            {
                "block_number": self._block.number,
                "log_index": index,
                "tx_hash": self._tx_hash,
                "time": self._block.time,
                "kind": TransferKind.TRANSFER,
                "sender": event.sender,
                "recipient": event.recipient,
                "value": event.value,
                "operation_id": None,
            }
        )

    def _paid(self, event: events.Paid, index: int) -> None:
        between = [t for t in self._transfers if ZERO_ADDRESS not in (t["sender"], t["recipient"])]
        for digest, row in zip(event.digests, between[len(between) - len(event.digests) :], strict=True):
            row.update(kind=TransferKind.PAYMENT, operation_id=_hex(digest))
            self._outcome(digest, Kind.PAYMENT, index)

    def _reward(self, row: dict[str, Any], line_index: int | None) -> None:
        row["kind"] = TransferKind.REWARD
        if self._report is None or line_index is None:
            return
        report, line = self._report[0], self._report[0].lines[line_index]
        row["operation_id"] = _hex(report.report)
        self._rows.reward.append(
            {
                "block_number": self._block.number,
                "log_index": row["log_index"],
                "report": _hex(report.report),
                "activity": report.activity,
                "number": line.number,
                "minutes": line.minutes,
                "amount": row["value"],
                "time": self._block.time,
                "tx_hash": self._tx_hash,
            }
        )

    def _outcome(self, identity: bytes, kind: Kind, index: int, failure: Failure | None = None) -> None:
        self._rows.outcome.append(
            {
                "id": _hex(identity),
                "kind": kind,
                "failure": failure,
                "tx_hash": self._tx_hash,
                "block_number": self._block.number,
                "log_index": index,
            }
        )

    def _cap(self, programme: int, cap: int, index: int) -> None:
        at = {"block_number": self._block.number, "log_index": index}
        self._rows.programme_cap.append({**at, "programme": programme, "cap": cap})

    def _step(self, ids: Sequence[bytes], status: RedemptionStatus, index: int, detail: str | None = None) -> None:
        self._rows.redemption_step.extend(
            {
                "block_number": self._block.number,
                "log_index": index,
                "position": position,
                "id": _hex(identity),
                "status": int(status),
                "time": self._block.time,
                "tx_hash": self._tx_hash,
                "detail": detail,
            }
            for position, identity in enumerate(ids)
        )


def _activity(event: events.ActivityOpened, block_number: int) -> dict[str, Any]:
    return {
        "id": event.activity,
        "programme": event.programme,
        "month": event.month,
        "cents_per_hour": event.cents_per_hour,
        "max_minutes": event.max_minutes,
        "opens_at": event.opens_at,
        "closes_at": event.closes_at,
        "neighbourhood": event.neighbourhood,
        "adult": event.adult,
        "description": _hex(event.description),
        "block_number": block_number,
    }


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
