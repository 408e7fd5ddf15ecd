"""A request to an operation, written as OpenAPI says."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.http.request import written

APIS = apis.load()
LIST = APIS["calwe"].contract.operation("listSessionLogs")
CREATE = APIS["calwe"].contract.operation("createSessionLog")
CHANGES = APIS["avaamo"].contract.operation("listChangeLogs")


def test_parameters_stand_in_their_places() -> None:
    outgoing = written(LIST, {"id": "1", "page": 2, "per_page": 30})
    assert outgoing.target == "/customer/sessions/1/log?page=2&per_page=30"
    assert (outgoing.request.method, outgoing.request.path) == ("GET", "/customer/sessions/1/log")
    assert outgoing.request.query == "page=2&per_page=30"
    assert outgoing.request.body == b""


@pytest.mark.parametrize(
    ("id", "path"),
    [("a/b", "a%2Fb"), ("جلسة", "%D8%AC%D9%84%D8%B3%D8%A9"), ("a b?c#d%", "a%20b%3Fc%23d%25")],
)
def test_a_value_in_a_path_is_encoded_whole_and_validated_decoded(id: str, path: str) -> None:
    outgoing = written(LIST, {"id": id})
    assert outgoing.target == f"/customer/sessions/{path}/log"
    assert outgoing.request.path == f"/customer/sessions/{id}/log"


def test_a_list_is_written_in_the_style_of_its_parameter() -> None:
    assert written(CHANGES, {"actions": ["create", "update"]}).target.endswith(
        "?actions=create%2Cupdate"
    )


def test_what_is_no_parameter_goes_into_the_query() -> None:
    assert written(LIST, {"id": "1", "more": True}).request.query == "more=true"


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"action_type": "ENTERED"}, b'{"action_type": "ENTERED"}'),
        (None, b"null"),
        ("نص", '"نص"'.encode()),
        (b"{", b"{"),
    ],
)
def test_a_body_is_json_and_bytes_are_sent_as_they_are(body: object, content: bytes) -> None:
    request = written(CREATE, {"id": "1"}, body).request
    assert request.body == content
    assert request.headers.get("content-type") == "application/json"


def test_a_content_type_of_ones_own_takes_the_place_of_the_contracts() -> None:
    request = written(CREATE, {"id": "1"}, {}, {"Content-Type": "text/plain"}).request
    assert request.headers.get("content-type") == "text/plain"


def test_without_a_body_there_is_no_content_type() -> None:
    request = written(CREATE, {"id": "1"}).request
    assert (request.body, request.headers.get("content-type")) == (b"", None)
