"""Opens a HAR, which somebody else has written: what is wrong in it is told with its place."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import MockserverError

__all__ = ["HarError", "HarFile", "Node", "open_har"]

_MOST_BYTES = 512 * 2**20
"""As large as a HAR, or all that is packed into one, may be."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can tell of and UTF-8 cannot carry."""

_ZIP = b"PK\x03\x04"
_PACKED = "har.har"
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
_VERSIONS = ("1.1", "1.2")
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError),
    *(OSError, ValueError),
)
"""What the reading of a damaged, an encrypted or a strangely packed archive ends with."""


class HarError(MockserverError):
    """A file is no HAR, or not one that can be read; the sentence names the file and the place."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a HAR and its place, such as `log.entries[3].request.url`.

    What is null is taken as not there, since some that write HARs write it so.
    """

    file: str
    place: str
    value: Any

    def fault(self, reason: str) -> HarError:
        """The error that something is wrong here."""
        return HarError(f"The HAR '{self.file}' is not right: {self.place} {reason}.")

    def child(self, name: str) -> Node:
        """What an object has under a name. Raises HarError when this is no object."""
        if not isinstance(self.value, dict):
            raise self._not("an object")
        return Node(self.file, f"{self.place}.{name}", self.value.get(name))

    def items(self) -> Iterator[Node]:
        """The items of a list. Raises HarError when this is none."""
        if not isinstance(self.value, list | None):
            raise self._not("a list")
        for n, item in enumerate(self.value or ()):
            yield Node(self.file, f"{self.place}[{n}]", item)

    def text(self) -> str:
        """The text that must be here, fit to be written again. Raises HarError."""
        if not isinstance(self.value, str):
            raise self._not("a text")
        return _HALF.sub("\ufffd", self.value)

    def optional_text(self) -> str | None:
        """The text, or None where there is nothing. Raises HarError."""
        return None if self.value is None else self.text()

    def number(self, otherwise: float = -1) -> float:
        """The number, or another where there is nothing. Raises HarError."""
        if self.value is None:
            return otherwise
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self._not("a number")
        # Python's integers have no end, and what JSON has may be as long as the file.
        return self.value if abs(self.value) < 1e15 and isfinite(self.value) else otherwise

    def _not(self, wanted: str) -> HarError:
        if self.value is None:
            return self.fault(f"is missing; it must be {wanted}")
        return self.fault(f"is {_KINDS.get(type(self.value), 'a number')}; it must be {wanted}")


class HarFile:
    """A HAR that is open: its `log`, and the files that hold bodies beside it."""

    def __init__(self, log: Node, folder: Path | None, archive: zipfile.ZipFile | None) -> None:
        self.log = log
        self._folder = folder
        self._archive = archive
        self._left = _MOST_BYTES

    def attached(self, name: str) -> bytes | None:
        """What a body's file has; None where there is none.

        A recording says which file that is, so that it is looked for beside it and nowhere else.
        Raises HarError where an archive holds too much or is damaged.
        """
        if self._archive is not None:
            content = _unpacked(self._archive, name, self.log.file, self._left)
            self._left -= len(content or b"")
            return content
        if self._folder is None or not name or name in (".", "..") or set(name) & set("/\\:\0"):
            return None
        path = self._folder / name
        try:
            is_beside = path.is_file() and path.resolve().parent == self._folder.resolve()
            return _read(path) if is_beside else None
        except (OSError, ValueError):
            return None


def open_har(path: Path) -> HarFile:
    """The HAR of a file, or the one in a zip that Playwright has made. Raises HarError."""
    try:
        content = _read(path)
    except FileNotFoundError:
        raise HarError(f"There is no file '{path}'; name a HAR that was recorded.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HarError(f"The file '{path}' cannot be read: {reason}.") from error
    name = str(path)
    if not content.startswith(_ZIP):
        return HarFile(_log(_data(content, name), name), path.parent, None)
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except _UNREADABLE as error:
        raise HarError(f"The archive '{name}' cannot be read: {error}.") from error
    packed = _unpacked(archive, _packed_name(archive, name), name, _MOST_BYTES)
    return HarFile(_log(_data(packed or b"", name), name), None, archive)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    _refuse_more(len(content), _MOST_BYTES, str(path))
    return content


def _refuse_more(size: int, most: int, name: str) -> None:
    if size > most:
        raise HarError(
            f"'{name}' has more than {_MOST_BYTES // 2**20} MiB; record less at once, or leave out "
            "what is not asked of an API."
        )


def _packed_name(archive: zipfile.ZipFile, name: str) -> str:
    names = [one for one in archive.namelist() if one.endswith(".har")]
    if _PACKED not in names and len(names) != 1:
        raise HarError(f"The archive '{name}' has no '{_PACKED}', as Playwright writes it.")
    return _PACKED if _PACKED in names else names[0]


def _unpacked(archive: zipfile.ZipFile, member: str, name: str, most: int) -> bytes | None:
    try:
        with archive.open(member) as file:
            # What an archive says of its sizes need not be true.
            content = file.read(most + 1)
    except KeyError:
        return None
    except (*_UNREADABLE, zlib.error) as error:
        raise HarError(f"'{member}' in '{name}' cannot be unpacked: {error}.") from error
    _refuse_more(len(content), most, name)
    return content


def _data(content: bytes, name: str) -> Any:
    """What a JSON text says: quickly if it can be, else with all that JSON's own reader bears.

    That is a byte order mark, UTF-16, half a character, and numbers that are none.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content)
    except RecursionError:
        raise HarError(f"The file '{name}' is no HAR: it is nested too deeply.") from None
    except ValueError as error:
        raise HarError(f"The file '{name}' is no HAR, since it is not JSON: {error}.") from error


def _log(data: Any, name: str) -> Node:
    if not isinstance(data, dict) or not isinstance(data.get("log"), dict):
        raise HarError(
            f"The file '{name}' is JSON, but no HAR: it has no 'log'. A browser's developer tools "
            "and Playwright write one."
        )
    log = Node(name, "log", data["log"])
    version = log.child("version").optional_text()
    # One that does not say is as good as any: what is needed is looked for anyway.
    if version is not None and version.strip() not in ("", *_VERSIONS):
        raise HarError(
            f"The HAR '{name}' is of version '{version}'; 1.2 is read. Export it again as that."
        )
    return log
