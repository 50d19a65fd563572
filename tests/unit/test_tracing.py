# SPDX-License-Identifier: EUPL-1.2
"""When nothing is traced, and what is said when it cannot be."""

import os
import subprocess
import sys

import pytest

from heitje import tracing

OFF = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
ON = "OTEL_EXPORTER_OTLP_ENDPOINT"


def python(program: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs a program in a process that has imported nothing yet."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env={**OFF, **environment}, capture_output=True, text=True, check=False, timeout=120)


def imported(program: str, **environment: str) -> set[str]:
    """What of OpenTelemetry a program brings in."""
    show = "\nimport sys; print(*(name for name in sys.modules if name.split('.')[0] == 'opentelemetry'))"
    ended = python(program + show, **environment)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())


EVERYTHING = """
from heitje import tracing
with tracing.exporting("all"), tracing.span("sign", batches=1) as traced, tracing.each("send batch", [{"items": 1}]):
    traced.note(status=204)
    assert tracing.mark(None, "info", {"event": "signed"}) == {"event": "signed"}
"""


@pytest.mark.parametrize(
    "environment",
    [{}, {ON: ""}, {ON: "http://x", "OTEL_TRACES_EXPORTER": "none"}, {ON: "http://x", "OTEL_SDK_DISABLED": "true"}],
)
def test_nothing_of_opentelemetry_is_imported_when_nothing_is_traced(environment):
    assert imported(EVERYTHING, **environment) == set()


def test_the_service_brings_no_more_of_opentelemetry_than_its_framework_does():
    program = """
import sys
def brought(): return {name for name in sys.modules if name.split(".")[0] == "opentelemetry"}
import heitje.relay.lane, heitje.index.follow, heitje.webhooks.delivering
assert not brought(), brought()
import fastapi
of_framework = brought()
assert not {name for name in of_framework if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))}
import heitje.serve, heitje.cli
assert brought() <= of_framework, brought() - of_framework
"""
    ended = python(program)
    assert ended.returncode == 0, ended.stderr


def test_it_is_imported_when_something_is_traced():
    assert "opentelemetry.sdk.trace" in imported(
        "from heitje import tracing\nwith tracing.exporting('all'): pass", **{ON: "http://127.0.0.1:1"}
    )


def test_spans_are_the_same_object_every_time_when_nothing_is_traced():
    assert not tracing.is_on()
    assert tracing.span("sign", batches=1) is tracing.span("group commit", requests=2) is tracing.request([])
    asked = []
    with tracing.each("send batch", map(asked.append, [1, 2])):
        assert asked == []


def test_the_framework_traces_nothing_by_itself_whatever_the_process_has_set_up():
    program = """
import asyncio, httpx
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from fastapi import FastAPI
from heitje.api import create_health_app

kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)

async def ask(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        await client.get("/livez")
    return len(kept.get_finished_spans())

print(asyncio.run(ask(create_health_app(None))), asyncio.run(ask(FastAPI())) > 0)
"""
    assert python(program).stdout.split() == ["0", "True"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({ON: "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT is no address of a collector"),
        ({ON: "http://[::1"}, "OTEL_EXPORTER_OTLP_ENDPOINT is no address of a collector"),
        ({ON: "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "'grpc', but traces go by http/protobuf only"),
        ({ON: "http://x", "OTEL_TRACES_EXPORTER": "zipkin"}, "leave it out for otlp, or set it to none"),
        ({ON: "http://x", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, "a variable that begins with OTEL_ cannot be used"),
    ],
)
def test_what_cannot_be_traced_so_is_refused_at_the_start(monkeypatch, variables, said):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(tracing.CannotTrace) as refused, tracing.exporting("all"):
        pass
    assert said in str(refused.value)
    assert not tracing.is_on()


def test_a_password_in_the_collectors_address_is_not_logged(monkeypatch, capsys):
    monkeypatch.setenv(ON, "http://user:secret@127.0.0.1:1/path?key=secret")
    with tracing.exporting("all"):
        assert tracing.is_on()
    out = capsys.readouterr().out
    assert "http://127.0.0.1:1" in out
    assert "secret" not in out


def test_the_service_says_what_to_install_when_it_is_asked_to_trace_and_cannot(tmp_path):
    without = "import sys; sys.modules['opentelemetry.sdk'] = None; from heitje.cli import main; main()"
    ended = python(
        without, "serve", "--rpc=http://127.0.0.1:1", f"--deployment={tmp_path}", **{ON: "http://127.0.0.1:1"}
    )
    assert ended.returncode == 3
    assert "Install heitje[telemetry], or unset the variable" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_of_what_failed_only_the_kind_is_told():
    program = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from heitje import tracing

kept, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
try:
    with tracing._Tracing(provider).span("sign", {}):
        raise ValueError("0xsecret")
except ValueError:
    (span,) = kept.get_finished_spans()
    print(span.to_json())
"""
    said = python(program).stdout
    assert '"error.type": "ValueError"' in said
    assert '"status_code": "ERROR"' in said
    assert "0xsecret" not in said
