# SPDX-License-Identifier: EUPL-1.2
"""An OpenTelemetry collector, as far as a service needs one: takes traces by OTLP/HTTP, and keeps them."""

from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests.support.receiver import Receiver, say


@dataclass(frozen=True)
class Span:
    """A span, with what is told of the process that it comes from."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    failed: bool
    attributes: dict[str, Any]
    process: dict[str, Any]


class Collector(Receiver):
    """A running collector. Use it as `with Collector() as collector`."""

    def __init__(self) -> None:
        super().__init__(say(200))

    @property
    def environment(self) -> dict[str, str]:
        """What makes a service export to it, soon."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}", "OTEL_BSP_SCHEDULE_DELAY": "100"}

    @property
    def spans(self) -> list[Span]:
        """What came in until now."""
        assert {message.path for message in self.got} <= {"/v1/traces"}
        exports = [ExportTraceServiceRequest.FromString(message.body) for message in list(self.got)]
        return [
            Span(
                name=span.name,
                trace=span.trace_id.hex(),
                id=span.span_id.hex(),
                parent=span.parent_span_id.hex(),
                kind=span.kind,
                failed=span.status.code == span.status.STATUS_CODE_ERROR,
                attributes=_values(span.attributes),
                process=_values(resource.resource.attributes),
            )
            for export in exports
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Span]:
        """Those of this name."""
        return [span for span in self.spans if span.name == name]


def _values(attributes: "list[KeyValue]") -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes}
