"""Writes docs/wire.md: what faults and preferences put on the socket, as a client receives it.

    .venv/bin/python tests/wire.py > docs/wire.md

A test compares the page with what a server sends.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from typing import Any

import httpx

from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

_GET = "GET /ekranapi/sessions HTTP/1.1"
_POST = "POST /v1/customer/sessions/1/log HTTP/1.1"
_ENTRY = '{"action_type":"LEFT"}'
_WIDTH = 100
_INTRODUCTION = r"""# Faults on the wire

What a client receives for each [fault](faults.md), byte for byte: `\r\n` ends a line of the head,
other bytes that are no ASCII are written as `\x..`, long lines are broken, and at the end stands
how the connection ends. The responses are those of the scenario `documented`; the date and the id
in the journal are left out. `python tests/wire.py` has written this page, and a test compares it
with what a server sends, but for the order of the header fields.
"""
_CASES: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("Without a fault", "", None),
    ("`Prefer: code=500`", "Prefer: code=500", None),
    ("`Prefer: code=404, fault=empty`", "Prefer: code=404, fault=empty", None),
    ("`Prefer: delay=1`", "Prefer: delay=1", None),
    ('`{"delay": "1ms"}`', "", {"delay": "1ms"}),
    ('`{"status": 503, "retry_after": "30s"}`', "", {"status": 503, "retry_after": "30s"}),
    ('`{"limit": 1, "per": "1m"}`, the second request', "", {"limit": 1, "per": "1m"}),
    ('`{"connection": "reset"}`', "", {"connection": "reset"}),
    ('`{"connection": "empty"}`', "", {"connection": "empty"}),
    ('`{"connection": "garbage"}`', "", {"connection": "garbage"}),
    ('`{"connection": "malformed-chunk"}`', "", {"connection": "malformed-chunk"}),
    ('`{"truncate": "body"}`', "", {"truncate": "body"}),
    ('`{"truncate": "connection"}`', "", {"truncate": "connection"}),
    ('`{"content_type": "text/html"}`', "", {"content_type": "text/html"}),
    ('`{"slow": "40ms"}`', "", {"slow": "40ms"}),
    ('`{"stale": true}`, the second request, after a session that was added', "", {"stale": True}),
    ('`{"duplicate": true}`, a POST', "", {"duplicate": True}),
)


def write_page(url: str) -> str:
    """The page, from the responses of a server with the scenario `documented`."""
    sections = [_INTRODUCTION]
    for title, field, effect in _CASES:
        with httpx.Client(base_url=url, verify=False) as client:
            client.headers["X-Mock-Sandbox"] = "wire"
            client.post("/__mock__/reset")
            if effect:
                client.put("/__mock__/faults/rule", json={"effect": effect})
            if "second request" in title:
                _exchange(url, field)
            if "added" in title:
                client.post("/__mock__/events/ekran.log_in", json={"with": {"user": 7}})
            is_post = "POST" in title
            received, end = _exchange(url, field, is_post=is_post)
            shown = [*_format_bytes(received)] if received else ["(no bytes)"]
            text = "\n".join([*shown, end])
            sections.append(f"## {title}\n\n```text\n{text}\n```\n")
            if is_post:
                documents = client.get("/__mock__/state/calwe/entry?owner=1").json()["documents"]
                sections.append(f"The log had 2 entries before, and has {len(documents)} now.\n")
    return "\n".join(sections)


def _exchange(url: str, field: str, *, is_post: bool = False) -> tuple[bytes, str]:
    """What a connection receives until it ends, and how it ends."""
    host, port = re.findall(r"//(.+):([0-9]+)", url)[0]
    body = _ENTRY if is_post else ""
    head = [_POST if is_post else _GET, "Host: mock", "X-Mock-Sandbox: wire", "Connection: close"]
    head += [field] if field else []
    if is_post:
        head += ["Authorization: Bearer any", "Content-Type: application/json"]
        head.append(f"Content-Length: {len(body)}")
    received = b""
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall("\r\n".join([*head, "", body]).encode())
        try:
            while part := connection.recv(65_536):
                received += part
        except ConnectionResetError:
            return received, "(reset)"
    return received, "(end)"


def _format_bytes(received: bytes) -> Iterator[str]:
    """Lines of ASCII; of bytes that are no HTTP, the number."""
    if received and not received.startswith(b"HTTP/1.1 "):
        yield f"({len(received)} bytes of garbage, from the seed: {received[:8].hex(' ')} ...)"
        return
    text = re.sub(rb"\r\ndate: [^\r]+", b"\r\ndate: ...", received)
    text = re.sub(rb"/journal/[0-9-]+/", b"/journal/.../", text)
    text, mark, garbage = text.partition(b"\r\nno-size\r\n")
    *lines, last = (text + mark).split(b"\r\n")
    for line in lines:
        *parts, end = _break(line)
        yield from (*parts, f"{end}\\r\\n")
    yield from _break(last)
    if garbage:
        yield f"({len(garbage)} bytes of garbage, from the seed)"


def _break(line: bytes) -> list[str]:
    shown = line.decode("ascii", "backslashreplace")
    return [shown[start : start + _WIDTH] for start in range(0, max(len(shown), 1), _WIDTH)]


if __name__ == "__main__":
    with run_in_thread(Settings(port=0, scenario="documented")) as address:
        sys.stdout.write(write_page(address))
