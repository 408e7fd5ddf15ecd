"""What a run tested of what its contract says."""

from __future__ import annotations

import json

from mockserver import apis
from mockserver.check.validation.coverage import Coverage, measure_coverage
from mockserver.check.validation.results import Results
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe

APIS = apis.load()
JSON = Headers([("Content-Type", "application/json")])
SESSION = {
    "clientGuid": "1",
    "logoutDate": None,
    "loginDate": "2000-01-23T04:56:07.000+00:00",
    "sessionId": 124,
    "userId": 61,
}


def covered(name: str, *exchanges: tuple[Request, Response]) -> Coverage:
    """The coverage of a run in which these exchanges took place."""
    results = Results(APIS[name], phase="boundaries")
    for request, response in exchanges:
        match = APIS[name].contract.match(request.method, request.path)
        interaction = observe(APIS[name], Exchange(request, response), match, moment=0)
        results.record(interaction, ())
    return measure_coverage(results)


def listed(query: str = "", status: int = 200, body: object = ()) -> tuple[Request, Response]:
    response = Response(status, JSON, json.dumps(body).encode())
    return Request("GET", "/sessions", query), response


def posted(body: bytes, content_type: str) -> tuple[Request, Response]:
    headers = Headers([("Content-Type", content_type)])
    request = Request("POST", "/customer/sessions/1/log", "", headers, body)
    return request, Response(500, JSON, b"{}")


def test_statuses_have_gaps_and_undocumented_ones() -> None:
    statuses = covered("ekran", listed(), listed(status=400), listed(status=418)).statuses
    assert [(status.status, status.is_documented, status.seen) for status in statuses] == [
        ("200", True, 1),
        ("400", True, 1),
        ("401", True, 0),
        ("405", True, 0),
        ("413", True, 0),
        ("418", False, 1),
    ]


def test_parameters_that_were_never_sent_are_listed_too() -> None:
    found = covered("ekran", listed("start=2025-08-21"), listed("start=x", status=400))
    assert [
        (parameter.name, parameter.location, parameter.valid, parameter.invalid)
        for parameter in found.parameters
    ] == [
        ("start", "query", 1, 1),
        ("end", "query", 0, 0),
    ]


def test_a_keyword_on_requests_is_covered_when_it_was_satisfied_and_violated() -> None:
    found = covered("ekran", listed("start=2025-08-21"))
    rules = {rule.rule.rpartition("/")[2]: rule for rule in found.requests}
    assert set(rules) == {"type", "format", "pattern"}
    assert (rules["pattern"].satisfied, rules["pattern"].violated) == (1, 0)
    assert rules["pattern"].is_covered is False
    found = covered("ekran", listed("start=2025-08-21"), listed("start=x", status=400))
    rules = {rule.rule.rpartition("/")[2]: rule for rule in found.requests}
    assert (rules["pattern"].satisfied, rules["pattern"].violated) == (1, 1)
    assert rules["pattern"].is_covered is True


def test_that_a_value_in_a_url_is_a_string_cannot_be_violated() -> None:
    found = covered("ekran", listed("start=2025-08-21"))
    rules = {rule.rule.rpartition("/")[2]: rule for rule in found.requests}
    assert (rules["type"].can_be_violated, rules["type"].is_covered) == (False, True)
    assert rules["format"].can_be_violated is True


def test_a_body_is_a_parameter_whose_keywords_count() -> None:
    found = covered(
        "calwe",
        posted(b'{"action_type": "ENTERED"}', "application/json"),
        posted(b"{}", "application/json"),
        posted(b"", "application/json"),
        posted(b"a", "text/plain"),
    )
    bodies = {
        (parameter.operation, parameter.valid, parameter.invalid)
        for parameter in found.parameters
        if parameter.name == "body"
    }
    assert bodies == {("createSessionLog", 1, 3), ("createCoachSessionLog", 0, 0)}
    rules = {rule.rule: (rule.satisfied, rule.violated) for rule in found.requests}
    assert rules["#/components/schemas/NewLogEntry/required"] == (1, 1)
    assert rules["#/components/requestBodies/NewLogEntry/required"] == (1, 1)
    assert rules["#/components/requestBodies/NewLogEntry/content"] == (1, 1)
    assert rules["#/components/schemas/ActionType/enum"] == (1, 0)


def test_an_empty_list_validates_nothing_of_its_items() -> None:
    items = "#/components/schemas/Session/properties/userId/type"
    assert covered("ekran", listed()).responses[items] == 0
    full = covered("ekran", *[listed(body=[SESSION])] * 3).responses
    assert full[items] == 3
    # A session that runs has no end whose form could be validated.
    assert full["#/components/schemas/Session/properties/logoutDate/format"] == 0


def test_the_headers_of_a_response_are_rules_too() -> None:
    headers = Headers([("Content-Type", "application/json"), ("Allow", "GET, HEAD")])
    response = Response(405, headers, b'{"message": "no"}')
    found = covered("ekran", (Request("GET", "/sessions"), response))
    place = "#/paths/~1sessions/get/responses/405/headers/Allow"
    validated = {rule: n for rule, n in found.responses.items() if rule.startswith(place)}
    assert validated == {
        f"{place}/required": 1,
        f"{place}/schema/type": 1,
        f"{place}/schema/pattern": 1,
    }


def test_a_response_that_is_no_json_validates_its_content_type_alone() -> None:
    html = Response(200, Headers([("Content-Type", "text/html")]), b"<html>")
    broken = Response(200, JSON, b"[{")
    found = covered(
        "ekran", (Request("GET", "/sessions"), html), (Request("GET", "/sessions"), broken)
    )
    assert {rule: n for rule, n in found.responses.items() if n} == {
        "#/paths/~1sessions/get/responses/200/content": 2
    }


def test_invariants_are_counted_by_what_they_validated() -> None:
    invariants = covered("ekran", listed(body=[SESSION])).invariants
    assert invariants["a-row-is-listed-once"] == 1
    assert min(invariants.values()) == 0
