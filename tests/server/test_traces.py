"""Traces, as a collector of OpenTelemetry gets them."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from mockserver.errors import SettingError
from mockserver.server.app import create_app
from mockserver.settings import Settings

LOG = "/v1/customer/sessions/6/log"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
Collected = Queue[tuple[str, ExportTraceServiceRequest]]


@pytest.fixture
def collector() -> Iterator[tuple[str, Collected]]:
    """The URL of a collector, and what it has got."""
    collected: Collected = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collected.put((self.path, ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", collected
        server.shutdown()


def list_spans(request: ExportTraceServiceRequest) -> list[Span]:
    return [
        span
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def read_attributes(span: Any) -> dict[str, str | int]:
    return {it.key: it.value.string_value or it.value.int_value for it in span.attributes}


def test_an_exchange_is_a_span_of_the_clients_trace(
    spawn: Callable[..., Any], collector: tuple[str, Collected]
) -> None:
    url, collected = collector
    server = spawn("--traces", url)
    server.client.get(
        f"{LOG}?page=x&token=secret",
        headers={
            "Authorization": "Bearer secret",
            "X-Mock-Sandbox": "mine",
            "traceparent": f"00-{TRACE}-{PARENT}-01",
        },
    )
    server.client.get("/__mock__/ready")
    server.stop()  # which sends what is left

    path, request = collected.get(timeout=30)
    (span,) = list_spans(request)
    assert path == "/v1/traces"
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert span.name == "GET /v1/customer/sessions/{id}/log"
    assert read_attributes(span) == {
        "http.request.method": "GET",
        "http.response.status_code": 422,
        "http.route": "/v1/customer/sessions/{id}/log",
        "mockserver.api": "calwe",
        "mockserver.operation": "listSessionLogs",
        "mockserver.sandbox": "mine",
        "mockserver.violations": 2,
        "network.protocol.version": "1.1",
        "url.scheme": "http",
    }
    assert read_attributes(request.resource_spans[0].resource)["service.name"] == "mockserver"
    assert "secret" not in str(request)
    assert collected.empty()


def test_a_fault_and_a_path_of_no_operation_are_in_their_spans(
    start: Callable[..., httpx.Client], collector: tuple[str, Collected], monkeypatch: Any
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "the mock of a team")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    url, collected = collector
    client = start(traces=url)
    client.get("/no/such/secret")
    client.get(LOG, headers={"Authorization": "Bearer t", "Prefer": "code=503"})

    spans: list[Span] = []
    while len(spans) < 2:
        _, request = collected.get(timeout=30)
        spans += list_spans(request)
    resource = read_attributes(request.resource_spans[0].resource)
    assert resource["service.name"] == "the mock of a team"
    unknown, failed = spans
    assert unknown.name == "GET"
    assert "secret" not in str(unknown)
    assert read_attributes(failed)["http.response.status_code"] == 503
    assert failed.status.code == failed.status.STATUS_CODE_ERROR


def test_a_collector_that_is_not_there_does_not_hold_the_server_up(
    spawn: Callable[..., Any],
) -> None:
    server = spawn("--traces", "http://127.0.0.1:9/v1/traces")
    assert server.client.get(LOG, headers={"Authorization": "Bearer t"}).status_code == 200
    status, _, errors = server.stop()
    assert status == 0
    assert errors.endswith("Stopped.\n")


def test_without_the_package_the_option_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingError) as raised:
        create_app(Settings(traces="http://localhost:4318"))
    assert "pip install 'mockserver-kit[otel]' installs it." in str(raised.value)


def test_a_text_that_is_no_url_is_refused() -> None:
    with pytest.raises(SettingError) as raised:
        Settings.load({"traces": "localhost:4318"}, environ={})
    assert str(raised.value) == (
        "--traces: 'localhost:4318' is no URL such as http://localhost:4318."
    )
