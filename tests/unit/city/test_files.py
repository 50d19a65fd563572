# SPDX-License-Identifier: EUPL-1.2
"""The officials, members, programmes, activities and payouts files."""

import pytest
from eth_utils.crypto import keccak

from heitje.city import enrolments, openings, payouts
from heitje.city.fields import FieldError, parse_address, parse_date, parse_euros, parse_month, parse_time, parse_yes
from heitje.city.officials import OfficialsError, parse_officials
from heitje.city.profile import load_profile
from heitje.city.programmes import OpenedProgramme, ProgrammesError, match_open, parse_programmes
from heitje.city.register import Register
from heitje.city.roles import OFFICES, Role
from heitje.city.table import read_table

A, B, C = (
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
)
HEERLEN = load_profile("heerlen")


def officials(**roles):
    base = {role.name.lower(): [A] for role in OFFICES} | {"treasurer": [A, B], "replacer": [B], "unpauser": [B]}
    return "[roles]\n" + "".join(f"{name} = {members!r}\n" for name, members in (base | roles).items())


def test_officials_are_read_by_role():
    found = parse_officials(officials(), "o.toml")
    assert found.members[Role.TREASURER] == (A, B)
    assert Role.UNPAUSER in found.roles_of(B)
    assert Role.UNPAUSER not in found.roles_of(A)


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ({"treasurer": [A]}, "treasurer needs at least 2 different"),
        ({"treasurer": [A, A]}, "treasurer: an address stands there twice"),
        ({"issuer": []}, "issuer needs at least 1"),
        ({"mayor": [A]}, "no role 'mayor'"),
        ({"minter": [A]}, "no role 'minter'"),
        ({"unpauser": [A]}, "is GUARDIAN and UNPAUSER"),
        ({"replacer": [A]}, "is REGISTRAR and REPLACER"),
        ({"issuer": [A.replace("7", "8", 1)]}, "wrong checksum"),
        ({"issuer": "everybody"}, "issuer must be a list"),
    ],
)
def test_wrong_officials_are_named_with_the_file(roles, words):
    with pytest.raises(OfficialsError, match=words) as caught:
        parse_officials(officials(**roles), "o.toml")
    assert str(caught.value).startswith("o.toml")


def test_an_officials_file_that_is_something_else_is_refused():
    for text in ("[people]\n", "admin =", 'roles = "none"'):
        with pytest.raises(OfficialsError, match=r"o\.toml"):
            parse_officials(text, "o.toml")


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (parse_euros, "5,60", 560),
        (parse_euros, "€ 12", 1200),
        (parse_month, "2026-03", 12 * 2026 + 2),
        (parse_yes, "Ja", True),
        (parse_yes, "no", False),
        (parse_address, A.lower(), A),
    ],
)
def test_cells_are_understood(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (parse_euros, "5.6"),
        (parse_euros, "-5.60"),
        (parse_month, "2026-13"),
        (parse_date, "31-02-2026"),
        (parse_time, "25:00"),
        (parse_yes, "perhaps"),
        (parse_address, A[:-1]),
        (parse_address, "0x" + "0" * 40),
    ],
)
def test_cells_that_cannot_be_understood_are_refused(read, text):
    with pytest.raises(FieldError):
        read(text)


def wishes(*lines, city="heerlen"):
    rows = read_table(("member;class;address\n" + "\n".join(lines)).encode(), "m.csv", enrolments.COLUMNS)
    return enrolments.read_wishes(rows, enrolments.class_words(load_profile(city).classes))


def test_members_are_read_with_and_without_a_number():
    found, problems = wishes(f"10014;resident;{A}", f";ondernemer;{B}")
    assert problems == []
    assert [(w.number, w.member_class) for w in found] == [(10014, "resident"), (None, "merchant")]


def test_classes_may_be_called_what_the_city_calls_them_in_any_of_its_languages():
    found, problems = wishes(f";Morador;{A}", f";TRADER;{B}", f";resident;{C}", city="example")
    assert problems == []
    assert [w.member_class for w in found] == ["resident", "merchant", "resident"]
    _, problems = wishes(f";Morador;{A}", city="heerlen")
    assert "'Morador' is not a class: resident or merchant or inwoner" in problems[0].text
    assert wishes(f";stoppende ondernemer;{A}")[1], "nobody is enrolled as closing"


def test_everything_wrong_with_a_members_file_is_named_with_its_line():
    lines = (f"10015;resident;{A}", f"10014;king;{B}", f"10014;resident;{C}", f"10014;resident;{C.lower()}", "10022")
    _, problems = wishes(*lines)
    assert {p.line for p in problems} == {2, 3, 5, 6}
    assert "member number 10014 is in line 4 too" in {p.text for p in problems}


def test_what_contradicts_the_register_is_named(tmp_path):
    register = Register(tmp_path / "r", "x")
    register.add(10014, "resident", A)
    same, other, moved, changed = (
        f"10014;resident;{A}",
        f"10014;resident;{B}",
        f"10022;resident;{A}",
        f";merchant;{A}",
    )
    assert enrolments.register_problems(wishes(same)[0], register) == []
    for line, words in ((other, "another address"), (moved, "as member 10014"), (changed, "as resident")):
        (problem,) = enrolments.register_problems(wishes(line)[0], register)
        assert words in problem.text


def programmes(text):
    return parse_programmes(text, "p.toml")


NEW = f'[[programme]]\nname = "x"\nbudget_euros = 100\nfrom = "2026-01"\nto = "2026-12"\nattesters = ["{A}"]\n'


def test_a_programme_is_read_in_cents_and_months():
    (wish,) = programmes(NEW)
    assert (wish.cap, wish.from_month, wish.to_month, wish.attesters) == (10_000, 24_312, 24_323, (A,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NEW.replace("100", "99.5"), "whole euros"),
        (NEW.replace("2026-12", "2025-12"), "from must not be after to"),
        (NEW.replace('from = "2026-01"\n', ""), "from is missing"),
        (NEW.replace(A, A[:-1]), "not an address"),
        (NEW + "number = 1\n", "cannot change"),
        (NEW + "colour = 1\n", "no field 'colour'"),
        (NEW.replace('"2026-01"', "2026"), "must be text"),
        ("budget = 3", "tables that begin with"),
        ("[[programme", "not valid TOML"),
    ],
)
def test_wrong_programmes_are_named(text, words):
    with pytest.raises(ProgrammesError, match=words):
        programmes(text)


def test_two_programmes_alike_are_matched_one_by_one():
    pair = programmes(NEW + NEW)
    open_one = OpenedProgramme(4, 10_000, 24_312, 24_323)
    assert match_open(pair, []) == [None, None]
    assert match_open(pair, [open_one]) == [4, None]
    by_number = programmes("[[programme]]\nnumber = 4\nbudget_euros = 200\n")
    assert match_open(by_number, [open_one]) == [4]


ACTIVITIES = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work;neighbourhood;closes\n"


def activities(*lines):
    raw = (ACTIVITIES + "\n".join(lines)).encode()
    return openings.read_openings(read_table(raw, "a.csv", openings.COLUMNS, optional=openings.OPTIONAL), HEERLEN)


def test_an_activity_is_held_when_it_ends_on_the_citys_clock():
    (summer, winter), problems = activities(
        "A;Rozen;1;2026-07-01;16:30;5,60;240;ja;ja;BU09171001;", "B;Sneeuw;1;1-12-2026;0:30;5.60;60;no;yes;;31-12-2026"
    )
    assert problems == []
    assert summer.struct["opensAt"] == 1_782_916_200  # 2026-07-01T14:30:00Z
    assert summer.struct["neighbourhood"] == 9_171_001
    assert summer.struct["closesAt"] == 1_790_812_799  # the last second of September, UTC
    assert winter.struct["opensAt"] == 1_796_081_400  # 2026-11-30T23:30:00Z, yet December
    assert winter.struct["month"] == 12 * 2026 + 11
    assert winter.struct["closesAt"] == 1_798_757_999  # 2026-12-31T23:59:59+01:00
    assert summer.struct["description"] == openings.description_hash(summer.description)


def test_everything_wrong_with_an_activities_file_is_named_with_its_line():
    lines = (
        "A;;1;2026-07-01;16:30;5,60;240;ja;ja;;",
        "B;x;0;someday;late;free;0;perhaps;?;BU99999999;",
        "C;x;1;2026-07-01;16:30;5,60;240;ja;nee;;",
        "C;x;1;2026-07-01;16:30;5,60;240;ja;ja;;2026-06-30",
        "D;x",
    )
    found, problems = activities(*lines)
    assert found == []
    texts = [f"{p.line} {p.text}" for p in problems]
    for words in ("2 title is missing", "3 programme:", "3 date:", "3 ends:", "3 euros_per_hour:", "3 max_minutes:"):
        assert any(text.startswith(words) for text in texts), words
    for words in ("3 adult:", "3 no_staff_work:", "3 neighbourhood:", "4 no_staff_work must be yes", "5 closes:"):
        assert any(text.startswith(words) for text in texts), words
    assert any(text.startswith("5 code 'C' is in line 4 too") for text in texts)
    assert any(text.startswith("6 the line has 2 cells") for text in texts)


MEETING = (
    "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work;starts;where;places;lat;lon\n"
    "A;Rozen;1;2026-07-01;16:30;5,60;240;ja;ja;"
)


def meeting(cells):
    table = read_table((MEETING + cells).encode(), "a.csv", openings.COLUMNS, optional=openings.OPTIONAL)
    return openings.read_openings(table, HEERLEN)


def test_what_guests_want_to_know_is_in_the_description():
    ((opening,), problems) = meeting("14:00;Bij de poort;12;50,88812;-5.9")
    assert problems == []
    told = {"starts": "14:00", "place": "Bij de poort", "places": 12, "lat": "50.88812", "lon": "-5.9"}
    assert told.items() <= opening.description.items()
    assert opening.struct["description"] == openings.description_hash(opening.description)


def test_a_description_without_that_hashes_as_before():
    ((opening,), _) = meeting(";;;;")
    expected = {"code": "A", "title": "Rozen", "date": "2026-07-01", "ends": "16:30", "neighbourhood": 0}
    assert opening.description == {**expected, "city": "heerlen"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("17:00;;;;", "starts: the activity begins after it ends"),
        ("soon;;;;", "starts:"),
        (f";{'x' * 301};;;", "where: it has 301 characters"),
        (";;0;;", "places:"),
        (";;;50.8;", "lat, lon: a point on the map needs both"),
        (";;;90.1;5.9", "lat:"),
        (";;;50;5.9", "lat: '50' is not a number of degrees"),
        (";;;50.8;181.0", "lon:"),
    ],
)
def test_what_guests_could_not_use_is_named(cells, words):
    _, problems = meeting(cells)
    assert any(problem.text.startswith(words) for problem in problems)


X, Y, Z = (
    payouts.Open(bytes([n]) * 32, number, cents) for n, number, cents in ((1, 10014, 5), (2, 10014, 6), (3, 10022, 7))
)


def test_each_merchant_is_paid_once_under_the_same_name_every_time():
    plan = payouts.one_per_merchant([Z, Y, X], "HEITJE")
    assert [(p.number, p.amount, p.ids) for p in plan] == [(10014, 11, (X.id, Y.id)), (10022, 7, (Z.id,))]
    assert plan == payouts.one_per_merchant([X, Y, Z], "HEITJE")
    assert all(len(p.end_to_end_id) <= 35 for p in plan)
    assert plan[0].reference == keccak(plan[0].end_to_end_id.encode())


def test_a_merchant_with_very_many_redemptions_is_paid_in_parts():
    many = [payouts.Open(n.to_bytes(32, "big"), 10014, 1) for n in range(450)]
    plan = payouts.one_per_merchant(many, "HEITJE")
    assert [len(p.ids) for p in plan] == [200, 200, 50]
    assert len({p.end_to_end_id for p in plan}) == 3


def read_payouts(*lines):
    raw = ("end_to_end_id;member;redemption\n" + "\n".join(lines)).encode()
    rows = read_table(raw, "p.csv", payouts.COLUMNS, optional=payouts.OPTIONAL)
    return payouts.read_payouts(rows, {item.id: item for item in (X, Y, Z)})


def test_payouts_are_read_per_redemption_or_per_merchant():
    plan, problems = read_payouts(f"E1;10014;0x{X.id.hex()}", f"E1;10014;0x{Y.id.hex()}", "E2;10022;")
    assert problems == []
    assert [(p.end_to_end_id, p.amount) for p in plan] == [("E1", 11), ("E2", 7)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("E1;10014;0x12", "64 digits"),
        (f"E1;10022;0x{X.id.hex()}", "not locked"),
        ("E1;10039;", "no locked redemption"),
        ("E1;10015;", "check digit"),
        (f"{'E' * 36};10014;", "not an EndToEndId"),
        (f"E2;10014;0x{Y.id.hex()}", "nobody is paid twice"),
        ("E0;10022;", "one bank payment pays one merchant"),
    ],
)
def test_wrong_payouts_are_named_with_their_line(line, words):
    _, problems = read_payouts("E0;10014;", line)
    assert any(problem.line == 3 and words in problem.text for problem in problems)
