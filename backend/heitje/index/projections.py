# SPDX-License-Identifier: EUPL-1.2
"""From the logs of a block to rows. Pure: what it cannot see in the logs, the follower reads from the chain.

How a payment's digest finds its transfer: the n digests of a `Paid` log belong, in order, to the last n `Transfer` logs
of the token before it in that transaction whose both ends are not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from heitje.chain import events
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.logs import decode_log
from heitje.chain.typed_data import cancel_authorization_digest, cancel_digest, cancel_report_digest
from heitje.chain.words import Class, RedemptionStatus
from heitje.index.rows import Block, Places, Rows, Sums, TransferKind, Verdict
from heitje.relay.operation import Failure, Kind, reclaim_id


def project(blocks: Sequence[Block], places: Places, sums: Sums, desks: Iterable[str] = ()) -> tuple[Rows, Sums]:
    """The rows of these blocks, and the sums after them.

    Args:
        blocks: In order, without a gap.
        places: The contracts of the deployment.
        sums: Before these blocks.
        desks: Other accounts that were desks before these blocks.
    """
    rows = Rows()
    all_desks = {places.desk, *desks}
    for block in blocks:
        before = sums
        for tx_hash, logs in groupby(block.logs, key=lambda log: log["transactionHash"]):
            moved = _Transaction(block, tx_hash, places, rows, all_desks)
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

    def __init__(self, block: Block, tx_hash: str, places: Places, rows: Rows, desks: set[str]) -> None:
        self._block = block
        self._tx_hash = tx_hash
        self._places = places
        self._rows = rows
        self._transfers: list[dict[str, Any]] = []
        self._report: tuple[events.ReportIssued, list[int]] | None = None
        self._into_desk: list[str] = []
        self._out_of_desk: list[str] = []
        self._desks = desks
        self._burnt: dict[TransferKind, list[tuple[str, int]]] = {TransferKind.EXPIRY: [], TransferKind.CORRECTION: []}
        self._authorized: dict[str, Any] | None = None
        self._at_desk: dict[str, dict[str, Any]] = {}
        """Outcomes about redemptions whose merchant only the transfer names, by the redemption's id."""

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
                self._outcome(event.digest, Kind.PAYMENT, index, failure)["sender"] = event.payer
            case events.Expired() | events.ClawedBack():
                is_expiry = isinstance(event, events.Expired)
                kind = TransferKind.EXPIRY if is_expiry else TransferKind.CORRECTION
                self._burnt[kind].append((event.account, event.amount))
            case events.Enrolled() | events.ClassSet() | events.Frozen() | events.Unfrozen():
                self._account(event, index)
            case events.Paused() | events.Unpaused() | events.TransferRuleSet() | events.WindDownExtended():
                self._rows.rules_changed = True
            case events.AuthorizationUsed() | events.AuthorizationCanceled():
                self._authorization(event, index)
            case events.ReplacementRequested() | events.Replaced() | events.ReplacementCancelled():
                self._replacement(event, index)
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
            case events.AttesterSet():
                row = {"programme": event.programme, "attester": event.attester, "appointed": event.appointed}
                self._rows.attester.append(self._at(index) | row)
            case events.ActivityOpened():
                self._rows.activity.append(_activity(event, self._block.number))
            case events.ReportCancelled():
                self._report_cancelled(event, index)
            case events.AttestationReduced() | events.AttestationClawedBack():
                self._correction(event, index)
            case _:
                self._read_desk(event, index)

    def _read_desk(self, event: events.Event | None, index: int) -> None:
        match event:
            case events.RedemptionRequested():
                self._into_desk.append(_hex(event.id))
                self._at_desk[_hex(event.id)] = self._outcome(event.id, Kind.REDEMPTION, index)
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
                self._rows.touched_numbers.add(event.number)  # one open redemption less, without a transfer of theirs
                self._ended(event.ids)
            case events.RedemptionRefunded():
                self._out_of_desk.append(_hex(event.id))
                self._step((event.id,), RedemptionStatus.REFUNDED, index, str(event.reason))
                self._ended((event.id,))
            case events.RedemptionCancelled():
                self._out_of_desk.append(_hex(event.id))
                self._step((event.id,), RedemptionStatus.CANCELLED, index)
                digest = cancel_digest(self._places.desk_domain, event.id)
                self._at_desk[_hex(event.id)] = self._outcome(digest, Kind.CANCELLATION, index)
                self._ended((event.id,))
            case events.RedemptionReclaimed():
                self._out_of_desk.append(_hex(event.id))
                self._step((event.id,), RedemptionStatus.RECLAIMED, index)
                self._at_desk[_hex(event.id)] = self._outcome(reclaim_id(event.id), Kind.RECLAIM, index)
                self._ended((event.id,))
            case _:
                return

    def close(self, sums: Sums) -> Sums:
        """Name what the transfers were for; the sums after this transaction."""
        issued = 0
        burnt = dict.fromkeys((*self._burnt, TransferKind.SETTLEMENT), 0)
        rewards = iter(self._report[1] if self._report else ())
        into, out = iter(self._into_desk), iter(self._out_of_desk)
        for row in self._transfers:
            value = row["value"]
            if row["sender"] == ZERO_ADDRESS:
                issued += value
                self._reward(row, next(rewards, None))
            elif row["recipient"] == ZERO_ADDRESS:
                row["kind"] = self._burning(row["sender"], value)
                burnt[row["kind"]] += value
            # Of other desks than the deployment's the redemptions are not read.
            elif row["recipient"] in self._desks:
                row["kind"] = TransferKind.REDEMPTION
                row["operation_id"] = next(into, None) if row["recipient"] == self._places.desk else None
                self._at_desk.get(row["operation_id"], {}).update(sender=row["sender"])
            elif row["sender"] in self._desks:
                row["kind"] = TransferKind.RELEASE
                row["operation_id"] = next(out, None) if row["sender"] == self._places.desk else None
                self._at_desk.get(row["operation_id"], {}).update(sender=row["recipient"])
            if value:
                self._rows.transfer.append(row)
        return Sums(
            sums.issued + issued,
            sums.settled + burnt[TransferKind.SETTLEMENT],
            sums.clawed_back + burnt[TransferKind.CORRECTION],
            sums.expired + burnt[TransferKind.EXPIRY],
        )

    def _burning(self, holder: str, value: int) -> TransferKind:
        """Why credits were burnt: they expired or were taken back, as an event says, or else a desk settled."""
        for kind, told in self._burnt.items():
            if (holder, value) in told:
                told.remove((holder, value))
                return kind
        return TransferKind.SETTLEMENT

    def _transfer(self, event: events.Transfer, index: int) -> None:
        self._rows.touched.update((event.sender, event.recipient))
        if event.recipient in self._desks:
            self._authorized = None  # it was for a desk, and has no `Paid`
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
        # An authorization is a call of its own, with a `Paid` of its own.
        authorized, self._authorized = self._authorized, None
        kinds = (TransferKind.PAYMENT, Kind.PAYMENT)
        if authorized is not None:
            kinds = (TransferKind.AUTHORIZATION, Kind.AUTHORIZATION)
        for digest, row in zip(event.digests, between[len(between) - len(event.digests) :], strict=True):
            row.update(kind=kinds[0], operation_id=_hex(digest))
            self._outcome(digest, kinds[1], index).update(sender=row["sender"], recipient=row["recipient"])
            if authorized is not None:
                authorized.update(digest=_hex(digest), value=row["value"])

    def _authorization(self, event: events.AuthorizationUsed | events.AuthorizationCanceled, index: int) -> None:
        used = isinstance(event, events.AuthorizationUsed)
        row = self._at(index) | {
            "authorizer": event.authorizer,
            "nonce": _hex(event.nonce),
            "digest": None,
            "value": 0,
            "tx_hash": self._tx_hash,
        }
        self._rows.authorization.append(row)
        self._authorized = row if used else None
        failure = Failure.AUTHORIZATION_USED if used else Failure.WITHDRAWN
        kinds: tuple[Kind, ...] = (Kind.REFUND, Kind.AUTHORIZATION)
        if used:
            kinds += (Kind.AUTHORIZATION_CANCELLATION,)
        else:
            digest = cancel_authorization_digest(self._places.token_domain, event.authorizer, event.nonce)
            self._outcome(digest, Kind.AUTHORIZATION_CANCELLATION, index)["sender"] = event.authorizer
        self._verdict(kinds, _hex(event.nonce), failure, actor=event.authorizer)

    def _account(self, event: events.Enrolled | events.ClassSet | events.Frozen | events.Unfrozen, index: int) -> None:
        self._rows.touched.add(event.account)
        if isinstance(event, events.ClassSet) and event.holder_class == Class.DESK:
            self._desks.add(event.account)
            self._rows.desk.append(self._at(index) | {"address": event.account})

    def _replacement(
        self, event: events.ReplacementRequested | events.Replaced | events.ReplacementCancelled, index: int
    ) -> None:
        self._rows.touched_numbers.add(event.number)
        if isinstance(event, events.Replaced):
            self._rows.touched.add(event.new_holder)
            row = {"number": event.number, "new_holder": event.new_holder}
            self._rows.replacement.append(self._at(index) | row)
            # All that the old one held stands before it, where it held anything.
            moved = self._transfers[-1] if self._transfers else None
            if moved is not None and moved["recipient"] == event.new_holder:
                moved["kind"] = TransferKind.REPLACEMENT

    def _report_cancelled(self, event: events.ReportCancelled, index: int) -> None:
        by_attester = event.attester != ZERO_ADDRESS
        if by_attester:
            digest = cancel_report_digest(self._places.registry_domain, event.attester, event.report)
            self._outcome(digest, Kind.REPORT_CANCELLATION, index)["sender"] = event.attester
        actor = event.attester if by_attester else None
        self._verdict((Kind.REPORT,), _hex(event.report), Failure.REPORT_CANCELLED, actor=actor)

    def _correction(self, event: events.AttestationReduced | events.AttestationClawedBack, index: int) -> None:
        row: dict[str, Any] = self._at(index) | {
            "activity": event.uid >> 32,
            "number": event.uid & 0xFFFFFFFF,
            "attester": None,
            "minutes": None,
            "struck": None,
            "clawback_from": None,
            "burned": None,
            "written_off": None,
            "time": self._block.time,
            "tx_hash": self._tx_hash,
        }
        if isinstance(event, events.AttestationReduced):
            attester = None if event.attester == ZERO_ADDRESS else event.attester
            row.update(attester=attester, minutes=event.minutes, struck=event.struck)
            row.update(clawback_from=event.clawback_from)
        else:
            row.update(burned=event.burned, written_off=event.written_off)
        self._rows.correction.append(row)
        by = {"minutes": row["minutes"], "done_by": row["attester"]}
        self._verdict((Kind.REDUCTION,), hex(event.uid), Failure.REDUCED_OTHERWISE, **by)

    def _ended(self, ids: Sequence[bytes]) -> None:
        """A redemption has one end: nothing else can be done with it."""
        for identity in ids:
            self._verdict((Kind.CANCELLATION, Kind.RECLAIM), _hex(identity), Failure.ENDED_OTHERWISE)

    def _verdict(self, kinds: tuple[Kind, ...], subject: str, failure: Failure, **more: Any) -> None:
        self._rows.verdicts.append(Verdict(kinds, subject, failure, self._block.number, self._tx_hash, **more))

    def _at(self, index: int) -> dict[str, Any]:
        return {"block_number": self._block.number, "log_index": index}

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

    def _outcome(self, identity: bytes, kind: Kind, index: int, failure: Failure | None = None) -> dict[str, Any]:
        """Note an outcome; its row, for who has more to say of it."""
        row: dict[str, Any] = {
            "id": _hex(identity),
            "kind": kind,
            "failure": failure,
            "sender": None,
            "recipient": None,
            "tx_hash": self._tx_hash,
            "block_number": self._block.number,
            "log_index": index,
        }
        self._rows.outcome.append(row)
        return row

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
