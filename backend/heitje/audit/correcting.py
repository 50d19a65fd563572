# SPDX-License-Identifier: EUPL-1.2
"""Corrections of rewards, rebuilt from a registry's events: cancelled reports, reductions, clawbacks."""

from dataclasses import replace

from heitje.audit.earning import MINUTES_PER_HOUR, Registry
from heitje.audit.findings import Moment, euros
from heitje.audit.scratch import Scratch, TakenBack
from heitje.chain import events
from heitje.chain.addresses import ZERO_ADDRESS
from heitje.chain.words import Attestation, AttestationStatus

_REDUCIBLE = (AttestationStatus.ISSUED, AttestationStatus.REDUCED)


def report_cancelled(registry: Registry, event: events.ReportCancelled, moment: Moment) -> None:
    """A report that was not issued, and never may be: by programme staff (address zero), or by its attester."""
    issued = event.report in registry.reports
    message = f"the report 0x{event.report.hex()} was cancelled after it was issued"
    registry.findings.check(not issued, "cancelled-late", message, moment)
    if event.attester == ZERO_ADDRESS:
        registry.cancelled.add(event.report)
    else:
        registry.withdrawn.add((event.attester, event.report))


def reduced(registry: Registry, event: events.AttestationReduced, moment: Moment) -> None:
    """Minutes were struck: downwards only, by programme staff (address zero) or a present attester; cents follow."""
    where = f"the reduction of attestation {event.uid:#x}"
    check = registry.findings.check
    attestation = Attestation.from_word(registry.attestations.get(event.uid, 0))
    check(attestation.status in _REDUCIBLE, "reduction-status", f"{where}: there was nothing to reduce", moment)
    kept = attestation.minutes if attestation.status == AttestationStatus.ISSUED else attestation.kept
    check(event.minutes < kept, "reduced-upwards", f"{where} leaves {event.minutes} minutes of {kept}", moment)
    activity = registry.activities.get(event.uid >> 32)
    rate = 0 if activity is None else activity.cents_per_hour
    struck = attestation.amount - event.minutes * rate // MINUTES_PER_HOUR
    message = f"{where} strikes {euros(event.struck)}; by its minutes it is {euros(struck)}"
    check(event.struck == struck, "reduction-sum", message, moment)
    from_ = moment.time + registry.facts.clawback_window
    message = f"{where}: the time to object ends at {from_}, not at {event.clawback_from}"
    check(event.clawback_from == from_, "reduction-window", message, moment)
    programme = registry.programmes.get(attestation.programme)
    appointed = event.attester == ZERO_ADDRESS or (programme is not None and programme.attesters.get(event.attester))
    message = f"{event.attester} was no attester of the programme then"
    check(bool(appointed), "attester-not-appointed", message, moment)
    registry.attestations[event.uid] = replace(
        attestation,
        struck=event.struck & 0xFFFFFFFF,
        kept=event.minutes,
        reduced_at=moment.time,
        status=AttestationStatus.REDUCED,
    ).to_word()
    registry.reductions += 1


def clawed_back(registry: Registry, event: events.AttestationClawedBack, scratch: Scratch, moment: Moment) -> None:
    """What was struck is taken back, once, after the time to object, as far as the person still had it."""
    where = f"the clawback of attestation {event.uid:#x}"
    check = registry.findings.check
    may = registry.may_have_the_token("clawback", moment)
    check(may, "registry-not-corrector", f"{registry.address} clawed back and may not", moment)
    attestation = Attestation.from_word(registry.attestations.get(event.uid, 0))
    reduced_ = attestation.status == AttestationStatus.REDUCED
    check(reduced_, "clawback-status", f"{where}: nothing was struck, or it was taken back before", moment)
    in_time = moment.time >= attestation.reduced_at + registry.facts.clawback_window
    check(in_time, "clawback-early", f"{where} was made before the time to object was over", moment)
    taken = scratch.taken_back.popleft() if scratch.taken_back else _nothing(registry, event.uid, moment)
    possible = min(attestation.struck, taken.held)
    message = (
        f"{where} burnt {euros(event.burned)}; the token says {euros(taken.amount)}, possible were {euros(possible)}"
    )
    own = taken.number == event.uid & 0xFFFFFFFF
    check(own and event.burned == taken.amount == possible, "clawback-sum", message, moment)
    rest = attestation.struck - event.burned
    message = f"{where} writes off {euros(event.written_off)}; what is left is {euros(rest)}"
    check(event.written_off == rest, "written-off", message, moment)
    registry.attestations[event.uid] = replace(attestation, status=AttestationStatus.CLAWED_BACK).to_word()
    registry.caps.add(taken.number, attestation.month, -event.burned)
    registry.clawbacks += 1
    registry.written_off += event.written_off


def _nothing(registry: Registry, uid: int, moment: Moment) -> TakenBack:
    """A clawback that burnt nothing has no event of the token: what the person holds tells whether that is right."""
    number = uid & 0xFFFFFFFF
    holder = registry.books.holders.get(number, "")
    account = registry.books.rolled(holder, moment)
    return TakenBack(number, 0, account.balance if account.is_resident else 0)
