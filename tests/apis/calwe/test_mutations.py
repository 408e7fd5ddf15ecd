"""Calwe's own mutations, turned on and looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis
from mockserver.kit import load_kit
from mockserver.mutation import HAND_WRITTEN

Seen = list[tuple[int, str, bytes]]
Answers = Callable[..., Seen]
NAMES = [it.name for it in load_kit(apis.load()["calwe"]).mutations if it.operator == HAND_WRITTEN]
LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}
# Sent in this order to the documents' world they meet every mutation.
REQUESTS = [
    ("GET", LOG, None, BEARER),
    ("GET", f"{LOG}?per_page=1&page=2", None, BEARER),
    ("POST", LOG, '{"action_type":"ENDED"}', BEARER),
    ("GET", LOG, None, BEARER),
    ("POST", LOG, '{"action_type":"LEFT"}', BEARER),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_mutation_can_be_seen(name: str, answers: Answers) -> None:
    assert answers("documented", REQUESTS, name) != answers("documented", REQUESTS)


def test_each_does_what_it_says(answers: Answers) -> None:
    def seen(index: int, *mutations: str) -> Any:
        status, _, body = answers("documented", REQUESTS, *mutations)[index]
        return status, json.loads(body)

    def types(index: int, *mutations: str) -> list[str]:
        return [row["action_type"] for row in seen(index, *mutations)[1]["data"]["data"]]

    assert types(3) == ["ENTERED", "LEFT", "ENDED", "SESSION_PERIOD"]
    assert types(3, "period-record-missing") == ["ENTERED", "LEFT", "ENDED"]
    stale = seen(0, "listSessionLogs.stale-read:/data/data")[1]["data"]
    assert (len(stale["data"]), stale["total"], stale["to"], stale["last_page"]) == (1, 1, 1, 1)
    assert stale["last_page_url"].endswith("?page=1")
    status, body = seen(4, "ended-message-corrected")
    assert (status, body["message"]) == (422, "لا يمكنك تسجيل سجل العمليات بعد انتهاء الجلسة")
    status, body = seen(4, "ended-session-accepts")
    assert (status, body["message"]) == (200, "تم حفظ البيانات بنجاح")
    escaped = "listSessionLogs.escaped-json:200"
    assert seen(0, escaped) == seen(0)
    assert b"\\u" in answers("documented", REQUESTS, escaped)[0][2]
