"""The mutations that a contract's own words give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.contract import Contract, Format, Operation, Response
from mockserver.json_pointer import escape
from mockserver.mutation.messages import parse_body, with_json, with_status
from mockserver.mutation.mutation import Mutation, on_json, response_flow
from mockserver.mutation.places import Place, change_at, find_places, values_at
from mockserver.mutation.requests import request_mutations
from mockserver.mutation.responses import response_mutations
from mockserver.mutation.values import OPERATORS, Change, find_twin, format_changes, is_list


def derive_mutations(contract: Contract, formats: Sequence[Format] = ()) -> tuple[Mutation, ...]:
    """Every mutation of every operation, named `operation.operator:place`, each name once.

    The values in the body of a refusal that several operations share are changed in the first of
    those alone: elsewhere they would be the same mutations under other names.
    """
    shared: set[str] = set()
    found: list[Mutation] = []
    for operation in contract.operations:
        found += _value_mutations(contract, operation, formats, shared)
        found += response_mutations(operation)
        found += request_mutations(contract, operation, formats)
    return tuple(found)


def _value_mutations(
    contract: Contract, operation: Operation, formats: Sequence[Format], shared: set[str]
) -> Iterator[Mutation]:
    for status, response in operation.responses.items():
        for media in response.content.values():
            if not (status.isdecimal() and media.pointer and "json" in media.name):
                continue
            is_success = int(status) == operation.success
            key = f"{status} {response.pointer}"
            if not is_success and key in shared:
                continue
            shared.add(key)
            for place in find_places(contract, media.pointer, int(status), is_success=is_success):
                yield from _of_place(operation, place, formats)


def _of_place(operation: Operation, place: Place, formats: Sequence[Format]) -> Iterator[Mutation]:
    for operator in OPERATORS.values():
        change = operator.make(place)
        if change is not None:
            sentence = operator.sentence.format(place.described)
            yield _make(operation, operator.name, place, place.name, sentence, change)
    for variant, change in format_changes(place, formats):
        sentence = f"{place.described} is in another format, variant {variant[1:]}."
        yield _make(operation, "wrong-format", place, f"{place.name}{variant}", sentence, change)
    twin = find_twin(place)
    if twin and place.is_success:
        yield _swap(operation, place, twin)
    if is_list(place):
        yield _not_found_when_empty(operation, place)


def _make(
    operation: Operation, operator: str, place: Place, name: str, sentence: str, change: Change
) -> Mutation:
    changed = on_json(lambda body: change_at(body, place.steps, change))
    return Mutation(
        name=f"{operation.id}.{operator}:{name}",
        sentence=sentence[0].upper() + sentence[1:],
        operations=(operation.id,),
        flow=response_flow(changed, place.status),
        operator=operator,
    )


def _swap(operation: Operation, place: Place, twin: str) -> Mutation:
    *above, name = place.steps
    owner = Place(place.status, place.is_success, tuple(above), {})

    def swap(value: object) -> object:
        if not isinstance(value, dict) or None in (value.get(name), value.get(twin)):
            return value
        return {**value, name: value[twin], twin: value[name]}

    sentence = f"{place.described} and `{owner.pointer}/{escape(twin)}` are swapped."
    return _make(operation, "swapped", owner, place.name, sentence, swap)


def _not_found_when_empty(operation: Operation, place: Place) -> Mutation:
    spec = operation.responses.get("404")
    shown = [
        example
        for media in (spec.content.values() if spec else ())
        for example in media.examples.values()
    ]

    def change(response: Response) -> Response:
        rows = list(values_at(parse_body(response), place.steps))
        if rows != [[]]:
            return response
        return with_json(with_status(response, 404), shown[0] if shown else {})

    return Mutation(
        name=f"{operation.id}.empty-not-found:{place.name}",
        sentence=f"Where {place.described} is empty, the response is a 404.",
        operations=(operation.id,),
        flow=response_flow(change, place.status),
        operator="empty-not-found",
    )
