"""A deployment echoes the credential of a run in every place and encoding; no output shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, cycle
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import httpx
import pytest
from click.testing import Result
from leaks import ENCODERS, SECRET, find_leak

from mockserver.check.cases import read_cases

REPORTS = ("har", "html", "json", "junit", "sarif", "script")
PHASES = ("--phase", "examples", "--phase", "cases")
IDS = dict(read_cases("calwe").mock_ids)
OPTIONS = [f"--id=calwe.{name}={id}" for name, id in IDS.items()]
CONTROL = ("/__mock__", "/__sandbox__")

Respond = Callable[["_Echo", httpx.Response, str], None]


def _send(
    handler: _Echo,
    status: int,
    body: bytes,
    *fields: tuple[str, str],
    content_type: str = "application/json",
    reason: str = "OK",
) -> None:
    head = [f"HTTP/1.1 {status} {reason}", f"Content-Type: {content_type}"]
    head += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in fields)]
    handler.record(status, body, (("Content-Type", content_type), *fields))
    handler.wfile.write("\r\n".join([*head, "", ""]).encode() + body)


def _echo_in_json(handler: _Echo, response: httpx.Response, echo: str) -> None:
    """In a name, in a value, and in one of which a report shows the beginning only."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {"items": body}
    for length in (30, 45, 85, 185, 285, 490, 585):
        body[f"at-{length}"] = "-" * length + echo
    body |= {echo: 1, "echo": {echo: [echo]}, "message": echo, "data": echo}
    _send(handler, response.status_code, json.dumps(body, ensure_ascii=False).encode())


def _echo_in_fields(handler: _Echo, response: httpx.Response, echo: str) -> None:
    name = echo if re.fullmatch(r"[\w.+~%-]+", echo) else "x-name"
    fields = [(name, "1"), ("X-Echo", echo), ("Allow", echo), ("Retry-After", echo)]
    cookies = [("Set-Cookie", f"{name}=1; Path=/"), ("Set-Cookie", f"a=b; Path={echo}")]
    _send(handler, response.status_code, response.content, *fields, *cookies, reason=echo)


def _echo_in_content_type(handler: _Echo, response: httpx.Response, echo: str) -> None:
    kind = f"text/{echo}; charset={echo}"
    _send(handler, response.status_code, response.content, content_type=kind)


def _echo_in_redirect(handler: _Echo, _: httpx.Response, echo: str) -> None:
    _send(handler, 302, b"", ("Location", f"https://h/{echo}/x?next={echo}#{echo}"))


def _echo_in_page(handler: _Echo, response: httpx.Response, echo: str) -> None:
    page = f"<p title='{echo}'>{'-' * 85}{echo}{'-' * 99}{echo}</p>\n{echo}"
    _send(handler, response.status_code, page.encode(), content_type="text/html")


def _echo_in_no_json(handler: _Echo, response: httpx.Response, echo: str) -> None:
    _send(handler, response.status_code, f'{{"a": {echo}, "b": "{echo}"'.encode())


def _echo_in_encoding(handler: _Echo, response: httpx.Response, echo: str) -> None:
    _send(handler, response.status_code, b"x", ("Content-Encoding", echo))


def _echo_in_no_http(handler: _Echo, _: httpx.Response, echo: str) -> None:
    handler.wfile.write(f"HTTP/1.1 2x0 {echo}\r\n{echo}\r\n\r\n".encode())


PLACES: tuple[Respond, ...] = (
    *(_echo_in_json, _echo_in_fields, _echo_in_encoding, _echo_in_json, _echo_in_content_type),
    *(_echo_in_redirect, _echo_in_no_http, _echo_in_page, _echo_in_fields, _echo_in_no_json),
    _echo_in_json,
)
"""Not too many in a row that are no responses, which would end the run."""


_numbers = count()


class _Echo(BaseHTTPRequestHandler):
    """Responds as the mock does, and echoes the secret: each time in another way."""

    upstream: str
    sandbox: str
    ways: Iterator[tuple[Respond, Callable[[str], str]]]
    served: list[tuple[Respond, Callable[[str], str]]]
    entries: list[dict[str, Any]]
    lock = Lock()

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline or not self.parse_request():
            return
        self.sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith(CONTROL):
            _send(self, 404, b"{}")
            return
        own = {"accept-encoding": "identity", "x-mock-sandbox": self.sandbox}
        fields = {**dict(self.headers.items()), **own}
        response = httpx.request(
            self.command,
            self.upstream + self.path,
            headers=fields,
            content=self.sent,
            verify=False,
            timeout=60,
        )
        with self.lock:
            respond, encode = next(self.ways)
            self.served.append((respond, encode))
        respond(self, response, encode(SECRET))

    def record(self, status: int, body: bytes, fields: Iterable[tuple[str, str]]) -> None:
        mime_type = self.headers.get("content-type") or "application/json"
        request = {
            "method": self.command,
            "url": f"http://{self.headers['host']}{self.path}",
            "headers": _make_pairs(self.headers.items()),
            **(
                {"postData": {"mimeType": mime_type, "text": self.sent.decode()}}
                if self.sent
                else {}
            ),
        }
        content = {"mimeType": dict(fields)["Content-Type"], "text": body.decode()}
        response = {"status": status, "headers": _make_pairs(fields), "content": content}
        began = f"2025-08-21T12:00:{len(self.entries) % 60:02}Z"
        self.entries.append({"startedDateTime": began, "request": request, "response": response})


def _make_pairs(fields: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in fields]


@pytest.fixture
def echo(documented_server: str) -> Iterator[str]:
    # Their numbers have no common divisor, so that each place meets each encoding.
    ways = zip(cycle(PLACES), cycle(ENCODERS.values()), strict=False)
    _Echo.upstream, _Echo.ways, _Echo.served, _Echo.entries = documented_server, ways, [], []
    _Echo.sandbox = f"echo-{next(_numbers)}"  # other tests write to that server, too
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _assert_no_leak(folder: Path, *printed: str) -> None:
    texts = {path.name: path.read_text(errors="replace") for path in folder.iterdir()}
    texts |= {f"output {number}": text for number, text in enumerate(printed)}
    assert {name: leak for name, text in texts.items() if (leak := find_leak(text))} == {}


def _list_reports(folder: Path) -> list[str]:
    return [f"--report={kind}={folder / kind}" for kind in REPORTS]


def test_a_check_shows_nothing_of_it(
    invoke: Callable[..., Result], folder: Path, echo: str
) -> None:
    options = ("--credential=calwe=TOKEN", "--api=calwe", "--allow-writes", "--strict", *OPTIONS)
    baseline = ("--write-baseline", "baseline.yaml")
    variables = {"TOKEN": SECRET, "GITHUB_ACTIONS": "true"}
    ended = invoke("check", echo, *options, *PHASES, *baseline, *_list_reports(folder), **variables)
    assert ended.exit_code == 1, ended.output
    assert "***" in (folder / "baseline.yaml").read_text()
    _assert_no_leak(folder, ended.output)
    met = {name for name, encode in ENCODERS.items() if encode in {it for _, it in _Echo.served}}
    assert met == {*ENCODERS}, ended.output


def test_a_baseline_accepts_what_it_does_not_show(
    invoke: Callable[..., Result], folder: Path, echo: str
) -> None:
    command = ("check", echo, "--credential=calwe=TOKEN", "--api=calwe", *OPTIONS, *PHASES)
    for option in ("--write-baseline", "--baseline"):
        # Three, so that requests which come in pairs meet each way.
        _Echo.ways = cycle([(_echo_in_json, str), *[(_echo_in_content_type, str)] * 2])
        ended = invoke(*command, option, "baseline.yaml", TOKEN=SECRET)
    assert "content-type text/*** /response" in (folder / "baseline.yaml").read_text()
    accepted = [line for line in ended.output.splitlines() if line.startswith("  accepted: ")]
    assert any("'text/***' is not a documented content type" in line for line in accepted)


def test_the_name_and_the_url_of_a_target_may_have_it(
    invoke: Callable[..., Result], folder: Path, documented_server: str, tmp_path: Path
) -> None:
    secret = "Tq7-Vx92.bK4_mZ81"
    (tmp_path / "targets.yaml").write_text(
        f"targets:\n  {secret}: {{url: '{documented_server}/{secret}', credentials: &it"
        f" {{calwe: TOKEN}}}}\n  two: {{url: '{documented_server}', credentials: *it}}\n"
    )
    options = ("--targets", tmp_path / "targets.yaml", "--api=calwe", "--phase=examples")
    outputs = [
        invoke("check", "--all", *options, *_list_reports(folder), TOKEN=secret).output,
        invoke("diff", secret, "two", *options, TOKEN=secret).output,
        invoke("diff", secret, "two", *options, "--json", TOKEN=secret).output,
        invoke("check", secret, *options[:3], "--discover", TOKEN=secret).output,
    ]
    names = [path.name for path in folder.iterdir()]
    texts = [*outputs, *names, *(path.read_text() for path in folder.iterdir())]
    assert len(names) == 2 * len(REPORTS)
    assert [leak for text in texts if (leak := find_leak(text, secret))] == []


def test_a_difference_shows_nothing_of_it(
    invoke: Callable[..., Result], folder: Path, echo: str, documented_server: str
) -> None:
    (folder / "targets.yaml").write_text(
        f"targets:\n  echo: {{url: '{echo}', ids: {{calwe: {IDS}}}, "
        "credentials: {calwe: TOKEN}}\n"
        f"  mock: {{url: '{documented_server}', ids: {{calwe: {IDS}}}}}\n"
    )
    command = ("diff", "echo", "mock", "--targets=targets.yaml", "--api=calwe", *PHASES)
    for options in ((), ("--json",)):
        ended = invoke(*command, *options, TOKEN=SECRET)
        assert ended.exit_code == 1, ended.output
        _assert_no_leak(folder, ended.output)


def test_a_recording_shows_nothing_of_it(
    invoke: Callable[..., Result], folder: Path, echo: str, tmp_path: Path
) -> None:
    invoke(
        "check", echo, "--credential=calwe=TOKEN", "--api=calwe", *OPTIONS, *PHASES, TOKEN=SECRET
    )
    recording = tmp_path / "recorded.har"
    recording.write_text(json.dumps({"log": {"version": "1.2", "entries": _Echo.entries}}))
    sanitized = ("--sanitize", folder / "sanitized.har")
    ended = invoke("verify", recording, "--strict", *sanitized, *_list_reports(folder))
    assert ended.exit_code == 1, ended.output
    _assert_no_leak(folder, ended.output)
