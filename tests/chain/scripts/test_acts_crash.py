# SPDX-License-Identifier: EUPL-1.2
"""Corrections, freezes and replacements that are killed after sending: a second run does nothing twice."""

import os
import signal
from collections.abc import Callable
from typing import NamedTuple

import pytest

from heitje.chain.words import uid_of
from heitje.city.register import Register
from tests.chain.scripts.acts import DAY, act, check_books, earn
from tests.chain.scripts.conftest import BIG, SMALL
from tests.support.proxy import Proxy
from tests.support.scripts import PASSPHRASE, Town
from tests.support.signed import signer_of


class Case(NamedTuple):
    """An act: who does it, how, how many transactions it takes, and what is true afterwards."""

    account: str
    arguments: Callable[[Town], tuple[object, ...]]
    transactions: int
    holds: Callable[[Town], bool]


def _register(town):
    return "--register", town.folder / "register.json"


def _new(town):
    return town.person("ann's new phone").address


def _reduce(town):
    rows = "".join(
        f"{a};{town.number(who)};{m}\n" for a, who, m in ((BIG, "ann", 60), (SMALL, "ann", 0), (BIG, "bea", 9))
    )
    return "correct", "reduce", "--file", town.write("less.csv", "activity;resident;minutes\n" + rows)


def _reduced(town):
    kept = [town.call("registry", "attestationOf", uid_of(a, town.number(who)))["kept"] for a, who in _PAIRS]
    return kept == [60, 0, 9]


_PAIRS = ((BIG, "ann"), (SMALL, "ann"), (BIG, "bea"))


def _clawback(town):
    act(town, *_reduce(town), account="attester")
    town.anvil.move_time_to(town.anvil.now() + 42 * DAY)
    return "correct", "clawback"


def _request(town):
    return "replace", "request", town.number("ann"), _new(town), *_register(town)


def _execute(town):
    act(town, *_request(town), account="registrar")
    town.anvil.move_time_to(town.anvil.now() + 14 * DAY)
    return "replace", "execute", town.number("ann"), *_register(town)


def _executed(town):
    member = Register.open(town.folder / "register.json", PASSPHRASE).get(town.number("ann"))
    return member.address == _new(town) and town.call("token", "balanceOf", _new(town)) == 6_160


CASES = {
    "reduce": Case("attester", _reduce, 3, _reduced),
    "clawback": Case(
        "clawback", _clawback, 3, lambda town: town.call("token", "ledger")[2] == 5_600 - 560 + 560 + 5_600 - 84
    ),
    "lower-year": Case(
        "registrar",
        lambda town: ("correct", "lower-year", town.number("ann"), 30),
        1,
        lambda town: town.receipt("act.json")["loweredCents"] == "3000",
    ),
    "freeze": Case(
        "guardian",
        lambda town: ("freeze", town.number("ann"), town.number("bea"), "--reason", 2),
        2,
        lambda town: all(item["frozen"] for item in town.receipt("act.json")["members"]),
    ),
    "request": Case(
        "registrar", _request, 1, lambda town: town.receipt("act.json")["replacement"]["newAddress"] == _new(town)
    ),
    "execute": Case("replacer", _execute, 1, _executed),
    "leave": Case(
        "registrar",
        lambda town: ("leave", town.number("bakery"), town.number("bikes")),
        2,
        lambda town: all(item["class"] == "closing" for item in town.receipt("act.json")["members"]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_after_a_kill_the_rest_is_done_and_nothing_twice(town, name):
    case = CASES[name]
    register = town.folder / "register.json"
    before = register.read_bytes()
    try:
        earn(town, "crash", (BIG, "ann", 600), (SMALL, "ann", 60), (BIG, "bea", 600))
        arguments = case.arguments(town)
        account = signer_of(case.account).address

        def sent():
            return int(town.anvil.rpc("eth_getTransactionCount", account, "latest"), 16)

        start = sent()
        (town.folder / "act.json").unlink(missing_ok=True)
        command = (*arguments, "--account", case.account, *town.common("act.json"))
        with Proxy(town.anvil.url) as proxy:
            proxy.hold_answers("eth_sendRawTransaction")
            process = town.start(*command, node=proxy.url)
            assert proxy.held.wait(60)
            os.kill(process, signal.SIGKILL)
            town.end(code=-signal.SIGKILL)
        assert sent() == start + 1
        assert not (town.folder / "act.json").exists()
        town.run(*command)
        assert sent() == start + case.transactions
        assert case.holds(town)
        town.run(*command)
        assert sent() == start + case.transactions
        assert case.holds(town)
        check_books(town)
    finally:
        register.write_bytes(before)
