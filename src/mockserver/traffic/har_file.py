"""Opens HAR files, plain, compressed or in a zip; errors name the file and the reason."""

from __future__ import annotations

import codecs
import json
import re
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import IO

from mockserver.errors import MockserverError
from mockserver.traffic.har_splitter import HarSplitter, NotHar, RawEntry

_MOST_BYTES = 4 * 2**30
"""The most bytes that are unpacked of one file."""

_LARGEST_BODY = 64 * 2**20
"""A body in a file of its own that is larger counts as not saved."""

_CHUNK = 2**20
_ZIP = b"PK\x03\x04"
_DEFLATED = re.compile(rb"\x1f\x8b|\x78[\x01\x5e\x9c\xda]")
"""How gzip and zlib begin."""

_PACKED = "har.har"
_TOO_NEW = re.compile(r'[\s"]*([2-9]\d{0,3}(\.\d{1,4})?)[\s"]*')
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError),
    *(OSError, ValueError, zlib.error),
)
"""What zipfile raises for a damaged, an encrypted or an unusually packed archive."""


class HarError(MockserverError):
    """A file is no HAR, or cannot be read."""


class HarFile:
    """An open HAR: its entries, and the files that hold bodies beside it or in its archive.

    `members` has the JSON of the log's other short members that were read so far. `entry_count`,
    and in `fault` why the file was not read to its end, are known when its entries were split;
    `creator` has the names of the recorder and the browser in lower case, where they stand before
    them.
    """

    def __init__(
        self, path: Path, file: IO[bytes], archive: zipfile.ZipFile | None, folder: PurePosixPath
    ) -> None:
        self.path = path
        self.members: Mapping[bytes, bytes] = {}
        self.entry_count = 0
        self.fault = ""
        self.creator = ""
        self._file = file
        self._archive = archive
        self._folder = folder  # of the HAR in the archive
        self._unpacked_bytes = 0

    def split_entries(self) -> Iterator[RawEntry]:
        """Split the file into its entries, in their order. Raises HarError."""
        self._file.seek(0)
        splitter = HarSplitter(self._file)
        self.members = splitter.members
        try:
            for entry in splitter.split():
                if not entry.number:
                    named = [splitter.members.get(name, b"") for name in (b"creator", b"browser")]
                    self.creator = b" ".join(named).decode(errors="replace").lower()
                self.entry_count = entry.number + 1
                yield entry
        except NotHar as error:
            raise HarError(
                f"The file '{self.path}' is no HAR: {error}. The developer tools of a browser and "
                "Playwright write one."
            ) from None
        except OSError as error:
            raise HarError(f"The file '{self.path}' cannot be read: {error.strerror}.") from error
        self.fault = splitter.fault
        version = splitter.members.get(b"version", b"").decode(errors="replace")
        if found := _TOO_NEW.fullmatch(version):
            raise HarError(
                f"The HAR '{self.path}' is of version '{found[1]}'; 1.2 is read. Export it again "
                "as that."
            )

    def read(self, offset: int, length: int) -> bytes:
        """The bytes of an entry, after all were split."""
        self._file.seek(offset)
        return self._file.read(length)

    def read_attachment(self, name: str) -> bytes | None:
        """The bytes of a body's file; None where it is missing, damaged or very large.

        The recording chooses the name, so only files directly beside the HAR are read.
        Raises HarError where an archive holds too much.
        """
        if self._archive is not None:
            try:
                with self._archive.open(str(self._folder / name)) as file:
                    # The sizes in an archive's directory need not be true.
                    content = file.read(_LARGEST_BODY + 1)
            except (KeyError, *_UNREADABLE):
                return None
            self._unpacked_bytes += len(content)
            if self._unpacked_bytes > _MOST_BYTES:
                raise _make_excess_error(self.path)
            return content if len(content) <= _LARGEST_BODY else None
        path = self.path.parent / name
        try:
            # A link or `..` may lead elsewhere.
            is_beside = path.is_file() and path.resolve().parent == self.path.parent.resolve()
            return path.read_bytes() if is_beside and path.stat().st_size <= _LARGEST_BODY else None
        except (OSError, ValueError):
            return None


def open_har(path: Path) -> HarFile:
    """Open a HAR: plain, compressed by gzip or zlib, or in a zip as Playwright writes it.

    What is compressed or not in UTF-8 is copied to a temporary file, so that each of its entries
    can be read again. Raises HarError.
    """
    archive, member = None, ""
    try:
        with ExitStack() as stack:
            file: IO[bytes] = stack.enter_context(path.open("rb"))
            if _read_beginning(file).startswith(_ZIP):
                archive = stack.enter_context(_open_archive(file, path))
                member = _find_har(archive, path)
                file = _copy(_unpack(archive, member, path), path, stack)
            elif _DEFLATED.match(_read_beginning(file)):
                file = _copy(_inflate(file), path, stack)
            encoding = _detect_encoding(_read_beginning(file))
            if encoding != "utf-8":
                file = _copy(_transcode(file, encoding), path, stack)
            har = HarFile(path, file, archive, PurePosixPath(member).parent)
            weakref.finalize(har, stack.pop_all().close)
            return har
    except FileNotFoundError:
        raise HarError(f"There is no file '{path}'; name a HAR that was recorded.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HarError(f"The file '{path}' cannot be read: {reason}.") from error


def _open_archive(file: IO[bytes], path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise HarError(f"The archive '{path}' cannot be read: {error}.") from error


def _find_har(archive: zipfile.ZipFile, path: Path) -> str:
    """The member that is the HAR, but for what macOS adds beside each file. Raises HarError."""
    names = [name for name in archive.namelist() if not PurePosixPath(name).name.startswith("._")]
    for suffix in (".har", ".json"):
        members = [name for name in names if name.lower().endswith(suffix)]
        if _PACKED in members:
            return _PACKED
        if len(members) == 1:
            return members[0]
        if members:
            raise HarError(
                f"The archive '{path}' has several files that end with '{suffix}', and none is "
                f"'{_PACKED}', as Playwright writes it; unpack it and name them."
            )
    raise HarError(f"The archive '{path}' has no '{_PACKED}', as Playwright writes it.")


def _unpack(archive: zipfile.ZipFile, member: str, path: Path) -> Iterator[bytes]:
    try:
        with archive.open(member) as file:
            yield from iter(lambda: file.read(_CHUNK), b"")
    except _UNREADABLE as error:
        raise _make_packing_error(member, path, error) from error


def _make_packing_error(member: str, path: Path, error: Exception) -> HarError:
    return HarError(f"'{member}' in '{path}' cannot be unpacked: {error}.")


def _make_excess_error(path: Path) -> HarError:
    return HarError(
        f"'{path}' has more than {_MOST_BYTES // 2**20} MiB; record fewer pages, or only the "
        "requests to an API."
    )


def _inflate(file: IO[bytes]) -> Iterator[bytes]:
    """Decompress gzip, of one member or several, or zlib; up to where it is damaged or cut off."""
    packed = file.read(_CHUNK)
    while packed:
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
        while packed and not inflater.eof:
            try:
                yield inflater.decompress(packed, _CHUNK)
            except zlib.error:
                return
            packed = inflater.unconsumed_tail or inflater.unused_data or file.read(_CHUNK)
        yield inflater.flush()
        packed = packed.lstrip(b"\0")  # padding


def _detect_encoding(beginning: bytes) -> str:
    # Padding at the beginning would be taken for UTF-32.
    if beginning.startswith(bytes(4)):
        beginning = beginning.lstrip(b"\0")
    encoding = json.detect_encoding(beginning)
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _transcode(file: IO[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in iter(lambda: file.read(_CHUNK), b""):
        yield decoder.decode(chunk).encode("utf-8", "replace")


def _read_beginning(file: IO[bytes]) -> bytes:
    file.seek(0)
    beginning = file.read(256)
    file.seek(0)
    return beginning


def _copy(chunks: Iterable[bytes], path: Path, stack: ExitStack) -> IO[bytes]:
    """A temporary file with these bytes. Raises HarError where they are too many."""
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack is one
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _MOST_BYTES:
            raise _make_excess_error(path)
        file.write(chunk)
    return file
