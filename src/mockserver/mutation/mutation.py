"""A mutation, and how several of them stand around one operation."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from mockserver.contract import Operation, Request, Response
from mockserver.mutation.messages import parse_body, with_json

HAND_WRITTEN = "hand-written"
"""The operator of the mutations that a vendor writes itself."""


class Discarded(Struct, frozen=True):
    """A request that gets its response, and whose effects are rolled back."""

    request: Request


Flow = Generator[Request | Discarded, Response, Response]
"""Yields requests for the operation, receives their responses, returns the client's response."""

Breach = tuple[str, str, str, Callable[[Request], Flow]]
"""An operator, the place where it is applied, a sentence, and what it does to a request."""


@dataclass(frozen=True)
class Mutation:
    """A deliberate breach of a contract in some operations, with a sentence that describes it.

    `operator` is what was done to the contract, `total is one too many` for instance is an
    `off-by-one`. `flow` runs once for each request.
    """

    name: str
    sentence: str
    operations: tuple[str, ...]
    flow: Callable[[Request], Flow]
    operator: str = HAND_WRITTEN


Send = Callable[[Request, bool], Awaitable[Response]]
"""Sends a request to the operation; the second argument says whether its effects are kept."""


def apply_mutations(mutations: Iterable[Mutation], send: Send) -> Send:
    """Send requests through mutations, the first of them nearest to the operation."""
    for mutation in mutations:
        send = _apply(mutation, send)
    return send


def _apply(mutation: Mutation, send: Send) -> Send:
    async def send_mutated(request: Request, keeps: bool) -> Response:
        flow = mutation.flow(request)
        step = next(flow)
        while True:
            if isinstance(step, Discarded):
                response = await send(step.request, False)
            else:
                response = await send(step, keeps)
            try:
                step = flow.send(response)
            except StopIteration as end:
                last: Response = end.value
                return last
            except (LookupError, TypeError, ValueError, AttributeError):
                return response  # a mutation nearer to the operation has left nothing to change

    return send_mutated


def mutation(*operations: str) -> Callable[[Callable[[Request], Flow]], Mutation]:
    """Make a mutation of a generator; its docstring's first line is the sentence."""
    return _decorator(operations, lambda flow: flow)


def change_response(
    *operations: str, status: int | None = None
) -> Callable[[Callable[[Response], Response]], Mutation]:
    """Make a mutation of a function of a response; only of one status, where that is given."""
    return _decorator(operations, lambda change: response_flow(change, status))


def change_body(*operations: str, status: int = 200) -> Callable[[Callable[[Any], Any]], Mutation]:
    """Make a mutation of a function of a response's JSON body."""
    return _decorator(operations, lambda change: response_flow(on_json(change), status))


def change_request(*operations: str) -> Callable[[Callable[[Request], Request]], Mutation]:
    """Make a mutation of a function that replaces the request before the operation gets it."""
    return _decorator(operations, request_flow)


def _decorator(
    operations: tuple[str, ...], make_flow: Callable[[Any], Callable[[Request], Flow]]
) -> Callable[[Callable[[Any], Any]], Mutation]:
    def decorate(function: Callable[[Any], Any]) -> Mutation:
        name = function.__name__.replace("_", "-")
        sentence = (inspect.getdoc(function) or "").partition("\n")[0]
        return Mutation(name, sentence, operations, make_flow(function))

    return decorate


def make_mutations(operation: Operation, breaches: Iterable[Breach]) -> Iterator[Mutation]:
    """The mutations of an operation, named `operation.operator:place`; a place may be empty."""
    for operator, place, sentence, flow in breaches:
        name = f"{operation.id}.{operator}" + (f":{place}" if place else "")
        yield Mutation(name, sentence, (operation.id,), flow, operator)


def response_flow(
    change: Callable[[Response], Response], status: int | None = None
) -> Callable[[Request], Flow]:
    """A flow that changes the responses of a status, or all of them."""

    def flow(request: Request) -> Flow:
        response = yield request
        return change(response) if status in (None, response.status) else response

    return flow


def request_flow(
    change: Callable[[Request], Request], success: int | None = None
) -> Callable[[Request], Flow]:
    """A flow that sends another request; with `success` only in place of one that has that status.

    Then what the operation refuses is still refused.
    """

    def flow(request: Request) -> Flow:
        changed = change(request)
        if success is not None and changed != request:
            response = yield Discarded(request)
            if response.status != success:
                return response
        return (yield changed)

    return flow


def on_json(change: Callable[[Any], Any]) -> Callable[[Response], Response]:
    """A change of a response's JSON; what the change leaves as it is keeps its bytes."""

    def change_json(response: Response) -> Response:
        before, after = parse_body(response), change(parse_body(response))
        # Python takes 1, 1.0 and True for equal.
        same = with_json(response, before).body == with_json(response, after).body
        return response if same else with_json(response, after)

    return change_json
