"""Traces for OpenTelemetry: a span for each exchange with a vendor's API, sent to a collector."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver import __version__
from mockserver.api import Api
from mockserver.errors import SettingError
from mockserver.server.middleware.journal import get_notes
from mockserver.server.middleware.sandbox import find_sandbox_name

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

_PATH = "/v1/traces"
_STOP_SECONDS = 2.0


def make_provider(url: str) -> TracerProvider:
    """What makes traces and sends them to the collector at a URL. Raises SettingError.

    Variables of the environment that begin with `OTEL_` set the rest, such as header fields and
    the share of requests.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import (
            SERVICE_NAME,
            SERVICE_VERSION,
            OTELResourceDetector,
            Resource,
        )
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingError(
            f"--traces: '{error.name}' is not installed; pip install 'mockserver-kit[otel]' "
            "installs it."
        ) from error
    resource = Resource.create({SERVICE_NAME: "mockserver", SERVICE_VERSION: __version__})
    resource = resource.merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    endpoint = url if urlsplit(url).path.strip("/") else url.rstrip("/") + _PATH
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider


def stop(provider: TracerProvider) -> None:
    """Send what is left, but do not wait long for a collector that does not respond."""
    thread = Thread(target=provider.shutdown, daemon=True)
    thread.start()
    thread.join(_STOP_SECONDS)


class Traces:
    """Makes a span for each exchange, as part of the client's trace if it names one.

    It stands inside of the journal, whose notes it reads. A span has no query, no header field and
    no body, so that no secret is in it; a path is that of the contract.
    """

    def __init__(
        self, app: ASGIApp, provider: TracerProvider, apis: Iterable[Api], ignored: str
    ) -> None:
        self._app = app
        self._ignored = ignored
        self._tracer = provider.get_tracer("mockserver", __version__)
        self._routes = {
            (api.name, operation.id): api.contract.base + operation.path
            for api in apis
            for operation in api.contract.operations
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(self._ignored):
            await self._app(scope, receive, send)
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        status = 0

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracer.start_as_current_span(
            scope["method"], context=extract(headers), kind=SpanKind.SERVER
        ) as span:
            try:
                await self._app(scope, receive, send_and_look)
            finally:
                self._describe(span, scope, status)

    def _describe(self, span: Span, scope: Scope, status: int) -> None:
        """By the names of OpenTelemetry's semantic conventions, where they have one."""
        from opentelemetry.trace import StatusCode

        notes = get_notes(scope)
        attributes: dict[str, str | int] = {
            "http.request.method": scope["method"],
            "url.scheme": scope["scheme"],
            "network.protocol.version": scope["http_version"],
        }
        if status:
            attributes["http.response.status_code"] = status
        if notes.operation:
            route = self._routes[notes.api, notes.operation]
            attributes |= {"http.route": route, "mockserver.api": notes.api}
            attributes["mockserver.operation"] = notes.operation
            span.update_name(f"{scope['method']} {route}")
        if sandbox := find_sandbox_name(scope):
            attributes["mockserver.sandbox"] = sandbox
        if notes.violations:
            attributes["mockserver.violations"] = len(notes.violations)
        if notes.fault:
            attributes["mockserver.fault"] = notes.fault
        span.set_attributes(attributes)
        if status == 0 or status >= 500:
            span.set_status(StatusCode.ERROR)
