# SPDX-License-Identifier: EUPL-1.2
import json

import pytest
from eth_utils.crypto import keccak

from heitje.chain.addresses import to_address
from heitje.chain.signing import KeySigner
from heitje.chain.typed_data import Domain
from heitje.city.register import Register, evidence_salt
from heitje.reports.compose import compose, resolve
from heitje.reports.file import ReportFileError, as_json, find_reports, read_report
from heitje.reports.lines import Claim
from heitje.reports.problems import Fault
from heitje.reports.state import ActivityState, Person, State

KEY = KeySigner(b"\x01" * 32)
DOMAIN = Domain("Heitje ActivityRegistry", "1", 31_337, "0x90F79bf6EB2c4f870365E785982E1f101E93b906")
NUMBERS = range(1, 451)


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    register = Register(tmp_path_factory.mktemp("r") / "register", "x")
    for number in NUMBERS:
        register.add(number, "resident", f"0x{number:040x}")
    return register


@pytest.fixture
def state():
    activity = ActivityState(1, 24_322, 560, 240, 0, 99, 560)
    people = {n: Person(n, address_of(n), 1, frozen=False) for n in [*NUMBERS, 500]}
    numbers = {address_of(n): n for n in NUMBERS} | {to_address("f" * 40): 3, to_address("e" * 40): 0}
    return State(
        9,
        paused=False,
        issue_until=10,
        months_back=2,
        activities={1: activity, 2: activity},
        people=people,
        numbers=numbers,
    )


def address_of(number):
    return to_address(f"{number:040x}")


def drafts(claims, state, register, source=b"s" * 32):
    resolved, problems = resolve(claims, state, register)
    return compose(
        resolved, attester=KEY.address, state=state, register=register, domain=DOMAIN, source=source
    ), problems


def claim(line, activity, resident, minutes=60):
    return Claim(line, activity, resident, minutes, "list")


def test_reports_hold_one_activity_and_at_most_two_hundred_lines(state, register):
    claims = [claim(n + 1, 1 + n % 2, n) for n in NUMBERS]
    found, problems = drafts(claims, state, register)
    assert problems == []
    assert [(d.activity, d.part, len(d.lines)) for d in found] == [(2, 0, 200), (2, 1, 25), (1, 0, 200), (1, 1, 25)]
    assert len({d.serial for d in found}) == len({d.digest for d in found}) == 4
    assert [e.line for e in found[1].entries] == [n + 1 for n in NUMBERS if n % 2][200:]
    assert all(d.deadline == 99 for d in found)


def test_the_same_file_gives_the_same_reports_and_another_file_others(state, register):
    claims = [claim(2, 1, 7)]
    (one,), (again,), (other,) = (drafts(claims, state, register, s * 32)[0] for s in (b"s", b"s", b"t"))
    assert one.digest == again.digest != other.digest


def test_who_cannot_stand_in_a_report_is_named(state, register):
    claims = [
        claim(2, 9, 1),
        claim(3, 1, 999),
        claim(4, 1, 500),
        claim(5, 1, "0x" + "f" * 40),
        claim(6, 1, "0x" + "E" * 40),
        claim(7, 1, "0x" + f"{4:040x}"),
    ]
    found, problems = drafts(claims, state, register)
    assert [(p.line, p.fault) for p in problems] == [
        (2, Fault.ACTIVITY_UNKNOWN),
        (3, Fault.RESIDENT_UNKNOWN),
        (4, Fault.RESIDENT_NOT_IN_REGISTER),
        (5, Fault.RESIDENT_UNKNOWN),
        (6, Fault.RESIDENT_UNKNOWN),
    ]
    assert "use member number 3" in problems[3].text
    assert [line.number for draft in found for line in draft.lines] == [4]


@pytest.fixture
def signed(state, register, tmp_path):
    (draft,), _ = drafts([claim(2, 1, 7), claim(5, 1, 8, 90)], state, register)
    path = tmp_path / "x.report.json"
    path.write_text(json.dumps(as_json(draft.document(DOMAIN, KEY.sign_digest(draft.digest), "x.csv"))))
    return path


def change(path, **changes):
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **changes}))
    return [problem.fault for problem in read_report(path).problems(DOMAIN)]


def test_a_serial_tells_nobody_without_the_salts_which_file_it_came_from(state, register):
    """Whoever guesses a note could otherwise see in the serial, which is public, that the guess was right."""
    (draft,), _ = drafts([claim(2, 1, 7)], state, register)
    source, place = b"s" * 32, (1).to_bytes(32, "big") + bytes(32)
    salt = evidence_salt(register.get(7).secret, 1)
    assert draft.serial == int.from_bytes(keccak(salt + source + place), "big")
    assert draft.serial != int.from_bytes(keccak(source + place), "big")
    (other,), _ = drafts([claim(2, 1, 7)], state, register, b"t" * 32)
    assert other.serial != draft.serial


def test_a_signed_report_is_read_back(signed):
    report = read_report(signed)
    assert report.problems(DOMAIN) == []
    assert [(line.number, line.minutes) for line in report.lines] == [(7, 60), (8, 90)]
    assert [report.source_line(i) for i in (0, 1, 9)] == [2, 5, 0]


def test_a_report_that_was_changed_after_signing_is_noticed(signed):
    body = json.loads(signed.read_text())["report"]
    body["lines"][0]["minutes"] = 61
    assert change(signed, report=body) == [Fault.CHANGED]


def test_a_broken_signature_is_noticed(signed):
    signature = json.loads(signed.read_text())["signature"]
    assert change(signed, signature=signature[:-2] + ("1b" if signature.endswith("1c") else "1c")) == [Fault.SIGNATURE]
    assert change(signed, signature="0x" + "00" * 65) == [Fault.SIGNATURE]


def test_a_report_for_another_city_is_noticed(signed):
    assert change(signed, chainId=1) == [Fault.ELSEWHERE]


def test_what_is_no_report_is_refused_with_the_name_of_the_file(signed, tmp_path):
    other = "is not a report file; attest writes them"
    damaged = ('{"format": "heitje report 1"}', "is a damaged report file: chainId")
    for text, words in (("{", other), ("[]", other), ('{"format": "x"}', other), damaged):
        signed.write_text(text)
        with pytest.raises(ReportFileError, match=words):
            read_report(signed)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReportFileError, match="holds no report"):
        find_reports([tmp_path / "empty"])
    with pytest.raises(ReportFileError, match="No such file"):
        read_report(tmp_path / "none")


def test_reports_are_found_once_in_folders_and_by_name(signed):
    assert find_reports([signed.parent, signed]) == [signed.resolve()]
