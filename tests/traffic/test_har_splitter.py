"""A HAR is split into its entries, however it is cut into pieces when it is read."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from mockserver.traffic import har_splitter
from mockserver.traffic.har_splitter import HarSplitter, NotHar

ENTRIES = [None, 7, 'x"]', {"a": '\\"}]', "b": [[], {}]}, [1, [2]], {"u": "é"}, {}]
DOCUMENT = {
    "other": {"a": ["}{", ',"\\']},
    "text": "\\",
    "log": {"version": 1.2, "pages": [{"a": "]"}], "entries": ENTRIES, "comment": "z"},
}


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 64, 2**20])
@pytest.mark.parametrize("is_ascii", [True, False])
def test_entries_are_those_of_the_whole_document(
    monkeypatch: pytest.MonkeyPatch, chunk: int, is_ascii: bool
) -> None:
    monkeypatch.setattr(har_splitter, "_CHUNK", chunk)
    content = json.dumps(DOCUMENT, ensure_ascii=is_ascii).encode()
    splitter = HarSplitter(BytesIO(content))
    entries = list(splitter.split())
    assert [json.loads(entry.content) for entry in entries] == ENTRIES
    for entry in entries:
        assert content[entry.offset :].startswith(entry.content)
    assert (splitter.members[b"version"], splitter.members[b"comment"]) == (b"1.2", b'"z"')
    assert splitter.fault == ""


@pytest.mark.parametrize("chunk", [1, 7, 90])
def test_what_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(har_splitter, "_CHUNK", chunk)
    monkeypatch.setattr(har_splitter, "_LARGEST_ENTRY", 100)
    monkeypatch.setattr(har_splitter, "_LARGEST_MEMBER", 100)
    long = {"a": "}" * 3_000, "b": ['"' * 3_000, {}]}
    log = {"_a": long, "_b": "]" * 3_000, "_c" * 200: 10**300, "entries": [1, long, "x" * 3_000, 2]}
    splitter = HarSplitter(BytesIO(json.dumps({"log": log}).encode()))
    assert [entry.content for entry in splitter.split()] == [b"1", b"", b"", b"2"]


@pytest.mark.parametrize("missing", range(4, 60, 5))
def test_file_that_was_cut_off_has_the_entries_before(missing: int) -> None:
    content = json.dumps({"log": {"entries": [{"a": 1}, {"b": "2" * 60}]}}).encode()
    splitter = HarSplitter(BytesIO(content[:-missing]))
    assert [entry.content for entry in splitter.split()] == [b'{"a": 1}']
    assert splitter.fault == "it ends within log.entries[1]: it was cut off"


@pytest.mark.parametrize(
    ("content", "contents", "fault"),
    [
        (b'{"log": {"entries": [1 2,,{}{}]}}', [b"1", b"2", b"{}", b"{}"], ""),
        (b'{"log": {"entries": [{}}, {}]}', [b"{}"], "it is no JSON from byte 23 on"),
        (b'{"log": {"entries": [{}], 5: 6}}', [b"{}"], "it is no JSON from byte 26 on"),
        (b'\0\xef\xbb\xbf {"log": {"entries": [{}]}}\0\0', [b"{}"], ""),
        (b'{"log": {"entries": [{}]}} and more', [b"{}"], ""),
    ],
)
def test_broken_json_is_read_as_far_as_it_goes(
    content: bytes, contents: list[bytes], fault: str
) -> None:
    splitter = HarSplitter(BytesIO(content))
    assert [entry.content for entry in splitter.split()] == contents
    assert splitter.fault == fault


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\0\0 ", "it is empty"),
        (b"<html>", "it begins with '<html>'"),
        (b"[]", "it begins with '[]'"),
        (b"[" * 200_000, "it begins with '[[[["),
        (b'{"log": []}', "it has no 'log'"),
        (b'{"log": {}}', "it has no 'log.entries'"),
        (b'{"log": {"entries": {}}}', "it has no 'log.entries'"),
        (b'{"log": {"entr', "it ends within log.entries[0]: it was cut off"),
    ],
)
def test_other_files_are_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(NotHar) as caught:
        list(HarSplitter(BytesIO(content)).split())
    assert str(caught.value).startswith(reason)
