"""The envelope, with a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.apis.calwe.mutations import envelope
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(envelope)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("message-missing", lambda body: body.pop("message")),
        ("data-null", lambda body: body.update(data=None)),
        ("status-code-as-text", lambda body: body.update(statusCode="200")),
        ("message-in-english", lambda body: body.update(message="Data fetched successfully")),
    ],
)
def test_what_is_wrong_with_it(
    name: str, change: Callable[[Any], None], seen_in: InteractionIn
) -> None:
    body = json.loads(seen_in()[0][2])
    change(body)
    status, _, changed = seen_in(name)[0]
    assert (status, json.loads(changed)) == (200, body)


def test_arabic_is_escaped_and_means_the_same(seen_in: InteractionIn) -> None:
    _, _, body = seen_in("arabic-escaped")[0]
    assert body.isascii()
    assert b"\\u062a\\u0645" in body
    assert json.loads(body) == json.loads(seen_in()[0][2])


def test_arabic_is_encoded_twice(seen_in: InteractionIn) -> None:
    _, _, body = seen_in("arabic-encoded-twice")[0]
    assert json.loads(body)["message"].startswith("Ø")


def test_json_says_that_it_is_html(seen_in: InteractionIn) -> None:
    _, content_type, body = seen_in("json-as-html")[0]
    assert content_type == "text/html; charset=utf-8"
    assert body == seen_in()[0][2]
