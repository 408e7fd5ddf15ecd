"""HARs are opened, however they are packed, and what is no HAR is said to be none."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.traffic import har_file
from mockserver.check.traffic.har_file import HarError, Node, open_har

HAR = {"log": {"version": "1.2", "entries": []}}


def _write(path: Path, content: bytes | Any) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_har", ".har"), content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(HAR).encode(),
        b"\xef\xbb\xbf" + json.dumps(HAR).encode(),
        json.dumps(HAR).encode("utf-16"),
        b'{"log": {"version": "1.2", "entries": [], "comment": "\\ud800", "_n": NaN}}',
        b'{"log": {"entries": []}}',
        b'{"log": {"version": "1.1", "entries": []}}',
    ],
)
def test_a_har_is_read_as_real_writers_write_it(tmp_path: Path, content: bytes) -> None:
    log = open_har(_write(tmp_path / "a.har", content)).log
    assert (log.place, list(log.child("entries").items())) == ("log", [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file '{}' is no HAR, since it is not JSON: Expecting value"),
        (b"<html>", "The file '{}' is no HAR, since it is not JSON: Expecting value"),
        (b"\xff\x00\x81", "The file '{}' is no HAR, since it is not JSON: "),
        (b"[" * 200_000, "The file '{}' is no HAR: it is nested too deeply."),
        (b"[]", "The file '{}' is JSON, but no HAR: it has no 'log'."),
        (b'{"log": []}', "The file '{}' is JSON, but no HAR: it has no 'log'."),
        (b'{"log": {"version": "2.0"}}', "The HAR '{}' is of version '2.0'; 1.2 is read."),
        (b'{"log": {"version": 1.2}}', "The HAR '{}' is not right: log.version is a number"),
        (b"PK\x03\x04 and no more", "The archive '{}' cannot be read: "),
    ],
)
def test_what_is_no_har_is_said_to_be_none(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = _write(tmp_path / "a.har", content)
    with pytest.raises(HarError) as caught:
        open_har(path)
    assert str(caught.value).startswith(sentence.format(path))


def test_a_file_that_is_not_there_and_one_that_is_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"There is no file '.*none.har'; name a HAR"):
        open_har(tmp_path / "none.har")
    with pytest.raises(HarError, match="cannot be read: Is a directory"):
        open_har(tmp_path)


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(har_file, "_MOST_BYTES", 2**20)
    path = _write(tmp_path / "a.har", b" " * (2**20 + 1))
    with pytest.raises(HarError, match=r"'.*a.har' has more than 1 MiB; record less at once"):
        open_har(path)
    bomb = _zip(tmp_path / "a.zip", _har=b" " * (2**20 + 1))
    with pytest.raises(HarError, match=r"'.*a.zip' has more than 1 MiB"):
        open_har(bomb)


def test_what_is_packed_beside_a_har_may_not_be_too_much_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _zip(tmp_path / "a.zip", har_har=json.dumps(HAR).encode(), x=b"x" * 700_000)
    monkeypatch.setattr(har_file, "_MOST_BYTES", 2**20)
    opened = open_har(path)
    assert opened.attached("x") == b"x" * 700_000
    with pytest.raises(HarError, match="has more than 1 MiB"):
        opened.attached("x")


def test_a_zip_has_its_bodies_beside_the_har(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", har_har=json.dumps(HAR).encode(), body=b"[1]")
    opened = open_har(path)
    assert (opened.attached("body"), opened.attached("none")) == (b"[1]", None)
    other = _zip(tmp_path / "b.zip", mine_har=json.dumps(HAR).encode())
    assert open_har(other).log.value == HAR["log"]


def test_a_zip_without_a_har_and_a_damaged_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"The archive '.*' has no 'har.har', as Playwright"):
        open_har(_zip(tmp_path / "a.zip", readme=b""))
    path = _zip(tmp_path / "b.zip", har_har=json.dumps(HAR).encode() * 50)
    content = bytearray(path.read_bytes())
    content[40:60] = bytes(20)
    with pytest.raises(HarError, match=r"'har.har' in '.*' cannot be unpacked: "):
        open_har(_write(path, bytes(content)))


def test_an_archive_that_needs_a_password_is_told(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", har_har=json.dumps(HAR).encode())
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(signature) + offset
        content[start : start + 2] = struct.pack("<H", 1)
    with pytest.raises(HarError, match=r"cannot be unpacked: .*encrypted"):
        open_har(_write(path, bytes(content)))


def test_bodies_are_looked_for_beside_the_har_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    folder.mkdir()
    _write(tmp_path / "private", b"private")
    _write(folder / "body.json", b"[1]")
    (folder / "link").symlink_to(tmp_path / "private")
    opened = open_har(_write(folder / "a.har", HAR))
    assert opened.attached("body.json") == b"[1]"
    for name in ("../private", str(tmp_path / "private"), "link", "..", ".", "", "a\0b", "x" * 999):
        assert opened.attached(name) is None


def test_a_value_of_the_wrong_sort_is_told_with_its_place() -> None:
    log = Node("a.har", "log", {"entries": [{"n": 1, "t": "x", "l": [], "b": True, "z": None}]})
    (entry,) = log.child("entries").items()
    faults = []
    for read in (
        entry.child("n").text,
        entry.child("t").number,
        entry.child("b").number,
        entry.child("missing").text,
        lambda: list(entry.child("n").items()),
        lambda: entry.child("l").child("x"),
    ):
        with pytest.raises(HarError) as caught:
            read()
        faults.append(str(caught.value))
    assert faults == [
        "The HAR 'a.har' is not right: log.entries[0].n is a number; it must be a text.",
        "The HAR 'a.har' is not right: log.entries[0].t is a text; it must be a number.",
        "The HAR 'a.har' is not right: log.entries[0].b is a truth value; it must be a number.",
        "The HAR 'a.har' is not right: log.entries[0].missing is missing; it must be a text.",
        "The HAR 'a.har' is not right: log.entries[0].n is a number; it must be a list.",
        "The HAR 'a.har' is not right: log.entries[0].l is a list; it must be an object.",
    ]
    assert entry.child("z").optional_text() is None
    assert Node("a.har", "log", "a\ud800").text() == "a\ufffd"
    assert (entry.child("z").number(), entry.child("n").number()) == (-1, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**400)])
def test_a_number_that_is_none_is_as_good_as_absent(value: float) -> None:
    assert Node("a.har", "log", value).number() == -1
