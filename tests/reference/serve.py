"""Serve a reference server: python -m tests.reference.serve calwe --port 0 --choice page=refused.

The servers of this folder are written from the vendors' documents alone: they share nothing with
the mock, its contracts or its fixtures. `mockserver check` is held against them.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import socketserver
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

BODYLESS = ("1", "204", "304")


def make_handler(app: WSGIApplication) -> type[BaseHTTPRequestHandler]:
    """A handler class that passes each request of a kept-alive connection to a WSGI application."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave in one packet
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):  # any method is the application's to answer
                return self.call_application
            raise AttributeError(name)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def version_string(self) -> str:
            return "reference"

        def handle_expect_100(self) -> bool:
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
            return True

        def read_body(self) -> bytes | None:
            """The body, without its chunks; None where its length cannot be read."""
            if "chunked" not in (self.headers["Transfer-Encoding"] or "").lower():
                length = self.headers["Content-Length"] or "0"
                return (
                    self.rfile.read(int(length)) if length.isascii() and length.isdigit() else None
                )
            chunks = []
            try:
                while size := int(self.rfile.readline().partition(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
            except ValueError:
                return None
            while self.rfile.readline().strip():  # trailers
                pass
            return b"".join(chunks)

        def make_environ(self, body: bytes) -> dict[str, Any]:
            target = self.path
            if "://" in target.partition("?")[0]:
                target = urlsplit(target)._replace(scheme="", netloc="").geturl()
            path, _, query = target.partition("?")
            environ: dict[str, Any] = {
                "REQUEST_METHOD": self.command,
                "SCRIPT_NAME": "",
                "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
                "RAW_PATH": path,
                "QUERY_STRING": query,
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": str(self.connection.getsockname()[1]),
                "SERVER_PROTOCOL": self.request_version,
                "REMOTE_ADDR": self.client_address[0],
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(body),
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            for name in self.headers:
                key = "HTTP_" + name.upper().replace("-", "_")
                if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
                    environ[key] = ",".join(self.headers.get_all(name) or [])
            return environ

        def call_application(self) -> None:
            body = self.read_body()
            if body is None:
                self.send_error(400)
                return
            started: list[tuple[str, list[tuple[str, str]]]] = []

            def start_response(
                status: str, headers: list[tuple[str, str]], exc_info: object = None, /
            ) -> Callable[[bytes], object]:
                del exc_info
                started.append((status, headers))
                return io.BytesIO().write

            chunks = app(self.make_environ(body), start_response)
            content = b"".join(chunks)
            status, headers = started[-1]
            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            for name, value in headers:
                self.send_header(name, value)
            names = {name.lower() for name, _ in headers}
            if "content-length" not in names and not code.startswith(BODYLESS):
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD" and not code.startswith(BODYLESS):
                self.wfile.write(content)

    return Handler


class Server(socketserver.ThreadingMixIn, HTTPServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


def make_server(app: WSGIApplication, port: int = 0) -> Server:
    """A server on this machine; its `server_port` is the port, `serve_forever` serves."""
    return Server(("127.0.0.1", port), make_handler(app))


def parse_choices(values: list[str], known: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """`name=value` of the command line, each of a choice that the API has."""
    choices: dict[str, str] = {}
    for value in values:
        name, _, chosen = value.partition("=")
        if chosen not in known.get(name, ()):
            raise SystemExit(f"--choice '{value}': the choices are {dict(known)}")
        choices[name] = chosen
    return choices


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reference.serve")
    parser.add_argument("api", help="a module of this folder, such as calwe")
    parser.add_argument("--port", type=int, default=0, help="0 is any free port")
    parser.add_argument("--choice", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--bug", default="", metavar="NAME")
    options = parser.parse_args(arguments)
    module = importlib.import_module(f"tests.reference.{options.api}")
    if options.bug and options.bug not in module.BUGS:
        raise SystemExit(f"--bug '{options.bug}': the bugs are {', '.join(module.BUGS)}")
    app = module.make_app(parse_choices(options.choice, module.CHOICES), options.bug)
    with make_server(app, options.port) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
