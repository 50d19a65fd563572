# SPDX-License-Identifier: EUPL-1.2
"""What the city's node can be asked through the service, and what it cannot."""

import pytest

from heitje.chain.node import NodeUnreachable, RpcError
from heitje.ledger.asking import MOST_BLOCKS, MOST_LOGS, MOST_RANGES, Method, PublicNode, Question
from heitje.problems import Problem

TOKEN = "0x" + "aB" * 20
OTHER = "0x" + "cd" * 20
TOPIC = "0x" + "12" * 32


class Recorder:
    """Stands in for a node: keeps what it was asked, and answers what it is told to."""

    def __init__(self, answer="0x1"):
        self.asked = []
        self.answer = answer

    async def batch(self, calls):
        self.asked += calls
        if isinstance(self.answer, NodeUnreachable):
            raise self.answer
        return [self.answer] * len(calls)


async def ask(method, *params, node=None):
    node = node or Recorder()
    (answer,) = await PublicNode(node, [TOKEN]).answer([Question(7, method, params)])
    return answer, node.asked


def logs(first=0, last=9, address=TOKEN, **more):
    return {"address": address, "fromBlock": hex(first), "toBlock": hex(last), **more}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (Method.CHAIN_ID, ()),
        (Method.BLOCK_NUMBER, ()),
        (Method.BLOCK, ("0x10", False)),
        (Method.BLOCK, ("latest", False)),
        (Method.CODE, (TOKEN, "latest")),
        (Method.CALL, ({"to": TOKEN, "data": "0x18160ddd"}, "0x5")),
        (Method.LOGS, (logs(),)),
        (Method.LOGS, (logs(5, 5 + MOST_BLOCKS - 1, [TOKEN.lower()], topics=[[TOPIC, None], TOPIC]),)),
    ],
)
async def test_what_a_check_of_the_books_needs_is_asked_of_the_node(method, params):
    answer, asked = await ask(method, *params)
    assert answer == {"jsonrpc": "2.0", "id": 7, "result": "0x1"}
    assert [call[0] for call in asked] == [method]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (Method.CHAIN_ID, ("latest",)),
        (Method.BLOCK, ("0x10", True)),
        (Method.BLOCK, ("pending", False)),
        (Method.BLOCK, ("0x010", False)),
        (Method.BLOCK, (16, False)),
        (Method.BLOCK, ()),
        (Method.CODE, (OTHER, "latest")),
        (Method.CALL, ({"to": OTHER, "data": "0x"}, "latest")),
        (Method.CALL, ({"to": TOKEN, "data": "0x", "from": OTHER}, "latest")),
        (Method.CALL, ({"to": TOKEN, "data": "0x" + "00" * 20_000}, "latest")),
        (Method.CALL, ({"to": TOKEN, "data": "no hex"}, "latest")),
        (Method.CALL, ({"to": TOKEN, "data": "0x"}, "latest", {})),
        (Method.CALL, ("0x", "latest")),
        (Method.LOGS, (logs(0, MOST_BLOCKS),)),
        (Method.LOGS, (logs(9, 0),)),
        (Method.LOGS, (logs(address=OTHER),)),
        (Method.LOGS, (logs(address=[TOKEN, OTHER]),)),
        (Method.LOGS, (logs(address=[]),)),
        (Method.LOGS, (logs(address=None),)),
        (Method.LOGS, (logs(topics="0x"),)),
        (Method.LOGS, (logs(topics=[["0x12"]]),)),
        (Method.LOGS, (logs(blockHash=TOPIC),)),
        (Method.LOGS, ({"address": TOKEN, "fromBlock": "earliest", "toBlock": "latest"},)),
    ],
)
async def test_anything_else_is_refused_and_never_reaches_the_node(method, params):
    answer, asked = await ask(method, *params)
    assert answer["id"] == 7
    assert answer["error"]["code"] == -32602
    assert asked == []


async def test_a_call_costs_at_most_so_much_gas_whatever_it_asks_for():
    _, asked = await ask(Method.CALL, {"to": TOKEN, "data": "0x", "gas": "0xffffffffffff"}, "latest")
    assert asked[0][1][0] == {"to": TOKEN, "data": "0x", "gas": hex(30_000_000)}


async def test_only_so_many_ranges_of_logs_go_into_one_batch_and_the_others_keep_their_places():
    node = Recorder()
    questions = [Question(i, Method.LOGS, (logs(),)) for i in range(MOST_RANGES + 1)]
    answers = await PublicNode(node, [TOKEN]).answer([*questions, Question("head", Method.BLOCK_NUMBER, ())])
    assert [answer["id"] for answer in answers] == [*range(MOST_RANGES + 1), "head"]
    assert ["error" in answer for answer in answers] == [False] * MOST_RANGES + [True, False]
    assert len(node.asked) == MOST_RANGES + 1


async def test_a_range_with_too_many_logs_is_asked_for_in_parts_and_a_single_block_never():
    node = Recorder([{}] * (MOST_LOGS + 1))
    many, _ = await ask(Method.LOGS, logs(5, 6), node=node)
    one, _ = await ask(Method.LOGS, logs(5, 5), node=node)
    assert many["error"]["code"] == -32005
    assert len(one["result"]) == MOST_LOGS + 1


async def test_the_nodes_own_error_goes_out_as_it_is():
    answer, _ = await ask(Method.BLOCK_NUMBER, node=Recorder(RpcError(3, "execution reverted", "0x08c379a0")))
    assert answer["error"] == {"code": 3, "message": "execution reverted", "data": "0x08c379a0"}


async def test_a_node_that_does_not_answer_is_a_problem_that_says_so():
    with pytest.raises(Problem) as problem:
        await ask(Method.BLOCK_NUMBER, node=Recorder(NodeUnreachable("gone")))
    assert problem.value.code == "node_unreachable"
