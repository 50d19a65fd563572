# SPDX-License-Identifier: EUPL-1.2
"""Founding, enrolling, programmes, activities and status, by the real scripts."""

import json
import os
import signal

import pytest

from heitje.city.members import is_valid
from heitje.city.register import Register
from heitje.city.roles import Role
from tests.chain.scripts.conftest import CLOSED, RESIDENTS, SHOPS, found, officials, profile
from tests.support.anvil import Anvil
from tests.support.proxy import Proxy
from tests.support.scripts import PASSPHRASE, Town, day, month
from tests.support.signed import signer_of

DAY = 86_400


def test_the_scripts_left_the_city_they_were_asked_for(town):
    assert town.call("registry", "counts") == (3, CLOSED, 3)
    for name in (*RESIDENTS, *SHOPS):
        assert town.call("token", "holderOf", town.number(name)) == town.person(name).address
    assert all(not town.call("authority", "hasRole", role, signer_of("deployer").address)[0] for role in Role)
    register = Register.open(town.folder / "register.json", PASSPHRASE)
    assert {member.number for member in register} == {town.number(name) for name in (*RESIDENTS, *SHOPS)}
    assert not list(town.folder.glob("*.part"))


def test_a_second_run_of_everything_does_nothing_twice(town):
    block = town.anvil.rpc("eth_blockNumber")
    assert "Nothing was left to do" in town.run(*found(town, "--rehearsal"))
    assert "9 were enrolled already" in town.run(*town.enrol("members.csv"))
    programme = ("--account", "programme", *town.common("programme.json"))
    assert "Nothing was left to do" in town.run("programme", town.folder / "programmes.toml", *programme)
    assert "Nothing was left to do" in town.run("activity", town.folder / "activities.csv", *programme)
    assert town.anvil.rpc("eth_blockNumber") == block


def test_more_members_are_enrolled_and_numbers_allotted_in_several_transactions(town):
    people = [f"person {n}" for n in range(200)]
    lines = "".join(f";resident;{town.person(name).address}\n" for name in people)
    town.write("more.csv", "member;class;address\n" + lines)
    secrets = town.folder / "register.json"
    before = secrets.read_bytes()
    try:
        town.run(*town.enrol("more.csv"))
        members = town.receipt("enrol.json")["members"]
        assert len({item["member"] for item in members}) == 200
        assert all(is_valid(item["member"]) for item in members)
        assert all(town.call("token", "numberOf", item["address"]) == item["member"] for item in members[::40])
        assert "secret" not in json.dumps(town.receipt("enrol.json"))
    finally:
        secrets.write_bytes(before)


def test_what_is_wrong_with_a_members_file_is_listed_and_nothing_is_sent(town):
    ann, bea, new = (town.person(name).address for name in ("ann", "bea", "new"))
    town.write(
        "bad.csv",
        f"member;class;address\n{town.number('ann') + 1};resident;{new}\n{town.number('ann')};merchant;{ann}\n"
        f"{town.number('bea')};resident;{new}\n{town.number('cas')};resident;{bea}\n",
    )
    town.write(
        "bad2.csv", "member;class;address\n" + "\n".join(town.folder.joinpath("bad.csv").read_text().split("\n")[2:])
    )
    block = town.anvil.rpc("eth_blockNumber")
    assert "line 2: member number" in town.run(*town.enrol("bad.csv"), code=1)
    said = town.run(*town.enrol("bad2.csv"), code=1)
    for words in ("line 2: member", "line 3: member", "line 4: ", "Nothing was signed or sent"):
        assert words in said
    assert town.anvil.rpc("eth_blockNumber") == block


def test_who_has_not_got_the_role_is_told_so(town):
    town.members_file("late.csv", {"late": "resident"})
    said = town.run(*town.enrol("late.csv", "stranger"), code=1)
    assert "needs the role REGISTRAR" in said
    assert town.call("token", "numberOf", town.person("late").address) == 0


def test_a_budget_is_raised_and_an_attester_dismissed_by_number(town):
    stranger, attester = signer_of("stranger").address, signer_of("attester").address
    town.write(
        "change.toml",
        f'[[programme]]\nnumber = 3\nbudget_euros = 20\nattesters = ["{stranger}"]\ndismiss = ["{attester}"]\n',
    )
    programme = ("--account", "programme", *town.common("programme.json"))
    town.run("programme", town.folder / "change.toml", *programme)
    assert town.call("registry", "programmeOf", 3)["cap"] == 2_000
    assert town.call("registry", "isAttester", 3, stranger)
    assert not town.call("registry", "isAttester", 3, attester)


def test_the_number_of_a_programme_that_is_opened_is_told(town):
    attester = signer_of("attester").address
    months = f'from = "{month(0)}"\nto = "{month(1)}"\n'
    new = f'[[programme]]\nname = "new"\nbudget_euros = 33\n{months}attesters = ["{attester}"]\n'
    file = town.write("new.toml", new)
    programme = ("programme", file, "--account", "programme", *town.common("programme.json"))
    assert town.run(*programme).splitlines().count("Opened: programme 4.") == 1
    assert town.call("registry", "isAttester", 4, attester)
    assert "Opened" not in town.run(*programme)


def test_activities_that_the_registry_would_refuse_are_named_with_their_line(town):
    head = "code;title;programme;date;ends;euros_per_hour;max_minutes;adult;no_staff_work\n"
    lines = (
        f"X;x;9;{day(-1)};12:00;5,60;60;ja;ja",
        f"Y;y;1;{day(-1)};12:00;5,61;60;ja;ja",
        f"Z;z;1;{day(-1)};12:00;3,31;60;nee;ja",
        f"V;v;1;{month(2)}-15;12:00;3,30;60;nee;ja",
    )
    town.write("refused.csv", head + "\n".join(lines))
    said = town.run("activity", town.folder / "refused.csv", "--account", "programme", *town.common("a.json"), code=1)
    for words in ("line 2: there is no programme 9", "line 3: 5.61", "line 4: 3.31", "line 5: the day is outside"):
        assert words in said


def test_status_tells_machines_everything(town):
    town.send(signer_of("guardian"), "token", "pause")
    status = json.loads(town.run("status", "--json", "--deployment", town.deployment))
    assert status["books"]["balanced"]
    assert status["paused"]
    assert [(p["cap"], len(p["attesters"])) for p in status["programmes"]] == [("500000", 2), ("7000", 0), ("1000", 2)]
    roles = {(item["role"], item["member"]) for item in status["roles"]}
    assert ("MINTER", town.contracts["registry"]) in roles
    assert len([1 for role, _ in roles if role == "TREASURER"]) == 2
    assert status["limits"]["yearLimit"] == "21000"


def test_a_node_that_does_not_answer_has_an_exit_code_of_its_own(town):
    said = town.run("status", "--deployment", town.deployment, code=4, node="http://127.0.0.1:9")
    assert "No answer from the node at http://127.0.0.1:9. Is it running? Nothing was sent." in said
    assert "geth" not in said


def test_status_says_so_when_the_books_do_not_add_up(town):
    # The token's first slots hold its sums; a changed sum is what a faulty chain would look like.
    sums = {}
    for slot in range(40):
        word = int(town.anvil.rpc("eth_getStorageAt", town.contracts["token"], hex(slot), "latest"), 16)
        sums[slot] = word
    town.report_file("one.csv", [(3, town.number("ann"), 60, "")])
    town.run(*town.attest("one.csv"))
    town.run(*town.mint("one"))
    for slot, before in sums.items():
        word = int(town.anvil.rpc("eth_getStorageAt", town.contracts["token"], hex(slot), "latest"), 16)
        if word != before and word & (1 << 48) - 1 == 560:
            town.anvil.rpc("anvil_setStorageAt", town.contracts["token"], hex(slot), f"0x{word + 1:064x}")
    assert "DO NOT ADD UP" in town.run("status", "--deployment", town.deployment, code=8)


# Founding, with delays and interrupted


@pytest.fixture
def empty(tmp_path):
    with Anvil() as anvil, Town(tmp_path, anvil) as town:
        town.write("profile.toml", profile())
        town.write("officials.toml", officials())
        yield town


def killed_while_the_answer_is_held(town, holder, *arguments):
    with holder(town.anvil.url) as proxy:
        proxy.hold_answers("eth_sendRawTransaction")
        process = town.start(*arguments, node=proxy.url)
        assert proxy.held.wait(60)
        os.kill(process, signal.SIGKILL)
        town.end(code=-signal.SIGKILL)


def test_a_deployment_that_was_cut_off_goes_on_and_delays_are_real(empty):
    town = empty
    killed_while_the_answer_is_held(town, Proxy, *found(town))
    assert not town.deployment.exists()
    begun = json.loads((town.folder / "deployment.json.part").read_text())
    assert "Going on with what was cut off: 1 of 4" in town.run(*found(town))
    assert "as these files say" in town.run(*found(town))
    assert town.contracts["authority"] != town.contracts["token"]
    assert begun["nonce"] == 0
    # Four contracts, three rows of limits, the desk, the roles, and giving up: nothing was deployed twice.
    assert int(town.anvil.rpc("eth_getTransactionCount", signer_of("deployer").address, "latest"), 16) == 10
    for role, delay in ((Role.ADMIN, 2 * DAY), (Role.RULES, 2 * DAY), (Role.PROGRAMME, DAY), (Role.ISSUER, 0)):
        assert town.call("authority", "hasRole", role, signer_of(role.name.lower()).address) == (True, delay)

    town.write("p.toml", f'[[programme]]\nbudget_euros = 5\nfrom = "{month(0)}"\nto = "{month(1)}"\n')
    programme = ("programme", town.folder / "p.toml", "--account", "programme", *town.common("p.json"))
    assert "GUARDIAN can cancel it until it is done" in town.run(*programme, code=7)
    assert "can be done from" in town.run(*programme, code=7)
    assert town.call("registry", "counts")[0] == 0
    town.anvil.move_time_to(town.anvil.now() + DAY)
    town.run(*programme)
    assert "Nothing was left to do" in town.run(*programme)
    assert town.call("registry", "counts")[0] == 1


def test_a_deployment_with_other_files_does_not_touch_what_was_begun(empty):
    town = empty
    killed_while_the_answer_is_held(town, Proxy, *found(town))
    assert "with other files" in town.run(*found(town, "--rehearsal"), code=1)


def test_a_deployer_who_would_keep_a_right_is_refused(empty):
    town = empty
    text = officials().replace(signer_of("clawback").address, signer_of("deployer").address)
    town.write("officials.toml", text)
    assert "must hold nothing" in town.run(*found(town), code=1)


def test_a_city_with_real_money_is_not_founded_with_a_profile_that_promises_too_little(empty):
    town = empty
    weak = profile().replace("replacement_days = 14", "replacement_days = 0").replace("admin = 172800", "admin = 0")
    town.write("profile.toml", weak)
    said = town.run(*found(town), code=1)
    assert "objection.replacement_days: 0 is less than 7" in said
    assert "delays.admin: 0 is less than 86400 seconds (a day)" in said
    assert town.anvil.rpc("eth_blockNumber") == "0x0"
    assert "Dry run" in town.run(*found(town, "--rehearsal", "--dry-run"))
