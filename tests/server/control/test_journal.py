"""The operations on the journal: find, verify, explain, stream."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from threading import Thread
from typing import Any

import httpx
import pytest

from mockserver.journal import Follower
from mockserver.server.control import journal

LOG = "/v1/customer/sessions/{}/log"
BEARER = {"Authorization": "Bearer t"}


@pytest.fixture
def app(documented: httpx.Client) -> httpx.Client:
    documented.headers.update(BEARER)
    return documented


def verify(client: httpx.Client, **body: Any) -> tuple[int, str]:
    response = client.post("/__mock__/journal/verify", json=body)
    return response.status_code, response.json().get("message", response.text)


def test_a_verification_answers_by_status(app: httpx.Client) -> None:
    app.post(LOG.format(1), json={"action_type": "ENTERED"})
    body = {"action_type": "ENTERED"}
    assert verify(app, operation="createSessionLog", body=body, times=1) == (
        202,
        '1 call of createSessionLog with the body {"action_type": "ENTERED"}, as expected.',
    )
    status, message = verify(app, operation="createSessionLog", times=2)
    assert status == 406
    assert message.startswith("Expected exactly 2 calls of createSessionLog; the journal has 1")


def test_calls_are_verified_in_order(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    app.post(LOG.format(1), json={"action_type": "ENTERED"})
    assert verify(app, in_order=[{"method": "GET"}, {"method": "POST"}])[0] == 202
    assert verify(app, in_order=[{"method": "POST"}, {"method": "GET"}])[0] == 406


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"opration": "x"}, 400, "opration"),
        ({"times": 1, "at_least": 1}, 422, "not both"),
        ({"times": -1}, 400, "minimum"),
        ({"in_order": []}, 400, "in_order"),
        ({"status": "9XX"}, 400, "status"),
    ],
    ids=str,
)
def test_an_expectation_that_has_no_meaning_is_refused(
    app: httpx.Client, body: dict[str, Any], status: int, words: str
) -> None:
    app.get(LOG.format(1))
    response = app.post("/__mock__/journal/verify", json=body)
    assert response.status_code == status
    assert words in response.text


def test_exchanges_are_found_by_a_pattern(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    app.get(LOG.format(99))
    found = app.post("/__mock__/journal/find", json={"status": "4XX"}).json()
    assert found["count"] == 1
    assert found["entries"][0]["path"] == LOG.format(99)


@pytest.mark.parametrize(
    ("levels", "status"), [(1, 200), (99, 200), (101, 422), (300, 422), (990, 422), (1_020, 422)]
)
def test_a_pattern_is_nested_a_hundred_levels_at_most(
    app: httpx.Client, levels: int, status: int
) -> None:
    json = {"Content-Type": "application/json"}
    deep = "[" * 985 + "]" * 985
    app.post(LOG.format(1), content=deep, headers=json)
    pattern = '{"body": ' + "[" * levels + "]" * levels + "}"
    found = app.post("/__mock__/journal/find", content=pattern, headers=json)
    assert found.status_code == status
    assert status == 200 or "nested more than 100 levels" in found.json()["detail"]


def test_an_entry_is_read_by_its_id(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    assert app.get(f"/__mock__/journal/{entry['id']}").json() == entry
    response = app.get("/__mock__/journal/99-99")
    assert response.status_code == 404
    assert response.json()["detail"] == (
        "The journal has no entry '99-99'; the journal keeps the newest 1000 of each sandbox"
    )


def read_events(client: httpx.Client, number: int, **options: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    with client.stream("GET", "/__mock__/journal/stream", timeout=60, **options) as response:
        assert response.headers["content-type"] == "text/event-stream"
        for line in response.iter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
            if len(events) == number:
                break
    return events


@pytest.mark.one_process  # others may write in another order
def test_exchanges_are_streamed_as_they_come(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    (first,) = app.get("/__mock__/journal").json()["entries"]

    def send() -> None:
        app.get(LOG.format(2))
        app.get(LOG.format(99))

    sending = Thread(target=send)
    with (
        httpx.Client(base_url=app.base_url, headers=app.headers, verify=False, timeout=60) as other,
        other.stream("GET", "/__mock__/journal/stream") as response,
    ):
        paths: list[str] = []
        for line in response.iter_lines():
            if line.startswith(":") and not sending.ident:
                sending.start()
            if line.startswith("data: "):
                paths.append(json.loads(line.removeprefix("data: "))["path"])
            if len(paths) == 2:
                break
    sending.join()
    assert paths == [LOG.format(2), LOG.format(99)]
    # A browser that was cut off goes on where it was.
    last = {"Last-Event-ID": first["id"]}
    assert [it["path"] for it in read_events(app, 2, headers=last)] == paths
    assert [it["path"] for it in read_events(app, 1, params={"after": first["id"]})] == paths[:1]


def test_a_stream_with_a_wrong_id_is_refused(app: httpx.Client) -> None:
    response = app.get("/__mock__/journal/stream?after=x")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_a_summary_has_the_sizes_and_no_header_fields_and_bodies(app: httpx.Client) -> None:
    app.post(LOG.format(1), json={"action_type": "ENTERED"})
    [entry] = app.get("/__mock__/journal", params={"summary": "true"}).json()["entries"]

    assert entry["request"] == {"size": 25}
    assert entry["response"].keys() == {"size"}
    assert (entry["operation"], entry["status"]) == ("createSessionLog", 200)


@pytest.mark.parametrize(
    ("number", "pause", "seconds"),
    [(0, 0.002, 0.2), (24, 0.1, 0.2), (25, 0.002, 1), (1_000, 0.002, 2), (1_000, 0, 1)],
)
def test_a_stream_of_many_exchanges_is_read_less_often(
    number: int, pause: float, seconds: float
) -> None:
    assert journal._find_pause(number, pause) == seconds


def test_a_summary_of_a_stream_is_the_one_of_the_list_and_has_no_secret(
    app: httpx.Client,
) -> None:
    token = "Zq8-secret-token-41"
    app.headers["Authorization"] = f"Bearer {token}"
    body = json.dumps({"action_type": token}).encode()

    compressed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/first", {}),  # until it comes, the stream may not have begun to read
        ("POST", LOG.format(1), {"json": {"action_type": "ENTERED"}}),
        ("GET", LOG.format(1), {"params": {"page": "0", "x": token, "access_token": "abcdefgh"}}),
        ("POST", LOG.format(1), {"content": gzip.compress(body), "headers": compressed}),
        ("GET", f"/{token}/nope", {}),
        ("GET", LOG.format(1), {"headers": {"Prefer": "code=500"}}),
        ("GET", LOG.format(99), {}),
    ]
    streamed: list[dict[str, Any]] = []
    url = "/__mock__/journal/stream?summary=true"
    with (
        httpx.Client(base_url=app.base_url, headers=app.headers, verify=False, timeout=60) as other,
        app.stream("GET", url) as response,
    ):
        lines = response.iter_lines()
        assert next(lines).startswith(":")
        for method, target, options in requests:
            other.request(method, target, **options)
            data = next(line for line in lines if line.startswith("data: "))
            assert token not in data
            assert "abcdefgh" not in data
            streamed.append(json.loads(data.removeprefix("data: ")))
    assert streamed == app.get("/__mock__/journal?summary=true").json()["entries"]
    assert [it["request"].get("size", 0) for it in streamed] == [0, 25, 0, len(body), 0, 0, 0]
    assert streamed[2]["violations"]


def test_a_reader_who_has_left_is_not_followed_any_more(
    app: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    left: list[Any] = []
    leave = Follower.__exit__

    def note_and_leave(follower: Follower, *error: object) -> None:
        leave(follower, *error)
        left.append(error)

    monkeypatch.setattr(Follower, "__exit__", note_and_leave)
    with app.stream("GET", "/__mock__/journal/stream?summary=true") as response:
        lines = response.iter_lines()
        assert next(lines).startswith(":")
        httpx.get(f"{app.base_url}/first", headers=app.headers, verify=False)
        assert any(line.startswith("data: ") for line in lines)
        assert left == []
    eventually(lambda: len(left) == 1)


def test_the_stream_of_summaries_has_no_bodies(app: httpx.Client) -> None:
    app.post(LOG.format(1), json={"action_type": "ENTERED"})
    params = {"after": "0-0", "summary": "true"}
    with app.stream("GET", "/__mock__/journal/stream", params=params) as response:
        data = next(line for line in response.iter_lines() if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: "))["request"] == {"size": 25}


def test_exchanges_become_a_scenario_with_the_same_world(app: httpx.Client) -> None:
    before = app.get(LOG.format(1)).json()["data"]
    made = app.post("/__mock__/journal/record", json={"name": "made"}).json()

    assert (made["name"], made["exchanges"]) == ("made", 1)
    assert made["documents"] == {"calwe": {"session": 1, "entry": 2}}
    headers = {
        "Content-Type": "application/yaml",
        "X-Mock-Sandbox": f"{app.headers['X-Mock-Sandbox']}-2",
    }
    app.post("/__mock__/load", content=made["text"], headers=headers).raise_for_status()
    assert app.get(LOG.format(1), headers=headers).json()["data"] == before


def test_a_scenario_is_made_of_the_exchanges_that_are_named(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    app.get("/ekranapi/sessions", headers={"ApiKey": "k"})
    ids = [it["id"] for it in app.get("/__mock__/journal").json()["entries"]]
    body = {"name": "made", "ids": ids[:1]}
    made = app.post("/__mock__/journal/record", json=body).json()
    assert list(made["documents"]) == ["calwe"]

    body["ids"] = [ids[0], "1-999999999"]
    refused = app.post("/__mock__/journal/record", json=body)
    assert refused.status_code == 404
    assert "has no entry '1-999999999'" in refused.json()["detail"]


def test_exchanges_that_tell_of_no_document_are_a_409_that_says_why(app: httpx.Client) -> None:
    app.get("/nope")
    refused = app.post("/__mock__/journal/record", json={"name": "made"})

    assert refused.status_code == 409
    assert "an API that is not known: 1" in refused.json()["detail"]


def test_a_cut_body_is_not_used_for_a_scenario(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    app.post(LOG.format(1), json={"action_type": "LEFT", "text": "x" * 20_000})
    made = app.post("/__mock__/journal/record", json={"name": "made"}).json()
    assert made["not_used"] == {"exchanges that have no whole saved body": 1}
