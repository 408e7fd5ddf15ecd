"""Writes a scenario as a person would: a document in a line, with a comment where it needs one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from unicodedata import bidirectional, category

from mockserver.inference import Draft

_PLAIN = re.compile(
    # A word, a number with letters, a moment or an address; none begins with a sign of YAML.
    r"[^\W\d_][^\W_]*(?:[ _./@+-](?! )[^\W_]+)*"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)"
)
_WORDS = frozenset({"null", "true", "false"})
_ESCAPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MOVED = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def write_scenario(
    comments: Iterable[str],
    head: Mapping[str, object],
    remarks: Mapping[str, str],
    drafts: Mapping[str, Draft],
) -> str:
    """The YAML of a scenario: comments, its own members with remarks, the documents by API."""
    lines = [f"# {_flatten(comment)}" for comment in comments]
    for name, value in head.items():
        lines.append(f"{name}: {format_value(value)}{_comment(remarks.get(name, ''))}")
    lines += ["", "apis:"] if drafts else ["apis: {}"]
    for name, draft in drafts.items():
        lines.append(f"  {name}:")
        documents = list(_write_documents(draft))
        lines += ["    documents:", *documents] if documents else ["    documents: {}"]
    return "\n".join(lines) + "\n"


def _write_documents(draft: Draft) -> Iterator[str]:
    for kind in draft.kinds:
        documents = draft.documents.get(kind, {})
        if documents:
            yield f"      {kind}:"
            yield from (f"        # {_flatten(note)}" for note in draft.notes.get(kind, {}))
        for document in documents.values():
            yield f"        - {format_value(document.body)}{_comment(document.note)}"


def format_value(value: object) -> str:
    """A value of JSON in the flow style of YAML, without quotation marks where it needs none."""
    if isinstance(value, Mapping):
        members = (f"{_format_text(str(key))}: {format_value(it)}" for key, it in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(format_value, value))}]"
    return _format_text(value) if isinstance(value, str) else json.dumps(value)


def _format_text(text: str) -> str:
    is_plain = len(text) <= 200 and _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    if is_plain and (text.isascii() or not any(map(_is_escaped, text))):
        return text
    return _escape_hidden(json.dumps(text, ensure_ascii=False))


def _escape_hidden(text: str) -> str:
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(_escape(char) if _is_escaped(char) else char for char in text)


def _is_escaped(char: str) -> bool:
    """Whether a character cannot be seen, or moves what stands beside it."""
    if char.isascii():
        return char == "\x7f"  # the others are escaped by JSON
    return category(char) in _ESCAPED or bidirectional(char) in _MOVED


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _comment(text: str) -> str:
    return f"  # {_flatten(text)}" if text else ""


def _flatten(text: str) -> str:
    """A text for a comment: in one line, and without characters that cannot be seen."""
    return _escape_hidden(" ".join(text.split()))
