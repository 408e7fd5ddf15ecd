"""What holds of the invariants and workflows of every vendor."""

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
from mockserver.invariant import Interaction, Invariant
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


def named(value: Any) -> str:
    return f"{value.name}"


@pytest.mark.parametrize(("api", "invariant"), INVARIANTS, ids=named)
def test_a_invariant_says_in_a_sentence_what_holds_and_why(api: Api, invariant: Invariant) -> None:
    assert invariant.sentence.endswith(".")
    assert invariant.evidence in EVIDENCE
    assert invariant.operations
    assert {operation.id for operation in api.contract.operations} >= set(invariant.operations)


@pytest.mark.parametrize("api", apis.load().values(), ids=named)
def test_names_are_given_once(api: Api) -> None:
    for things in (load_kit(api).invariants, load_kit(api).workflows):
        assert len({thing.name for thing in things}) == len(things)


def examples(operation: Operation) -> list[tuple[int, Any]]:
    """The answers that the contract shows, with their status."""
    return [
        (int(status), example)
        for status, answer in operation.responses.items()
        for media in answer.content.values()
        for example in media.examples.values()
    ]


def places(value: Any) -> list[tuple[Any, ...]]:
    """The ways to every value inside."""
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    return [(), *((key, *place) for key, item in items for place in places(item))]


@st.composite
def answers(draw: st.DrawFn, operation: Operation) -> tuple[int, Any]:
    """An answer that the contract shows, up to three of its values replaced by something else."""
    status, answer = draw(st.sampled_from(examples(operation)))
    answer = copy.deepcopy(answer)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(places(answer)))
        if not place:
            return status, draw(GARBAGE)
        owner = answer
        for key in place[:-1]:
            owner = owner[key]
        owner[place[-1]] = draw(GARBAGE)
    return status, answer


@st.composite
def exchanges(draw: st.DrawFn, api: Api, operation: Operation) -> Interaction:
    """An exchange whose request was read by the contract, and whose answer may be anything."""
    status, answer = draw(answers(operation))
    body = draw(
        st.sampled_from([b"", b"{}", b"[1]", b"\xff", b'{"action_type":"ENDED"}', b"[" * 9])
    )
    query = draw(st.sampled_from(["", "page=2&per_page=1", "start_time=1&end_time=9", "x=%ff"]))
    path_values = {
        spec.name: draw(st.sampled_from(["1", "[", "%"]))
        for spec in operation.parameters
        if spec.location == "path"
    }
    request = Request(operation.method, operation.path, query, Headers(), body)
    reading = api.validator.validate_request(operation, request, path_values)
    return Interaction(
        operation=operation,
        exchange=Exchange(request, Response(draw(st.sampled_from([status, 200, 500])))),
        arguments=reading.arguments,
        is_valid=not reading.violations,
        response_body=answer,
        moment=draw(st.sampled_from([0, 1_755_786_600_000_000])),
        is_admitted=draw(st.booleans()),
    )


@pytest.mark.parametrize(("api", "invariant"), INVARIANTS, ids=named)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_invariant_bears_every_answer(
    api: Api, invariant: Invariant, data: st.DataObject
) -> None:
    operations = st.sampled_from(api.contract.operations)
    seen = data.draw(
        st.lists(operations.flatmap(lambda operation: exchanges(api, operation)), max_size=4)
    )
    validated = api.contract.operation(data.draw(st.sampled_from(invariant.operations)))
    said = invariant.evaluate(data.draw(exchanges(api, validated)), seen)

    assert said is None or all(isinstance(sentence, str) and sentence for sentence in said)


@pytest.mark.parametrize(("api", "invariant"), INVARIANTS, ids=named)
@pytest.mark.parametrize("answer", [None, [], {}, 0, "", [[]], {"data": []}, {"data": {"data": 1}}])
def test_a_invariant_has_nothing_to_say_of_an_answer_of_another_shape(
    api: Api, invariant: Invariant, answer: Any
) -> None:
    for id in invariant.operations:
        operation = api.contract.operation(id)
        response = Response(operation.success, Headers(), orjson.dumps(answer))
        exchange = Exchange(Request(operation.method, operation.path), response)
        assert not invariant.evaluate(Interaction(operation, exchange, response_body=answer), ())
