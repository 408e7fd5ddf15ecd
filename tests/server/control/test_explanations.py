"""Why a request failed: what each response that is no success says of itself, over all APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

LOG = "/v1/customer/sessions/{}/log"
BEARER = {"Authorization": "Bearer t"}
DUTIES = (
    "/api/sessionLogs/list?team_id=1000&agent_id=68a6d35049a09719b70539b4"
    "&start_date=21-08-2025&end_date=21-08-2025"
)
CHANGES = "/api/v1/cap/change_logs.json"
SESSIONS = "/ekranapi/sessions"

APIS: dict[str, tuple[str, dict[str, str]]] = {
    "autozod": (DUTIES, BEARER),
    "avaamo": (CHANGES, {"access-token": "t"}),
    "calwe": (LOG.format(1), BEARER),
    "ekran": (SESSIONS, {"ApiKey": "t"}),
}
"""A request of each API that succeeds: its path and its credential."""
BEARER_PLACE = "the header 'Authorization', as 'Bearer ...'"


@pytest.fixture
def app(documented: httpx.Client) -> httpx.Client:
    documented.headers.update(BEARER)
    return documented


def why(client: httpx.Client, response: httpx.Response) -> dict[str, Any]:
    explanation: dict[str, Any] = client.get(response.headers["x-mock-why"]).json()
    return explanation


def explain(client: httpx.Client, response: httpx.Response) -> list[str]:
    sentences: list[str] = why(client, response)["sentences"]
    return sentences


# Paths and methods


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (
            "/api/sessionLog/list",
            "Did you mean GET /api/sessionLogs/list? Segment 2 is 'sessionLogs', not 'sessionLog'.",
        ),
        (
            "/api/v1/cap/changelogs.json",
            "Did you mean GET /api/v1/cap/change_logs.json? Segment 4 is 'change_logs.json', not "
            "'changelogs.json'.",
        ),
        (
            "/v1/customers/sessions/1/log",
            "Did you mean GET /v1/customer/sessions/{id}/log? Segment 2 is 'customer', not "
            "'customers'.",
        ),
        (
            "/ekranapi/session",
            "Did you mean GET /ekranapi/sessions? Segment 2 is 'sessions', not 'session'.",
        ),
    ],
)
def test_the_nearest_operation_of_an_unknown_path_is_said(
    app: httpx.Client, path: str, sentence: str
) -> None:
    assert explain(app, app.get(path)) == [f"No operation has the path '{path}'. {sentence}"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/customer/sessions/1/logs", "Segment 5 is 'log', not 'logs'."),
        (
            "/v1/customer/sessions/1/log/",
            "The path ends with a slash, which the contract does not have.",
        ),
        ("/v1/customer/sessions/1", "'log' is missing at the end."),
        ("/v1/customer/sessions/1/log/2", "'2' is too much at the end."),
        ("/v1/customer/sessions//log", "Segment 4, {id}, is empty."),
        ("/v1/v1/customer/sessions/1/log", "'v1' is too much before 'customer'."),
        ("/v1/customer/1/log", "'sessions' is missing before '{id}'."),
        ("/customer/sessions/1/log", "'v1' is missing before 'customer'."),
    ],
)
def test_how_a_path_differs_is_said_segment_by_segment(
    app: httpx.Client, path: str, words: str
) -> None:
    response = app.get(path)
    assert response.status_code == 404
    (sentence,) = explain(app, response)
    assert sentence.endswith(f"Did you mean GET /v1/customer/sessions/{{id}}/log? {words}")


def test_operations_that_are_much_less_alike_are_not_said(app: httpx.Client) -> None:
    explanation = why(app, app.get("/v1/customers/sessions/1/log"))
    assert [(it["operation"], it["method"]) for it in explanation["nearest"]] == [
        ("calwe.listSessionLogs", "GET"),
        ("calwe.createSessionLog", "POST"),
        ("calwe.listCoachSessionLogs", "GET"),
    ]
    near = why(app, app.get("/ekranapi/session"))["nearest"]
    assert [it["operation"] for it in near] == ["ekran.listSessions"]


def test_a_path_like_none_is_told_the_bases(app: httpx.Client) -> None:
    explanation = why(app, app.get("/zzz"))
    assert explanation["nearest"] == []
    assert explanation["sentences"] == [
        "No operation has the path '/zzz'. The APIs that are served lie below '/api' (autozod), "
        "'/api/v1' (avaamo), '/v1' (calwe), '/ekranapi' (ekran)."
    ]


@pytest.mark.parametrize(
    ("api", "methods"),
    [("autozod", "GET"), ("avaamo", "GET"), ("calwe", "GET or POST"), ("ekran", "GET")],
)
def test_the_methods_of_a_path_are_said(documented: httpx.Client, api: str, methods: str) -> None:
    path, credential = APIS[api]
    explanation = why(documented, documented.delete(path, headers=credential))
    assert explanation["sentences"] == [
        f"The path is known, but not with the method DELETE; use {methods}."
    ]
    assert [it["method"] for it in explanation["nearest"]] == methods.split(" or ")


# Credentials


@pytest.mark.parametrize(
    ("api", "headers", "words"),
    [
        ("autozod", {}, f"no credential was sent. The operation takes one in {BEARER_PLACE}. "),
        (
            "autozod",
            {"Authorization": "Token t"},
            f"the header 'Authorization' has another form. The operation takes one in "
            f"{BEARER_PLACE}. ",
        ),
        (
            "autozod",
            {"Authorization": "Bearer"},
            "the credential in the header 'Authorization' is empty. ",
        ),
        (
            "avaamo",
            {},
            "no credential was sent. The operation takes one in the header 'access-token'. ",
        ),
        ("avaamo", {"access-token": ""}, "the credential in the header 'access-token' is empty. "),
        ("calwe", {}, f"no credential was sent. The operation takes one in {BEARER_PLACE}. "),
        (
            "calwe",
            {"Authorization": ""},
            f"the header 'Authorization' is empty. The operation takes one in {BEARER_PLACE}. ",
        ),
        ("ekran", {"ApiKey": ""}, "the credential in the header 'ApiKey' is empty. "),
    ],
    ids=str,
)
def test_a_credential_that_is_missing_is_said_with_its_place(
    documented: httpx.Client, api: str, headers: dict[str, str], words: str
) -> None:
    response = documented.get(APIS[api][0], headers=headers)
    assert response.status_code == 401
    assert explain(documented, response) == [
        f"The server says: {words}Any is accepted but 'invalid'."
    ]


@pytest.mark.parametrize("api", APIS)
def test_the_credential_that_is_always_refused_is_said(documented: httpx.Client, api: str) -> None:
    path, credential = APIS[api]
    [(name, value)] = credential.items()
    response = documented.get(path, headers={name: value.replace("t", "invalid")})
    assert response.status_code == 401
    assert explain(documented, response) == [
        f"The server says: the credential in the header '{name}' is 'invalid', which every API of "
        "the mock refuses, so that a client can test it."
    ]


@pytest.mark.parametrize("api", APIS)
def test_a_credential_that_the_scenario_does_not_list_is_not_shown(
    documented: httpx.Client, api: str
) -> None:
    tokens = {api: {"valid": ["the-right-one"], "required": True}}
    scenario = {"name": "one-token", "description": "One token.", "tokens": tokens}
    documented.post("/__mock__/load", json={"scenario": scenario}).raise_for_status()
    path, credential = APIS[api]
    [(name, value)] = credential.items()
    response = documented.get(path, headers={name: value.replace("t", "the-wrong-one")})
    assert response.status_code == 401
    assert explain(documented, response) == [
        f"The server says: the credential in the header '{name}' is not accepted. The scenario of "
        "the world lists those that are accepted, as `tokens`."
    ]


# What violates the contract


@pytest.mark.parametrize(
    ("api", "query", "places"),
    [
        (
            "autozod",
            "team_id=x&agent_id=zz&start_date=31-02-2025&type=lunch",
            {
                "/request/query/team_id": '"x" is not of type "integer"',
                "/request/query/agent_id": '"zz" does not match "^[0-9a-fA-F]{24}$"',
                "/request/query/type": '"lunch" is not one of "on_duty" or "off_duty"',
                "/request/query/start_date": '"31-02-2025" is not a "date-dmy", such as '
                '"21-08-2025"',
                "/request/query/end_date": "the query parameter 'end_date' is missing",
            },
        ),
        (
            "avaamo",
            "page=0&per_page=500&actions=destory,update&start_time=yesterday",
            {
                "/request/query/start_time": '"yesterday" is not of type "number"',
                "/request/query/page": "0 is less than the minimum of 1",
                "/request/query/per_page": "500 is greater than the maximum of 100",
                "/request/query/actions/0": '"destory" is not one of "update", "create" or '
                '"destroy"',
            },
        ),
        (
            "calwe",
            "page=0&per_page=all",
            {
                "/request/query/per_page": '"all" is not of type "integer"',
                "/request/query/page": "0 is less than the minimum of 1",
            },
        ),
        (
            "ekran",
            "start=2025-02-31&end=2025-02-30",
            {
                f"/request/query/{name}": f'"2025-02-{day}" is not a "date-or-minute-or-second", '
                'such as "2021-04-01"'
                for name, day in (("start", 31), ("end", 30))
            },
        ),
    ],
)
def test_all_violations_are_said_with_their_places_and_evidence(
    documented: httpx.Client, api: str, query: str, places: Mapping[str, str]
) -> None:
    path, credential = APIS[api]
    response = documented.get(f"{path.partition('?')[0]}?{query}", headers=credential)
    assert response.status_code in (400, 422)
    sentences = explain(documented, response)
    said = [it.partition(" (evidence: ") for it in sentences]
    assert [it[0] for it in said] == [
        f"The request violates the contract at '{place}': {text}" for place, text in places.items()
    ]
    for *_, reason in said:
        evidence, _, rule = reason.partition("; rule: #/components/")
        assert evidence in ("documented", "example", "assumed") and rule.endswith(").")


@pytest.mark.parametrize(
    ("content", "headers", "words"),
    [
        (
            b'{"action_type":"JUMPED"}',
            {"Content-Type": "application/json"},
            '\'/request/body/action_type\': "JUMPED" is not one of "ENTERED", "LEFT", "ENDED", '
            '"CANCELLED", "TEMPORARILY_LEFT", "CANCEL_REQUEST" or "SESSION_PERIOD" (evidence: '
            "documented; rule: #/components/schemas/ActionType/enum).",
        ),
        (b"{", {"Content-Type": "application/json"}, "'/request/body': the body is not JSON: "),
        (
            b"{}",
            {"Content-Type": "text/plain"},
            "'/request/headers/content-type': 'text/plain' is not a documented content type; "
            "documented: application/json ",
        ),
        (
            b"{}",
            {},
            "'/request/headers/content-type': there is none; documented: application/json ",
        ),
        (b"", {"Content-Type": "application/json"}, "'/request/body': the body is missing "),
    ],
)
def test_what_is_wrong_with_a_body_is_said(
    app: httpx.Client, content: bytes, headers: dict[str, str], words: str
) -> None:
    (sentence,) = explain(app, app.post(LOG.format(1), content=content, headers=headers))
    assert sentence.startswith(f"The request violates the contract at {words}")


@pytest.mark.parametrize(
    ("api", "query", "places"),
    [
        (
            "autozod",
            "&team_id=1000&lang=ar",
            {
                "team_id": "the query parameter 'team_id' was sent 2 times; the last one counts.",
                "lang": "the query parameter 'lang' is not documented; known: 'agent_id', "
                "'end_date', 'start_date', 'team_id', 'type'.",
            },
        ),
        (
            "avaamo",
            "?actions[]=update",
            {
                "actions[]": "the query parameter 'actions[]' is not documented; did you mean "
                "'actions'?"
            },
        ),
        (
            "calwe",
            "?per_page[]=5",
            {
                "per_page[]": "the query parameter 'per_page[]' is not documented; did you mean "
                "'per_page'?"
            },
        ),
        (
            "ekran",
            "?from=2025-01-01",
            {"from": "the query parameter 'from' is not documented; known: 'end', 'start'."},
        ),
    ],
)
def test_what_is_served_with_a_warning_is_explained_too(
    documented: httpx.Client, api: str, query: str, places: Mapping[str, str]
) -> None:
    path, credential = APIS[api]
    headers = {**credential, "Prefer": "validation=warn"}
    assert documented.get(path + query, headers=headers).status_code == 200
    (entry,) = documented.get("/__mock__/journal").json()["entries"]
    explanation = documented.get(f"/__mock__/journal/{entry['id']}/why").json()
    assert explanation["sentences"] == [
        f"A warning at '/request/query/{name}': {text}" for name, text in places.items()
    ]


# The state of the world


def test_an_id_that_was_never_made_is_said_with_those_that_there_are(app: httpx.Client) -> None:
    name = app.headers["X-Mock-Sandbox"]
    assert explain(app, app.get(LOG.format(99))) == [
        f"There was no session '99' in the sandbox '{name}'. There is 1: '1'.",
        f"'mockserver ids calwe session --sandbox {name}' lists ids and what each is good for.",
    ]


def test_the_request_that_ended_a_session_is_said(app: httpx.Client) -> None:
    app.post(LOG.format(1), json={"action_type": "ENDED"})
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    assert explain(app, app.post(LOG.format(1), json={"action_type": "LEFT"})) == [
        "The response depends on the session '1': its status is COMPLETED.",
        f"It was last changed by request {entry['id']} at 2025-08-21T14:30:00Z: "
        f'POST {LOG.format(1)} {{"action_type":"ENDED"}}.',
    ]


def test_what_the_scenario_has_made_so_was_no_request(app: httpx.Client) -> None:
    app.patch("/__mock__/state/calwe/session/1", json={"status": "CANCELLED"}).raise_for_status()
    response = app.post(LOG.format(1), json={"action_type": "LEFT"})
    assert response.status_code == 422
    assert explain(app, response) == [
        "The response depends on the session '1': its status is CANCELLED.",
        "No request in the journal has changed it; the scenario or the control API did.",
    ]


def test_a_refusal_by_a_rule_of_the_api_is_said_with_its_body(app: httpx.Client) -> None:
    response = app.get(DUTIES.replace("start_date=21", "start_date=22"))
    assert response.status_code == 422
    assert explain(app, response) == [
        "A rule of the API, which its schema cannot say, refuses the request: "
        '{"success":false,"error":true,"message":"The given data was invalid.","data":{"end_date":'
        '["The end date must be a date after or equal to start date."]}}'
    ]


# The mock


@pytest.mark.parametrize("api", APIS)
def test_what_named_a_sandbox_that_cannot_be_is_said(
    documented: httpx.Client, documented_server: str, api: str
) -> None:
    path, credential = APIS[api]
    reason = (
        "The server says: 'a b' cannot be a sandbox's name: use 1 to 64 letters, digits, '.', "
        "'_', '-'. "
    )
    response = documented.get(path, headers={**credential, "X-Mock-Sandbox": "a b"})
    assert response.status_code == 400
    assert explain(documented, response) == [f"{reason}The header 'X-Mock-Sandbox' names it."]
    with httpx.Client(base_url=documented_server, verify=False) as client:
        response = client.get(f"/__sandbox__/a%20b{path}", headers=credential)
        assert response.status_code == 400
        # The name is not in the URL of the explanation, which would be refused too.
        assert explain(client, response) == [f"{reason}The path names it, after '/__sandbox__/'."]


def test_a_response_that_the_client_requested_is_said(app: httpx.Client) -> None:
    requested: list[tuple[str, Callable[[], httpx.Response], str]] = [
        (
            "code=500",
            lambda: app.get(LOG.format(1), headers={"Prefer": "code=500"}),
            "The client requested this error (code=500): nothing has failed.",
        ),
        (
            "__code=404",
            lambda: app.get(f"{LOG.format(1)}?__code=404"),
            "The client requested this response (code=404): it is an example of the contract, and "
            "not that of the world.",
        ),
    ]
    for name, send, sentence in requested:
        assert (name, explain(app, send())) == (name, [sentence])


def test_a_fault_is_said(app: httpx.Client) -> None:
    rule = {"effect": {"status": 503}}
    app.put("/__mock__/faults/maintenance", json=rule).raise_for_status()
    (sentence,) = explain(app, app.get(LOG.format(1)))
    assert sentence == (
        "The fault 'maintenance' was applied on purpose: the API itself did not do this."
    )


def test_a_success_is_said_too(app: httpx.Client) -> None:
    app.get(LOG.format(1))
    (entry,) = app.get("/__mock__/journal").json()["entries"]
    explanation = app.get(f"/__mock__/journal/{entry['id']}/why").json()
    assert explanation["sentences"] == ["It was a success: the status is 200."]
