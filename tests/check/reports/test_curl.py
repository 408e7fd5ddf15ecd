"""A request as a curl command."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from typing import Any

from mockserver.check.reports.curl import format_curl
from mockserver.check.target.redaction import Mask
from mockserver.contract import Headers, Request

MASK = Mask(["top-secret"])


def test_get_request_is_short() -> None:
    request = Request("GET", "/v1/log", "page=2&a=%20")
    assert format_curl(request, "http://mock:4010/", MASK) == (
        "curl -s -i 'http://mock:4010/v1/log?page=2&a=%20'"
    )


def test_secrets_are_redacted_and_headers_of_curl_left_out() -> None:
    headers = Headers(
        [("Authorization", "Bearer top-secret"), ("Host", "mock"), ("X-A", "top-secret")]
    )
    request = Request("POST", "/v1/log", "t=top-secret", headers, b'{"t": "top-secret"}')
    command = format_curl(request, "http://mock", MASK)
    assert "top-secret" not in command
    assert shlex.split(command) == [
        *("curl", "-s", "-i", "-X", "POST", "http://mock/v1/log?t=***"),
        *("-H", "authorization: Bearer ***", "-H", "x-a: ***"),
        *("--data-binary", '{"t": "***"}'),
    ]


def test_command_is_quoted_for_a_shell() -> None:
    request = Request("POST", "/جلسة/$(id)", "", Headers(), b"it's `x` \xff")
    words = shlex.split(format_curl(request, "http://mock", MASK))
    assert words[5] == "http://mock/%D8%AC%D9%84%D8%B3%D8%A9/$(id)"
    assert words[7] == "it's `x` \\xff"


def test_command_works_as_printed(rogue: Callable[..., str], saying: Callable[..., Any]) -> None:
    seen: list[str] = []

    def respond(handler: Any) -> None:
        seen.append(f"{handler.command} {handler.path} {handler.headers['x-a']}")
        saying(200, b"[1]")(handler)

    request = Request("PUT", "/a b/log", "page=1", Headers([("X-A", "it's")]), b"{}")
    command = format_curl(request, rogue(respond), MASK)
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[1]")
    assert seen == ["PUT /a%20b/log?page=1 it's"]


def test_dots_in_a_path_are_kept() -> None:
    assert format_curl(Request("GET", "/a/../b"), "http://h", Mask()) == (
        "curl -s -i --path-as-is http://h/a/../b"
    )


def test_encoded_secrets_are_redacted() -> None:
    request = Request("GET", "/a/top-secret", "a=%41&b=x+top%2Dsecret")
    assert format_curl(request, "http://h", Mask(["top-secret"])) == (
        "curl -s -i 'http://h/a/***?a=%41&b=x+***'"
    )
