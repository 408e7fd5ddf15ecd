r"""Translates patterns from ECMA 262, JSON Schema's dialect, to Rust's.

jsonschema-rs translates the classes (`\d` is ten characters to ECMA). What it leaves, and Rust
refuses or understands otherwise, is translated here: `[\w-.]`, `[[]`, `[a&&b]`, `[^]`, a brace for
itself, needless escapes, and characters beyond 16 bits in two escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = r"""
      \\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})
    | \\u\{[0-9a-fA-F]+\} | \\u[0-9a-fA-F]{4} | \\x[0-9a-fA-F]{2} | \\c[A-Za-z]
    | (?P<class>\\[dDwWsS] | \\[pP]\{[^}]*\})
    | \\(?P<escaped>.)
"""
_TOKEN = re.compile(
    rf"{_ESCAPE} | \{{[0-9]+(,[0-9]*)?\}} | (?P<opening>\[\^?) | .", re.VERBOSE | re.DOTALL
)
_MEMBER = re.compile(rf"{_ESCAPE} | .", re.VERBOSE | re.DOTALL)
_META = frozenset(r"\.+*?()|[]{}^$/-&~#")


def translate_pattern(pattern: str) -> str:
    """The same pattern for Rust; itself where both mean the same."""
    written: list[str] = []
    groups: list[bool] = []  # whether each open group looks ahead
    position = 0
    while position < len(pattern):
        token = _next(_TOKEN, pattern, position)
        position = token.end()
        if token[0] == "(":
            groups.append(pattern.startswith(("?=", "?!"), position))
        elif token[0] == ")" and groups and groups.pop() and pattern.startswith("+", position):
            position += 1  # ECMA lets a lookahead be repeated, which changes nothing
        if token["opening"]:
            members, position = _read_class(pattern, position)
            written.append(_write_class(token[0], members))
        elif token[0] in "{}]":  # here it begins or ends nothing
            written.append(f"\\{token[0]}")
        elif token["escaped"]:
            # Python, Ruby and PCRE have these anchors, ECMA has others.
            written.append({"A": "^", "z": "$", "Z": "$"}.get(token["escaped"]) or _write(token))
        else:
            written.append(_write(token))
    return "".join(written)


def _next(kind: re.Pattern[str], pattern: str, position: int) -> re.Match[str]:
    token = kind.match(pattern, position)
    if token is None:  # impossible: any character is a token
        raise ValueError(pattern)
    return token


def _write(token: re.Match[str]) -> str:
    """A character or an escape."""
    if token["high"]:
        high, low = int(token["high"], 16), int(token["low"], 16)
        return rf"\u{{{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):x}}}"
    escaped = token["escaped"]
    if escaped == "0":
        return r"\x00"
    if escaped and not (escaped.isascii() and escaped.isalnum()) and escaped not in _META:
        return escaped  # Rust knows no escape of what needs none
    return token[0]


def _read_class(pattern: str, position: int) -> tuple[list[re.Match[str]], int]:
    """The members of a character class, and where it ends."""
    members: list[re.Match[str]] = []
    while position < len(pattern):
        member = _next(_MEMBER, pattern, position)
        position = member.end()
        if member[0] == "]":
            break
        members.append(member)
    return members, position


def _write_class(opening: str, members: list[re.Match[str]]) -> str:
    if not members:
        return r"[\s\S]" if opening == "[^" else r"[^\s\S]"
    return opening + "".join(_write_members(members)) + "]"


def _write_members(members: list[re.Match[str]]) -> Iterator[str]:
    texts = ["", *(member[0] for member in members), ""]
    may_begin_range = in_range = False
    for n, member in enumerate(members, 1):
        before, text, after = texts[n - 1 : n + 2]
        if text == "-" and may_begin_range and after and not members[n]["class"]:
            may_begin_range, in_range = False, True
            yield text
            continue
        if member["escaped"] == "b":
            yield r"\x08"
        elif (
            text == "["
            or (text == "-" and before and after)
            or (text in "-&~" and text in (before, after))  # operators of sets in Rust
        ):
            yield f"\\{text}"
        else:
            yield _write(member)
        may_begin_range, in_range = not member["class"] and not in_range, False
