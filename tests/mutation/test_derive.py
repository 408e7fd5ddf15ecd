"""What a contract gives, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.contract import Headers, Request, Response
from mockserver.mutation import Mutation

Respond = Callable[[int, Any], Response]
Run = Callable[..., Any]


def test_an_empty_list_is_null_or_a_404(
    mutations: Mapping[str, Mutation], page: dict[str, Any], respond: Respond, run: Run
) -> None:
    empty, get = {**page, "rows": []}, Request("GET", "/things")
    null, missing = mutations["list.empty-as-null:/rows"], mutations["list.empty-not-found:/rows"]
    assert json.loads(run(null, get, respond(200, empty))[0].body)["rows"] is None
    response, _ = run(missing, get, respond(200, empty))
    assert (response.status, response.body) == (404, b'{"why":"none"}')
    for mutation in (null, missing):
        assert run(mutation, get, respond(200, page))[0] == respond(200, page)


def test_what_the_contract_allows_is_no_mutation(mutations: Mapping[str, Mutation]) -> None:
    absent = (
        "drop-property:/extra",  # it need not be there
        "null:/next",  # it may be null
        "null:/none",
        "other-type:/none",  # it is always null
        "reversed:/codes",  # it has one item
        "off-by-one:/kind",
        "trimmed-text:/kind",  # no sentence
        "normalised-text:/kind",
        "wrong-format:/note",
        "swapped:/kind",
        "other-default:query/kinds",
        "accept-missing:query/size",
        "fixed-parameter:query/size",
        "ignore-parameter:query/team",
        "accept-invalid:query/team",  # it takes any text
        "accept-impossible:query/size",
        "lose-write",
    )
    assert [name for name in absent if f"list.{name}" in mutations] == []


def test_each_has_a_name_that_a_url_can_carry_and_a_sentence(
    mutations: Mapping[str, Mutation],
) -> None:
    for mutation in mutations.values():
        operation, _, rest = mutation.name.partition(".")
        assert mutation.operations == (operation,)
        assert rest.partition(":")[0] == mutation.operator
        assert mutation.sentence[0] in "`ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        assert mutation.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("other-status:200", 200, (202, "application/json", b'{"a":1}')),
        ("other-status:401", 401, (403, "application/json", b'{"a":1}')),
        ("refusal-as-success:401", 401, (200, "application/json", b'{"a":1}')),
        ("success-instead:401", 401, (200, "application/json", b'{"shown":true}')),
        ("canned-response", 200, (200, "application/json", b'{"shown":true}')),
        ("empty-body:200", 200, (200, "application/json", b"")),
        ("broken-json:200", 200, (200, "application/json", b'{"a":1')),
        ("other-content-type:200", 200, (200, "text/plain; charset=utf-8", b'{"a":1}')),
        ("wrapped:200", 200, (200, "application/json", b'{"result":{"a":1}}')),
        ("forbidden:200", 200, (403, "application/json", b"{}")),
    ],
)
def test_a_whole_response_is_changed(
    name: str, status: int, expected: tuple[int, str, bytes], run: Run
) -> None:
    sent = Response(status, Headers([("content-type", "application/json")]), b'{"a":1}')
    response, _ = run(f"list.{name}", Request("GET", "/things"), sent)
    assert (response.status, response.headers.get("content-type"), response.body) == expected
    other = Response(418, Headers([("content-type", "application/json")]), b'{"a":1}')
    assert run(f"list.{name}", Request("GET", "/things"), other)[0] == other


def test_a_response_is_html(respond: Respond, run: Run) -> None:
    get = Request("GET", "/things")
    for name, status, expected in (
        ("as-html:404", 404, 404),
        ("server-error:200", 200, 500),
        ("redirect-to-login:401", 401, 302),
    ):
        response, _ = run(f"list.{name}", get, respond(status, {}))
        assert (response.status, response.headers.media_type) == (expected, "text/html")


def test_a_header_is_dropped_and_changed(run: Run) -> None:
    sent, get = Response(405, Headers([("allow", "GET")])), Request("PUT", "/things")
    assert run("list.drop-header:405/Allow", get, sent)[0].headers.fields == ()
    changed, _ = run("list.change-header:405/Allow", get, sent)
    assert changed.headers.fields == (("allow", "get;"),)
