"""Feeds what strangers send with random bytes, for a bounded time.

    python tools/fuzz.py [--seconds 60] [TARGET ...]

Each target has its share of the time. Half of the inputs are random, half are valid ones with some
bytes changed. An input that breaks a promise is shrunk by Hypothesis and printed, and the exit code
is 1. Every run takes other inputs; a test runs each target for a few.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import logging
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue

import h11
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockserver import apis
from mockserver.check.traffic.verification import NothingToValidate, VerificationOptions, verify
from mockserver.contract import Request, write_credential
from mockserver.errors import YamlError
from mockserver.server.control import make_control_api
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings
from mockserver.streamed_text import StreamedText
from mockserver.traffic.har_file import HarError
from mockserver.traffic.recording import read_recording
from mockserver.value_builder import Row
from mockserver.yaml_source import decode, read_yaml

ROOT = Path(__file__).resolve().parents[1]
BATCH = 100
Check = Callable[[bytes], None]


def vary(samples: list[bytes], tokens: list[bytes]) -> st.SearchStrategy[bytes]:
    """Random bytes, and samples in which parts are replaced, repeated or left out."""

    @st.composite
    def change(draw: st.DrawFn) -> bytes:
        text = draw(st.sampled_from(samples))
        for _ in range(draw(st.integers(1, 4))):
            start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
            part = draw(
                st.one_of(st.sampled_from(tokens), st.binary(max_size=8), st.just(text[start:end]))
            )
            end = draw(st.sampled_from([start, min(start + 1, len(text)), end]))
            text = text[:start] + part + text[end:]
        return text

    return st.one_of(change(), st.binary(max_size=200))


# HTTP

CHUNKS = b'16;a=b\r\n{"action_type":"LEFT"}\r\n0\r\nX: y\r\n\r\n'
PACKED = gzip.compress(b'{"action_type":"LEFT"}', mtime=0)
FIELDS = [
    b"\r\n",
    b"Connection: Upgrade\r\nUpgrade: h2c\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n",
    b'Content-Type: application/json\r\nContent-Length: 23\r\n\r\n{"action_type":"LEFT"} ',
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    b"Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
    % (len(PACKED), PACKED),
    b'Forwarded: for="[2001:db8::1]:80";host=a.example;proto=https, for=127.0.0.1;host="b\\.c"\r\n'
    b"X-Forwarded-Prefix: /a/b\r\n\r\n",
    b"X-Forwarded-For: ::1, 127.0.0.1\r\nX-Forwarded-Host: a:1, b\r\nX-Forwarded-Port: 80\r\n\r\n",
]


def list_requests() -> list[bytes]:
    """Requests to all operations, each with every one of the fields."""
    lines = []
    for api in [*apis.load().values(), make_control_api()]:
        for operation in api.contract.operations:
            path = re.sub(r"\{.*?\}", "1", api.contract.base + operation.path)
            for prefix in ("", "/__sandbox__/fuzz"):
                lines.append(f"{operation.method} {prefix}{path}?page=1 HTTP/1.1\r\nHost: h\r\n")
            for scheme in api.contract.security_schemes.values():
                _, name, value = write_credential(scheme, "t")
                lines.append(f"{lines[-2]}{name}: {value}\r\n")
    return [line.encode() + fields for line in lines for fields in FIELDS]


HTTP_TOKENS = [
    *(b"\r\n", b"\r\n\r\n", b"\n", b" ", b"\0", b"%", b"%00", b"%2F", b"..", b"//", b"\xff", b";"),
    *(b"Host: h\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"-1", b"0\r\n"),
    *(b"Content-Encoding: deflate\r\n", b"Forwarded: host=", b"X-Forwarded-Host: ", b'"', b","),
    *(b"HEAD", b"OPTIONS", b"CONNECT", b"TRACE", b"HTTP/1.0", b"HTTP/2.0", b"Expect: 100-continue"),
    *(
        b"/__mock__/",
        b"/__sandbox__/",
        b"X-Mock-Sandbox: ",
        b"99999999999999999999",
        b"[]",
        b"null",
    ),
]


@contextmanager
def fuzz_http() -> Iterator[Check]:
    """Whatever is sent, what comes back is HTTP and no 500, and the next client is served.

    Nothing is logged as an error.
    """
    logged: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = QueueHandler(logged)
    handler.setLevel(logging.ERROR)
    logging.getLogger("mockserver").addHandler(handler)
    served = Settings(
        port=0, scenario="documented", log_level="error", trusted_proxy=("127.0.0.1",)
    )
    with run_in_thread(served) as url:
        logging.getLogger("uvicorn.error").addHandler(handler)
        host, _, port = url.removeprefix("http://").partition(":")

        def check(sent: bytes) -> None:
            with socket.create_connection((host, int(port)), timeout=20) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                received = b"".join(iter(lambda: client.recv(65536), b""))
            check_responses(received)
            with socket.create_connection((host, int(port)), timeout=20) as client:
                client.sendall(b"GET /__mock__/health HTTP/1.1\r\nHost: h\r\n\r\n")
                assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
            assert logged.empty(), logged.get().getMessage()

        yield check


def check_responses(received: bytes) -> None:
    """Each response is HTTP/1.1 as h11 reads it; the requests are not known, so HEAD is skipped."""
    while received:
        connection = h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
        connection.send(h11.EndOfMessage())
        connection.receive_data(received)
        response = connection.next_event()
        while isinstance(response, h11.InformationalResponse):
            response = connection.next_event()
        assert isinstance(response, h11.Response), received[:200]
        assert response.status_code != 500, received[:2000]
        while isinstance(event := connection.next_event(), h11.Data):
            pass
        if event is h11.NEED_DATA:  # the response to HEAD has no body
            return
        received = connection.trailing_data[0]


# YAML

YAML_TOKENS = [
    *(
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!python/object:os.system ",
        b"? ",
        b"- ",
        b": ",
        b"{",
        b"}",
        b"|\n",
    ),
    *(b"\t", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"%YAML 1.1\n", b"---\n", b"~"),
    *(b"1_000", b"0o7", b"1e999", b".inf", b"2025-08-21T14:30:00Z", b"\\ud83d", b"[" * 200),
]


@contextmanager
def fuzz_yaml() -> Iterator[Check]:
    """Text is read as JSON's data, or refused with a line."""

    def check(sent: bytes) -> None:
        try:
            data = read_yaml(decode(sent)).data
        except YamlError as error:
            assert error.line >= 1
            return
        json.dumps(data, allow_nan=False)

    yield check


def read_samples(folder: str) -> list[bytes]:
    """The YAML files of a folder that are not very long."""
    texts = [path.read_bytes() for path in sorted((ROOT / folder).rglob("*.yaml"))]
    return [text for text in texts if len(text) < 10_000] or [b"a: [1, {b: c}]\n"]


# JSON, read item by item

JSON_SAMPLES = [
    b'{"a": [{"k": 1, "t": "\\u0633\\n"}, [true, null], -1.5e3], "b": {"c": []}}',
    '{"a": [], "b": "س😀", "c": 12345678901234567890}'.encode(),
    b'{"a": ["\\ud83d\\ude00", 1e9]}',
]
JSON_TOKENS = [
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"-", b"1e400", b'"\\ud800"', b"\0"),
    *(b"9" * 30, b"\\", b'"a":', b"\xff", b"\xd8", b"[" * 200, b"NaN", b"1.", b"\xef\xbb\xbf"),
]


@contextmanager
def fuzz_json() -> Iterator[Check]:
    """A text is read as Python's own library reads it, or refused with a reason.

    The parser for unusual texts also takes numbers such as `1.`, which are no JSON.
    """

    def check(sent: bytes) -> None:
        rows: list[Row] = []
        try:
            text = StreamedText(io.BytesIO(sent), "/a", is_json=True)
            data = text.read_rows(rows.append).data
        except YamlError as error:
            assert error.reason
            return
        if rows:
            data["a"] = [row.value for row in rows]
        with suppress(ValueError):
            assert data == json.loads(sent)

    yield check


# HAR


def make_recording() -> bytes:
    """A recording with a call of each operation."""
    entries = [
        {
            "startedDateTime": "2025-08-21T14:30:00.000Z",
            "time": 5,
            "request": {
                "method": operation.method,
                "url": f"http://127.0.0.1{api.contract.base}{operation.path}?page=1",
                "headers": [{"name": "Authorization", "value": "Bearer t"}],
                "postData": {"mimeType": "application/json", "text": "{}"},
            },
            "response": {
                "status": 200,
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "content": {"mimeType": "application/json", "text": "e30=", "encoding": "base64"},
            },
        }
        for api in apis.load().values()
        for operation in api.contract.operations
    ]
    log = {"version": "1.2", "creator": {"name": "x"}, "entries": entries}
    return json.dumps({"log": log}).encode()


HAR_TOKENS = [
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"-1", b"1e400", b'"\\ud800"', b"\0"),
    *(b"base64", b"\xef\xbb\xbf", b"\x1f\x8b\x08\0", b"PK\x03\x04", b"\\", b'"entries":', b"true"),
]


@contextmanager
def fuzz_har() -> Iterator[Check]:
    """A recording is verified as far as it can be, or refused in a sentence."""
    known = [*apis.load().values()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.har"

        def check(sent: bytes) -> None:
            path.write_bytes(sent)
            with suppress(HarError, NothingToValidate):
                verify([read_recording(path)], known, VerificationOptions())

        yield check


# Parameters

QUERIES = [
    b"page=1&per_page=5",
    b"type=agent&start=2025-08-01&end=2025-08-21&actions[]=create&actions=update",
    b"start_time=1755786600&end_time=1755786600.5&page=2&a[b][c]=1&a[0]=x",
]
QUERY_TOKENS = [
    *(b"&", b"=", b"%", b"%00", b"%FF", b"%ED%A0%80", b"[", b"]", b"[]=", b"[0]", b",", b"|", b"+"),
    *(
        b"1e999",
        b"9" * 400,
        b"-0",
        b"true",
        b"null",
        b"start=",
        b"page=",
        b"per_page=",
        b" ",
        b"\0",
    ),
]


@contextmanager
def fuzz_parameters() -> Iterator[Check]:
    """Every query is read by every operation; what is wrong with it has a place."""
    served = apis.load().values()

    def check(sent: bytes) -> None:
        query = sent.decode("latin-1")
        for api in served:
            for operation in api.contract.operations:
                request = Request(operation.method, operation.path, query)
                values = {item.name: query for item in operation.parameters}
                found = api.validator.validate_request(operation, request, values)
                assert all(it.location.startswith("/request/") for it in found.violations)

    yield check


@dataclass(frozen=True)
class Target:
    """What is fed, and with what."""

    open: Callable[[], object]
    inputs: Callable[[], st.SearchStrategy[bytes]]


TARGETS: Mapping[str, Target] = {
    "http": Target(fuzz_http, lambda: vary(list_requests(), HTTP_TOKENS)),
    "yaml": Target(
        fuzz_yaml, lambda: vary([*read_samples("fixtures"), b"a: [1, {b: c}]\n"], YAML_TOKENS)
    ),
    "json": Target(fuzz_json, lambda: vary(JSON_SAMPLES, JSON_TOKENS)),
    "har": Target(fuzz_har, lambda: vary([make_recording()], HAR_TOKENS)),
    "parameters": Target(fuzz_parameters, lambda: vary(QUERIES, QUERY_TOKENS)),
}


def fuzz(name: str, seconds: float, batch: int = BATCH) -> int:
    """Feed a target, at least one batch; how many inputs it took. Raises what an input breaks."""
    taken = 0
    target = TARGETS[name]
    with target.open() as check:  # type: ignore[attr-defined]

        @settings(
            max_examples=batch,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(target.inputs())
        def run(sent: bytes) -> None:
            nonlocal taken
            taken += 1
            try:
                check(sent)
            except Exception as error:
                # Schemathesis, once it is imported, lets Hypothesis show no arguments.
                error.add_note(f"sent={sent!r}")
                raise

        end = time.monotonic() + seconds
        while True:
            run()
            if time.monotonic() >= end:
                return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60.0, help="of all targets together")
    options = parser.parse_args()
    if unknown := {*options.targets} - TARGETS.keys():
        parser.error(
            f"there is no target {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}"
        )
    names = options.targets or list(TARGETS)
    for name in names:
        began = time.monotonic()
        taken = fuzz(name, options.seconds / len(names))
        print(f"{name:10s} {taken:7d} inputs in {time.monotonic() - began:5.1f} s, no fault")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
