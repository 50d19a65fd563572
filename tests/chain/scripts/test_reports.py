# SPDX-License-Identifier: EUPL-1.2
"""From a file of who did what to minted rewards, by the real scripts: every kind of bad line, and every bad report."""

import json
import re

import pytest

from heitje.chain import typed_data
from heitje.chain.words import uid_of
from heitje.city.members import with_check_digit
from tests.chain.scripts.conftest import BIG, BIG_TOO, CLOSED, FOREIGN, POOR, SMALL, TOMORROW
from tests.support.signed import signer_of


@pytest.fixture
def trouble(town):
    """A file in which every line but three is bad, each in its own way; what must be said about each line."""
    number = town.number
    town.report_file("before.csv", [(SMALL, number("cas"), 60, "")])
    town.run(*town.attest("before.csv"))
    town.run(*town.mint("before"))
    town.send(signer_of("guardian"), "token", "freeze", number("bea"), 1)
    unlisted = with_check_digit(7_654_321)
    town.send(signer_of("registrar"), "token", "enrol", [(town.person("unlisted").address, unlisted, 1)])
    official = with_check_digit(7_654_322)
    town.send(signer_of("registrar"), "token", "enrol", [(signer_of("issuer").address, official, 1)])
    ann = town.person("ann").address
    lines = {
        2: (SMALL, number("ann"), 60, "list 1", None),
        3: (99, number("ann"), 60, "", "there is no activity 99"),
        4: ("weeding", number("ann"), 60, "", "'weeding' is not the number of an activity"),
        5: (TOMORROW, number("ann"), 60, "", f"activity {TOMORROW} is not held before"),
        6: (CLOSED, number("ann"), 60, "", f"activity {CLOSED} was closed"),
        7: (FOREIGN, number("ann"), 60, "", "is not an attester of programme 2"),
        8: (SMALL, number("ann") + 1, 60, "", "wrong check digit"),
        9: (SMALL, with_check_digit(9_999_999), 60, "", "is not enrolled"),
        10: (SMALL, _spoilt(ann), 60, "", "wrong checksum"),
        11: (SMALL, signer_of("nobody").address, 60, "", "is not enrolled"),
        12: (SMALL, unlisted, 60, "", "not in this register"),
        13: (SMALL, number("bakery"), 60, "", "is a merchant; rewards are for residents only"),
        14: (SMALL, number("bea"), 60, "", "is frozen"),
        15: (SMALL, number("dik"), 241, "", "allows at most 240"),
        16: (SMALL, number("fem"), 0, "", "0 minutes"),
        17: (SMALL, number("fem"), "an hour", "", "'an hour' is not a whole number of minutes"),
        18: (SMALL, number("ann"), 90, "", "is in line 2 too"),
        19: (SMALL, number("cas"), 60, "", "was rewarded for activity 3 before"),
        20: (BIG, number("dik"), 1440, "", None),
        21: (BIG_TOO, number("dik"), 1440, "", "134.40 euros, but member .* has 75.60 euros left in 20..-"),
        22: (POOR, number("dik"), 180, "", "16.80 euros, but programme 3 has 10.00 euros left"),
        23: (SMALL, town.person("eva").address, 60, "photo é", None),
    }
    town.report_file("trouble.csv", [line[:4] for line in lines.values()])
    return {line: words for line, (*_, words) in lines.items() if words}


def _spoilt(address):
    """The address with the case of one letter changed."""
    place = next(i for i, c in enumerate(address[2:], 2) if c.isalpha())
    return address[:place] + address[place].swapcase() + address[place + 1 :]


def test_every_bad_line_is_named_at_once_then_skipped_and_the_good_ones_are_minted(town, trouble):
    block = town.anvil.rpc("eth_blockNumber")
    said = town.run(*town.attest("trouble.csv"), code=1)
    account = f"{signer_of('attester').address} is not an attester of programme 2 (activity {FOREIGN}); use the account"
    assert said.count(account) == 1
    for line, words in trouble.items():
        if line == 7:
            continue  # of the account, not of the line
        assert re.search(rf"line {line}: [^\n]*{words}", said), (line, words, said)
    assert re.search(r"line 21: [^\n]*left in 20\d\d\n", said), "the year's limit is named too"
    assert not re.search(r"line (2|20|23): ", said)
    assert "19 lines have problems. Nothing was signed" in said
    assert not (town.folder / "trouble").exists()

    said = town.run(*town.attest("trouble.csv", "--skip-bad"))
    receipt = town.receipt("attest-trouble.json")
    kept = {item["line"] for item in receipt["problems"] if item["inReport"]}
    assert {item["line"] for item in receipt["problems"]} == set(trouble)
    assert kept == {13, 14, 15, 16, 18, 19, 21, 22}
    assert [(item["activity"], item["lines"]) for item in receipt["reports"]] == [(SMALL, 8), (BIG, 1)]
    assert "Left out (11)" in said

    said = town.run(*town.mint("trouble"), code=1)
    assert all(f", line {line}: " in said for line in (13, 14, 15, 16, 18, 19))
    assert town.anvil.rpc("eth_blockNumber") == block

    town.run(*town.mint("trouble", "--skip-bad"))
    minted = {item["activity"]: item for item in town.receipt("mint-trouble.json")["reports"]}
    assert minted[SMALL]["skippedLines"] == [13, 14, 15, 16, 18, 19]
    assert int(minted[SMALL]["skip"]) == 0b0111_1110
    assert (minted[SMALL]["cents"], minted[BIG]["cents"]) == ("1120", "13440")
    for name, activity, minutes in (("ann", SMALL, 60), ("eva", SMALL, 60), ("dik", BIG, 1440)):
        attestation = town.call("registry", "attestationOf", uid_of(activity, town.number(name)))
        assert attestation["minutes_"] == minutes
    assert town.call("token", "ledger")[0] == 560 + 1120 + 13_440

    block = town.anvil.rpc("eth_blockNumber")
    assert "2 were minted already" in town.run(*town.attest("trouble.csv", "--skip-bad"))
    assert "2 were minted already" in town.run(*town.mint("trouble"))
    assert town.anvil.rpc("eth_blockNumber") == block


def test_the_same_file_gives_the_same_signed_reports(town):
    town.report_file("same.csv", [(SMALL, town.number("ann"), 60, "x"), (BIG, town.number("bea"), 30, "y")])
    town.run(*town.attest("same.csv"))
    first = {path.name: path.read_bytes() for path in (town.folder / "same").iterdir()}
    town.run(*town.attest("same.csv"))
    assert first == {path.name: path.read_bytes() for path in (town.folder / "same").iterdir()}
    assert len(first) == 2
    document = json.loads(first["same-activity-3-part-1.report.json"])
    line = document["report"]["lines"][0]
    digest = town.call(
        "registry",
        "reportDigest",
        (
            document["report"]["attester"],
            SMALL,
            [(line["number"], line["minutes"], bytes.fromhex(line["evidence"][2:]))],
            document["report"]["deadline"],
            int(document["report"]["serial"]),
        ),
    )
    assert document["digest"] == "0x" + digest.hex()
    assert document["source"]["lines"] == [2]


def resign(town, path, name, **changes):
    """A report file whose contents are changed and signed again, as somebody with a key could make it."""
    document = json.loads(path.read_text())
    body = document["report"] | changes
    signer = signer_of(name)
    body["attester"] = changes.get("attester", signer.address)
    lines = [typed_data.Line(i["number"], i["minutes"], bytes.fromhex(i["evidence"][2:])) for i in body["lines"]]
    fields = (body["attester"], body["activity"], lines, body["deadline"], int(body["serial"]))
    digest = typed_data.report_digest(town.domain("registry"), *fields)
    signed = {"report": body, "digest": "0x" + digest.hex(), "signature": "0x" + signer.sign_digest(digest).hex()}
    return document | signed


def test_every_bad_report_is_named_and_good_ones_can_be_minted_without_them(town):
    town.report_file("bad.csv", [(SMALL, town.number("ann"), 60, ""), (BIG, town.number("ann"), 60, "")])
    town.run(*town.attest("bad.csv"))
    folder = town.folder / "bad"
    good = folder / "bad-activity-3-part-1.report.json"
    document = json.loads(good.read_text())
    lines = [{**document["report"]["lines"][0], "number": town.number("bea")}]
    issuer, stranger = signer_of("issuer").address, signer_of("stranger").address
    wrong = {
        "changed after it was signed": {**document, "report": {**document["report"], "lines": lines}},
        "broken signature": resign(town, good, "stranger", attester=signer_of("attester").address, serial="1"),
        "which is not this city's": {**document, "chainId": 1, "digest": "0x" + "1" * 64},
        f"{stranger} is not an attester": resign(town, good, "stranger", serial="2"),
        f"{issuer} attested this; somebody else": resign(town, good, "issuer", serial="3"),
        "deadline has passed": resign(town, good, "attester", serial="4", deadline=1),
        "there is no activity 99": resign(town, good, "attester", serial="5", activity=99),
        "is not held before": resign(town, good, "attester", serial="6", activity=TOMORROW),
        "was closed for reports": resign(town, good, "attester", serial="7", activity=CLOSED),
    }
    for n, item in enumerate(wrong.values()):
        (folder / f"wrong-{n}.report.json").write_text(json.dumps(item))
    block = town.anvil.rpc("eth_blockNumber")
    said = town.run(*town.mint("bad"), code=1)
    for n, words in enumerate(wrong):
        assert re.search(rf"wrong-{n}\.report\.json[^\n]*{re.escape(words)}", said), (words, said)
    assert town.anvil.rpc("eth_blockNumber") == block

    assert town.run(*town.mint("bad", "--skip-bad", account="stranger"), code=1).count("is no ISSUER") == 1
    town.run(*town.mint("bad", "--skip-bad"))
    receipt = town.receipt("mint-bad.json")
    assert {item["file"] for item in receipt["reports"]} == {good.name, "bad-activity-1-part-1.report.json"}
    assert len(receipt["notMinted"]) == len(wrong)

    (folder / "wrong-9.report.json").write_text("{}")
    assert "wrong-9.report.json is not a report file; attest writes them (*.report.json)" in town.run(
        *town.mint("bad"), code=1
    )


def test_nothing_is_signed_or_sent_by_a_dry_run_a_no_or_a_pause(town):
    town.report_file("dry.csv", [(SMALL, town.number("ann"), 60, "")])
    block = town.anvil.rpc("eth_blockNumber")
    assert "Dry run" in town.run(*town.attest("dry.csv", "--dry-run"))
    assert not (town.folder / "dry").exists()
    without_yes = [argument for argument in town.attest("dry.csv") if argument != "--yes"]
    assert "nobody to ask" in town.run(*without_yes, code=3)
    town.run(*town.attest("dry.csv"))
    said = town.run(*town.attest("dry.csv", account="stranger"), code=1)
    assert said.count(f"is not an attester of programme 1 (activity {SMALL}); use the account of an attester") == 1
    assert "Correct the file" not in said
    assert "Dry run" in town.run(*town.mint("dry", "--dry-run"))
    assert town.anvil.rpc("eth_blockNumber") == block
    town.send(signer_of("guardian"), "token", "pause")
    assert "rewards are paused" in town.run(*town.mint("dry"), code=1)


def test_a_dry_run_writes_no_file_also_when_all_is_minted(town):
    town.report_file("done.csv", [(SMALL, town.number("ann"), 60, "")])
    town.run(*town.attest("done.csv"))
    town.run(*town.mint("done"))
    for name in ("attest-done.json", "mint-done.json"):
        (town.folder / name).unlink()
    before = sorted(town.folder.rglob("*"))
    assert "Dry run" in town.run(*town.attest("done.csv", "--dry-run"))
    assert "Dry run" in town.run(*town.mint("done", "--dry-run"))
    assert sorted(town.folder.rglob("*")) == before


def test_a_long_file_is_cut_into_reports_of_two_hundred_lines(town):
    people = [f"neighbour {n}" for n in range(201)]
    members = [(town.person(name).address, town.number(name), 1) for name in people]
    for start in range(0, len(members), 100):
        town.send(signer_of("registrar"), "token", "enrol", members[start : start + 100])
    town.members_file("neighbours.csv", dict.fromkeys(people, "resident"))
    register = town.folder / "register.json"
    before = register.read_bytes()
    try:
        assert "201 were enrolled already" in town.run(*town.enrol("neighbours.csv"))
        town.report_file("long.csv", [(SMALL, town.number(name), 60, "") for name in people])
        town.run(*town.attest("long.csv"))
        town.run(*town.mint("long"))
    finally:
        register.write_bytes(before)
    assert sorted(item["rewarded"] for item in town.receipt("mint-long.json")["reports"]) == [1, 200]
    assert town.call("token", "ledger")[0] == 201 * 560
