# SPDX-License-Identifier: EUPL-1.2
"""Where signed acts come in: what every service needs to check one and to take it on."""

from dataclasses import dataclass

from heitje.chain.node import Node
from heitje.relay.calldata import Contracts
from heitje.relay.intake import Intake
from heitje.relay.operation import Submission
from heitje.relay.signatures import Signatures
from heitje.relay.simulate import try_submission
from heitje.store.session import Store


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts that checking takes, built once. `carrier` is who will send the transactions."""

    store: Store
    intake: Intake
    node: Node
    signatures: Signatures
    contracts: Contracts
    carrier: str

    async def attempt(self, wanted: Submission) -> None:
        """Asks the contract whether it would refuse this one, as it is to be sent.

        Raises:
            Problem: It would, and why.
        """
        await try_submission(self.node, self.carrier, self.contracts, wanted)
