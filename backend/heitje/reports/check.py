# SPDX-License-Identifier: EUPL-1.2
"""Finds what is wrong with claims and reports, the way the contracts will look at them, before anything is sent.

Lines are checked in the order in which they will be issued, and each good line counts towards its person's month and
year and towards the programme's budget, so that the file as a whole fits. A bad line counts for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from heitje.chain.account import Class
from heitje.chain.addresses import to_address
from heitje.chain.calendar import month_text
from heitje.reports.problems import Fault, Problem, euros
from heitje.reports.state import ActivityState, Person, State

_CLASS_NAMES: Final = {
    Class.MERCHANT: "a merchant",
    Class.CLOSING: "a merchant whose agreement ended",
    Class.DESK: "the redemption desk",
    Class.NONE: "an account without a class",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim about a known number, and where it comes from."""

    line: int
    activity: int
    number: int
    minutes: int
    file: str = ""


@dataclass
class Checker:
    """Checks entries against one state. Remembers what earlier lines took, so use it once, in the order of issuing.

    `signers` are the attester and, once known, the issuer: neither may be rewarded by the report they sign.
    """

    state: State
    time_zone: str = "UTC"
    _seen: dict[tuple[int, int], Entry] = field(default_factory=dict)
    _month: defaultdict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    _year: defaultdict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    _spent: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    rewards: dict[tuple[int, int], int] = field(default_factory=dict)
    """Cents per activity and number, of the lines found good."""

    def city(self) -> list[Problem]:
        """What stops every reward at this moment."""
        found = []
        if self.state.paused:
            found.append(Problem(0, Fault.PAUSED, "rewards are paused; a member of role UNPAUSER can lift that"))
        if self.state.now > self.state.issue_until:
            ended = self._time(self.state.issue_until)
            found.append(Problem(0, Fault.ISSUING_ENDED, f"rewards were issued until {ended}; that date has passed"))
        return found

    def activity(self, number: int, attester: str) -> list[tuple[Fault, str]]:
        """What is wrong with an activity, for a report by this attester."""
        known = self.state.activities.get(number)
        if known is None:
            return [(Fault.ACTIVITY_UNKNOWN, f"there is no activity {number}")]
        now, month = self.state.now, self.state.month
        found = []
        if now < known.opens_at:
            text = f"activity {number} is not held before {self._time(known.opens_at)}"
            found.append((Fault.ACTIVITY_NOT_HELD, text))
        elif now > known.closes_at:
            text = f"activity {number} was closed for reports on {self._time(known.closes_at)}"
            found.append((Fault.ACTIVITY_CLOSED, text))
        elif known.month > month or known.month + self.state.months_back < month:
            oldest = month_text(month - self.state.months_back)
            text = f"activity {number} is of {month_text(known.month)}; rewards are for {oldest} to {month_text(month)}"
            found.append((Fault.MONTH_OUT_OF_RANGE, text))
        elif known.limit is None or known.rate > known.limit:
            limit = "no limit is in force" if known.limit is None else f"the limit in force is {euros(known.limit)}"
            text = f"activity {number} pays {euros(known.rate)} an hour; for {month_text(known.month)} {limit}"
            found.append((Fault.RATE_ABOVE_LIMIT, text))
        if (known.programme, to_address(attester)) not in self.state.appointed:
            text = f"{attester} is not an attester of programme {known.programme}, which activity {number} belongs to"
            found.append((Fault.ATTESTER_NOT_APPOINTED, text))
        return found

    def line(self, entry: Entry, signers: Iterable[str]) -> list[Problem]:
        """What is wrong with one line whose activity is known; a good line is counted.

        A person who does not exist is reported as well, so that an old report is checked again in full.
        """
        activity = self.state.activities[entry.activity]
        person = self.state.people.get(entry.number)
        if person is None:
            return [_problem(entry, Fault.RESIDENT_UNKNOWN, f"there is no member {entry.number}")]
        found = [*self._person(entry, person, signers), *self._minutes(entry, activity)]
        pair = (entry.activity, entry.number)
        earlier = self._seen.setdefault(pair, entry)
        if earlier is not entry:
            where = f"line {earlier.line}" + (f" of {earlier.file}" if earlier.file != entry.file else "")
            text = f"{_name(entry)} is in {where} too, for the same activity; one reward per person and activity"
            found.append(_problem(entry, Fault.DUPLICATE, text))
        if pair in self.state.rewarded:
            text = f"{_name(entry)} was rewarded for activity {entry.activity} before"
            found.append(_problem(entry, Fault.ALREADY_REWARDED, text))
        return found or self._money(entry, activity)

    def _person(self, entry: Entry, person: Person, signers: Iterable[str]) -> list[Problem]:
        found = []
        if person.holder_class != Class.RESIDENT:
            kind = _CLASS_NAMES.get(Class(person.holder_class), "something else")
            text = f"{_name(entry)} is {kind}; rewards are for residents only"
            found.append(_problem(entry, Fault.RESIDENT_CLASS, text))
        if person.frozen:
            text = f"the account of {_name(entry)} is frozen; ask the municipality why before rewarding"
            found.append(_problem(entry, Fault.RESIDENT_FROZEN, text))
        if person.replacing:
            text = f"the wallet of {_name(entry)} is being replaced; reward them when that is done or cancelled"
            found.append(_problem(entry, Fault.RESIDENT_REPLACING, text))
        for signer in signers:
            if self.state.numbers.get(to_address(signer)) == entry.number:
                text = f"{_name(entry)} is whoever signs ({signer}); nobody releases a reward to themselves"
                found.append(_problem(entry, Fault.OWN_NUMBER, text))
        return found

    def _minutes(self, entry: Entry, activity: ActivityState) -> list[Problem]:
        if entry.minutes == 0:
            return [_problem(entry, Fault.MINUTES_ZERO, "0 minutes: nothing to reward")]
        if entry.minutes > activity.max_minutes:
            text = f"{entry.minutes} minutes; activity {entry.activity} allows at most {activity.max_minutes}"
            return [_problem(entry, Fault.MINUTES_ABOVE, text)]
        if entry.minutes * activity.rate // 60 == 0:
            return [_problem(entry, Fault.AMOUNT_ZERO, f"{entry.minutes} minutes come to less than a cent")]
        return []

    def _money(self, entry: Entry, activity: ActivityState) -> list[Problem]:
        """Month, year and budget. What is left is after the good lines before this one."""
        amount = entry.minutes * activity.rate // 60
        in_month, in_year = self.state.left.get((entry.number, activity.month), (0, 0))
        month, year = (entry.number, activity.month), (entry.number, activity.month // 12)
        month_left, year_left = max(0, in_month - self._month[month]), max(0, in_year - self._year[year])
        budget_left = max(0, self.state.budget_left[activity.programme] - self._spent[activity.programme])
        found = []
        if amount > month_left:
            text = f"{euros(amount)}, but {_name(entry)} has {euros(month_left)} left in {month_text(activity.month)}"
            found.append(_problem(entry, Fault.MONTH_LIMIT, text))
        if amount > year_left:
            text = f"{euros(amount)}, but {_name(entry)} has {euros(year_left)} left in {activity.month // 12}"
            found.append(_problem(entry, Fault.YEAR_LIMIT, text))
        if not found and amount > budget_left:
            text = f"{euros(amount)}, but programme {activity.programme} has {euros(budget_left)} left"
            found.append(_problem(entry, Fault.BUDGET, text))
        if not found:
            self._month[month] += amount
            self._year[year] += amount
            self._spent[activity.programme] += amount
            self.rewards[(entry.activity, entry.number)] = amount
        return found

    def _time(self, timestamp: int) -> str:
        moment = datetime.fromtimestamp(timestamp, ZoneInfo(self.time_zone))
        return f"{moment.day} {moment:%B %Y %H:%M}"


def by_line(problems: Sequence[Problem]) -> list[Problem]:
    """Problems in the order of the files and their lines."""
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _name(entry: Entry) -> str:
    return f"member {entry.number}"


def _problem(entry: Entry, fault: Fault, text: str) -> Problem:
    return Problem(entry.line, fault, text, entry.file)
