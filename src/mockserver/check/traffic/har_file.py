"""Opens HAR files, plain or in a zip, and decodes their entries; errors name the file and place."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec
import orjson

from mockserver.errors import MockserverError

_MOST_BYTES = 512 * 2**20
"""The largest HAR, or the largest sum of what is packed in a zip, that is read."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ZIP = b"PK\x03\x04"
_PACKED = "har.har"
_VERSIONS = ("1.1", "1.2")
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError),
    *(OSError, ValueError),
)
"""What zipfile raises for a damaged, an encrypted or an unusually packed archive."""

T = TypeVar("T")


class HarError(MockserverError):
    """A file is no HAR, or cannot be read."""


class HarPair(msgspec.Struct, frozen=True):
    """A header field or a form field."""

    name: str
    value: str | None = None


class HarBody(msgspec.Struct, frozen=True):
    """A body; `_file` is Playwright's, and `_encoding` is written by this kit for requests."""

    mime_type: str | None = msgspec.field(name="mimeType", default=None)
    size: float | None = None
    text: str | None = None
    encoding: str | None = None
    own_encoding: str | None = msgspec.field(name="_encoding", default=None)
    file: str | None = msgspec.field(name="_file", default=None)
    params: list[HarPair] | None = None


class HarRequestLine(msgspec.Struct, frozen=True):
    """The part of a request that tells which API it belongs to."""

    method: str
    url: str


class HarRequest(HarRequestLine, frozen=True):
    """A request."""

    headers: list[HarPair] | None = None
    body: HarBody | None = msgspec.field(name="postData", default=None)
    body_size: float | None = msgspec.field(name="bodySize", default=None)


class HarResponse(msgspec.Struct, frozen=True):
    """A response."""

    status: float | None = None
    headers: list[HarPair] | None = None
    body: HarBody | None = msgspec.field(name="content", default=None)


class HarTimings(msgspec.Struct, frozen=True):
    """How the time of an entry was spent, in milliseconds."""

    receive: float | None = None


class HarEntryLine(msgspec.Struct, frozen=True):
    """An entry, of which only the request line is decoded."""

    request: HarRequestLine


class HarEntry(msgspec.Struct, frozen=True):
    """An entry. `null` means absent, as some writers have it; `_` begins a field of one writer."""

    request: HarRequest
    response: HarResponse
    started: str = msgspec.field(name="startedDateTime")
    time: float | None = None
    timings: HarTimings | None = None
    from_cache: Any = msgspec.field(name="_fromCache", default=None)
    operation: str | None = msgspec.field(name="_operation", default=None)
    moment: str | None = msgspec.field(name="_moment", default=None)


class _Log(msgspec.Struct, frozen=True):
    entries: list[Any]
    version: str | None = None


@dataclass(eq=False)
class HarFile:
    """An open HAR: its entries, and the files that hold bodies beside it or in its archive.

    An entry is decoded when it is used: what a browser recorded of other servers may be anything.
    """

    path: Path
    entries: list[Any]
    archive: zipfile.ZipFile | None = None
    unpacked_bytes: int = 0

    def decode_entry(self, number: int, type_: type[T]) -> T:
        """An entry, or the part of it that a type has. Raises HarError."""
        return _convert(self.entries[number], type_, str(self.path), f"log.entries[{number}]")

    def fault(self, number: int, place: str, reason: str) -> HarError:
        """The error that something is wrong at a place in an entry."""
        return _fault(str(self.path), f"log.entries[{number}].{place}", reason)

    def read_attachment(self, name: str) -> bytes | None:
        """The bytes of a body's file; None where there is none.

        The recording chooses the name, so only files directly beside the HAR are read.
        Raises HarError where an archive holds too much or is damaged.
        """
        if self.archive is not None:
            content = _unpack(self.archive, name, self.path, _MOST_BYTES - self.unpacked_bytes)
            self.unpacked_bytes += len(content or b"")
            return content
        path = self.path.parent / name
        try:
            # A link or `..` may lead elsewhere.
            is_beside = path.is_file() and path.resolve().parent == self.path.parent.resolve()
            return _read(path) if is_beside else None
        except (OSError, ValueError):
            return None


def open_har(path: Path) -> HarFile:
    """Open a HAR, or the HAR in a zip that Playwright wrote. Raises HarError."""
    try:
        content = _read(path)
    except FileNotFoundError:
        raise HarError(f"There is no file '{path}'; name a HAR that was recorded.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HarError(f"The file '{path}' cannot be read: {reason}.") from error
    if not content.startswith(_ZIP):
        return HarFile(path, _decode_entries(content, str(path)))
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except _UNREADABLE as error:
        raise HarError(f"The archive '{path}' cannot be read: {error}.") from error
    members = [member for member in archive.namelist() if member.endswith(".har")]
    if _PACKED not in members and len(members) != 1:
        raise HarError(f"The archive '{path}' has no '{_PACKED}', as Playwright writes it.")
    packed = _unpack(archive, _PACKED if _PACKED in members else members[0], path, _MOST_BYTES)
    return HarFile(path, _decode_entries(packed or b"", str(path)), archive)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return _read_limited(file, path, _MOST_BYTES)


def _unpack(archive: zipfile.ZipFile, member: str, path: Path, most: int) -> bytes | None:
    try:
        with archive.open(member) as file:
            return _read_limited(file, path, most)
    except KeyError:
        return None
    except (*_UNREADABLE, zlib.error) as error:
        raise HarError(f"'{member}' in '{path}' cannot be unpacked: {error}.") from error


def _read_limited(file: IO[bytes], path: Path, most: int) -> bytes:
    # The sizes in an archive's directory need not be true.
    content = file.read(most + 1)
    if len(content) > most:
        raise HarError(
            f"'{path}' has more than {_MOST_BYTES // 2**20} MiB; record fewer pages, or only the "
            "requests to an API."
        )
    return content


def _decode_entries(content: bytes, name: str) -> list[Any]:
    data = _parse(content, name)
    if not isinstance(data, dict) or not isinstance(data.get("log"), dict):
        raise HarError(
            f"The file '{name}' is JSON, but no HAR: it has no 'log'. A browser's developer tools "
            "and Playwright write one."
        )
    log = _convert(data["log"], _Log, name, "log")
    if log.version is not None and log.version.strip() not in ("", *_VERSIONS):
        raise HarError(
            f"The HAR '{name}' is of version '{log.version}'; 1.2 is read. Export it again as that."
        )
    return log.entries


def _parse(content: bytes, name: str) -> Any:
    """Parse JSON, fast where it is strict; else as the standard library does.

    That takes a byte order mark, UTF-16, NaN, integers of any length and lone surrogates, which
    no UTF-8 can carry.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        data = json.loads(content, parse_int=float)
        return json.loads(_LONE_SURROGATE.sub("\ufffd", json.dumps(data, ensure_ascii=False)))
    except RecursionError:
        raise HarError(f"The file '{name}' is no HAR: it is nested too deeply.") from None
    except ValueError as error:
        raise HarError(f"The file '{name}' is no HAR, since it is not JSON: {error}.") from error


def _convert(data: Any, type_: type[T], name: str, place: str) -> T:
    try:
        return msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        reason, _, inner = str(error).partition(" - at `$")
        inner = inner.removesuffix("`")
        raise _fault(name, f"{place}{inner}", f"{reason[0].lower()}{reason[1:]}") from None


def _fault(name: str, place: str, reason: str) -> HarError:
    return HarError(f"The HAR '{name}' is not valid: {place}: {reason}.")
