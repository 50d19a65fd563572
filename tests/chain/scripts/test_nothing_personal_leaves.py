# SPDX-License-Identifier: EUPL-1.2
"""A day of the scripts, after which everything they wrote and sent is searched for what the attester knew of people.

Not only for the words themselves, but also for their hashes: a hash of a name, a number or a short note without a
secret salt is as good as the thing itself, because guesses can be tried.
"""

import base64
import hashlib
import json

import pytest
from eth_utils.crypto import keccak

from tests.chain.scripts.conftest import BIG, SMALL
from tests.support.city import City
from tests.support.scripts import Town
from tests.support.service import Service

NAME, BSN, IBAN, PHOTO = "Johanna van der Véste", "123456782", "NL91ABNA0417164300", "garden-2026-11-23.jpg"
NOTES = (f"{NAME}, BSN {BSN}", IBAN, PHOTO, "jv")
HASHES = (keccak, *(lambda raw, n=n: hashlib.new(n, raw).digest() for n in ("sha256", "sha3_256", "sha1", "md5")))


def forms(raw):
    """Bytes as they may stand in a file or in calldata."""
    text = raw.hex().encode()
    return {raw, text, text.upper(), base64.b64encode(raw).rstrip(b"=")}


def traces(data):
    """What must not be found: the data in every form, and its hashes; a short note only by its hashes."""
    plain = forms(data) if len(data) > 6 else set()
    return plain.union(*(forms(made) for digest in HASHES for made in (digest(data), digest(data + b"\n"))))


@pytest.fixture
def day(town):
    """Notes with personal data, attested and minted directly and through the relayer; some typed in a wrong cell."""
    register = town.folder / "register.json"
    before = register.read_bytes()
    ann, bea = town.number("ann"), town.number("bea")
    town.report_file("day-one.csv", [(SMALL, ann, 60, NOTES[0]), (SMALL, bea, 60, NOTES[1]), (BIG, ann, 60, NOTES[0])])
    # A small file: its hash could be guessed with the note, everything else in it being public.
    town.report_file("day-two.csv", [(SMALL, town.number("cas"), 60, NOTES[3])])
    wrong = [(SMALL, NAME, 60, ""), (SMALL, BSN, 60, ""), (SMALL, town.number("dik"), IBAN, "")]
    town.report_file("day-three.csv", [*wrong, (BIG, bea, 60, NOTES[2])])
    for name in ("day-one", "day-two"):
        town.run(*town.attest(f"{name}.csv"))
    town.run(*town.attest("day-three.csv", "--skip-bad"))
    town.run(*town.mint("day-one"))
    folder = town.folder / "day-relayer"
    folder.mkdir()
    town.anvil.mine()
    with Service(folder, City(town.anvil.url, 31_337, town.contracts)) as service:
        town.run(*town.mint("day-two", "--relayer", service.url))
        town.run(*town.mint("day-three", "--skip-bad", "--relayer", service.url))
    register_file = ("--register", register)
    erasing = (*register_file, "--certificates", town.folder / "day-certificates", "--account", "registrar")
    town.run("erase", bea, *erasing, *town.common("day-erase.json"), "--forfeit")
    yield town
    register.write_bytes(before)


def everything(town: Town) -> dict[str, bytes]:
    """Everything that was written and sent, by where it is; without what was typed in, and what the terminal said."""
    typed = {"members.csv", *(f"day-{n}.csv" for n in ("one", "two", "three"))}
    written = [path for path in town.folder.rglob("*") if path.is_file() and path.name not in {*typed, "output"}]
    found = {str(path.relative_to(town.folder)): path.read_bytes() for path in written if "answers" not in path.parts}
    head = int(town.anvil.rpc("eth_blockNumber"), 16)
    for number in range(head + 1):
        for sent in town.anvil.rpc("eth_getBlockByNumber", hex(number), True)["transactions"]:
            receipt = town.anvil.rpc("eth_getTransactionReceipt", sent["hash"])
            data = sent["input"] + json.dumps(receipt["logs"])
            found[f"transaction {sent['hash']}"] = data.encode() + bytes.fromhex(sent["input"][2:])
    return found


def test_nothing_that_was_written_or_sent_holds_personal_data_or_its_plain_hash(day):
    known = {text.encode() for text in (*NOTES, NAME, BSN, IBAN, PHOTO)}
    files = {name: (day.folder / f"day-{name}.csv").read_bytes() for name in ("one", "two", "three")}
    wanted = {trace for data in (*known, *files.values()) for trace in traces(data)}
    # The serial of a report must not be made of the plain hash of the file either.
    for raw, activity in ((files["one"], SMALL), (files["one"], BIG), (files["two"], SMALL), (files["three"], BIG)):
        made = keccak(hashlib.sha256(raw).digest() + activity.to_bytes(32, "big") + bytes(32))
        wanted |= forms(made) | {str(int.from_bytes(made, "big")).encode()}
    places = everything(day)
    assert [(place, trace) for place, data in places.items() for trace in wanted if trace in data] == []
    # The search looks where it should: it finds what is public in each kind of place.
    line = json.loads((day.folder / "day-two/day-two-activity-3-part-1.report.json").read_text())["report"]["lines"][0]
    commitment = line["evidence"][2:].encode()
    kinds = [place.split()[0] for place, data in places.items() if commitment in data]
    assert "transaction" in kinds
    assert "day-two/day-two-activity-3-part-1.report.json" in kinds
    database = [data for place, data in places.items() if place.startswith("day-relayer/db.sqlite")]
    assert any(bytes.fromhex(commitment.decode()) in data or commitment in data for data in database)
    receipts = {"attest-day-three.json", "mint-day-one.json", "day-erase.json"}
    assert receipts < places.keys()
    assert any(place.startswith("day-certificates/") for place in places)


def test_the_search_would_find_a_leak():
    for leak in (NAME.encode(), keccak(BSN.encode()), hashlib.sha256(IBAN.encode()).hexdigest().encode()):
        data = next(text for text in (NAME, BSN, IBAN) if leak in traces(text.encode()))
        assert any(trace in b"before" + leak + b"after" for trace in traces(data.encode()))


def test_the_same_note_gives_another_commitment_for_every_person_and_activity(town):
    register = town.folder / "register.json"
    before = register.read_bytes()
    people = [(activity, town.number(name), 30, "the same") for activity in (SMALL, BIG) for name in ("eva", "fem")]
    town.report_file("same-note.csv", people)
    town.run(*town.attest("same-note.csv"))
    reports = [json.loads(path.read_text())["report"] for path in (town.folder / "same-note").iterdir()]
    commitments = {line["evidence"] for report in reports for line in report["lines"]}
    assert len(commitments) == 4
    register.write_bytes(before)
