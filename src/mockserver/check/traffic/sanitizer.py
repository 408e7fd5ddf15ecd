"""Writes a recording without its secrets: the same entries, with the same verdict.

The recording is read twice, entry by entry: what is secret in one may stand in another that was
recorded before it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
from msgspec import Struct

from mockserver.api import Api
from mockserver.contract import Contract, Headers
from mockserver.errors import SettingError
from mockserver.files import replace_file
from mockserver.redaction import Mask, SecretNames, hide, is_distinctive
from mockserver.traffic.attribution import attribute_calls
from mockserver.traffic.har_entry import (
    EntryFault,
    FileReader,
    decode_content,
    decode_entry,
    decode_text,
    read_headers,
    read_number,
    read_request_line,
)
from mockserver.traffic.har_file import HarFile
from mockserver.traffic.recording import Recording

_PAIRS = {"headers": "header", "cookies": "cookie", "queryString": "query", "params": "query"}
"""The lists of names and values in a HAR, and the place that each is about."""

_ENCODINGS = ("encoding", "_encoding")
_BODIES = {"request": "postData", "response": "content"}


class _Placeholders:
    """Gives each secret a placeholder of its own, the same wherever it stands."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, secret: str, spelling: str) -> str:
        if hide(secret, spelling) == secret:
            return secret
        number = self.numbers.setdefault(unquote(secret), len(self.numbers) + 1)
        return f"REDACTED-{number}"


def sanitize(recording: Recording, apis: Sequence[Api], path: Path) -> int:
    """Write the recording to another file; returns how many different secrets it had.

    Raises SettingError where the file cannot be written, or is that of the recording, and HarError.
    """
    calls = attribute_calls(recording.calls, apis).calls
    contracts = {attributed.call.number: attributed.api.contract for attributed in calls}
    found, placeholders = set[str](), _Placeholders()

    def collect(secret: str, _spelling: str) -> str:
        found.update(value for value in (secret, unquote(secret)) if is_distinctive(value))
        return secret

    finder = _Sanitizer(recording.har, contracts, Mask(replace=collect), is_narrow=True)
    for _ in finder.sanitize_entries():
        pass
    mask = Mask(found=frozenset(found), replace=placeholders, keeps_types=True)
    try:
        if path.exists() and path.samefile(recording.har.path):
            raise SettingError(
                f"--sanitize: '{path}' is the recording itself, which is never overwritten; name "
                "another file."
            )
        with replace_file(path) as file:
            file.writelines(_Sanitizer(recording.har, contracts, mask).sanitize_log())
    except OSError as error:
        raise SettingError(f"--sanitize: '{path}' cannot be written: {error.strerror}.") from error
    return len(placeholders.numbers)


class _Sanitizer:
    """Sanitizes a log by a mask, with the names of the contract that an entry is a call of."""

    def __init__(
        self,
        har: HarFile,
        contracts: Mapping[int, Contract],
        mask: Mask,
        *,
        is_narrow: bool = False,
    ) -> None:
        self._har = har
        self._contracts = contracts
        self._mask = replace(mask, names=SecretNames(is_narrow=is_narrow))
        different = {id(contract): contract for contract in contracts.values()}
        self._masks = {
            key: replace(mask, names=SecretNames.of(contract, is_narrow=is_narrow))
            for key, contract in different.items()
        }

    def sanitize_log(self) -> Iterator[bytes]:
        """The JSON of the log; what stood before its entries stays before them."""
        written, separator = set[bytes](), b'{"log":{\n'
        for number, entry in enumerate(self.sanitize_entries()):
            if not number:
                yield from self._sanitize_members(written, separator)
                separator = b",\n" if written else separator
                yield separator + b'"entries":['
            yield (b",\n" if number else b"\n") + entry
        if not self._har.entry_count:
            yield separator + b'"entries":['
        yield b"\n]"
        yield from self._sanitize_members(written, b",\n")
        yield b"\n}}\n"

    def _sanitize_members(self, written: set[bytes], separator: bytes) -> Iterator[bytes]:
        for name, content in self._har.members.items():
            if name not in written:
                written.add(name)
                member = self._decode(content)
                value = EntrySanitizer(self._mask, self._har.read_attachment).sanitize(member)
                yield separator + orjson.dumps({name.decode("utf-8", "replace"): value})[1:-1]
                separator = b",\n"

    def sanitize_entries(self) -> Iterator[bytes]:
        """The JSON of each entry."""
        for raw in self._har.split_entries():
            contract = self._contracts.get(raw.number)
            mask = self._mask if contract is None else self._masks[id(contract)]
            sanitizer = EntrySanitizer(mask, self._har.read_attachment)
            yield orjson.dumps(sanitizer.sanitize(self._decode(raw.content)))

    def _decode(self, content: bytes) -> Any:
        """The value of some JSON; of what is none, such as a very large entry, the request line."""
        try:
            return decode_entry(content)
        except EntryFault as fault:
            method, url = read_request_line(content)
            request = {"request": {"method": method, "url": url}} if url else {}
            return {**request, "comment": f"It was left out: {fault}."}


class EntrySanitizer(Struct, frozen=True):
    """Sanitizes the JSON of an entry: what recorders add to HAR too."""

    mask: Mask
    read_file: FileReader

    def sanitize(self, value: Any, name: str = "") -> Any:
        """A value without its secrets, with the name that it has."""
        if isinstance(value, dict):
            if name in _BODIES:
                return self._sanitize_message(value, _BODIES[name])
            if name == "headers":
                return {key: self.mask.header(key, str(it or "")) for key, it in value.items()}
            return {key: self._sanitize_member(key, item) for key, item in value.items()}
        if isinstance(value, list):
            place = _PAIRS.get(name, "body")
            return [self._sanitize_pair(place, item) for item in value]
        return self.mask.body(value) if isinstance(value, str) else value

    def _sanitize_member(self, name: str, value: Any) -> Any:
        is_secret = isinstance(value, str) and self.mask.names.is_secret("body", name)
        return self.mask.replace(value, value) if is_secret else self.sanitize(value, name)

    def _sanitize_pair(self, place: str, pair: Any) -> Any:
        """An item of a list, which may be a name with its value."""
        if not isinstance(pair, dict) or not isinstance(pair.get("name"), str):
            return self.sanitize(pair)
        name, value = pair["name"], pair.get("value")
        rest = self.sanitize({key: item for key, item in pair.items() if key != "value"})
        if value is None:
            return rest
        if place == "header":
            return {**rest, "value": self.mask.header(name, str(value))}
        return {**rest, "value": self.mask.value(place, name, str(value))}

    def _sanitize_message(self, message: dict[str, Any], body: str) -> dict[str, Any]:
        """A request or a response, with the lengths of its new body."""
        new = {key: self._sanitize_member(key, it) for key, it in message.items() if key != body}
        if isinstance(url := message.get("url"), str):
            before, sign, query = url.partition("?")
            new["url"] = self.mask.text(before) + sign + self.mask.query(query)
        saved = message.get(body)
        if not isinstance(saved, dict):
            return new if saved is None else {**new, body: self.sanitize(saved)}
        try:
            headers = read_headers(message.get("headers"), "")
        except EntryFault:
            headers = Headers()
        new[body], growth = self._sanitize_body(saved, headers)
        if growth and headers.get("content-encoding") is None:
            _add_length(new, "bodySize", growth)
            for field in new["headers"] if isinstance(new.get("headers"), list) else ():
                if isinstance(field, dict) and str(field.get("name")).lower() == "content-length":
                    _add_length(field, "value", growth)
        return new

    def _sanitize_body(self, saved: dict[str, Any], headers: Headers) -> tuple[dict[str, Any], int]:
        """A saved body, and by how many bytes it grew; what cannot be read is left out."""
        rest = {key: it for key, it in saved.items() if key not in ("text", *_ENCODINGS, "_file")}
        new: dict[str, Any] = {key: self._sanitize_member(key, item) for key, item in rest.items()}
        content = self._decode_body(saved)
        if content is None:
            return new, 0
        plain = decode_content(content, headers)
        if plain is None:
            return {**new, "comment": "Its encoding cannot be read, so that it was left out."}, 0
        declared = saved.get("mimeType") or headers.media_type
        media_type = Headers([("content-type", str(declared))]).media_type
        try:
            sanitized = self.mask.body(plain.decode(), media_type).encode()
        except UnicodeDecodeError:
            # One character for each byte, so that secrets in it are found.
            sanitized = self.mask.body(plain.decode("latin-1")).encode("latin-1")
        if sanitized == content and not saved.get("_file"):
            kept = {key: saved[key] for key in ("text", *_ENCODINGS) if key in saved}
            return {**new, **kept}, 0
        try:
            new["text"] = sanitized.decode()
        except UnicodeDecodeError:
            new |= {"text": b64encode(sanitized).decode(), "encoding": "base64"}
        # A recorder may have left a body compressed, and written the size that it has without.
        growth = len(sanitized) - len(content) if plain is content else 0
        _add_length(new, "size", growth)
        if plain is not content and "size" in new:
            new["size"] = len(sanitized)
        return new, growth

    def _decode_body(self, saved: Mapping[str, Any]) -> bytes | None:
        file, text = saved.get("_file"), saved.get("text")
        if isinstance(file, str) and file:
            return self.read_file(file)
        if not isinstance(text, str):
            return None if text is None else orjson.dumps(text)
        encoding = saved.get("encoding") or saved.get("_encoding")
        is_json = "json" in str(saved.get("mimeType") or "").lower()
        size = read_number(saved.get("size"))
        try:
            return decode_text(text, encoding, is_json=is_json, size=size, place="")
        except EntryFault:
            return text.encode()


def _add_length(fields: dict[str, Any], name: str, growth: int) -> None:
    """Add to a length that is known, as a number or as text."""
    length = read_number(fields.get(name))
    if length > 0:
        new = max(round(length) + growth, 0)
        fields[name] = str(new) if isinstance(fields[name], str) else new
