# SPDX-License-Identifier: EUPL-1.2
"""Writes the Grafana dashboard, `ops/grafana-dashboard.json`. What is to be seen stands here, one line a panel.

python -m tools.dashboard
"""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

FILE: Final = Path(__file__).parents[1] / "ops" / "grafana-dashboard.json"


class Panel(NamedTuple):
    """What is drawn: a title, a unit of Grafana's, and queries by what they are called in the legend."""

    title: str
    unit: str
    queries: dict[str, str]
    help: str


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}[1m]))"


def _quantile(share: float, metric: str, by: str = "") -> str:
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({grouped}) (rate({metric}_bucket[5m])))"


PANELS: Final = (
    Panel(
        "Settled per second",
        "ops",
        {"{{kind}}": _rate("heitje_operation_seconds_count", "kind")},
        "Operations that became final.",
    ),
    Panel(
        "From acceptance to final",
        "s",
        {
            "p50 {{kind}}": _quantile(0.5, "heitje_operation_seconds", "kind"),
            "p95 {{kind}}": _quantile(0.95, "heitje_operation_seconds", "kind"),
        },
        "A shopkeeper waits so long. Above 2.5 s at blocks of 1 s something is slow.",
    ),
    Panel(
        "Not ended",
        "short",
        {"{{kind}} {{state}}": "sum by (kind, state) (heitje_operations) > 0"},
        "What grows here is not carried: see the runbook on a stuck lane.",
    ),
    Panel(
        "Age of the oldest that can go",
        "s",
        {"oldest": "max(heitje_oldest_operation_seconds)"},
        "More than a few blocks: nothing gets to the chain.",
    ),
    Panel(
        "Stopped",
        "short",
        {"lanes": "max(heitje_lane_frozen)", "index": "max(heitje_index_halted)"},
        "Anything but 0: a person has to look. No money is lost meanwhile.",
    ),
    Panel(
        "Compared with the chain",
        "short",
        {
            "differences": "max(heitje_check_differences)",
            "hours ago": "(time() - max(heitje_check_time_seconds > 0)) / 3600",
        },
        "No difference, and not longer ago than a day. With one: do not pay out from this database.",
    ),
    Panel(
        "Age of the index",
        "s",
        {"last block": "max(heitje_index_seconds_old)"},
        "Some seconds. More: the chain stands still, or the node does not answer.",
    ),
    Panel(
        "Blocks",
        "short",
        {"indexed": "max(heitje_index_block)", "final": "max(heitje_index_final_block)"},
        "Both rise.",
    ),
    Panel("Blocks taken back", "short", {"times": "sum(increase(heitje_reorganisations_total[1h]))"}, "0 with QBFT."),
    Panel(
        "Requests per second",
        "reqps",
        {"{{method}} {{route}} {{status}}": _rate("heitje_http_requests_total", "method, route, status")},
        "By route and status.",
    ),
    Panel("Answers, p95", "s", {"{{route}}": _quantile(0.95, "heitje_http_request_seconds", "route")}, "By route."),
    Panel(
        "Refused per second",
        "ops",
        {"{{kind}} {{code}}": _rate("heitje_refusals_total", "kind, code")},
        "The codes are explained at /problems.",
    ),
    Panel(
        "Intake",
        "short",
        {"waiting": "max(heitje_intake_waiting)", "group, p95": _quantile(0.95, "heitje_intake_group_size")},
        "Requests that wait to be stored, and how many share a transaction of the database.",
    ),
    Panel(
        "In one transaction, p50",
        "short",
        {"{{kind}}": _quantile(0.5, "heitje_batch_items", "kind")},
        "Operations in one transaction of the chain.",
    ),
    Panel("Transactions under way", "short", {"in flight": "max(heitje_lane_in_flight)"}, "Not above the window."),
    Panel(
        "Handed to the node per second",
        "ops",
        {"{{answer}}": _rate("heitje_sends_total", "answer")},
        "By what the node said. Unknown answers are sent again, the same bytes.",
    ),
    Panel(
        "Webhooks per second",
        "ops",
        {"{{outcome}}": _rate("heitje_webhooks_total", "outcome")},
        "One that fails is tried again for a day and a half, then disabled; its owner sees why.",
    ),
    Panel("Listening to events", "short", {"streams": "sum(heitje_streams)"}, "Tills, and pages that show payments."),
    Panel(
        "The node",
        "s",
        {"p95": _quantile(0.95, "heitje_rpc_seconds"), "failures": "sum(rate(heitje_rpc_failures_total[1m]))"},
        "How long its answers take, and how many do not come.",
    ),
)


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "title": "Heitje",
        "uid": "heitje",
        "schemaVersion": 39,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "Source"}]},
        "panels": [_panel(place, panel) for place, panel in enumerate(PANELS)],
    }


def _panel(place: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${source}"}
    row, column = divmod(place, 2)
    return {
        "id": place + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.help,
        "datasource": source,
        "gridPos": {"x": 12 * column, "y": 8 * row, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "expr": query, "legendFormat": legend, "datasource": source}
            for number, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), "utf-8")
