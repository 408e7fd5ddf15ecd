"""The resolver: each operation of each API gets its own handler, found when the server starts."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from mockserver.apis import load
from mockserver.errors import ApiError
from mockserver.server.resolver import HandlerResolver, make_operation_key


class Operation:
    """What Connexion hands to a resolver, as far as ours reads it."""

    def __init__(self, operation_id: str) -> None:
        self.operation_id = operation_id


@pytest.mark.parametrize(
    ("name", "operation", "key"),
    [
        ("calwe", "listSessionLogs", "calwe.listSessionLogs"),
        ("autozod", "listSessionLogs", "autozod.listSessionLogs"),
        ("avaamo", "listChangeLogs", "avaamo.listChangeLogs"),
        ("ekran", "listSessions", "ekran.listSessions"),
    ],
)
def test_an_operation_is_resolved_under_a_name_of_its_own(
    name: str, operation: str, key: str
) -> None:
    api = load([name])[name]
    resolution = HandlerResolver(api).resolve(Operation(operation))

    assert resolution.operation_id == make_operation_key(api, operation) == key
    assert callable(resolution.function)


def test_an_operation_without_a_handler_is_refused_with_the_nearest() -> None:
    api = load(["calwe"])["calwe"]
    handlers = dict(api.handlers)
    handlers["list_session_log"] = handlers.pop("list_session_logs")

    with pytest.raises(ApiError, match=r"did you mean 'list_session_log'\?") as caught:
        HandlerResolver(replace(api, handlers=handlers)).resolve(Operation("listSessionLogs"))
    assert "'calwe'" in str(caught.value)
    assert "'listSessionLogs'" in str(caught.value)


def test_every_operation_answers_with_its_documented_success(documented: httpx.Client) -> None:
    headers = {"Authorization": "Bearer token", "access-token": "token"}
    answers = {
        "/v1/customer/sessions/1/log": "current_page",
        "/v1/coach/sessions/1/log": "current_page",
        "/api/sessionLogs/list?team_id=1&agent_id=68a6d35049a09719b70539b4"
        "&start_date=21-08-2025&end_date=21-08-2025": "daily_breakdown",
        "/api/v1/cap/change_logs.json": "time_token",
        "/ekranapi/sessions": "clientGuid",
    }

    for path, word in answers.items():
        answer = documented.get(path, headers=headers)
        assert answer.status_code == 200
        assert word in answer.text
    for side in ("customer", "coach"):
        path = f"/v1/{side}/sessions/1/log"
        answer = documented.post(path, headers=headers, json={"action_type": "LEFT"})
        assert answer.status_code == 200


def test_an_answer_without_a_body_has_no_type_of_one(documented: httpx.Client) -> None:
    documented.post("/__mock__/snapshots", json={"name": "one"})
    answer = documented.delete("/__mock__/snapshots/one")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


def test_an_answer_in_bytes_is_sent_as_it_is(documented: httpx.Client) -> None:
    documented.post("/__mock__/snapshots", json={"name": "one"})
    answer = documented.get("/__mock__/snapshots/one/file")

    assert answer.headers["content-type"] == "application/json"
    assert answer.content.startswith(b'{"format":"mockserver-snapshot","version":1,')
    assert answer.content.endswith(b"\n]}\n]}\n")
