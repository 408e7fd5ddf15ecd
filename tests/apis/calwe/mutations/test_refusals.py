"""Refusals, with a mutation."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mockserver.apis.calwe.mutations import refusals
from mockserver.mutation import mutations

InteractionIn = Callable[..., list[tuple[int, str, bytes]]]


@pytest.mark.parametrize("name", [mutation.name for mutation in mutations(refusals)])
def test_it_can_be_seen(name: str, seen_in: InteractionIn) -> None:
    assert seen_in(name) != seen_in()


def test_a_message_is_corrected(seen_in: InteractionIn) -> None:
    status, _, body = seen_in("ended-message-corrected")[-1]
    assert status == 422
    assert json.loads(body)["message"] == "لا يمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"


def test_statuses_are_others(seen_in: InteractionIn) -> None:
    def statuses(*mutations: str) -> list[int]:
        return [status for status, _, _ in seen_in(*mutations)]

    clean = [200, 200, 200, 200, 422, 404, 401, 200, 200, 422, 404, 200, 200, 422]
    assert statuses() == clean
    assert statuses("invalid-400") == [400 if one == 422 else one for one in clean]
    assert statuses("token-always-refused") == [401] * 14
    assert statuses("token-not-checked") == [200 if one == 401 else one for one in clean]


def test_a_refusal_is_a_page(seen_in: InteractionIn) -> None:
    status, content_type, body = seen_in("not-found-as-html")[5]
    assert (status, content_type) == (404, "text/html; charset=utf-8")
    assert body == b"<!DOCTYPE html><html><body><h1>404</h1></body></html>"
