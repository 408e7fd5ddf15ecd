"""Mutations between a client and an operation, which break the contract."""

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

REQUEST = Request("GET", "/things", "page=2&q=%D9%85", Headers([("accept", "*/*")]))


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
    """A 404 has the status 200."""
    return with_status(response, 200)


@change_response("list")
def headers_lost(response: Response) -> Response:
    """A response has no header."""
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


def respond_with(*responses: Response) -> tuple[Send, list[tuple[str, bool]]]:
    """An operation that returns these responses, the last one repeatedly, and its requests."""
    sent: list[tuple[str, bool]] = []

    async def send(request: Request, keeps: bool) -> Response:
        sent.append((request.query, keeps))
        return responses[min(len(sent), len(responses)) - 1]

    return send, sent


def get(
    mutations: list[Mutation], *responses: Response, keeps: bool = True
) -> tuple[Response, list[tuple[str, bool]]]:
    send, sent = respond_with(*responses)
    return asyncio.run(_run(apply_mutations(mutations, send), keeps)), sent


async def _run(send: Send, keeps: bool) -> Response:
    return await send(REQUEST, keeps)


OK = Response(200, Headers([("content-type", "application/json")]), b'{"total":3}')


def test_a_function_gives_a_mutation_its_name_and_sentence() -> None:
    assert (total_too_large.name, total_too_large.sentence, total_too_large.operations) == (
        "total-too-large",
        "The total counts one too many.",
        ("list", "other"),
    )


def test_a_response_is_changed() -> None:
    response, sent = get([total_too_large], OK)
    assert (response.status, response.body) == (200, b'{"total":4}')
    assert response.headers.get("content-type") == "application/json"
    assert sent == [("page=2&q=%D9%85", True)]


def test_a_response_of_another_status_is_not_changed() -> None:
    refusal = Response(404, OK.headers, b'{"total":3}')
    assert get([total_too_large], refusal)[0] == refusal
    assert get([not_found_at_length], OK)[0] == OK
    changed = get([not_found_at_length], refusal)[0]
    assert changed.body == '{"total":3,"why":"نعم"}'.encode()


def test_a_whole_response_is_changed_for_one_status_or_for_all() -> None:
    refusal = Response(404, OK.headers, b"{}")
    assert get([not_found_as_success], refusal)[0] == Response(200, OK.headers, b"{}")
    assert get([not_found_as_success], OK)[0] == OK
    for response in (OK, refusal):
        assert get([headers_lost], response)[0].headers.fields == ()
    assert headers_lost.sentence == "A response has no header."


def test_the_operation_gets_another_request() -> None:
    response, sent = get([page_ignored], OK)
    assert response == OK
    assert sent == [("q=%D9%85", True)]


def test_a_discarded_request_is_not_kept() -> None:
    assert get([lost], OK) == (OK, [("page=2&q=%D9%85", False)])


def test_a_mutation_nearer_to_the_operation_discards_all_requests() -> None:
    response, sent = get([doubled, lost], OK)
    assert response == OK
    assert [keeps for _, keeps in sent] == [False, False]


def test_the_first_mutation_is_nearest_to_the_operation() -> None:
    once, sent = get([page_ignored, total_too_large, total_too_large], OK)
    assert once.body == b'{"total":5}'
    assert sent == [("q=%D9%85", True)]


def test_the_client_gets_the_last_response() -> None:
    second = with_status(OK, 201)
    assert get([doubled], OK, second)[0] == second


def test_a_change_without_effect_keeps_the_bytes() -> None:
    @change_body("list")
    def nothing(body: Any) -> Any:
        """Nothing is changed."""
        return body

    spaced = Response(200, OK.headers, b'{ "total": 3 }')
    assert get([nothing], spaced)[0] is spaced
