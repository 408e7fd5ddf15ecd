"""The Api descriptor: kinds, actions with their options, and names that must fit the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import mockserver.apis.calwe.model
import mockserver.factory
from mockserver.api import Action, Api, Count, Kind, functions, snake_case
from mockserver.apis import load
from mockserver.errors import ApiError, DocumentError, LeverError, Refused
from mockserver.store import Document


def _lever(world: Any, session: str, times: int = 1, share: float = 0.5, loud: bool = False) -> Any:
    """Do it.

    And more about it.
    """
    return world, session, times, share, loud


LEVER = Action("calwe.do", _lever)


# Kinds


def test_a_kind_says_what_the_store_must_know() -> None:
    kind = Kind(
        name="entry",
        schema={},
        key=lambda body: str(body["id"]),
        owner=lambda body: body["of"],
        at=lambda body: body["from"],
        until=lambda body: body["to"],
    )
    body = {"id": 7, "of": "x", "from": 1, "to": None}
    assert kind.document(body) == Document("entry", "7", body, owner="x", at=1, until=None)
    assert kind.document(body, key="other").key == "other"


def test_a_kind_that_says_nothing_has_no_key_no_owner_and_no_moments() -> None:
    assert Kind("thing", {}).document({"a": 1}) == Document("thing", "", {"a": 1}, "", None, None)
    assert list(Kind("thing", {}).check({})) == []


# Actions


def test_an_action_tells_its_options_but_not_the_world() -> None:
    assert list(LEVER.options) == ["session", "times", "share", "loud"]
    assert LEVER.types == {
        "session": "string",
        "times": "integer",
        "share": "number",
        "loud": "boolean",
    }
    assert LEVER.description == "Do it."


def test_options_that_fit_have_no_faults() -> None:
    assert list(LEVER.faults({"session": "1"})) == []
    assert list(LEVER.faults({"session": "", "times": -1, "share": 1, "loud": True})) == []


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        ({}, [("session", "'calwe.do' needs 'session'")]),
        (
            {"session": "1", "tims": 2},
            [("tims", "'calwe.do' takes no 'tims'; did you mean 'times'?")],
        ),
        (
            {"session": "1", "x": 2},
            [
                (
                    "x",
                    "'calwe.do' takes no 'x'; known: 'loud', 'session', 'share', 'times'",
                )
            ],
        ),
        ({"session": 1}, [("session", "1 is not of type string")]),
        ({"session": None}, [("session", "None is not of type string")]),
        ({"session": "1", "times": "2"}, [("times", "'2' is not of type integer")]),
        ({"session": "1", "times": 2.0}, [("times", "2.0 is not of type integer")]),
        ({"session": "1", "times": True}, [("times", "True is not of type integer")]),
        ({"session": "1", "share": True}, [("share", "True is not of type number")]),
        ({"session": "1", "loud": 1}, [("loud", "1 is not of type boolean")]),
        (
            {"times": "2", "world": 1},
            [
                ("times", "'2' is not of type integer"),
                (
                    "world",
                    "'calwe.do' takes no 'world'; known: 'loud', 'session', 'share', 'times'",
                ),
                ("session", "'calwe.do' needs 'session'"),
            ],
        ),
    ],
)
def test_everything_wrong_with_options_is_said(
    options: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert list(LEVER.faults(options)) == faults


def test_a_count_is_from_one_to_a_hundred_thousand() -> None:
    def generate(world: Any, count: Count) -> None:
        """Make so many."""

    action = Action("make", generate)
    assert action.types == {"count": "integer"}
    assert [list(action.faults({"count": n})) for n in (1, 100_000)] == [[], []]
    assert list(action.faults({"count": 0})) == [("count", "0 is not from 1 to 100000")]
    assert list(action.faults({"count": 100_001})) == [("count", "100001 is not from 1 to 100000")]


def test_calling_an_action_fills_in_the_defaults() -> None:
    assert LEVER("a world", session="1", loud=True) == ("a world", "1", 1, 0.5, True)


def test_calling_an_action_with_a_wrong_option_is_refused() -> None:
    with pytest.raises(LeverError) as raised:
        LEVER("a world", session="1", times="2")
    assert str(raised.value) == "'2' is not of type integer"


def test_the_functions_of_a_module_are_its_own_public_ones() -> None:
    assert functions(mockserver.factory) == {}  # classes, imports and a private function
    found = functions(mockserver.apis.calwe.model)
    assert sorted(found) == ["append", "entries", "entry", "invalid", "session", "set_status"]


# An API


@pytest.fixture
def calwe() -> Api:
    return load(["calwe"])["calwe"]


def test_an_api_finds_its_kinds_generators_and_levers_by_name(calwe: Api) -> None:
    assert calwe.kind("entry").parent == "session"
    assert calwe.generator("sessions").name == "sessions"
    assert calwe.lever("leave").name == "calwe.leave"
    assert list(calwe.lever("leave").options) == ["session", "temporarily"]
    for find in (calwe.kind, calwe.generator, calwe.lever):
        with pytest.raises(KeyError):
            find("nothing")


def test_every_operation_has_its_handler(calwe: Api) -> None:
    handlers = [calwe.handler(operation).__name__ for operation in calwe.contract.operations]
    assert sorted(handlers) == [
        "create_coach_session_log",
        "create_session_log",
        "list_coach_session_logs",
        "list_session_logs",
    ]


def test_a_missing_handler_is_named_with_the_nearest_one(calwe: Api) -> None:
    broken = replace(calwe, handlers={"list_sesion_logs": print})
    operation = next(item for item in calwe.contract.operations if item.id == "listSessionLogs")
    with pytest.raises(ApiError) as raised:
        broken.handler(operation)
    assert str(raised.value) == (
        "The API 'calwe' has no handler 'list_session_logs' for the operation "
        "'listSessionLogs': did you mean 'list_sesion_logs'?"
    )


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
        actions: Iterator[Action] = (
            *(api.lever(name) for name in api.levers),
            *(api.generator(name) for name in api.generators),
        )
        for action in actions:
            assert action.description.endswith((".", ";")), action.name
            assert set(action.types.values()) <= {"string", "integer", "number", "boolean"}


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
    refused = Refused(405, {"a": 1}, {"Allow": "GET"})
    assert (refused.status, refused.body, refused.headers) == (405, {"a": 1}, {"Allow": "GET"})


def test_a_document_that_its_kind_refuses_is_refused_with_its_place() -> None:
    api = load(["autozod"])["autozod"]
    duty = api.kind("duty")
    body = {"agent_id": "a" * 24, "start": "2025-08-21T08:00:00Z", "end": None}
    api.check(duty.document(body))
    backwards = duty.document({**body, "end": "2025-08-21T07:00:00Z"})
    with pytest.raises(DocumentError) as raised:
        api.check(backwards)
    assert raised.value.document is backwards
    assert str(raised.value) == (
        "duty.end: '2025-08-21T07:00:00Z' is before the start, '2025-08-21T08:00:00Z'"
    )
    with pytest.raises(DocumentError, match="no time zone"):
        api.check(api.kind("team").document({"id": 1, "name": "a", "timezone": "Nowhere"}))
