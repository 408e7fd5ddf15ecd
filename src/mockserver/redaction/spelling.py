"""Finds secrets in a text, however they are encoded there: percent-encoded, escaped, in base64.

Encodings may be inside each other. Upper and lower case are the same: names of header fields and
content types come in lower case. Of a secret that was cut off, its beginning is found.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Iterator
from html import unescape
from typing import NamedTuple

from mockserver.memo import Kept

_LEVELS = 5
"""How many encodings inside each other are decoded."""

_LEAST_BEGINNING, _LEAST_WORD = 5, 10
"""The shortest beginning of a secret that is found; at the end of a text, of one that is letters.

These may be a word.
"""

_LEAST_BASE64 = 8
_URLSAFE = bytes.maketrans(b"-_", b"+/")

_HEX = "[0-9A-Fa-f]"
_ASCII = f"([2-7]{_HEX})"
_CUT_OFF = r"[#\w{]{0,8}(?=…|\Z)"
_ESCAPE = re.compile(
    # Each alternative begins with a literal, which makes it fast.
    rf"%(?:(?:25)*+(?:{_ASCII}|([89A-Fa-f]{_HEX}(?:%(?:25)*+[89A-Fa-f]{_HEX})*+))|{_CUT_OFF})"
    # From its second backslash on, a row of them begins nothing: that would take quadratic time.
    rf"|\\(?<!\\\\)\\*+(?:(?:[uU](?:\{{0*+|00|0{{6}})|[xX]){_ASCII}\}}?|([01][0-7]{{2}})"
    rf"|([^\w\s\\\0])|[nr]|([uU]{_HEX}{{4}}(?:\\++[uU]{_HEX}{{4}})*+)|{_CUT_OFF})"
    rf"|&(?:{_CUT_OFF}"
    rf"|((?:amp;)*+#(?:[0-9]{{2,9}}|[xX]{_HEX}{{2,8}});?|(?:amp;)++|[a-zA-Z]{{2,8}};))"
    r"|~([01])"
    # UTF-16 as if it were UTF-8; base64 with line breaks in it.
    r"|\0++|[\r\n](?<=[\w+/-][\r\n])[\r\n]*+(?=[\w+/-])"
)
_MARKS = re.compile(r"[%\\&~\r\n\0]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{11,}+={0,2}")
_HEXADECIMAL = re.compile(f"{_HEX}{{12,}}+")
_LEGIBLE = re.compile(r"[\0\t-~]{12}")
_RUN = re.compile("[a-z0-9]{3,}")
"""A run of letters and digits, by which secrets are looked up."""

_LONGEST_KEPT = 500
_MOST_KEPT = 8_192

_FEW = 100
"""Up to so many secrets that were found, it is faster to look for each than to list the runs."""


class Span(NamedTuple):
    """Where a text has a secret."""

    start: int
    end: int
    secret: str


class SecretFinder:
    """Finds secrets in texts.

    `secrets` are few, and found where they were cut off too. `found` may be many; then they begin
    and end where words do.
    """

    def __init__(self, secrets: Collection[str], found: Collection[str] = ()) -> None:
        self._needles = [
            (needle, secret)
            for secret in sorted(secrets, key=lambda secret: (-len(secret), secret))
            for needle in dict.fromkeys([*_list_forms(secret), *_list_base64(secret)])
        ]
        self._index: dict[str, list[tuple[str, str]]] = {}
        for secret in sorted(found):
            for needle in dict.fromkeys(_list_forms(secret)):
                run = max(_RUN.findall(needle), key=len, default="")
                self._index.setdefault(run, []).append((needle, secret))
        self._longest = max((len(needle) for needle, _ in self._needles), default=0)
        self._decode_spaces = any(" " in secret for secret in (*secrets, *found))
        # The same ids and names are in many texts. This is no `lru_cache` of a method, which would
        # refer to the finder, and so keep it in memory until garbage is looked for.
        self._searched: Kept[tuple[bool, str, int], list[Span]] = Kept(
            most=_MOST_KEPT, longest=_LONGEST_KEPT
        )

    def find(self, text: str) -> list[Span]:
        """Where a text has secrets, in their order; none overlaps another."""
        if not (self._needles or self._index):
            return []
        merged: list[Span] = []
        for span in sorted(self._search(text, _LEVELS), key=lambda it: (it.start, -it.end)):
            if merged and span.start < merged[-1].end:
                end = max(span.end, merged[-1].end)
                merged[-1] = merged[-1]._replace(end=end)
            else:
                merged.append(span)
        return merged

    def _search(self, text: str, levels: int) -> list[Span]:
        spans = list(self._match(text))
        if not levels:
            return spans
        if self._decode_spaces and "+" in text:
            spans += self._match(text.replace("+", " "))
        if _MARKS.search(text):
            decoded = _ESCAPE.sub(_decode, text)
            if decoded != text and (inner := self._search(decoded, levels - 1)):
                spans += _locate(inner, text)
        for is_base64, runs in ((True, _BASE64), (False, _HEXADECIMAL)):
            for run in runs.finditer(text):
                for start, end, secret in self._search_run(is_base64, run[0], levels - 1):
                    spans.append(Span(run.start() + start, run.start() + end, secret))
        return spans

    def _search_run(self, is_base64: bool, run: str, levels: int) -> list[Span]:
        key = is_base64, run, levels
        kept = self._searched.get(key)
        if kept is not None:
            return kept
        search = self._search_base64 if is_base64 else self._search_hexadecimal
        found = search(run, levels)
        self._searched.keep(key, found, len(run))
        return found

    def _match(self, text: str) -> Iterator[Span]:
        """Where the secrets themselves are, or the beginning of one that was cut off."""
        lowered = _lower(text)
        for needle, secret in self._needles:
            if needle in lowered:
                yield from _find_all(lowered, needle, secret)
        ends = [match.start() for match in re.finditer("…", text)] if "…" in text else []
        for end in (*ends, len(text)):
            last = lowered[max(end - self._longest, 0) : end]
            least = _LEAST_BEGINNING if end < len(text) else _LEAST_WORD
            for needle, secret in self._needles:
                if needle[:_LEAST_BEGINNING] in last:
                    yield from _find_beginning(last, end, needle, secret, least)
        runs: Iterable[str] = self._index
        if len(self._index) > _FEW:
            runs = self._index.keys() & {"", *_RUN.findall(lowered)}
        for run in runs:
            for needle, secret in self._index[run] if run in lowered else ():
                yield from _find_all(lowered, needle, secret)

    def _search_base64(self, run: str, levels: int) -> list[Span]:
        """Where some base64, which may begin before it, has secrets."""
        characters, spans = run.rstrip("=").encode().translate(_URLSAFE), list[Span]()
        for offset in range(4):
            part = characters[offset:]
            part = part[:-1] if len(part) % 4 == 1 else part
            content = b64decode(part + b"=" * (-len(part) % 4))
            for start, end, secret in self._search_decoded(content, levels):
                last = offset + -(-end * 8 // 6)
                last = len(run) if last >= len(characters) else last
                spans.append(Span(offset + start * 8 // 6, last, secret))
        return spans

    def _search_hexadecimal(self, run: str, levels: int) -> list[Span]:
        return [
            Span(offset + 2 * start, offset + 2 * end, secret)
            for offset in range(2)
            for start, end, secret in self._search_decoded(
                bytes.fromhex(run[offset : offset + (len(run) - offset) // 2 * 2]), levels
            )
        ]

    def _search_decoded(self, content: bytes, levels: int) -> list[Span]:
        text = content.decode("latin-1")
        # What was no encoding is hardly ever legible when it is decoded.
        return self._search(text, levels if _LEGIBLE.search(text) else 0)


def _find_all(lowered: str, needle: str, secret: str) -> Iterator[Span]:
    start = lowered.find(needle)
    while start >= 0:
        yield Span(start, start + len(needle), secret)
        start = lowered.find(needle, start + len(needle))


def _find_beginning(
    last: str, end: int, needle: str, secret: str, least_word: int
) -> Iterator[Span]:
    """The beginning of a secret with which a text ends."""
    for length in range(min(len(needle) - 1, len(last)), _LEAST_BEGINNING - 1, -1):
        part = needle[:length]
        if last.endswith(part) and not (part.isalpha() and length < least_word):
            yield Span(end - length, end, secret)
            return


def _list_forms(secret: str) -> Iterator[str]:
    """A secret in lower case, and what is left of it when its own escapes are decoded."""
    for form in (secret, _encode(secret).decode("latin-1")):
        for _ in range(_LEVELS):
            yield _lower(form)
            if " " in form:  # a query may write it as a plus
                yield _lower(form).replace("+", " ")
            form = _ESCAPE.sub(_decode, form)


def _list_base64(secret: str) -> Iterator[str]:
    """A secret in base64 anywhere in a longer text, in lower case."""
    content = _encode(secret)
    for before in range(3):
        encoded = b64encode(bytes(before) + content).decode()
        # The characters at the borders depend on what is beside it too.
        inner = encoded[-(-8 * before // 6) : 8 * (before + len(content)) // 6]
        if len(inner) >= _LEAST_BASE64:
            yield from (inner.lower(), inner.lower().replace("+", "-").replace("/", "_"))


def _encode(secret: str) -> bytes:
    """A secret in UTF-8; JSON may escape half of a surrogate pair in it, which is no character."""
    return secret.encode("utf-8", "surrogatepass")


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _decode(match: re.Match[str]) -> str:
    """The text of an escape, or of several beyond ASCII that follow each other."""
    percent, octets, code, octal, sign, units, entity, pointer = match.groups()
    if digits := percent or code:
        return chr(int(digits, 16))
    if octets:
        return bytes.fromhex(octets.replace("%25", "").replace("%", "")).decode("utf-8", "replace")
    if octal:
        return chr(int(octal, 8))
    if units:
        return bytes.fromhex(re.sub(r"\\*[uU]", "", units)).decode("utf-16-be", "replace")
    if entity:
        return unescape("&" + entity.replace("amp;", ""))
    if pointer:
        return "/" if pointer == "1" else "~"
    return sign or ""


def _locate(spans: list[Span], text: str) -> Iterator[Span]:
    """The places in a text of spans in what it decodes to."""
    starts, ends, end = list[int](), list[int](), 0
    for match in _ESCAPE.finditer(text):
        length = len(_decode(match))
        starts += [*range(end, match.start()), *[match.start()] * length]
        ends += [*range(end + 1, match.start() + 1), *[match.end()] * length]
        end = match.end()
    starts += range(end, len(text))
    ends += range(end + 1, len(text) + 1)
    return (Span(starts[start], ends[end - 1], secret) for start, end, secret in spans)
