# SPDX-License-Identifier: EUPL-1.2
"""`mint` is killed, loses its receipt, or its relayer; the rerun asks the chain, and nothing is minted twice."""

import json
import os
import signal

import pytest

from heitje.chain.logs import REPORT_ISSUED
from tests.chain.scripts.conftest import BIG, BIG_TOO, SMALL
from tests.support.proxy import Proxy

SEND = "eth_sendRawTransaction"


class LateProxy(Proxy):
    """Lets some transactions pass before it holds one."""

    def __init__(self, target, passing):
        super().__init__(target)
        self._passing = passing
        self._hold_late = None

    def hold_later(self, hold):
        """Holds requests or answers once enough transactions have passed."""
        self._hold_late = hold

    def _forward(self, body):
        if SEND in body.decode() and self._hold_late:
            if self._passing == 0:
                self._hold_late(SEND)
            self._passing -= 1
        return super()._forward(body)


@pytest.fixture
def signed(town):
    """Three reports, ready to be minted."""
    lines = [(activity, town.number("ann"), 60, "") for activity in (SMALL, BIG, BIG_TOO)]
    town.report_file("three.csv", lines)
    town.run(*town.attest("three.csv"))
    (town.folder / "mint-three.json").unlink(missing_ok=True)
    return town


def killed(town, passing, hold):
    """Kills `mint` while something of its next transaction is held, after so many have passed."""
    with LateProxy(town.anvil.url, passing) as proxy:
        proxy.hold_later(getattr(proxy, hold))
        process = town.start(*town.mint("three"), node=proxy.url)
        assert proxy.held.wait(60)
        os.kill(process, signal.SIGKILL)
        town.end(code=-signal.SIGKILL)


def issued(town):
    query = {"address": town.contracts["registry"], "fromBlock": "0x0", "topics": [REPORT_ISSUED]}
    return [log["topics"][1] for log in town.anvil.rpc("eth_getLogs", query)]


def check_all_three_were_minted_once(town):
    receipt = town.receipt("mint-three.json")
    assert sorted(item["digest"] for item in receipt["reports"]) == sorted(issued(town))
    assert len(set(issued(town))) == 3
    assert receipt["notMinted"] == []
    assert town.call("token", "ledger")[0] == town.call("token", "totalSupply") == 3 * 560


@pytest.mark.parametrize(
    ("passing", "hold", "before"),
    [
        pytest.param(1, "hold_requests", 1, id="after the first of three"),
        pytest.param(0, "hold_answers", 1, id="between sending and the answer"),
        pytest.param(1, "hold_answers", 2, id="the same with the second"),
    ],
)
def test_after_a_kill_the_rest_is_minted_and_nothing_twice(signed, passing, hold, before):
    killed(signed, passing, hold)
    assert len(issued(signed)) == before
    words = {1: "2 reports minted, 1 was minted already", 2: "1 report minted, 2 were minted already"}
    assert words[before] in signed.run(*signed.mint("three"))
    check_all_three_were_minted_once(signed)


def test_a_transaction_that_is_still_under_way_is_waited_for(signed):
    signed.anvil.rpc("evm_setAutomine", False)
    try:
        killed(signed, 0, "hold_answers")
        assert issued(signed) == []
        signed.anvil.rpc("evm_setIntervalMining", 1)
        said = signed.run(*signed.mint("three"))
    finally:
        signed.anvil.rpc("evm_setIntervalMining", 0)
        signed.anvil.rpc("evm_setAutomine", True)
    assert "2 reports minted, 1 was minted already" in said
    check_all_three_were_minted_once(signed)


def test_a_lost_receipt_is_written_anew_from_the_chain(signed):
    signed.run(*signed.mint("three"))
    path = signed.folder / "mint-three.json"
    before = json.loads(path.read_text())
    path.unlink()
    assert "0 reports minted, 3 were minted already" in signed.run(*signed.mint("three"))
    after = signed.receipt("mint-three.json")
    assert after["reports"] == before["reports"]
    check_all_three_were_minted_once(signed)


def test_without_its_relayer_nothing_is_minted_and_nothing_lost(signed):
    said = signed.run(*signed.mint("three", "--relayer", "http://127.0.0.1:9"), code=6)
    assert "does not answer" in said
    assert "Nothing is lost" in said
    assert issued(signed) == []
    signed.run(*signed.mint("three"))
    check_all_three_were_minted_once(signed)
