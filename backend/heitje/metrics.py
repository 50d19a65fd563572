# SPDX-License-Identifier: EUPL-1.2
"""What this process counts, for Prometheus. `heitje serve --metrics-port` serves it, on a port of its own.

A process has one set of them, as the client library has it. They hold no address of a person, no amount and no key.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_ITEMS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 350, 500)

REQUESTS: Final = Counter("heitje_http_requests", "HTTP requests answered.", ["method", "route", "status"])
REQUEST_SECONDS: Final = Histogram(
    "heitje_http_request_seconds", "From a request to its answer.", ["method", "route"], buckets=_SECONDS
)
INTAKE_GROUP: Final = Histogram("heitje_intake_group_size", "Requests stored in one transaction.", buckets=_ITEMS)
INTAKE_WAITING: Final = Gauge("heitje_intake_waiting", "Requests that wait to be stored.")
REFUSALS: Final = Counter("heitje_refusals", "Requests that were not taken on.", ["kind", "code"])

BATCH_ITEMS: Final = Histogram("heitje_batch_items", "Operations in one signed transaction.", ["kind"], buckets=_ITEMS)
SENDS: Final = Counter("heitje_sends", "Transactions handed to a node, by what it said.", ["answer"])
LANE_IN_FLIGHT: Final = Gauge("heitje_lane_in_flight", "Transactions that are signed and not in a block.")
LANE_FROZEN: Final = Gauge("heitje_lane_frozen", "Lanes that stopped until somebody has looked.")
OPERATIONS: Final = Gauge("heitje_operations", "Operations that have not ended.", ["kind", "state"])
OLDEST_SECONDS: Final = Gauge("heitje_oldest_operation_seconds", "Age of the oldest operation that can go and has not.")
OPERATION_SECONDS: Final = Histogram(
    "heitje_operation_seconds", "From taking an operation on to its final success.", ["kind"], buckets=_SECONDS
)

INDEX_BLOCK: Final = Gauge("heitje_index_block", "Last block in the index.")
INDEX_FINAL_BLOCK: Final = Gauge("heitje_index_final_block", "Last block that cannot be taken back.")
INDEX_HALTED: Final = Gauge("heitje_index_halted", "1 when the index stopped until somebody has looked.")
INDEX_SECONDS_OLD: Final = Gauge("heitje_index_seconds_old", "Age of the last block in the index.")
CHECK_TIME: Final = Gauge(
    "heitje_check_time_seconds", "When the index was last compared with the chain, Unix time; 0 if it never was."
)
CHECK_DIFFERENCES: Final = Gauge("heitje_check_differences", "What that comparison found to differ.")
REORGANISATIONS: Final = Counter("heitje_reorganisations", "How often the chain took back blocks.")

RPC_SECONDS: Final = Histogram("heitje_rpc_seconds", "From a question to the node to its answer.", buckets=_SECONDS)
RPC_FAILURES: Final = Counter("heitje_rpc_failures", "Questions to the node without an answer.")

WEBHOOKS: Final = Counter("heitje_webhooks", "Messages to webhooks, by what came of them.", ["outcome"])
STREAMS: Final = Gauge("heitje_streams", "Who listens to events now.")
