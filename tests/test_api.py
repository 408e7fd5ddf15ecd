"""The Api descriptor: names that must fit the contract, documents that must fit their kind."""

from __future__ import annotations

import pytest

from mockserver.api import Api, snake_case
from mockserver.apis import load
from mockserver.errors import DocumentError, Refusal


@pytest.fixture
def calwe() -> Api:
    return load(["calwe"])["calwe"]


def test_an_api_finds_its_kinds_generators_and_events_by_name(calwe: Api) -> None:
    assert calwe.kinds_by_name["entry"].parent == "session"
    assert calwe.get_generator("sessions").name == "sessions"
    assert calwe.get_event("leave").name == "calwe.leave"
    assert list(calwe.get_event("leave").options) == ["session", "temporarily"]
    for find in (calwe.kinds_by_name.__getitem__, calwe.get_generator, calwe.get_event):
        with pytest.raises(KeyError):
            find("nothing")


def test_every_operation_has_its_handler(calwe: Api) -> None:
    operations = calwe.contract.operations
    assert {it.id: getattr(calwe.find_handler(it), "__name__", "") for it in operations} == {
        "listSessionLogs": "list_session_logs",
        "createSessionLog": "create_session_log",
        "listCoachSessionLogs": "list_session_logs",
        "createCoachSessionLog": "create_session_log",
    }


def test_a_kinds_schema_may_refer_to_the_contract_and_closes_what_it_opens() -> None:
    ekran = load(["ekran"])["ekran"]
    session = {
        "clientGuid": "x",
        "logoutDate": None,
        "loginDate": "2025-08-21T14:30:00.000+00:00",
        "sessionId": 1,
        "userId": 1,
    }
    schema = ekran.kind_schemas["session"]
    assert schema.accepts(session)
    assert not schema.accepts({**session, "sessionId": 2**31})
    assert not schema.accepts({**session, "loginDate": "2025-08-21"})
    assert not schema.accepts({**session, "more": 1})


def test_every_vendors_actions_have_a_description_and_types_that_a_scenario_can_write() -> None:
    for api in load().values():
        events = [api.get_event(name) for name in api.events]
        generators = [api.get_generator(name) for name in api.generators]
        for action in (*events, *generators):
            assert action.description.endswith((".", ";")), action.name
            types = {schema["type"] for schema in action.schemas.values()}
            shares = set() if action in events else {"object"}
            assert types <= {"string", "integer", "number", "boolean"} | shares


def test_every_example_of_a_vendors_format_conforms_and_no_counterexample_does() -> None:
    for api in load().values():
        for item in api.formats:
            assert [text for text in item.examples if not item.check(text)] == []
            assert [text for text in item.counterexamples if item.check(text)] == []


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("listSessionLogs", "list_session_logs"),
        ("list", "list"),
        ("listCoachSessionLogs", "list_coach_session_logs"),
    ],
)
def test_operation_ids_become_snake_case(name: str, snake: str) -> None:
    assert snake_case(name) == snake


def test_a_refusal_carries_status_body_and_headers() -> None:
    refused = Refusal(405, {"a": 1}, {"Allow": "GET"})
    assert (refused.status, refused.body, refused.headers) == (405, {"a": 1}, {"Allow": "GET"})


def test_a_document_that_its_kind_refuses_is_refused_with_its_place() -> None:
    api = load(["autozod"])["autozod"]
    duty = api.kinds_by_name["duty"]
    body = {"agent_id": "a" * 24, "start": "2025-08-21T08:00:00Z", "end": None}
    api.check_document(duty.document(body))
    backwards = duty.document({**body, "end": "2025-08-21T07:00:00Z"})
    with pytest.raises(DocumentError) as raised:
        api.check_document(backwards)
    assert raised.value.document is backwards
    assert str(raised.value) == (
        "duty.end: '2025-08-21T07:00:00Z' is before the start, '2025-08-21T08:00:00Z'"
    )
    with pytest.raises(DocumentError, match="no time zone"):
        api.check_document(
            api.kinds_by_name["team"].document({"id": 1, "name": "a", "timezone": "Nowhere"})
        )


def test_a_document_that_cannot_be_stored_is_refused() -> None:
    api = load(["avaamo"])["avaamo"]
    user = {"id": 2**64, "display_name": "x", "email": "x"}
    body = {
        "id": 1,
        "resource": {"id": 1, "type": "User"},
        "action": "update",
        "changelog": "c",
        "timestamp": 1,
        "dashboard_user": user,
    }

    with pytest.raises(DocumentError, match="it cannot be stored: Integer exceeds 64-bit range"):
        api.check_document(api.kinds_by_name["change"].document(body))
    api.check_document(
        api.kinds_by_name["change"].document({**body, "dashboard_user": {**user, "id": 2**64 - 1}})
    )
