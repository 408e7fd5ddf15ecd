"""HARs are opened, plain or packed; for other files the error says what is wrong."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mockserver.check.traffic import har_file
from mockserver.check.traffic.har_file import HarError, open_har

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
def test_har_is_opened_as_real_writers_write_it(tmp_path: Path, content: bytes) -> None:
    assert open_har(_write(tmp_path / "a.har", content)).entries == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file '{}' is no HAR, since it is not JSON: Expecting value"),
        (b"<html>", "The file '{}' is no HAR, since it is not JSON: Expecting value"),
        (b"\xff\x00\x81", "The file '{}' is no HAR, since it is not JSON: "),
        (b"[" * 200_000, "The file '{}' is no HAR: it is nested too deeply."),
        (b"[]", "The file '{}' is JSON, but no HAR: it has no 'log'."),
        (b'{"log": []}', "The file '{}' is JSON, but no HAR: it has no 'log'."),
        (
            b'{"log": {"version": "2.0", "entries": []}}',
            "The HAR '{}' is of version '2.0'; 1.2 is read.",
        ),
        (b'{"log": {"version": 1, "entries": []}}', "The HAR '{}' is not valid: log.version: exp"),
        (b'{"log": {}}', "The HAR '{}' is not valid: log: object missing required field `entries`"),
        (b"PK\x03\x04 and no more", "The archive '{}' cannot be read: "),
    ],
)
def test_other_files_are_refused_with_the_reason(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = _write(tmp_path / "a.har", content)
    with pytest.raises(HarError) as caught:
        open_har(path)
    assert str(caught.value).startswith(sentence.format(path))


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"There is no file '.*none.har'; name a HAR"):
        open_har(tmp_path / "none.har")
    with pytest.raises(HarError, match="cannot be read: Is a directory"):
        open_har(tmp_path)


def test_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_file, "_MOST_BYTES", 2**20)
    path = _write(tmp_path / "a.har", b" " * (2**20 + 1))
    with pytest.raises(HarError, match=r"'.*a.har' has more than 1 MiB; record fewer pages"):
        open_har(path)
    bomb = _zip(tmp_path / "a.zip", _har=b" " * (2**20 + 1))
    with pytest.raises(HarError, match=r"'.*a.zip' has more than 1 MiB"):
        open_har(bomb)


def test_attachments_in_a_zip_have_a_limit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _zip(tmp_path / "a.zip", har_har=json.dumps(HAR).encode(), x=b"x" * 700_000)
    monkeypatch.setattr(har_file, "_MOST_BYTES", 2**20)
    opened = open_har(path)
    assert opened.read_attachment("x") == b"x" * 700_000
    with pytest.raises(HarError, match="has more than 1 MiB"):
        opened.read_attachment("x")


def test_bodies_are_read_from_the_zip_of_the_har(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", har_har=json.dumps(HAR).encode(), body=b"[1]")
    opened = open_har(path)
    assert (opened.read_attachment("body"), opened.read_attachment("none")) == (b"[1]", None)
    other = _zip(tmp_path / "b.zip", mine_har=json.dumps(HAR).encode())
    assert open_har(other).entries == []


def test_zip_without_a_har_and_damaged_zip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"The archive '.*' has no 'har.har', as Playwright"):
        open_har(_zip(tmp_path / "a.zip", readme=b""))
    path = _zip(tmp_path / "b.zip", har_har=json.dumps(HAR).encode() * 50)
    content = bytearray(path.read_bytes())
    content[40:60] = bytes(20)
    with pytest.raises(HarError, match=r"'har.har' in '.*' cannot be unpacked: "):
        open_har(_write(path, bytes(content)))


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", har_har=json.dumps(HAR).encode())
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(signature) + offset
        content[start : start + 2] = struct.pack("<H", 1)
    with pytest.raises(HarError, match=r"cannot be unpacked: .*encrypted"):
        open_har(_write(path, bytes(content)))


def test_bodies_are_read_from_the_folder_of_the_har_only(tmp_path: Path) -> None:
    folder = tmp_path / "recorded"
    folder.mkdir()
    _write(tmp_path / "private", b"private")
    _write(folder / "body.json", b"[1]")
    (folder / "link").symlink_to(tmp_path / "private")
    opened = open_har(_write(folder / "a.har", HAR))
    assert opened.read_attachment("body.json") == b"[1]"
    for name in ("../private", str(tmp_path / "private"), "link", "..", ".", "", "a\0b", "x" * 999):
        assert opened.read_attachment(name) is None
