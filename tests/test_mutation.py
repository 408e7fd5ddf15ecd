"""Mutations: what stands between a client and an operation, and does not do as the contract says."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from mockserver.contract import Headers, Request, Response
from mockserver.mutation import (
    Answering,
    Mutation,
    Steps,
    Undone,
    answered,
    asked,
    asked_by,
    asked_with,
    body_of,
    html,
    mutation,
    mutations,
    parameter,
    replied,
    through,
    with_body,
    with_json,
    with_status,
)

ASKED = Request("GET", "/things", "page=2&q=%D9%85", Headers([("accept", "*/*")]))


@answered("list", "other")
def total_too_large(body: Any) -> Any:
    """The total counts one too many.

    Said at more length.
    """
    return {**body, "total": body["total"] + 1}


@answered("list", status=404)
def not_found_at_length(body: Any) -> Any:
    """A 404 says more than it should."""
    return {**body, "why": "نعم"}


@replied("list", status=404)
def not_found_as_success(response: Response) -> Response:
    """A 404 is answered 200."""
    return with_status(response, 200)


@replied("list")
def headers_lost(response: Response) -> Response:
    """An answer has no header."""
    return Response(response.status, body=response.body)


@asked("list")
def page_ignored(request: Request) -> Request:
    """The page is ignored."""
    return asked_with(request, page=None)


@mutation("create")
def lost(request: Request) -> Steps:
    """What is created is not kept."""
    return (yield Undone(request))


@mutation("create")
def doubled(request: Request) -> Steps:
    """What is created is created twice."""
    yield request
    return (yield request)


def answers(*responses: Response) -> tuple[Answering, list[tuple[str, bool]]]:
    """An operation that gives these answers, the last again and again, and what it was asked."""
    asked: list[tuple[str, bool]] = []

    async def answering(request: Request, keeps: bool) -> Response:
        asked.append((request.query, keeps))
        return responses[min(len(asked), len(responses)) - 1]

    return answering, asked


def get(
    mutations: list[Mutation], *responses: Response, keeps: bool = True
) -> tuple[Response, list[tuple[str, bool]]]:
    answering, asked = answers(*responses)
    return asyncio.run(_run(through(mutations, answering), keeps)), asked


async def _run(answering: Answering, keeps: bool) -> Response:
    return await answering(ASKED, keeps)


OK = Response(200, Headers([("content-type", "application/json")]), b'{"total":3}')


def test_a_function_s_name_and_first_line_are_the_mutation_s() -> None:
    assert (total_too_large.name, total_too_large.sentence, total_too_large.operations) == (
        "total-too-large",
        "The total counts one too many.",
        ("list", "other"),
    )


def test_an_answer_is_changed() -> None:
    response, asked = get([total_too_large], OK)
    assert (response.status, response.body) == (200, b'{"total":4}')
    assert response.headers.get("content-type") == "application/json"
    assert asked == [("page=2&q=%D9%85", True)]


def test_an_answer_of_another_status_stays_as_it_is() -> None:
    refusal = Response(404, OK.headers, b'{"total":3}')
    assert get([total_too_large], refusal)[0] == refusal
    assert get([not_found_at_length], OK)[0] == OK
    changed = get([not_found_at_length], refusal)[0]
    assert changed.body == '{"total":3,"why":"نعم"}'.encode()


def test_a_whole_answer_is_changed_of_one_status_or_of_all() -> None:
    refusal = Response(404, OK.headers, b"{}")
    assert get([not_found_as_success], refusal)[0] == Response(200, OK.headers, b"{}")
    assert get([not_found_as_success], OK)[0] == OK
    for answer in (OK, refusal):
        assert get([headers_lost], answer)[0].headers.fields == ()
    assert headers_lost.sentence == "An answer has no header."


def test_another_request_is_answered() -> None:
    response, asked = get([page_ignored], OK)
    assert response == OK
    assert asked == [("q=%D9%85", True)]


def test_what_is_undone_is_not_kept() -> None:
    assert get([lost], OK) == (OK, [("page=2&q=%D9%85", False)])


def test_nothing_is_kept_of_what_another_mutation_undoes() -> None:
    response, asked = get([doubled, lost], OK)
    assert response == OK
    assert [keeps for _, keeps in asked] == [False, False]


def test_the_first_mutation_is_nearest_to_the_operation() -> None:
    once, asked = get([page_ignored, total_too_large, total_too_large], OK)
    assert once.body == b'{"total":5}'
    assert asked == [("q=%D9%85", True)]


def test_the_last_answer_is_the_client_s() -> None:
    second = with_status(OK, 201)
    assert get([doubled], OK, second)[0] == second


def test_the_mutations_of_a_module_are_found_in_their_order() -> None:
    module = SimpleNamespace(b=lost, something="else", a=doubled)
    assert mutations(module) == (lost, doubled)


def test_parameters_are_read_and_replaced() -> None:
    assert parameter(ASKED, "q") == "م"
    assert parameter(ASKED, "page") == "2"
    assert parameter(ASKED, "none") is None
    assert asked_with(ASKED, page="3", more="a b").query == "q=%D9%85&page=3&more=a%20b"
    assert asked_with(ASKED, none=None) == ASKED
    assert asked_by(ASKED, "accept", "a/b").headers.fields == (("accept", "a/b"),)
    assert asked_by(ASKED, "x-y", "z").headers.fields == (("accept", "*/*"), ("x-y", "z"))


def test_a_body_is_read_and_replaced() -> None:
    assert body_of(OK) == {"total": 3}
    assert with_json(OK, {"a": "م"}).body == '{"a":"م"}'.encode()
    assert with_json(OK, {"a": "م"}).headers.fields == OK.headers.fields
    text = with_body(OK, "no", "text/plain")
    assert (text.body, text.headers.fields) == (b"no", (("content-type", "text/plain"),))


def test_a_page_of_html_says_the_status() -> None:
    page = html(with_status(OK, 404))
    assert page.status == 404
    assert page.body == b"<!DOCTYPE html><html><body><h1>404</h1></body></html>"
    assert page.media_type == "text/html"
