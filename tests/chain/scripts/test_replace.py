# SPDX-License-Identifier: EUPL-1.2
"""A lost phone: the old wallet is shut at once, and after a time to object everything goes on with the new one."""

import re

import pytest

from heitje.chain import typed_data
from heitje.city.register import Register
from tests.chain.scripts.acts import DAY, act, balance, check_books, earn
from tests.chain.scripts.conftest import BIG, BIG_TOO, SMALL
from tests.support.scripts import CONTRACTS, PASSPHRASE
from tests.support.signed import signer_of
from tests.support.wallet import Safe

WINDOW = 14 * DAY


@pytest.fixture
def rich(town):
    """Ann has 61.60 euros; the register is put back afterwards."""
    register = town.folder / "register.json"
    before = register.read_bytes()
    earn(town, "phones", (BIG, "ann", 600), (SMALL, "ann", 60))
    yield town
    register.write_bytes(before)


def with_register(town):
    return "--register", town.folder / "register.json"


def request(town, who, new, *more, account="registrar", code=0):
    arguments = (town.number(who), town.person(new).address, *with_register(town), *more)
    return act(town, "replace", "request", *arguments, account=account, code=code)


def execute(town, who, *more, account="replacer", code=0):
    return act(town, "replace", "execute", town.number(who), *more, account=account, code=code)


def holder(town, who):
    return town.call("token", "holderOf", town.number(who))


def test_the_money_moves_after_the_time_to_object_and_everything_follows_the_number(rich):
    town = rich
    ann, new = town.number("ann"), town.person("ann's new phone")
    _attest(town, "before", (BIG_TOO, ann, 60))
    said = request(town, "ann", "ann's new phone")
    assert "shut at once" in said
    assert "the holder can object" in said
    assert town.receipt("act.json")["replacement"]["newAddress"] == new.address
    town.pay("ann", "bakery", 100)
    assert balance(town, "bakery") == 0
    block = town.anvil.rpc("eth_blockNumber")
    assert "asked for before" in request(town, "ann", "ann's new phone")
    assert town.anvil.rpc("eth_blockNumber") == block
    assert f"the wallet of member {ann} is being replaced" in town.run(*town.mint("before"), code=1)
    assert re.search(rf"{ann} .*waits", town.run("replace", "list", "--deployment", town.deployment))
    assert re.search(rf"Member {ann}: new wallet from", town.run("freeze", "--deployment", town.deployment))

    assert "can object until" in execute(town, "ann", code=7)
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    assert "needs the role REPLACER" in execute(town, "ann", account="registrar", code=1)
    said = execute(town, "ann")
    assert "61.60 euros move to the new wallet" in said
    assert "update-register" in said
    assert holder(town, "ann") == new.address
    assert (balance(town, "ann"), balance(town, "ann's new phone")) == (0, 6_160)
    assert town.call("token", "accountOf", town.person("ann").address)["dead"]
    assert "waits" not in town.run("replace", "list", "--deployment", town.deployment)
    assert "carried out" in town.run("replace", "list", "--all", "--deployment", town.deployment)

    block = town.anvil.rpc("eth_blockNumber")
    assert f"wallet is {new.address} since" in execute(town, "ann", *with_register(town))
    assert town.anvil.rpc("eth_blockNumber") == block
    assert Register.open(town.folder / "register.json", PASSPHRASE).get(ann).address == new.address
    said = town.run("replace", "update-register", *with_register(town), "--deployment", town.deployment)
    assert "The register is up to date" in said

    town.run(*town.mint("before"))
    assert balance(town, "ann's new phone") == 6_160 + 560
    # One reward per person and activity, and the month's limit, whichever phone.
    said = _attest(town, "twice", (BIG, ann, 60), code=1)
    assert f"member {ann} was rewarded for activity {BIG} before" in said
    assert f"is the old wallet of member {ann}, which was replaced" in _enrolled_anew(town, ann)
    said = _attest(town, "old", (BIG_TOO, town.person("ann").address, 60), code=1)
    assert f"is the old wallet of member {ann}, whose wallet is {new.address} now; use member number {ann}" in said
    check_books(town)


def _enrolled_anew(town, number):
    town.write("anew.csv", f"member;class;address\n{number};resident;{town.person('ann').address}\n")
    fresh = ("--register", town.folder / "another-register.json", "--account", "registrar", *town.common("enrol.json"))
    return town.run("enrol", town.folder / "anew.csv", *fresh, code=1)


def _attest(town, name, *lines, code=0):
    town.report_file(f"{name}.csv", [(*line, "") for line in lines])
    return town.run(*town.attest(f"{name}.csv"), code=code)


def test_the_limits_of_a_month_count_both_phones(rich):
    # 210 euros a month; 61.60 were earned with the old phone, so 148.40 are left, which is 1590 minutes.
    town = rich
    request(town, "ann", "ann's new phone")
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    execute(town, "ann", *with_register(town))
    number = town.number("ann")
    month = town.call("registry", "activityOf", BIG)["month"]
    assert town.call("registry", "left", number, month)[0] == 21_000 - 6_160
    earn(town, "second", (BIG_TOO, "ann", 1_440))
    assert balance(town, "ann's new phone") == 6_160 + 13_440
    check_books(town)


def test_a_shop_keeps_its_open_redemptions(rich):
    town = rich
    town.pay("ann", "bakery", 2_000)
    first, second = town.redeem("bakery", 600, 1), town.redeem("bakery", 700, 2)
    said = request(town, "bakery", "bakery's new till")
    assert "2 redemptions wait at the desk, 13.00 euros in all" in said
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    act(town, "redemptions", "lock", "0x" + first.hex(), account="treasurer")
    execute(town, "bakery", *with_register(town))
    till = town.person("bakery's new till")
    assert (balance(town, "bakery"), balance(town, "bakery's new till")) == (0, 700)
    assert town.call("token", "accountOf", till.address)["openRedemptions"] == 2
    act(town, "redemptions", "settle", account="treasurer2")
    act(town, "redemptions", "refund", "0x" + second.hex(), "--reason", 3, account="treasurer")
    assert balance(town, "bakery's new till") == 1_400
    assert town.call("token", "accountOf", till.address)["openRedemptions"] == 0
    check_books(town)


def test_a_holder_who_objects_keeps_the_old_wallet(rich):
    town = rich
    request(town, "ann", "a thief's phone")
    assert "needs the role GUARDIAN" in act(town, "replace", "cancel", town.number("ann"), account="stranger", code=1)
    said = act(town, "replace", "cancel", town.number("ann"), account="guardian")
    assert "It can pay again at once" in said
    assert "Nothing waits" in act(town, "replace", "cancel", town.number("ann"), account="guardian")
    assert town.receipt("act.json")["replacements"][0]["outcome"] == "cancelled"
    town.pay("ann", "bakery", 100)
    assert balance(town, "bakery") == 100
    assert "The last was cancelled on" in execute(town, "ann", code=1)
    said = request(town, "ann", "a thief's phone", code=1)
    assert "the same was asked for by" in said
    assert "--again" in said
    request(town, "ann", "a thief's phone", "--again")
    assert town.call("token", "accountOf", town.person("ann").address)["replacing"]
    check_books(town)


def test_what_is_wrong_with_a_request_is_listed_and_nothing_is_signed(rich):
    town = rich
    block = town.anvil.rpc("eth_blockNumber")
    assert "needs the role REGISTRAR" in request(town, "ann", "new", account="replacer", code=1)
    said = request(town, "ann", "bea", code=1)
    assert f"is, or was, member {town.number('bea')}'s" in said
    assert f"is in the register as member {town.number('bea')}'s" in said
    typo = town.person("new").address.swapcase().replace("0X", "0x")
    arguments = (town.number("ann"), typo, *with_register(town))
    assert "wrong checksum" in act(town, "replace", "request", *arguments, account="registrar", code=1)
    assert "Dry run" in request(town, "ann", "new", "--dry-run")
    assert "No replacement waits" in execute(town, "ann", code=1)
    assert town.anvil.rpc("eth_blockNumber") == block
    request(town, "ann", "new")
    assert "GUARDIAN must cancel it first" in request(town, "ann", "newer", code=1)
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    town.send(signer_of("guardian"), "token", "pause")
    assert "The city is paused" in execute(town, "ann", code=1)
    assert holder(town, "ann") == town.person("ann").address


def test_no_money_ever_goes_to_one_of_the_citys_own_contracts(rich):
    town = rich
    number = town.number("ann")
    for part, name in CONTRACTS.items():
        arguments = (number, town.contracts[part], *with_register(town))
        said = act(town, "replace", "request", *arguments, account="registrar", code=1)
        assert f"is the city's own {name}, from which nobody can ever pay" in said
        town.write("own.csv", f"member;class;address\n;merchant;{town.contracts[part]}\n")
        assert f"line 2: address {town.contracts[part]} is the city's own {name}" in town.run(
            *town.enrol("own.csv"), code=1
        )

    # Somebody asked for it past the scripts.
    until, registrar = town.anvil.now() + 3600, signer_of("registrar")
    item = (registrar.address, number, town.contracts["token"], until)
    signature = registrar.sign_digest(typed_data.request_replacement_digest(town.domain("token"), *item))
    town.send(registrar, "token", "requestReplacement", *item, signature)
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    said = execute(town, "ann", code=1)
    assert "is the city's own MunicipalToken, from which nobody can ever pay: GUARDIAN must cancel" in said
    assert balance(town, "ann") == 6_160


def test_a_wallet_that_is_a_contract_is_taken_with_a_warning(rich):
    town = rich
    other = Safe.deploy(town.anvil.url, ("one", "two"), 2, 5).address
    said = act(town, "replace", "request", town.number("ann"), other, *with_register(town), account="registrar")
    assert f"{other} is a contract, such as a Safe. Is it really theirs, and can it sign?" in said
    assert town.call("token", "accountOf", town.person("ann").address)["replacing"]
    shop = Safe.deploy(town.anvil.url, ("one", "two"), 2, 6).address
    town.write("safe.csv", f"member;class;address\n;merchant;{shop}\n")
    said = town.run(*town.enrol("safe.csv"))
    assert f"{shop} is a contract, such as a Safe. If it cannot sign" in said
    assert "1 enrolled" in said


def test_a_register_that_was_not_brought_up_to_date_says_how(rich):
    town = rich
    request(town, "ann", "second phone")
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    execute(town, "ann")
    assert "`ape run replace update-register` puts that right" in request(town, "ann", "third phone", code=1)
    said = town.run("replace", "update-register", *with_register(town), "--deployment", town.deployment)
    assert "1 wallet changed" in said
    request(town, "ann", "third phone")
    town.anvil.move_time_to(town.anvil.now() + WINDOW)
    execute(town, "ann", *with_register(town))
    assert balance(town, "third phone") == 6_160
    check_books(town)
