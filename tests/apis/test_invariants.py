"""The invariants of every API: their descriptions, and that no response is too odd for them."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver import apis
from mockserver.api import Api
from mockserver.contract import EVIDENCE, Exchange, Headers, Operation, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

INVARIANTS = [
    (api, invariant) for api in apis.load().values() for invariant in load_kit(api).invariants
]
KEYS = st.sampled_from(["data", "id", "date", "total", "page", "rows", "entries", "x"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["ENTERED", "12:30 AM", "http://[", "%", "LEFT", "update", ""]),
)
GARBAGE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def test_an_invariant_says_in_a_sentence_what_holds_and_why() -> None:
    assert [
        invariant.name
        for api, invariant in INVARIANTS
        if not invariant.sentence.endswith(".")
        or invariant.evidence not in EVIDENCE
        or not invariant.operations
        or not {operation.id for operation in api.contract.operations} >= {*invariant.operations}
    ] == []


def test_no_two_invariants_or_workflows_of_an_api_have_one_name() -> None:
    for api in apis.load().values():
        for things in (load_kit(api).invariants, load_kit(api).workflows):
            assert len({thing.name for thing in things}) == len(things)


def examples(operation: Operation) -> list[tuple[int, Any]]:
    """The response bodies that the contract shows, with their status."""
    return [
        (int(status), example)
        for status, response in operation.responses.items()
        for media in response.content.values()
        for example in media.examples.values()
    ]


def places(value: Any) -> list[tuple[Any, ...]]:
    """The ways to every value inside."""
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    return [(), *((key, *place) for key, item in items for place in places(item))]


@st.composite
def bodies(draw: st.DrawFn, operation: Operation) -> tuple[int, Any]:
    """A body that the contract shows, up to three of its values replaced by something else."""
    status, body = draw(st.sampled_from(examples(operation) or [(operation.success, {})]))
    body = copy.deepcopy(body)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(places(body)))
        if not place:
            return status, draw(GARBAGE)
        owner = body
        for key in place[:-1]:
            owner = owner[key]
        owner[place[-1]] = draw(GARBAGE)
    return status, body


@st.composite
def exchanges(draw: st.DrawFn, api: Api, operation: Operation) -> Interaction:
    """An exchange whose request is validated, and whose response may be anything."""
    status, response_body = draw(bodies(operation))
    content = draw(
        st.sampled_from([b"", b"{}", b"[1]", b"\xff", b'{"action_type":"ENDED"}', b"[" * 9])
    )
    query = draw(st.sampled_from(["", "page=2&per_page=1", "start_time=1&end_time=9", "x=%ff"]))
    path_values = {
        spec.name: draw(st.sampled_from(["1", "[", "%"]))
        for spec in operation.parameters
        if spec.location == "path"
    }
    request = Request(operation.method, operation.path, query, Headers(), content)
    reading = api.validator.validate_request(operation, request, path_values)
    return Interaction(
        operation=operation,
        exchange=Exchange(request, Response(draw(st.sampled_from([status, 200, 500])))),
        arguments=reading.arguments,
        request_violations=reading.violations,
        response_body=response_body,
        moment=draw(st.sampled_from([0, 1_755_786_600_000_000])),
        is_admitted=draw(st.booleans()),
    )


@pytest.mark.parametrize("api", apis.load().values(), ids=lambda api: api.name)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_invariant_can_be_evaluated_on_any_response(api: Api, data: st.DataObject) -> None:
    operations = st.sampled_from(api.contract.operations)
    before = data.draw(
        st.lists(operations.flatmap(lambda operation: exchanges(api, operation)), max_size=4)
    )
    now = data.draw(operations.flatmap(lambda operation: exchanges(api, operation)))
    for invariant in load_kit(api).invariants:
        if now.operation.id in invariant.operations:
            found = invariant.evaluate(now, before)
            assert found is None or all(isinstance(it, str) and it for it in found)


def test_an_invariant_does_not_apply_to_a_body_of_another_shape() -> None:
    for api, invariant in INVARIANTS:
        for id in invariant.operations:
            operation = api.contract.operation(id)
            for body in (None, [], {}, 0, "", [[]], {"data": []}, {"data": {"data": 1}}):
                response = Response(operation.success, Headers(), orjson.dumps(body))
                exchange = Exchange(Request(operation.method, operation.path), response)
                now = Interaction(operation, exchange, response_body=body)
                assert not invariant.evaluate(now, ()), invariant.name
