# SPDX-License-Identifier: EUPL-1.2
"""The dashboard and the alerts ask only for what the service counts."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

import heitje.metrics
from tools import dashboard

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "ops" / "prometheus-alerts.yml"


def named_in(text: str) -> set[str]:
    return set(re.findall(r"heitje_[a-z_]+", text))


def counted() -> set[str]:
    assert heitje.metrics.REQUESTS
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {
        family.name + suffix
        for family in REGISTRY.collect()
        if family.name.startswith("heitje_")
        for suffix in suffixes[family.type]
    }


def test_the_dashboard_in_the_repository_is_the_one_that_the_tool_writes():
    assert dashboard.FILE.read_text("utf-8") == dashboard.text()


def test_the_dashboard_and_the_alerts_ask_only_for_what_is_counted():
    asked = named_in(dashboard.text()) | named_in(ALERTS.read_text("utf-8"))
    assert asked
    assert asked <= counted()


def test_all_that_is_counted_is_shown():
    shown = named_in(dashboard.text())
    families = {name for name in counted() if not name.endswith(("_sum", "_count", "_bucket"))}
    histograms = {name.removesuffix("_bucket") for name in counted() if name.endswith("_bucket")}
    unseen = {name for name in families if name not in shown}
    unseen |= {name for name in histograms if not {name + "_bucket", name + "_count"} & shown}
    assert not unseen
