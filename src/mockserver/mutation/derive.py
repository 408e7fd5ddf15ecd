"""The mutations that a contract's own words give: operators on a whole response, and all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from mockserver.contract import Contract, Format, Operation, Response
from mockserver.mutation.messages import to_html, with_body, with_header, with_json, with_status
from mockserver.mutation.mutation import Breach, Mutation, make_mutations, on_json, response_flow
from mockserver.mutation.places import find_places
from mockserver.mutation.requests import break_requests
from mockserver.mutation.values import break_values

_Change = tuple[str, str, Callable[[Response], Response]]
"""An operator, a sentence, and what it does to a response."""

_OTHER_REFUSAL = {400: 422, 401: 403, 403: 401, 404: 410, 422: 400}


def derive_mutations(contract: Contract, formats: Sequence[Format] = ()) -> tuple[Mutation, ...]:
    """Every mutation of every operation, each name once.

    The values in the body of a refusal that several operations share are changed in the first of
    those alone: elsewhere they would be the same mutations under other names.
    """
    shared: set[str] = set()
    found: list[Mutation] = []
    named = {item.name: item for item in formats}
    for operation in contract.operations:
        breaches = chain(
            _break_bodies(contract, operation, named, shared),
            _break_responses(operation),
            break_requests(contract, operation, named),
        )
        found += make_mutations(operation, breaches)
    return tuple(found)


def _break_bodies(
    contract: Contract, operation: Operation, formats: Mapping[str, Format], shared: set[str]
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


def _break_responses(operation: Operation) -> Iterator[Breach]:
    """What can be wrong with each documented response as a whole."""
    for text, response in operation.responses.items():
        if not text.isdecimal():
            continue
        status = int(text)
        for operator, sentence, change in _change_whole(operation, status):
            yield operator, text, sentence, response_flow(change, status)
        for name in (header.name for header in response.headers if header.required):
            for operator, sentence, change in _change_header(status, name):
                yield operator, f"{text}/{name}", sentence, response_flow(change, status)


def _change_header(status: int, name: str) -> Iterator[_Change]:
    def drop(response: Response) -> Response:
        return with_header(response, name, None)

    def change(response: Response) -> Response:
        return with_header(response, name, f"{response.headers.get(name) or ''};".lower())

    yield "drop-header", f"A {status} has no header `{name}`.", drop
    sentence = f"A {status} has a header `{name}` that does not fit its schema."
    yield "change-header", sentence, change


def _change_whole(operation: Operation, status: int) -> Iterator[_Change]:
    is_success, success = status == operation.success, operation.success
    # A status that the contract does not have: 202 for instance, or 403 instead of 401.
    other = next(
        code
        for code in ((202, 203, 206) if is_success else (_OTHER_REFUSAL.get(status, 400), 403, 418))
        if code != status and (is_success or str(code) not in operation.responses or code == 400)
    )
    yield "other-status", f"A {status} is a {other}.", lambda it: with_status(it, other)
    yield (
        "server-error",
        f"A {status} is a 500 with a page of HTML.",
        lambda it: to_html(with_status(it, 500)),
    )
    if not is_success:
        yield (
            "refusal-as-success",
            f"A {status} has the status {success}.",
            lambda it: with_status(it, success),
        )
    if status == 401:
        yield (
            "redirect-to-login",
            "A 401 is a redirect to a page where one can log in.",
            lambda it: to_html(with_header(with_status(it, 302), "location", "/login")),
        )
    yield "empty-body", f"A {status} has no body.", lambda it: with_body(it, "")
    yield "as-html", f"A {status} is a page of HTML.", to_html
    yield "broken-json", f"The JSON of a {status} ends too early.", _truncate
    yield (
        "other-content-type",
        f"The JSON of a {status} says that it is plain text.",
        lambda it: with_header(it, "content-type", "text/plain; charset=utf-8"),
    )
    if is_success:
        wrap: Callable[[Any], Any] = lambda body: {"result": body}  # noqa: E731
        yield "wrapped", f"The body of a {status} is inside another object.", on_json(wrap)
        yield (
            "forbidden",
            f"A {status} is a 403 without a reason.",
            lambda it: with_json(it, {}, 403),
        )


def _truncate(response: Response) -> Response:
    return with_body(response, response.body[:-1].decode(errors="ignore"))
