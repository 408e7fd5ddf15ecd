"""A recording is written without its secrets, and everything else of it stays."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.traffic.sanitizer import sanitize
from mockserver.errors import SettingError
from mockserver.traffic.recording import Recording, read_recording

APIS = list(apis.load().values())
Write = Callable[..., list[Any]]


def _entry(
    url: str = "http://h.example/ekranapi/sessions", body: Any = None, **fields: Any
) -> dict[str, Any]:
    """An entry whose response has a body, as text or as the saved content."""
    content = {"mimeType": "application/json", "text": body} if isinstance(body, str) else body
    return {
        "startedDateTime": "2025-08-21T12:00:00Z",
        "time": 5,
        "request": {"method": "GET", "url": url, "headers": [], **fields},
        "response": {"status": 200, "headers": [], **({"content": content} if content else {})},
    }


@pytest.fixture
def sanitized(recording: Callable[..., Recording], tmp_path: Path) -> Write:
    """The entries of a new HAR, without its secrets."""

    def write(*entries: Any, **log: Any) -> list[Any]:
        path = tmp_path / "sanitized.har"
        sanitize(recording(*entries, **log), APIS, path)
        written: list[Any] = json.loads(path.read_bytes())["log"]["entries"]
        return written

    return write


def _content(entry: dict[str, Any]) -> Any:
    return entry["response"]["content"]


def test_the_same_secret_has_the_same_placeholder_everywhere(sanitized: Write) -> None:
    headers = [{"name": "Authorization", "value": "Bearer token-of-app"}]
    before = _entry("http://other.example/x", "it is token%2Dof%2Dapp")
    first, own, foreign = sanitized(
        before,
        _entry("http://h.example/ekranapi/sessions?token=token-of-app&start=1", headers=headers),
        _entry("http://me:pass@other.example/x?sid=other", '{"csrf": "token-of-app"}'),
    )
    assert _content(first)["text"] == "it is REDACTED-1"
    assert own["request"]["url"] == "http://h.example/ekranapi/sessions?token=REDACTED-1&start=1"
    assert own["request"]["headers"] == [{"name": "Authorization", "value": "Bearer REDACTED-1"}]
    assert foreign["request"]["url"] == "http://REDACTED-2@other.example/x?sid=REDACTED-3"
    assert _content(foreign)["text"] == '{"csrf": "REDACTED-1"}'


def test_what_has_no_secret_stays_as_it_is(sanitized: Write) -> None:
    entries = [
        _entry(body='[ {"sessionId": "s-1234567", "n": 1.0} ]', cookies=[], bodySize=0),
        {**_entry(body={"size": 3, "mimeType": "image/png", "text": "AP8A", "encoding": "base64"})},
        {**_entry(), "cache": {}, "timings": {"wait": 0.1}, "_initiator": {"type": "script"}},
        None,
        {"request": None},
    ]
    assert sanitized(*entries) == entries


def test_lengths_are_those_of_the_new_body(sanitized: Write) -> None:
    text = '{"token": "a-very-long-secret", "pin": 7}'
    entry = _entry(body={"mimeType": "application/json", "text": text, "size": 41})
    lengths = [{"name": "Content-Length", "value": "41"}]
    entry["response"] |= {"bodySize": 41, "headers": lengths}
    entry["request"] |= {
        "method": "POST",
        "bodySize": 14,
        "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "a=1&password=x"},
    }
    (written,) = sanitized(entry)
    response, request = written["response"], written["request"]
    assert response["content"]["text"] == '{"token": "REDACTED-2", "pin": 7}'
    assert (response["content"]["size"], response["bodySize"]) == (33, 33)
    assert response["headers"] == [{"name": "Content-Length", "value": "33"}]
    assert request["postData"]["text"] == "a=1&password=REDACTED-1"
    assert request["bodySize"] == 23


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"a": [{"apiKey": 17}, "17"]}', '{"a": [{"apiKey": 1}, "17"]}'),
        (b'{"token": "cut o', '{"token": "REDACTED-1'),
        (b"<input name='_token' value='abcdefgh'>", "<input name='_token' value='REDACTED-1'>"),
        (gzip.compress(b'{"token": "x"}', mtime=0), '{"token": "REDACTED-1"}'),
    ],
)
def test_bodies_in_base64_are_read(sanitized: Write, content: bytes, text: str) -> None:
    saved = {"encoding": "base64", "text": b64encode(content).decode(), "size": len(content)}
    entry = _entry(body=saved)
    if content.startswith(b"\x1f"):
        entry["response"]["headers"] = [{"name": "Content-Encoding", "value": "gzip"}]
    (written,) = sanitized(entry)
    assert _content(written) == {"text": text, "size": len(text)}


def test_a_body_that_cannot_be_read_is_left_out(sanitized: Write) -> None:
    entry = _entry(body={"encoding": "base64", "text": b64encode(b"\xff\x1b").decode()})
    entry["response"]["headers"] = [{"name": "Content-Encoding", "value": "br"}]
    (written,) = sanitized(entry)
    assert _content(written) == {"comment": "Its encoding cannot be read, so that it was left out."}


def test_a_body_in_a_file_of_its_own_is_written_into_the_recording(
    sanitized: Write, tmp_path: Path
) -> None:
    (tmp_path / "body.json").write_text('{"token": "abc"}')
    written, absent = sanitized(
        _entry(body={"_file": "body.json", "mimeType": "application/json"}),
        _entry(body={"_file": "none.json", "mimeType": "application/json"}),
    )
    assert _content(written)["text"] == '{"token": "REDACTED-1"}'
    assert _content(absent) == {"mimeType": "application/json"}


def test_parts_that_recorders_add_are_sanitized(sanitized: Write) -> None:
    entry = _entry(
        queryString=[{"name": "api_key", "value": "k"}, {"name": "page", "value": "1"}],
        cookies=[{"name": "theme", "value": "dark", "path": "/"}],
        headers={"X-Api-Key": "k", "Accept": "a/b"},
    )
    entry["_initiator"] = {"url": "http://x/?token=k", "stack": [{"apiKey": "k"}]}
    entry["_webSocketMessages"] = [{"type": "send", "data": '{"token": "k"}'}]
    (written,) = sanitized(entry, pages=[{"id": "p", "title": "http://x/?token=k"}])
    request = written["request"]
    assert request["queryString"][0] == {"name": "api_key", "value": "REDACTED-1"}
    assert request["queryString"][1] == {"name": "page", "value": "1"}
    assert request["cookies"] == [{"name": "theme", "path": "/", "value": "REDACTED-2"}]
    assert request["headers"] == {"X-Api-Key": "REDACTED-1", "Accept": "a/b"}
    assert written["_initiator"] == {
        "url": "http://x/?token=REDACTED-1",
        "stack": [{"apiKey": "REDACTED-1"}],
    }
    assert written["_webSocketMessages"][0]["data"] == '{"token": "REDACTED-1"}'


def test_the_log_around_the_entries_is_sanitized_and_whole(tmp_path: Path) -> None:
    source, path = tmp_path / "cut.har", tmp_path / "out.har"
    whole = json.dumps(_entry())
    source.write_text(
        '{"log": {"pages": [{"title": "http://x/?token=abc"}], "entries": ['
        f'{whole}, {{"request": {{"url": "http://x/?token=abc"}}, oops}}, {whole}, {{"request'
    )
    assert sanitize(read_recording(source), APIS, path) == 1
    log = json.loads(path.read_bytes())["log"]
    assert log["pages"] == [{"title": "http://x/?token=REDACTED-1"}]
    assert [entry["request"]["url"] for entry in log["entries"]] == [
        "http://h.example/ekranapi/sessions",
        "http://x/?token=REDACTED-1",
        "http://h.example/ekranapi/sessions",
    ]


def test_a_recording_without_entries_is_written(recording: Callable[..., Recording]) -> None:
    empty = recording(comment="x")
    path = empty.har.path.with_name("out.har")
    sanitize(empty, APIS, path)
    assert json.loads(path.read_bytes()) == {
        "log": {"version": "1.2", "comment": "x", "entries": []}
    }


def test_a_recording_is_never_overwritten(recording: Callable[..., Recording]) -> None:
    given = recording(_entry())
    link = given.har.path.with_name("link.har")
    link.hardlink_to(given.har.path)
    before = given.har.path.read_bytes()
    for path in (given.har.path, link):
        with pytest.raises(SettingError, match="is the recording itself"):
            sanitize(given, APIS, path)
    with pytest.raises(SettingError, match="cannot be written: No such file"):
        sanitize(given, APIS, link.parent / "none" / "out.har")
    assert given.har.path.read_bytes() == before
    assert sorted(path.name for path in link.parent.iterdir()) == [given.har.path.name, "link.har"]
