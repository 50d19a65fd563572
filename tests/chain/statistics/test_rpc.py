# SPDX-License-Identifier: EUPL-1.2
"""The city's node, asked through the service as a browser asks it."""

import pytest

from tests.support.service import Service
from tests.support.town import town


@pytest.fixture(scope="module")
def city():
    with town() as (_, found):
        yield found


@pytest.fixture(scope="module")
def service(city, tmp_path_factory):
    with Service(tmp_path_factory.mktemp("rpc"), city) as running:
        yield running


def ask(service, body):
    return service.request("POST", "/rpc", body, {"content-type": "application/json"})


def request(method, *params, identity=1):
    return {"jsonrpc": "2.0", "id": identity, "method": method, "params": list(params)}


def test_one_question_has_one_answer_and_many_have_many(service, city):
    assert ask(service, request("eth_chainId")).body == {"jsonrpc": "2.0", "id": 1, "result": hex(city.chain_id)}
    both = [request("eth_chainId", identity="a"), request("eth_getCode", city.addresses["token"], "latest")]
    answers = ask(service, both).body
    assert [answer["id"] for answer in answers] == ["a", 1]
    assert len(answers[1]["result"]) > 1_000


def test_logs_come_as_the_node_gives_them(service, city):
    wanted = {"address": city.addresses["token"], "fromBlock": "0x0", "toBlock": "0x30"}
    answer = ask(service, request("eth_getLogs", wanted)).body
    assert {log["address"] for log in answer["result"]} == {city.addresses["token"].lower()}


def test_sending_a_transaction_is_no_method_here(service):
    answer = ask(service, request("eth_sendRawTransaction", "0x00"))
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert ask(service, request("anvil_setBalance", "0x00", "0x1")).status == 422


@pytest.mark.parametrize(
    "body",
    [[], [{}], {"id": 1}, request("eth_chainId", identity="0" * 101), "eth_chainId", [request("eth_chainId")] * 101],
)
def test_what_is_no_json_rpc_is_a_problem(service, body):
    assert ask(service, body).status == 422


def test_somebody_who_asks_too_much_is_asked_to_wait(service):
    many = [request("eth_chainId", identity=i) for i in range(100)]
    answers = [ask(service, many) for _ in range(25)]
    refused = [answer for answer in answers if answer.status != 200]
    assert refused
    assert {answer.code for answer in refused} == {"too_many_requests"}
    assert refused[0].headers["retry-after"]
