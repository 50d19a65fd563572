# SPDX-License-Identifier: EUPL-1.2
"""What this process tells an OpenTelemetry collector: spans, with how long something took and how much it was.

Off, unless the environment names a collector; then nothing of the exporter is imported, and a span is one look at one
attribute. A process has one tracer, as it has one set of metrics. It is not OpenTelemetry's global one: what libraries
would trace by themselves has paths and queries in it, and so the addresses of people. For the same reason a span here
has no address, digest, amount or body, no words of an exception, and nothing of a caller but the number of its trace.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanKind

log = structlog.get_logger(__name__)

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL: Final = "http/protobuf"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others, of which there are dozens and none is ours, stand under one name."""

_FLUSH: Final = 5.0
"""Seconds that the last spans have when the process ends; a collector that is away must not hold up a stop."""

_QUIET: Final = 60.0
"""Seconds between two lines about the same trouble: a collector that is away would fill the log."""

Value = str | int | float | bool


class CannotTrace(Exception):
    """Traces are asked for and cannot be made; the message says why and what to do."""


class Traced:
    """What is being done, when nothing is traced: whatever is noted of it is forgotten."""

    def note(self, **attributes: Value) -> None:
        """Add what became known meanwhile."""

    def failed(self, why: str) -> None:
        """It did not succeed. `why` is one of few words."""

    def answered(self, method: str, route: str | None, status: int) -> None:
        """It was a request, got this HTTP status, and belongs to this route; None for one that there is not."""


class _Recorded(Traced):
    """The same, when it is."""

    def __init__(self, span: Span, error: Any) -> None:
        self._span = span
        self._error = error

    def note(self, **attributes: Value) -> None:
        self._span.set_attributes(_named(attributes))

    def failed(self, why: str) -> None:
        self._span.set_attribute("error.type", why)
        self._span.set_status(self._error)

    def answered(self, method: str, route: str | None, status: int) -> None:
        known = method in _METHODS
        self._span.update_name(f"{method if known else 'HTTP'} {route or ''}".rstrip())
        self._span.set_attribute("http.request.method", method if known else "_OTHER")
        self._span.set_attribute("http.response.status_code", status)
        if route is not None:
            self._span.set_attribute("http.route", route)
        if status >= 500:
            self.failed(str(status))


class _Tracing:
    """OpenTelemetry, once it is imported."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - only where it is asked for
        from opentelemetry.trace.propagation import tracecontext  # noqa: PLC0415 - the same

        self._tracer = provider.get_tracer("heitje", version("heitje"))
        self._propagator = tracecontext.TraceContextTextMapPropagator()
        self._current = trace.get_current_span
        self._error = trace.StatusCode.ERROR
        self._inside, self._server = trace.SpanKind.INTERNAL, trace.SpanKind.SERVER

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Mapping[str, Value],
        context: Context | None = None,
        kind: SpanKind | None = None,
    ) -> Iterator[Traced]:
        """A span that is the current one. Of an exception it keeps the name: the words may hold what was sent."""
        with self._tracer.start_as_current_span(
            name,
            context=context,
            kind=kind or self._inside,
            attributes=_named(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            recorded = _Recorded(span, self._error)
            try:
                yield recorded
            except Exception as error:
                recorded.failed(type(error).__name__)
                raise

    def request(self, headers: Iterable[tuple[bytes, bytes]]) -> AbstractContextManager[Traced]:
        """A request's span, in its caller's trace. `tracestate` and `baggage` are not read: anything can be there."""
        carrier = {"traceparent": [value.decode("latin-1") for name, value in headers if name == b"traceparent"]}
        return self.span("HTTP", {}, self._propagator.extract(carrier), self._server)

    @contextmanager
    def each(self, name: str, those: Iterable[Mapping[str, Value]]) -> Iterator[None]:
        """Spans side by side, none of which is the current one."""
        with ExitStack() as stack:
            for attributes in those:
                stack.callback(self._tracer.start_span(name, attributes=_named(attributes)).end)
            yield

    def mark(self, event: MutableMapping[str, Any]) -> None:
        """Write the current span into a line of the log."""
        current = self._current().get_span_context()
        if current.is_valid:
            event["trace_id"], event["span_id"] = f"{current.trace_id:032x}", f"{current.span_id:016x}"


class _Troubles(logging.Handler):
    """Puts what OpenTelemetry says into our log; not each try, which has the whole address of the collector in it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, unless there was one a moment ago."""
        is_try = record.name.startswith("opentelemetry.exporter") and record.levelno < logging.ERROR
        if not is_try and time.monotonic() - self._said.get(record.name, -_QUIET) >= _QUIET:
            self._said[record.name] = time.monotonic()
            log.warning("trouble with traces; payments go on", reason=record.getMessage())


class _Process:
    """What this process traces with; None while nothing is traced."""

    tracing: _Tracing | None = None


_process: Final = _Process()
_FORGOTTEN: Final = nullcontext(Traced())
_NOTHING: Final = nullcontext()


def is_on() -> bool:
    """Whether anything is traced."""
    return _process.tracing is not None


def span(name: str, **attributes: Value) -> AbstractContextManager[Traced]:
    """What is done inside takes so long, and is about so much. Attributes are counts, kinds and states; nobody's."""
    tracing = _process.tracing
    return _FORGOTTEN if tracing is None else tracing.span(name, attributes)


def each(name: str, those: Iterable[Mapping[str, Value]]) -> AbstractContextManager[None]:
    """The same for several that are done together; `those`, their attributes, are not asked for when it is off."""
    tracing = _process.tracing
    return _NOTHING if tracing is None else tracing.each(name, those)


def request(headers: Iterable[tuple[bytes, bytes]]) -> AbstractContextManager[Traced]:
    """A request with these headers, which goes on with the trace that its `traceparent` (W3C Trace Context) names."""
    tracing = _process.tracing
    return _FORGOTTEN if tracing is None else tracing.request(headers)


def mark(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: in a span, a line has its trace and span."""
    if _process.tracing is not None:
        _process.tracing.mark(event)
    return event


@contextmanager
def exporting(role: str) -> Iterator[None]:
    """Trace what is done inside, if the environment names a collector. At the end the last spans are sent.

    Raises:
        CannotTrace: It names one, and traces cannot be sent there.
    """
    where = _collector(os.environ)
    if where is None:
        yield
        return
    provider = _provider(role)
    _process.tracing = _Tracing(provider)
    theirs, troubles = logging.getLogger("opentelemetry"), _Troubles()
    theirs.addHandler(troubles)
    theirs.propagate = False
    log.info("tracing", collector=where)
    try:
        yield
    finally:
        _process.tracing = None
        _flush(provider)
        theirs.propagate = True
        theirs.removeHandler(troubles)


def _collector(environment: Mapping[str, str]) -> str | None:
    """Scheme, host and port of the collector; None if nothing is to be traced. A password in a URL is not in it."""
    name = next((name for name in _ENDPOINTS if environment.get(name)), None)
    exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower() or "otlp"
    if name is None or exporter == "none" or environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    if exporter != "otlp":
        raise CannotTrace(
            f"OTEL_TRACES_EXPORTER is {exporter!r}, which there is not: leave it out for otlp, or set it to none"
        )
    for protocol in _PROTOCOLS:
        if environment.get(protocol, _PROTOCOL) not in ("", _PROTOCOL):
            raise CannotTrace(
                f"{protocol} is {environment[protocol]!r}, but traces go by {_PROTOCOL} only: set it so, or not at "
                "all. A collector takes that at a port of its own, as a rule 4318"
            )
    try:
        url = urlsplit(environment[name])
        host, port = url.hostname, url.port
    except ValueError:
        host, port = None, None
    if not host or url.scheme not in ("http", "https"):
        raise CannotTrace(f"{name} is no address of a collector: write it as http://collector.example.org:4318")
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"


def _provider(role: str) -> TracerProvider:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - as above
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise CannotTrace(
            "the environment asks for traces (OTEL_EXPORTER_OTLP_ENDPOINT), but what sends them is not installed. "
            "Install heitje[telemetry], or unset the variable to run without traces. Nothing was begun"
        ) from None
    resource = Resource.create({"service.version": version("heitje"), "heitje.role": role})
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):  # what the SDK says when nobody has
        resource = resource.merge(Resource({SERVICE_NAME: "heitje"}))
    try:
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    except (ValueError, OSError) as error:
        raise CannotTrace(f"a variable that begins with OTEL_ cannot be used: {error}") from None
    return provider


def _flush(provider: TracerProvider) -> None:
    """Send what is left, for as long as it may take."""
    flushing = threading.Thread(target=provider.shutdown, daemon=True)
    flushing.start()
    flushing.join(_FLUSH)
    if flushing.is_alive():
        log.warning("the last spans are lost: the collector does not take them", seconds=_FLUSH)


def _named(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {f"heitje.{name}": value for name, value in attributes.items()}
