"""The mutations that a contract's own words give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from mockserver.contract import Contract, Format, Operation
from mockserver.mutation.mutation import Breach, Mutation, make_mutations
from mockserver.mutation.places import find_places
from mockserver.mutation.requests import break_requests
from mockserver.mutation.responses import break_responses
from mockserver.mutation.values import break_values


def derive_mutations(contract: Contract, formats: Sequence[Format] = ()) -> tuple[Mutation, ...]:
    """Every mutation of every operation, each name once.

    The values in the body of a refusal that several operations share are changed in the first of
    those alone: elsewhere they would be the same mutations under other names.
    """
    shared: set[str] = set()
    found: list[Mutation] = []
    for operation in contract.operations:
        breaches = chain(
            _break_bodies(contract, operation, formats, shared),
            break_responses(operation),
            break_requests(contract, operation, formats),
        )
        found += make_mutations(operation, breaches)
    return tuple(found)


def _break_bodies(
    contract: Contract, operation: Operation, formats: Sequence[Format], shared: set[str]
) -> Iterator[Breach]:
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
                yield from break_values(operation, place, formats)
