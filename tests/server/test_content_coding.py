"""Compressed bodies of requests: decoded within the limit, refused by name, refused if broken."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from mockserver.errors import HttpError
from mockserver.server.content_coding import Decoder, find_coding
from mockserver.server.middleware.request_guard import RequestGuard
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

LOG = "/v1/customer/sessions/1/log"
HEADERS = {"Authorization": "Bearer token", "Content-Type": "application/json"}
ENTRY = b'{"action_type":"LEFT"}'
YAML = {"Content-Type": "application/yaml"}


def pack_gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODED = {
    "gzip": pack_gzip(ENTRY),
    "gzip with a name": b"\x1f\x8b\x08\x08" + bytes(4) + b"\x00\x03x\x00" + pack_gzip(ENTRY)[10:],
    "gzip of two members": pack_gzip(ENTRY[:5]) + pack_gzip(ENTRY[5:]),
    "zlib": zlib.compress(ENTRY),
    "raw": deflate_raw(ENTRY),
}


@pytest.mark.parametrize(
    ("coding", "encoded"),
    [
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("identity, gzip", "gzip"),
        ("gzip", "gzip with a name"),
        ("gzip", "gzip of two members"),
        ("deflate", "zlib"),
        ("deflate", "raw"),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True], ids=["whole", "byte by byte"])
def test_a_compressed_body_is_decoded_before_it_is_validated(
    documented: httpx.Client, coding: str, encoded: str, is_chunked: bool
) -> None:
    body = ENCODED[encoded]
    content = (bytes([byte]) for byte in body) if is_chunked else body
    sent = documented.post(LOG, headers={**HEADERS, "Content-Encoding": coding}, content=content)

    assert sent.status_code == 200
    entries = documented.get(LOG, headers=HEADERS).json()["data"]["data"]
    assert [entry["action_type"] for entry in entries] == ["ENTERED", "LEFT", "LEFT"]


def test_what_is_decoded_is_validated(documented: httpx.Client) -> None:
    headers = {**HEADERS, "Content-Encoding": "gzip"}
    refused = documented.post(LOG, headers=headers, content=pack_gzip(b'{"action_type":"X"}'))

    assert refused.status_code == 422
    assert "action_type" in refused.json()["data"]


def test_identity_and_an_empty_body_are_not_decoded(documented: httpx.Client) -> None:
    headers = {**HEADERS, "Content-Encoding": "identity"}
    assert documented.post(LOG, headers=headers, content=ENTRY).status_code == 200
    headers["Content-Encoding"] = "gzip"
    assert documented.get(LOG, headers=headers).status_code == 200
    assert documented.post(LOG, headers=headers).status_code == 422  # as without the field


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "x", "*", "gzip;q=1"])
@pytest.mark.parametrize(
    ("path", "key"),
    [(LOG, "message"), ("/api/sessionLogs/list", "message"), ("/ekranapi/sessions", "message")],
)
def test_another_coding_is_a_415_that_says_which_are_accepted(
    documented: httpx.Client, path: str, key: str, coding: str
) -> None:
    headers = {**HEADERS, "Content-Encoding": coding}
    refused = documented.post(path, headers=headers, content=ENTRY)

    assert refused.status_code == 415
    assert refused.headers["accept-encoding"] == "gzip, deflate"
    assert refused.headers["content-type"] == "application/json"
    assert refused.json()[key]


def test_another_coding_is_named(documented: httpx.Client) -> None:
    headers = {"Content-Encoding": "br", "ApiKey": "key"}
    refused = documented.request("GET", "/ekranapi/sessions", headers=headers, content=b"x")

    assert refused.json() == {
        "message": "The content coding 'br' is not accepted; encode the body as gzip or deflate, "
        "or not at all"
    }
    problem = documented.post("/__mock__/load", headers={"Content-Encoding": "br"}, content=b"x")
    assert (problem.status_code, problem.headers["accept-encoding"]) == (415, "gzip, deflate")
    assert problem.headers["content-type"] == "application/problem+json"


BROKEN = {
    "gzip that is JSON": ENTRY,
    "gzip of one byte": b"\x1f",
    "gzip without its last byte": ENCODED["gzip"][:-1],
    "gzip without most of it": ENCODED["gzip"][:12],
    "gzip with a byte behind it": ENCODED["gzip"] + b"x",
    "gzip with another checksum": ENCODED["gzip"][:-8] + bytes(8),
    "gzip that is zlib": ENCODED["zlib"],
    "deflate that is gzip": ENCODED["gzip"],
    "deflate without its last byte": ENCODED["zlib"][:-1],
    "deflate twice": ENCODED["zlib"] * 2,
    "deflate of no sense": b"\xff" * 100,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_body_that_is_broken_is_a_400(documented: httpx.Client, name: str) -> None:
    coding, body = name.split()[0], BROKEN[name]
    headers = {**HEADERS, "Content-Encoding": coding}
    refused = documented.post(LOG, headers=headers, content=body)

    assert (refused.status_code, refused.json()["statusCode"]) == (400, 400)
    assert documented.get(LOG, headers=HEADERS).json()["data"]["total"] == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gzip that is JSON", "The body is not valid gzip"),
        ("deflate without its last byte", "The body ends before its deflate does"),
        ("deflate twice", "The body goes on behind its deflate"),
    ],
)
def test_a_problem_says_what_is_broken(name: str, sentence: str) -> None:
    decoder = Decoder(name.split()[0])
    with pytest.raises(HttpError) as caught:
        list(decoder.decode(BROKEN[name]))
        decoder.end()

    assert (caught.value.status, caught.value.sentence) == (400, sentence)


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 524_288, 3_000_000])
@pytest.mark.parametrize("pack", [pack_gzip, zlib.compress, deflate_raw])
@pytest.mark.parametrize("cut", [1_000_000, 7])
def test_a_body_of_any_size_is_decoded_in_small_parts(
    size: int, pack: Callable[[bytes], bytes], cut: int
) -> None:
    packed = pack(bytes(size))
    decoder = Decoder("gzip" if pack is pack_gzip else "deflate")
    pieces = [packed[start : start + cut] for start in range(0, len(packed), cut)]
    parts = [part for piece in pieces for part in decoder.decode(piece)]
    decoder.end()

    assert b"".join(parts) == bytes(size)
    assert max((len(part) for part in parts), default=0) <= 262_144


def test_a_name_that_is_too_long_is_cut() -> None:
    with pytest.raises(HttpError) as caught:
        find_coding("x" * 5_000)
    assert len(caught.value.sentence) < 250


# Limits


@pytest.fixture(scope="module")
def limited_server() -> Iterator[str]:
    """The URL of a server that takes 1,000 bytes, and 5,000,000 to its control API."""
    settings = Settings(
        port=0, scenario="documented", body_limit=1_000, control_body_limit=5_000_000
    )
    with run_in_thread(settings) as url:
        yield url


@pytest.fixture
def limited(limited_server: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=limited_server, verify=False, timeout=60) as client:
        yield client


def test_the_limit_is_for_the_decoded_body(limited: httpx.Client) -> None:
    headers = {**HEADERS, "Content-Encoding": "gzip"}

    def send(size: int) -> int:
        body = ENTRY + b" " * (size - len(ENTRY))
        return limited.post(LOG, headers=headers, content=pack_gzip(body)).status_code

    assert [send(1_000), send(1_001)] == [200, 413]


def test_the_limit_is_for_the_bytes_that_are_sent_too(limited: httpx.Client) -> None:
    headers = {**HEADERS, "Content-Encoding": "gzip"}
    empty = pack_gzip(b"") * 60  # more than 1,000 bytes that are none

    assert limited.post(LOG, headers=headers, content=empty).status_code == 413
    pieces = iter([empty[:600], empty[600:]])
    assert limited.post(LOG, headers=headers, content=pieces).status_code == 413


@pytest.mark.parametrize(
    ("path", "headers"), [(LOG, HEADERS), ("/__mock__/load", YAML)], ids=["vendor", "control"]
)
def test_a_bomb_is_a_413(limited: httpx.Client, path: str, headers: dict[str, str]) -> None:
    bomb = pack_gzip(bytes(30_000_000))[: 900 if path == LOG else None]
    refused = limited.post(path, headers={**headers, "Content-Encoding": "gzip"}, content=bomb)

    assert refused.status_code == 413
    assert refused.headers["connection"] == "close"


def test_a_scenario_may_be_compressed(limited: httpx.Client) -> None:
    filler = "x" * 4_000_000
    scenario = f"name: packed\ndescription: {filler}\nseed: 5\n".encode()
    headers = {**YAML, "Content-Encoding": "gzip", "X-Mock-Sandbox": "packed"}
    loaded = limited.post("/__mock__/load", headers=headers, content=pack_gzip(scenario))

    assert (loaded.status_code, loaded.json()["seed"]) == (200, 5)
    cut = pack_gzip(scenario)[:-4]
    refused = limited.post("/__mock__/load", headers=headers, content=cut)
    assert refused.json()["detail"] == "The body ends before its gzip does"
    assert refused.status_code == 400


def test_others_are_served_between_the_parts_of_a_body() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def receive() -> Any:
        return {"type": "http.request", "body": pack_gzip(bytes(10 * 262_144))}

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        assert len((await receive())["body"]) == 10 * 262_144

    async def run() -> None:
        counting = asyncio.create_task(count())
        headers = [(b"content-encoding", b"gzip"), (b"content-length", b"9")]
        scope: Any = {"path": "/", "query_string": b"", "headers": headers}
        await RequestGuard(app, 10_000_000, 0)(scope, receive, None)  # type: ignore[arg-type]
        counting.cancel()

    asyncio.run(run())
    assert turns >= 10


def test_what_comes_later_sees_the_body_without_its_coding() -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": pack_gzip(b"decoded")}

    async def app(scope: Any, receive: Any, _send: Any) -> None:
        assert (await receive())["body"] == b"decoded"
        assert scope["headers"] == [(b"host", b"x"), (b"content-length", b"7")]

    headers = [(b"content-encoding", b"gzip"), (b"content-length", b"27"), (b"host", b"x")]
    scope: Any = {"path": "/", "query_string": b"", "headers": headers}
    asyncio.run(RequestGuard(app, 100, 0)(scope, receive, None))  # type: ignore[arg-type]
