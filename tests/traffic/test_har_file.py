"""HARs are opened, plain, compressed or packed; for other files the error says what is wrong."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from mockserver.traffic import har_file
from mockserver.traffic.har_file import HarError, open_har

HAR = {"log": {"version": "1.2", "entries": [{"comment": "سلام 🙂"}]}}
TEXT = json.dumps(HAR, ensure_ascii=False)


def _write(path: Path, content: bytes | Any) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def _zip(path: Path, members: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _read(path: Path) -> list[Any]:
    return [json.loads(entry.content) for entry in open_har(path).split_entries()]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode() + bytes(64),
        bytes(64) + TEXT.encode(),
        gzip.compress(TEXT.encode()),
        gzip.compress(TEXT[:30].encode()) + gzip.compress(TEXT[30:].encode()) + bytes(512),
        gzip.compress(TEXT.encode("utf-16")),
        zlib.compress(TEXT.encode(), 9),
    ],
    ids=[
        *("utf-8", "bom", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "nul-after", "nul-before"),
        *("gzip", "gzip-in-two", "gzip-of-utf-16", "zlib"),
    ],
)
def test_har_is_opened_as_recorders_write_it(tmp_path: Path, content: bytes) -> None:
    assert _read(_write(tmp_path / "a.har", content)) == [{"comment": "سلام 🙂"}]


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3", "", " 1.2 ", None, 1, 1.2, {}, []])
def test_versions_are_read_however_they_are_written(tmp_path: Path, version: Any) -> None:
    for log in ({"version": version, "entries": [1]}, {"entries": [1], "version": version}):
        assert _read(_write(tmp_path / "a.har", {"log": log})) == [1]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file '{}' is no HAR: it is empty. The developer tools of a browser and Pl"),
        (b"\xff\x00\x81", "The file '{}' is no HAR: it begins with "),
        (b'{"log": {}}', "The file '{}' is no HAR: it has no 'log.entries'."),
        (
            b'{"log": {"version": "2.0", "entries": []}}',
            "The HAR '{}' is of version '2.0'; 1.2 is read.",
        ),
        (b'{"log": {"entries": [], "version": 3}}', "The HAR '{}' is of version '3'; 1.2 is read."),
        (b"PK\x03\x04 and no more", "The archive '{}' cannot be read: "),
        (b"\x1f\x8b and no more", "The file '{}' is no HAR: it is empty."),
    ],
)
def test_other_files_are_refused_with_the_reason(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = _write(tmp_path / "a.har", content)
    with pytest.raises(HarError) as caught:
        _read(path)
    assert str(caught.value).startswith(sentence.format(path))


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"There is no file '.*none.har'; name a HAR"):
        open_har(tmp_path / "none.har")
    with pytest.raises(HarError, match="cannot be read: Is a directory"):
        open_har(tmp_path)


def test_compressed_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    numbers = list(range(20_000))
    packed = gzip.compress(json.dumps({"log": {"entries": numbers}}).encode())
    opened = open_har(_write(tmp_path / "a.har.gz", packed[: len(packed) // 2]))
    read = [json.loads(entry.content) for entry in opened.split_entries()]
    assert read == numbers[: len(read)]
    assert 1_000 < len(read) < 20_000
    assert opened.fault == f"it ends within log.entries[{len(read)}]: it was cut off"


def test_what_is_packed_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_file, "_MOST_BYTES", 2**20)
    bomb = b" " * (2**20 + 1)
    _write(tmp_path / "a.har.gz", gzip.compress(bomb))
    _zip(tmp_path / "a.zip", {"a.har": bomb})
    for name in ("a.har.gz", "a.zip"):
        with pytest.raises(HarError, match=rf"'.*{name}' has more than 1 MiB; record fewer pages"):
            open_har(tmp_path / name)


def test_bodies_in_a_zip_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _zip(tmp_path / "a.zip", {"har.har": TEXT, "x": b"x" * 700_000, "y": b"y" * 900_000})
    monkeypatch.setattr(har_file, "_MOST_BYTES", 2**21)
    monkeypatch.setattr(har_file, "_LARGEST_BODY", 800_000)
    opened = open_har(path)
    assert opened.read_attachment("x") == b"x" * 700_000
    assert opened.read_attachment("y") is None
    with pytest.raises(HarError, match="has more than 2 MiB"):
        opened.read_attachment("x")


def test_bodies_are_read_from_the_zip_of_the_har(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"har.har": TEXT, "body": b"[1]"})
    opened = open_har(path)
    assert (opened.read_attachment("body"), opened.read_attachment("none")) == (b"[1]", None)


@pytest.mark.parametrize("name", ["har.har", "mine.har", "MINE.HAR", "a b/mine.har", "mine.json"])
def test_har_in_a_zip_may_have_another_name(tmp_path: Path, name: str) -> None:
    folder, _, base = name.rpartition("/")
    members = {name: TEXT, f"__MACOSX/._{base}": "x", f"{folder}/x.dat".lstrip("/"): "[1]"}
    opened = open_har(_zip(tmp_path / "a.zip", members))
    assert len(list(opened.split_entries())) == 1
    assert opened.read_attachment("x.dat") == b"[1]"


def test_damaged_body_in_a_zip_is_not_saved(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"har.har": TEXT, "body": b"[1]" * 99})
    content = path.read_bytes()
    start = content.index(b"body") + 4
    opened = open_har(_write(path, content[:start] + bytes(9) + content[start + 9 :]))
    assert len(list(opened.split_entries())) == 1
    assert opened.read_attachment("body") is None


def test_zip_without_a_har_and_damaged_zip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"The archive '.*' has no 'har.har', as Playwright"):
        open_har(_zip(tmp_path / "a.zip", {"readme": b""}))
    with pytest.raises(HarError, match=r"has several files that end with '.har', and none is"):
        open_har(_zip(tmp_path / "a.zip", {"a.har": TEXT, "b.har": TEXT}))
    path = _zip(tmp_path / "b.zip", {"har.har": TEXT * 50})
    content = bytearray(path.read_bytes())
    content[40:60] = bytes(20)
    with pytest.raises(HarError, match=r"'har.har' in '.*' cannot be unpacked: "):
        open_har(_write(path, bytes(content)))


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"har.har": TEXT})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.index(signature) + offset
        content[start : start + 2] = struct.pack("<H", 1)
    with pytest.raises(HarError, match=r"cannot be unpacked: .*encrypted"):
        open_har(_write(path, bytes(content)))


def test_bodies_are_read_from_the_folder_of_the_har_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "recorded"
    folder.mkdir()
    _write(tmp_path / "private", b"private")
    _write(folder / "body.json", b"[1]")
    (folder / "link").symlink_to(tmp_path / "private")
    opened = open_har(_write(folder / "a.har", HAR))
    assert opened.read_attachment("body.json") == b"[1]"
    for name in ("../private", str(tmp_path / "private"), "link", "..", ".", "", "a\0b", "x" * 999):
        assert opened.read_attachment(name) is None
    monkeypatch.setattr(har_file, "_LARGEST_BODY", 2)
    assert opened.read_attachment("body.json") is None
