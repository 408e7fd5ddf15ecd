"""Texts of a response that clients show wrongly, although the body is JSON and conforms.

No schema sees them, and no document speaks of them: they are warnings.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import orjson

from mockserver.invariant import Interaction
from mockserver.json_pointer import escape

_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_ENTITY = re.compile("&(?:amp|lt|gt|quot|apos|#[0-9]{2,5}|#x[0-9a-fA-F]{2,5});")
# What the two bytes of a letter in UTF-8, Latin or Arabic, are when each is taken for a letter.
_ENCODED_TWICE = re.compile("[ÂÃØ-Û][\u0080-\u00bf]")
_PATTERNS = {
    "escaped-text": (_ENTITY, "is escaped for HTML, and JSON has it as it is"),
    "encoded-twice": (_ENCODED_TWICE, "was read as Latin-1, and is UTF-8"),
}


def find_text_faults(interaction: Interaction) -> Iterator[tuple[str, str, str]]:
    """Yields the code, the location and a sentence for each kind of fault in a success."""
    response, body = interaction.exchange.response, interaction.response_body
    if body is None or not interaction.is_success:
        return
    header = response.headers.get("content-type") or ""
    charset = _CHARSET.search(header)
    if charset and not response.body.isascii() and not _is_utf_8(charset[1]):
        sentence = (
            f"The header says charset '{charset[1]}', and the body is UTF-8, as JSON always is"
        )
        yield "charset", "/response/headers/content-type", sentence
    # In one spelling, whatever the response escapes.
    text, sent = orjson.dumps(body).decode(), None
    for code, (pattern, sentence) in _PATTERNS.items():
        if pattern.search(text):
            sent = _list_sent(interaction) if sent is None else sent
            place = _find_place(body, pattern, sent)
            if place is not None:
                yield code, f"/response/body{place}", f"/response/body{place}: a text {sentence}"


def _is_utf_8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except LookupError:
        return False


def _list_sent(interaction: Interaction) -> str:
    """What the request has, for a response may repeat it."""
    request = interaction.exchange.request
    body = request.body.decode("utf-8", "replace")
    return f"{request.path} {unquote_plus(request.query)} {body}"


def _find_place(node: Any, pattern: re.Pattern[str], sent: str, place: str = "") -> str | None:
    """The JSON Pointer of the first text that has the pattern, and was not sent."""
    if isinstance(node, str):
        found = pattern.search(node)
        return place if found and found[0] not in sent else None
    children = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    places = (
        _find_place(child, pattern, sent, f"{place}/{escape(key)}") for key, child in children
    )
    return next((found for found in places if found is not None), None)
