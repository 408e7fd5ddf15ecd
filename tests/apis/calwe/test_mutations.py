"""Calwe's own mutations: each changes a response, as its sentence says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Send = Callable[..., list[tuple[int, str, bytes]]]
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


def test_each_mutation_changes_a_response(list_unseen_mutations: Any) -> None:
    assert list_unseen_mutations(["documented"], REQUESTS) == []


def test_each_does_what_it_says(send: Send) -> None:
    def seen(index: int, *mutations: str) -> Any:
        status, _, body = send("documented", REQUESTS, *mutations)[index]
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
    assert b"\\u" in send("documented", REQUESTS, escaped)[0][2]
