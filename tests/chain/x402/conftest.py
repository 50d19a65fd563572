# SPDX-License-Identifier: EUPL-1.2
from tests.chain.relay.conftest import anvil, chain_and_city, city, residents, salts, service

__all__ = ["anvil", "chain_and_city", "city", "residents", "salts", "service"]
