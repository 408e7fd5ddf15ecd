"""Mutations: what stands between a client and an operation, and does not do as the contract says."""

from __future__ import annotations

import asyncio
from typing import Any

from mockserver.contract import Headers, Request, Response
from mockserver.mutation import (
    Discarded,
    Flow,
    Mutation,
    Send,
    apply_mutations,
    change_body,
    change_request,
    change_response,
    mutation,
    with_query,
    with_status,
)

ASKED = Request("GET", "/things", "page=2&q=%D9%85", Headers([("accept", "*/*")]))


@change_body("list", "other")
def total_too_large(body: Any) -> Any:
    """The total counts one too many.

    Said at more length.
    """
    return {**body, "total": body["total"] + 1}


@change_body("list", status=404)
def not_found_at_length(body: Any) -> Any:
    """A 404 says more than it should."""
    return {**body, "why": "نعم"}


@change_response("list", status=404)
def not_found_as_success(response: Response) -> Response:
    """A 404 is answered 200."""
    return with_status(response, 200)


@change_response("list")
def headers_lost(response: Response) -> Response:
    """An answer has no header."""
    return Response(response.status, body=response.body)


@change_request("list")
def page_ignored(request: Request) -> Request:
    """The page is ignored."""
    return with_query(request, page=None)


@mutation("create")
def lost(request: Request) -> Flow:
    """What is created is not kept."""
    return (yield Discarded(request))


@mutation("create")
def doubled(request: Request) -> Flow:
    """What is created is created twice."""
    yield request
    return (yield request)


def answers(*responses: Response) -> tuple[Send, list[tuple[str, bool]]]:
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
    return asyncio.run(_run(apply_mutations(mutations, answering), keeps)), asked


async def _run(answering: Send, keeps: bool) -> Response:
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


def test_what_a_change_leaves_as_it_is_keeps_its_bytes() -> None:
    @change_body("list")
    def nothing(body: Any) -> Any:
        """Nothing is changed."""
        return body

    spaced = Response(200, OK.headers, b'{ "total": 3 }')
    assert get([nothing], spaced)[0] is spaced
