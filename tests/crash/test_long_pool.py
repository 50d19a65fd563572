# SPDX-License-Identifier: EUPL-1.2
"""More signed bytes on their way than a node takes in one message."""

import asyncio

from heitje.relay.batch import MAX_MESSAGE
from tests.load.client import drive
from tests.load.traffic import Town
from tests.support.databases import rows
from tests.support.service import Service, paid_on_chain, until
from tests.support.town import RESIDENTS, SHOPS

PAYMENTS = 3_200
"""Two megabytes of messages, which anvil refuses in one."""


def test_when_the_node_forgets_very_many_transactions_all_of_them_reach_it_again(anvil, city, tmp_path):
    payments = Town(city, RESIDENTS, SHOPS).payments(PAYMENTS)
    anvil.rpc("evm_setIntervalMining", 0)
    with Service(tmp_path, city) as service:
        answers = asyncio.run(drive(service.port, [payment.raw for payment in payments], 0.0))
        assert set(answers.statuses) == {202}
        until(lambda: rows(tmp_path, "SELECT count(*) FROM operation WHERE state = 'queued'"), lambda n: n == ["0"])
        (signed,) = rows(tmp_path, "SELECT sum(length(raw)) FROM attempt")
        assert 2 * int(signed) > 2 * MAX_MESSAGE
        anvil.rpc("anvil_dropAllTransactions")
        anvil.rpc("evm_setIntervalMining", 1)
        until(
            lambda: rows(tmp_path, "SELECT count(*) FROM operation WHERE state = 'final'"),
            lambda n: n == [str(PAYMENTS)],
            within=40,
        )
    assert sorted(paid_on_chain(city)) == sorted(payment.digest for payment in payments)
