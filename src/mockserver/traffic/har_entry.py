"""Reads one entry of a HAR as recorders write it: what has a plain meaning is taken.

What has none is an `EntryFault`, which names the place in the entry and the reason.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
import orjson

from mockserver.clock import SECOND, from_datetime, parse_moment
from mockserver.contract import Headers
from mockserver.errors import SettingError
from mockserver.traffic.encoding import DecodingError, decode

FileReader = Callable[[str], bytes | None]
"""Reads the file of a body; None where there is none."""

UNSAVED = None
"""The body of a message that was not saved, or not whole."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_URL = re.compile(rb'"url"\s*:\s*"(https?:[^"\\]{1,2000})"', re.IGNORECASE)
_STATUS = re.compile(r"\s*([1-9][0-9]{2})(?![0-9])")
_EARLIEST = 788_918_400 * SECOND  # 1995: before, it is a default such as 1970 or the year 1
_LATEST = 4_102_444_800 * SECOND  # 2100
_NUMBER = re.compile(r"[0-9]{10,19}(\.[0-9]+)?")
_HALF_OF_DAY = re.compile(r"(.*[T ])([0-9]{1,2})(:.*?[0-9])\s*([AaPp])\.?[Mm]\.?\s*(.*)")
_ZONE = re.compile(r"\s*(?:UTC|GMT|Z)\s*$", re.IGNORECASE)
_SPACE_BEFORE_ZONE = re.compile(r"\s+(?=[+-][0-9]{2}:?[0-9]{2}$)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,3}")
_MARK = re.compile(
    "truncat|cut off|too (large|big|long)|omitted|exceed"
    "|not (included|saved|captured|recorded|stored|available)|discarded",
    re.IGNORECASE,
)
_BASE64_NAME = re.compile("base-?64([-_]?url)?", re.IGNORECASE)
_URLSAFE = str.maketrans("-_", "+/")
_ELLIPSES = ("...", "…", "truncated]", "truncated)")
_UPLOAD_HEADERS = re.compile(r"\A(?:Content-[A-Za-z-]+: [^\r\n]*\r?\n)+\r?\n")
_LARGEST_CONTENT = 64 * 2**20
_BODILESS_STATUSES = (204, 205)
_URLENCODED = "application/x-www-form-urlencoded"
_BODILESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class EntryFault(ValueError):
    """A part of an entry cannot be read: its place, and why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)


class _Line(msgspec.Struct):
    method: Any = None
    url: Any = None
    query: Any = msgspec.field(name="queryString", default=None)


class _EntryLine(msgspec.Struct):
    request: _Line


def read_request_line(content: bytes) -> tuple[str, str | None]:
    """The method and the URL of an entry: empty and None where it has none; fast for any entry.

    Of an entry that is no JSON, the URL is what looks like it.
    """
    try:
        line = msgspec.json.decode(content, type=_EntryLine).request
    except msgspec.ValidationError:
        return "", None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            line = msgspec.convert(decode_entry(content), _EntryLine).request
        except msgspec.ValidationError:
            return "", None
        except EntryFault:
            found = _URL.search(content)
            return "", found[1].decode("utf-8", "replace") if found else None
    method = line.method.strip() if isinstance(line.method, str) else ""
    if not isinstance(line.url, str):
        return method, None
    url = line.url.strip()
    # Insomnia writes the parameters only beside the URL.
    if "?" not in url and isinstance(line.query, list):
        pairs = [pair for pair in line.query if isinstance(pair, dict) and pair.get("name")]
        fields = [(pair["name"], _format_scalar(pair.get("value"))) for pair in pairs]
        url = f"{url.partition('#')[0]}?{urlencode(fields)}" if fields else url
    return method, url


def decode_entry(content: bytes) -> Any:
    """Decode an entry, fast where it is strict JSON. Raises EntryFault.

    Otherwise NaN, integers of any length, control characters in strings, and lone surrogates are
    taken, which no UTF-8 can carry.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        data = json.loads(content.decode(), parse_int=float, strict=False)
        return json.loads(_LONE_SURROGATE.sub("\ufffd", json.dumps(data, ensure_ascii=False)))
    except RecursionError:
        raise EntryFault("", "it is nested too deeply") from None
    except UnicodeDecodeError:
        raise EntryFault("", "it is not text in UTF-8") from None
    except ValueError as error:
        raise EntryFault("", f"it is no JSON ({error})") from None


def get_object(parent: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    """A member that is an object; an absent one and `null` are empty. Raises EntryFault."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EntryFault(place, f"an object is expected, not {describe(value)}")
    return value


def describe(value: Any) -> str:
    """A value in an error message."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def read_number(value: Any, default: float = -1) -> float:
    """A number, be it written as text; the default for anything else, and where it is too large."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return value if math.isfinite(value) and abs(value) < 1e15 else default


def read_status(value: Any) -> int:
    """The status of a response; 0 where there was none. Raises EntryFault."""
    if value is None or value == "":
        return 0
    if isinstance(value, str) and (found := _STATUS.match(value)):
        return int(found[1])
    number = read_number(value, math.nan)
    if math.isnan(number) or number != int(number) or 0 < number < 100:
        raise EntryFault("response.status", f"{describe(value)} is no status")
    return max(int(number), 0)


def read_headers(value: Any, place: str, media_type: Any = None) -> Headers:
    """The header fields, without the pseudo-fields of HTTP/2. Raises EntryFault.

    A field without a name is left out; an object has the values by their names. Where fields are
    missing, the type of the body is the one that the recorder gives.
    """
    if isinstance(value, dict):
        value = [{"name": name, "value": content} for name, content in value.items()]
    if value is not None and not isinstance(value, list):
        raise EntryFault(place, f"an array is expected, not {describe(value)}")
    fields = []
    is_whole = bool(value)
    for number, pair in enumerate(value or ()):
        if not isinstance(pair, dict):
            raise EntryFault(f"{place}[{number}]", f"an object is expected, not {describe(pair)}")
        name, content = pair.get("name"), pair.get("value")
        if not name:
            is_whole = False
            continue
        if not isinstance(name, str):
            raise EntryFault(f"{place}[{number}].name", f"{describe(name)} is no text")
        if isinstance(content, dict | list):
            raise EntryFault(f"{place}[{number}].value", f"{describe(content)} is no text")
        if not name.startswith(":"):
            fields.append((name.strip(), _format_scalar(content)))
    headers = Headers(fields)
    if not is_whole and not headers.media_type and isinstance(media_type, str) and media_type:
        return headers.extended(("content-type", media_type))
    return headers


def _format_scalar(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value)


def read_moment(value: Any) -> int | None:
    """A moment as recorders write it; None where it is none, or so early that it is a default."""
    moment: int | None = None
    if isinstance(value, str):
        if _NUMBER.fullmatch(value.strip()):
            moment = _scale_epoch(float(value))
        else:
            moment = _parse_text(" ".join(value.split()))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        moment = _scale_epoch(value)
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def _scale_epoch(value: float) -> int | None:
    """Seconds since 1970, or parts of them, by the size of the number."""
    if not math.isfinite(value):
        return None
    for scale in (SECOND, SECOND // 1_000, 1):
        if _EARLIEST <= value * scale < _LATEST:
            return round(value * scale)
    return round(value / 1_000)


def _parse_text(text: str) -> int | None:
    if half := _HALF_OF_DAY.fullmatch(text):
        hour = int(half[2]) % 12 + (12 if half[4] in "Pp" else 0)
        text = f"{half[1]}{hour:02}{half[3]}{half[5]}"
    text = _SPACE_BEFORE_ZONE.sub("", _ZONE.sub("Z", text))
    try:
        return parse_moment(text)
    except (SettingError, OverflowError):
        return parse_http_date(text.removesuffix("Z") + " GMT" if text.endswith("Z") else text)


def parse_http_date(text: str) -> int | None:
    """The moment of a date as HTTP and e-mail write it; None where it is none."""
    try:
        value = parsedate_to_datetime(text)
        return from_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_request_body(
    method: str, request: Mapping[str, Any], headers: Headers, read_file: FileReader
) -> bytes | None:
    """The body of a request; None where it was not saved or not whole. Raises EntryFault.

    Many recorders write the size 0 where they do not know the body: only a Content-Length, an empty
    text or the method say that there was none.
    """
    saved = get_object(request, "postData", "request.postData")
    size = max(read_content_length(headers), read_number(request.get("bodySize")))
    text, fields = saved.get("text"), saved.get("params")
    if saved.get("_file") or text not in (None, ""):
        return _read_body(saved, request, "request.postData", size, read_file)
    if fields and isinstance(fields, list) and not _is_marked(saved, request):
        return _encode_fields(saved, fields)
    if size > 0 or _is_marked(saved, request):
        return UNSAVED
    is_empty = read_content_length(headers) == 0 or (text == "" and request.get("bodySize") == 0)
    is_usual = method in _BODILESS_METHODS or (method == "DELETE" and not headers.media_type)
    return b"" if is_empty or is_usual else UNSAVED


def _encode_fields(saved: Mapping[str, Any], fields: Sequence[Any]) -> bytes | None:
    """The fields of a form; how other types than this one write them cannot be known."""
    media_type = str(saved.get("mimeType") or "").partition(";")[0].strip().lower()
    pairs = [(pair.get("name"), pair.get("value")) for pair in fields if isinstance(pair, dict)]
    if media_type != _URLENCODED or len(pairs) < len(fields):
        return UNSAVED
    return urlencode(
        [(_format_scalar(name), _format_scalar(value)) for name, value in pairs]
    ).encode()


def decode_content(body: bytes, headers: Headers) -> bytes | None:
    """The body without its Content-Encoding, where the recorder has left it; None if unknown."""
    try:
        encodings = "" if _is_text(body) else headers.get("content-encoding") or ""
        return decode(body, encodings, _LARGEST_CONTENT)
    except DecodingError:
        return UNSAVED


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_response_body(
    status: int, response: Mapping[str, Any], headers: Headers, read_file: FileReader
) -> bytes | None:
    """The body of a response; None where it was not saved or not whole. Raises EntryFault."""
    saved = get_object(response, "content", "response.content")
    length = read_content_length(headers)
    size = read_number(saved.get("size"))
    if size < 0 and headers.get("content-encoding") is None:
        size = length
    body = _read_body(saved, response, "response.content", size, read_file)
    if body:
        body = decode_content(body, headers)
    if not body and max(length, size) > 0:
        body = UNSAVED
    return b"" if not body and (length == 0 or status in _BODILESS_STATUSES) else body


def read_content_length(headers: Headers) -> int:
    """The Content-Length of a message; -1 where it has none."""
    text = headers.get("content-length") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1


def _read_body(
    saved: Mapping[str, Any],
    message: Mapping[str, Any],
    place: str,
    size: float,
    read_file: FileReader,
) -> bytes | None:
    if _is_marked(saved, message):
        return UNSAVED
    name, text = saved.get("_file"), saved.get("text")
    if isinstance(name, str) and name:
        return read_file(name)
    if text is None:
        return UNSAVED
    if isinstance(text, dict | list):  # a recorder that parsed the body
        content = orjson.dumps(text)
        return content if text or size <= len(content) else UNSAVED
    if not isinstance(text, str):
        raise EntryFault(f"{place}.text", f"{describe(text)} is no text")
    # Firefox writes the header fields of an uploaded stream before the body.
    text = _UPLOAD_HEADERS.sub("", text)
    encoding = saved.get("encoding") or saved.get("_encoding")
    is_json = "json" in str(saved.get("mimeType") or "").lower()
    body = decode_text(text, encoding, is_json=is_json, size=size, place=place)
    is_cut = len(body) < size or (is_json and text.endswith(_ELLIPSES))
    return UNSAVED if is_cut and not _is_json_document(body) else body


def _is_marked(saved: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
    """Whether the recorder says that it has not saved the whole body."""
    comment = saved.get("comment")
    if isinstance(comment, str) and _MARK.search(comment):
        return True
    return any(
        "truncated" in name.lower() and value not in (None, False, 0, "", "false")
        for part in (saved, message)
        for name, value in part.items()
    )


def decode_text(text: str, encoding: Any, *, is_json: bool, size: float, place: str) -> bytes:
    """The bytes of a text. What is plain in spite of its `encoding` is taken as it is.

    Raises EntryFault.
    """
    plain = text.encode()
    if not encoding:
        return plain
    is_plain = len(plain) == size or _is_json_document(plain) or (is_json and _is_json(plain))
    if not isinstance(encoding, str) or not _BASE64_NAME.fullmatch(encoding.strip()):
        if is_plain or (isinstance(encoding, str) and _is_charset(encoding.strip())):
            return plain
        reason = f"the encoding {describe(encoding)} is unknown; 'base64' is known"
        raise EntryFault(place, reason)
    letters = "".join(text.split())
    # Firefox says base64 of some bodies whose text is plain.
    if not _BASE64.fullmatch(letters):
        if is_plain:
            return plain
        raise EntryFault(f"{place}.text", "it is not base64")
    letters = letters.rstrip("=").translate(_URLSAFE)
    is_cut = len(letters) % 4 == 1
    decoded = b64decode(letters[: len(letters) - is_cut] + "==")
    if is_cut and len(decoded) >= size:
        raise EntryFault(f"{place}.text", "it is not base64")
    is_misnamed = is_plain and len(decoded) != size and is_json and not _is_json(decoded)
    return plain if is_misnamed else decoded


def _is_charset(name: str) -> bool:
    """Whether a name says how a text was encoded before it was written into the HAR."""
    try:
        "".encode(name)
        return True
    except (LookupError, ValueError):
        return name.lower() in ("plain", "text", "identity", "none", "8bit", "7bit", "binary")


def _is_json_document(body: bytes) -> bool:
    """Whether it is a whole object or array: no beginning of one is."""
    return body.lstrip()[:1] in (b"{", b"[") and _is_json(body)


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
