"""Mutations: deliberate breaches of a contract, which show that somebody would notice.

A mutation stands at the server's edge, between the client and the operation. It is a generator that
yields the requests which the operation is to answer, gets each answer, and returns the one that the
client gets: `answer = yield request`. What an operation does for a request yielded as `Undone` is
not kept. Most change a body, an answer or a request: `answered`, `replied` and `asked` make those.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from mockserver.contract import Headers, Request, Response

__all__ = [
    "Answering",
    "Mutation",
    "Steps",
    "Undone",
    "answered",
    "asked",
    "asked_by",
    "asked_with",
    "body_of",
    "html",
    "mutation",
    "mutations",
    "parameter",
    "replied",
    "through",
    "with_body",
    "with_json",
    "with_status",
]


@dataclass(frozen=True, slots=True)
class Undone:
    """A request that is answered, and whose effects are not kept."""

    request: Request


Steps = Generator[Request | Undone, Response, Response]
"""What a mutation does with one request."""


@dataclass(frozen=True)
class Mutation:
    """A deliberate breach in the answers of some operations, named and said in one sentence."""

    name: str
    sentence: str
    operations: tuple[str, ...]
    steps: Callable[[Request], Steps]


Answering = Callable[[Request, bool], Awaitable[Response]]
"""Has a request answered; the second argument says whether its effects are kept."""


def through(mutations: Iterable[Mutation], answering: Answering) -> Answering:
    """Has requests answered through mutations, the first of them nearest to the operation."""
    for one in mutations:
        answering = _through(one, answering)
    return answering


def _through(mutation: Mutation, answering: Answering) -> Answering:
    async def answer(request: Request, keeps: bool) -> Response:
        steps = mutation.steps(request)
        step = next(steps)
        while True:
            undone = isinstance(step, Undone)
            inner = step.request if isinstance(step, Undone) else step
            response = await answering(inner, keeps and not undone)
            try:
                step = steps.send(response)
            except StopIteration as end:
                last: Response = end.value
                return last
            except (LookupError, TypeError, ValueError, AttributeError):
                return response  # a mutation nearer to the operation has left nothing to change

    return answer


def mutation(*operations: str) -> Callable[[Callable[[Request], Steps]], Mutation]:
    """Makes a mutation of a generator; its first line is its sentence, its name the mutation's name."""

    def made(steps: Callable[[Request], Steps]) -> Mutation:
        return _named(steps, operations, steps)

    return made


def replied(
    *operations: str, status: int | None = None
) -> Callable[[Callable[[Response], Response]], Mutation]:
    """Makes a mutation of a function that is given an answer, and gives another one.

    Answers of another status than `status` stay as they are.
    """

    def made(change: Callable[[Response], Response]) -> Mutation:
        return _named(change, operations, _changing(status, change))

    return made


def answered(*operations: str, status: int = 200) -> Callable[[Callable[[Any], Any]], Mutation]:
    """Makes a mutation of a function that is given the body of an answer, and gives another one."""

    def made(change: Callable[[Any], Any]) -> Mutation:
        changing = _changing(status, lambda it: with_json(it, change(body_of(it))))
        return _named(change, operations, changing)

    return made


def asked(*operations: str) -> Callable[[Callable[[Request], Request]], Mutation]:
    """Makes a mutation of a function that has another request answered than was sent."""

    def made(change: Callable[[Request], Request]) -> Mutation:
        def steps(request: Request) -> Steps:
            return (yield change(request))

        return _named(change, operations, steps)

    return made


def mutations(module: Any) -> tuple[Mutation, ...]:
    """The mutations of a module, in the order in which they stand."""
    return tuple(value for value in vars(module).values() if isinstance(value, Mutation))


def body_of(message: Request | Response) -> Any:
    """The JSON in a message, which may be changed."""
    return orjson.loads(message.body)


def parameter(request: Request, name: str) -> str | None:
    """A parameter of a request's query; of one name the last."""
    return dict(parse_qsl(request.query, keep_blank_values=True)).get(name)


def asked_with(request: Request, **parameters: str | None) -> Request:
    """The request with other parameters in its query; None leaves one out."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if name not in parameters]
    new = [(name, value) for name, value in parameters.items() if value is not None]
    return replace(request, query=urlencode([*kept, *new], quote_via=quote))


def asked_by(request: Request, header: str, value: str) -> Request:
    """The request with another value of a header field, whose name is in lower case."""
    return replace(request, headers=_with(request.headers, header, value))


def with_status(response: Response, status: int) -> Response:
    """The answer with another status."""
    return replace(response, status=status)


def with_json(response: Response, body: Any) -> Response:
    """The answer with another body, written as a server of ours writes JSON."""
    return with_body(response, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def with_body(response: Response, text: str, content_type: str | None = None) -> Response:
    """The answer with another text as its body, and perhaps of another type."""
    headers = response.headers
    if content_type is not None:
        headers = _with(headers, "content-type", content_type)
    return Response(response.status, headers, text.encode())


def html(response: Response) -> Response:
    """The answer as the page of a server that has no words of its own."""
    page = f"<!DOCTYPE html><html><body><h1>{response.status}</h1></body></html>"
    return with_body(response, page, "text/html; charset=utf-8")


def _changing(
    status: int | None, change: Callable[[Response], Response]
) -> Callable[[Request], Steps]:
    """Changes the answers of a status, or all of them."""

    def steps(request: Request) -> Steps:
        response = yield request
        return change(response) if status in (None, response.status) else response

    return steps


def _with(headers: Headers, name: str, value: str) -> Headers:
    others = [field for field in headers.fields if field[0] != name]
    return Headers([*others, (name, value)])


def _named(
    function: Callable[..., Any], operations: tuple[str, ...], steps: Callable[[Request], Steps]
) -> Mutation:
    sentence = (inspect.getdoc(function) or "").partition("\n")[0]
    return Mutation(function.__name__.replace("_", "-"), sentence, operations, steps)
