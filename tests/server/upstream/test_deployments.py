"""Servers that are not ours: werkzeug with Flask, uvicorn, and one with TLS; several workers."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask
import httpx
import pytest
import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from werkzeug.serving import make_server

LOG = "/v1/customer/sessions/1/log"


@contextmanager
def serve_flask(app: flask.Flask, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"{'https' if tls else 'http'}://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def serve_uvicorn(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        pass
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def make_flask_app() -> flask.Flask:
    app = flask.Flask("staging")

    @app.route("/v1/<path:path>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def echo(path: str) -> flask.Response:
        request = flask.request
        response = flask.Response(gzip.compress(request.get_data()), 299)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["X-Seen"] = f"{request.method} {path} {request.query_string.decode()}"
        response.set_cookie("one", "1")
        response.set_cookie("two", "2")
        return response

    return app


def test_flask_gets_what_was_sent_and_its_response_is_passed_on(world: Any) -> None:
    with serve_flask(make_flask_app()) as url:
        world.forward(url)
        direct = httpx.post(f"{url}/v1/a?b=1", content=b"x" * 100_000)
        response = world.client.post("/v1/a?b=1", content=b"x" * 100_000)
        chunked = world.client.put("/v1/c", content=iter([b"one", b"two"]))

    own = ("x-mock", "date", "keep-alive", "connection")
    fields = [it for it in response.headers.multi_items() if not it[0].startswith(own)]
    assert fields == [it for it in direct.headers.multi_items() if not it[0].startswith(own)]
    assert (response.status_code, response.content) == (299, b"x" * 100_000)
    assert response.headers["x-seen"] == "POST a b=1"
    assert chunked.content == b"onetwo"


def test_uvicorn_streams_in_both_directions(world: Any) -> None:
    is_read = threading.Event()

    async def stream(request: Request) -> Response:
        size = 0
        async for part in request.stream():
            size += len(part)

        async def respond() -> AsyncIterator[bytes]:
            yield b"%d" % size
            await asyncio.to_thread(is_read.wait, 30)
            yield b" end"

        return StreamingResponse(respond(), media_type="text/plain")

    app = Starlette(routes=[Route("/v1/stream", stream, methods=["POST"])])
    with serve_uvicorn(app) as url:
        world.forward(url)
        parts = (b"x" * 65_536 for _ in range(64))
        with world.client.stream("POST", "/v1/stream", content=parts) as response:
            received = response.iter_raw()
            assert next(received) == b"4194304"
            is_read.set()
            assert b"".join(received) == b" end"


def test_certificates_of_an_upstream_are_checked(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serve_flask(make_flask_app(), tls) as url:
        upstream = (f"calwe={url}",)
        known = start(upstream=upstream, upstream_ca=tmp_path / "ca.pem")
        insecure = start(upstream=upstream, upstream_insecure=True)
        unknown = start(upstream=upstream)

        assert known.get(LOG).status_code == 299
        assert insecure.get(LOG).status_code == 299
        refused = unknown.get(LOG)
        assert refused.status_code == 502
        assert "cannot be reached" in refused.json()["message"]
        assert "certificate" in refused.json()["message"].lower()


def test_a_file_of_authorities_that_cannot_be_used_is_refused_at_the_start(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    with pytest.raises(Exception, match=r"The authorities for TLS in .* cannot be used"):
        start(upstream_ca=tmp_path / "none.pem")


def test_all_workers_know_the_upstream_of_a_world(
    spawn: Callable[..., Any], run_upstream: Any
) -> None:
    upstream = run_upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    server = spawn("--workers", "2")
    body = {"url": upstream.url}
    server.client.put("/__mock__/upstreams/calwe", json=body).raise_for_status()

    def see() -> set[str | None]:
        """Where responses come from, each over a connection of its own."""
        sources = set()
        for _ in range(20):
            with httpx.Client(base_url=server.client.base_url, verify=False) as client:
                response = client.get(LOG, headers={"Authorization": "Bearer t"})
                sources.add(response.headers.get("x-mock-source"))
        return sources

    assert see() == {"upstream"}
    server.client.delete("/__mock__/upstreams/calwe").raise_for_status()
    assert see() == {"handler"}
