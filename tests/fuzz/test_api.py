# SPDX-License-Identifier: EUPL-1.2
"""Every operation of the API under schemathesis, on the real service and a real chain: `make fuzz` asks for longer."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz.town import VARIABLE, Town, fuzzed_city
from tests.fuzz.webhooks import RECEIVER, SUBSCRIBER
from tests.support.hooks import register, told
from tests.support.service import Service

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("HEITJE_FUZZ_EXAMPLES", "30")
"""Requests of each kind for each operation."""

SEED = os.environ.get("HEITJE_FUZZ_SEED")
"""Which requests; without one, the same every time."""


def test_no_request_breaks_the_api_and_every_operation_does_its_work(tmp_path, record_property):
    with fuzzed_city() as (city, ready), Service(tmp_path, city, HEITJE_WRONG_CODES="0", **told()) as service:
        register(service, SUBSCRIBER, RECEIVER)
        counts = tmp_path / "counts.json"
        files = {"database": str(tmp_path / "db.sqlite"), "counts": str(counts)}
        result = fuzz(Town.of(city, api=service.url, **files, ready=ready), tmp_path)
        operations = operations_of(service)
        ended = json.loads(counts.read_text()) if counts.exists() else {}
    table, missing = tabled(operations, ended)
    record_property("Answers of the API, by operation", table)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-5_000:]
    assert not missing, f"no request was answered with success: {missing}"


def fuzz(town: Town, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs schemathesis, with our hooks and checks."""
    command = (
        *(str(Path(sys.executable).with_name("st")), f"--config-file={HERE / 'schemathesis.toml'}", "run"),
        *(
            f"{town.api}/openapi.json",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            f"--seed={SEED}" if SEED else "--generation-deterministic",
        ),
    )
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", VARIABLE: town.json(), "NO_COLOR": "1"}
    environment["PYTHONPATH"] = str(HERE.parents[1])
    # From the folder of the run: schemathesis keeps files where it is started.
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=3_600
    )


def operations_of(service: Service) -> list[str]:
    """Every operation the description names."""
    paths = service.get("/openapi.json").body["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


def tabled(operations: list[str], counted: dict[str, int]) -> tuple[str, list[str]]:
    """How often each operation was answered with what, and which never succeeded."""
    classes: dict[str, Counter[str]] = {label: Counter() for label in operations}
    for place, times in counted.items():
        label, _, status = place.rpartition(" ")
        classes[label][status[0] + "xx"] += times
    lines = [f"{'2xx':>6}{'4xx':>6}{'5xx':>6}  operation"]
    for label, found in classes.items():
        lines.append("".join(f"{found[kind]:>6}" for kind in ("2xx", "4xx", "5xx")) + f"  {label}")
    return "\n".join(lines), [label for label, found in classes.items() if not found["2xx"]]
