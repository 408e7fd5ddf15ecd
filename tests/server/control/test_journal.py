"""The operations on the journal: find, verify, explain, stream."""

from __future__ import annotations

import json
from threading import Thread
from typing import Any

import httpx
import pytest

LOG = "/v1/customer/sessions/{}/log"
BEARER = {"Authorization": "Bearer t"}


@pytest.fixture
def app(documented: httpx.Client) -> httpx.Client:
    documented.headers.update(BEARER)
    return documented


def verify(client: httpx.Client, **body: Any) -> tuple[int, str]:
    response = client.post("/__mock__/journal/verify", json=body)
    return response.status_code, response.json().get("message", response.text)


def why(client: httpx.Client, response: httpx.Response) -> dict[str, Any]:
    explanation: dict[str, Any] = client.get(response.headers["x-mock-why"]).json()
    return explanation


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


def test_an_entry_is_read_by_its_id(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    assert app.get(f"/__mock__/journal/{entry['id']}").json() == entry
    response = app.get("/__mock__/journal/99-99")
    assert response.status_code == 404
    assert response.json()["detail"] == (
        "The journal has no entry '99-99'; the journal keeps the newest 1000 of each sandbox"
    )


def test_a_document_that_is_missing_is_said_with_those_that_there_are(app: httpx.Client) -> None:
    (sentence,) = why(app, app.get(LOG.format(99)))["sentences"]
    name = app.headers["X-Mock-Sandbox"]
    assert sentence == (f"There was no session '99' in the sandbox '{name}'. There is 1: '1'.")


def test_the_request_that_ended_a_session_is_said(app: httpx.Client) -> None:
    app.post(LOG.format(1), json={"action_type": "ENDED"})
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    response = app.post(LOG.format(1), json={"action_type": "LEFT"})
    assert why(app, response)["sentences"] == [
        "The session '1': its status is COMPLETED.",
        f"It was last changed by request {entry['id']} at 2025-08-21T14:30:00Z: "
        f'POST {LOG.format(1)} {{"action_type":"ENDED"}}.',
    ]


def test_what_the_scenario_has_made_so_was_no_request(app: httpx.Client) -> None:
    app.patch("/__mock__/state/calwe/session/1", json={"status": "CANCELLED"}).raise_for_status()
    response = app.post(LOG.format(1), json={"action_type": "LEFT"})
    assert response.status_code == 422
    assert why(app, response)["sentences"] == [
        "The session '1': its status is CANCELLED.",
        "No request in the journal has changed it; the scenario or the control API did.",
    ]


def test_all_violations_are_said_with_their_places(app: httpx.Client) -> None:
    response = app.get(f"{LOG.format(1)}?per_page=x&page=0")
    sentences = why(app, response)["sentences"]
    assert [it.split("'")[1] for it in sentences] == [
        "/request/query/per_page",
        "/request/query/page",
    ]
    assert "(documented; #/components/parameters/" in sentences[0]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/customers/sessions/1/log", "Segment 2 is 'customer', not 'customers'."),
        ("/v1/customer/sessions/1/logs", "Segment 5 is 'log', not 'logs'."),
        ("/v1/customer/sessions/1/log/", "The path ends with a slash"),
        ("/v1/customer/sessions/1", "'log' is missing at the end."),
        ("/v1/customer/sessions/1/log/2", "'2' is too much at the end."),
        ("/ekranapi/session", "Did you mean GET /ekranapi/sessions?"),
    ],
)
def test_the_nearest_operations_are_said(app: httpx.Client, path: str, words: str) -> None:
    response = app.get(path)
    assert response.status_code == 404
    explanation = why(app, response)
    assert words in explanation["sentences"][0]
    assert explanation["nearest"][0]["method"] == "GET"


def test_a_path_like_none_is_told_the_bases(app: httpx.Client) -> None:
    explanation = why(app, app.get("/zzz"))
    assert explanation["nearest"] == []
    assert explanation["sentences"] == [
        "No operation has the path '/zzz'. The APIs that are served lie below '/api' (autozod), "
        "'/api/v1' (avaamo), '/v1' (calwe), '/ekranapi' (ekran)."
    ]


def test_a_wrong_method_is_said(app: httpx.Client) -> None:
    explanation = why(app, app.delete(LOG.format(1)))
    assert explanation["sentences"] == ["The path is known, but not with the method DELETE."]
    assert [it["method"] for it in explanation["nearest"][:2]] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (
            {},
            "no credential was sent; the operation takes one in the header 'Authorization', as "
            "'Bearer ...'.",
        ),
        (
            {"Authorization": "Bearer invalid"},
            "the credential in the header 'Authorization' is 'invalid', which every API of the "
            "mock refuses, so that a client can test it.",
        ),
    ],
    ids=str,
)
def test_why_a_credential_is_not_enough_is_said(
    documented: httpx.Client, headers: dict[str, str], words: str
) -> None:
    response = documented.get(LOG.format(1), headers=headers)
    assert response.status_code == 401
    assert why(documented, response)["sentences"] == [f"The server says: {words}"]


def test_a_credential_that_the_scenario_does_not_list_is_not_shown(app: httpx.Client) -> None:
    scenario = {
        "name": "one-token",
        "description": "One token.",
        "tokens": {"calwe": {"valid": ["the-right-one"]}},
    }
    app.post("/__mock__/load", json={"scenario": scenario}).raise_for_status()
    response = app.get(LOG.format(1), headers={"Authorization": "Bearer the-wrong-one"})
    assert response.status_code == 401
    (sentence,) = why(app, response)["sentences"]
    assert sentence == (
        "The server says: the credential in the header 'Authorization' is none of those that the "
        "scenario of the world accepts."
    )


def test_what_named_a_sandbox_that_cannot_be_is_said(
    documented: httpx.Client, documented_server: str
) -> None:
    response = documented.get(LOG.format(1), headers={"X-Mock-Sandbox": "a b"})
    assert response.status_code == 400
    assert why(documented, response)["sentences"] == [
        "The server says: 'a b' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', '_', "
        "'-'. The header 'X-Mock-Sandbox' names it."
    ]
    base = f"{documented_server}/__sandbox__/a%20b"
    response = httpx.get(base + LOG.format(1), verify=False)
    id = response.headers["x-mock-why"].split("/")[-2]
    (sentence,) = documented.get(f"/__mock__/journal/{id}/why").json()["sentences"]
    assert sentence.endswith("The path names it, after '/__sandbox__/'.")


def test_a_fault_is_said(app: httpx.Client) -> None:
    response = app.get(LOG.format(1), headers={"Prefer": "code=500"})
    assert why(app, response)["sentences"] != []
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    assert entry["source"] in ("example", "synthesised", "refusal")


def test_a_success_is_said_too(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    explanation = app.get(f"/__mock__/journal/{entry['id']}/why").json()
    assert explanation["sentences"] == ["It was a success: the status is 200."]


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
