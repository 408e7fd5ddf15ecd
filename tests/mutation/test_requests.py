"""Operators on a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mockserver.contract import Headers, Request, Response
from mockserver.mutation import Mutation
from mockserver.mutation.requests import with_credential

Respond = Callable[[int, Any], Response]
Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("fixed-parameter:query/team", "team=blue", "team=red"),
        ("accept-missing:query/team", "", "team=red"),
        ("accept-missing:query/team", "team=blue", "team=blue"),
        ("other-default:query/size", "", "size=6"),
        ("other-default:query/size", "size=2", "size=2"),
        ("require-parameter:query/size", "", "size=x"),
        ("parameter-plus-one:query/size", "size=2", "size=3"),
        ("parameter-minus-one:query/size", "size=2", "size=1"),
        ("parameter-minus-one:query/size", "size=1", "size=1"),
        ("ignore-minimum:query/size", "size=-7", "size=1"),
        ("ignore-maximum:query/size", "size=70", "size=9"),
        ("ignore-maximum:query/size", "size=9", "size=9"),
        ("minimum-off-by-one:query/size", "size=0", "size=1"),
        ("maximum-off-by-one:query/size", "size=10", "size=9"),
        ("maximum-off-by-one:query/size", "size=11", "size=11"),
        ("refuse-minimum:query/size", "size=1", "size=0"),
        ("refuse-maximum:query/size", "size=9", "size=10"),
        ("refuse-maximum:query/size", "size=many", "size=many"),
        ("first-of-list:query/kinds", "kinds=a%2Cb", "kinds=a"),
        ("last-of-list:query/kinds", "kinds=a%2Cb", "kinds=b"),
        ("unknown-lists-all:query/kinds", "kinds=a%2Cz", ""),
        ("unknown-lists-all:query/kinds", "kinds=a%2Cb", "kinds=a%2Cb"),
        ("unknown-lists-all:query/kinds", "kinds=z", "kinds=z"),
        ("accept-impossible:query/day", "day=31-02-2025", "day=01-02-2025"),
        ("accept-impossible:query/day", "day=monday", "day=monday"),
    ],
)
def test_a_parameter_is_taken_otherwise(
    name: str, before: str, after: str, page: dict[str, Any], respond: Respond, run: Run
) -> None:
    request = Request("GET", "/things", before)
    _, sent = run(f"list.{name}", request, respond(200, page))
    assert [(it.query, keeps) for it, keeps in sent] == [(after, True)]


def test_a_parameter_is_ignored_where_it_conforms(
    mutations: Mapping[str, Mutation], page: dict[str, Any], respond: Respond, run: Run
) -> None:
    request, mutation = (
        Request("GET", "/things", "size=2"),
        mutations["list.ignore-parameter:query/size"],
    )
    _, sent = run(mutation, request, respond(200, page))
    assert [(it.query, keeps) for it, keeps in sent] == [("size=2", False), ("", True)]
    assert len(run(mutation, request, respond(400, {}))[1]) == 1


def test_a_parameter_is_ignored_where_it_does_not_conform(
    mutations: Mapping[str, Mutation], page: dict[str, Any], respond: Respond, run: Run
) -> None:
    request, mutation = (
        Request("GET", "/things", "size=x"),
        mutations["list.accept-invalid:query/size"],
    )
    response, sent = run(mutation, request, respond(400, {}), respond(200, page))
    assert (response.status, [it.query for it, _ in sent]) == (200, ["size=x", ""])
    assert len(run(mutation, request, respond(200, page))[1]) == 1


def test_a_credential_is_not_checked_refused_or_required(
    page: dict[str, Any], respond: Respond, run: Run
) -> None:
    without = Request("GET", "/things")
    with_one = Request("GET", "/things", headers=Headers([("authorization", "Bearer mine")]))
    credentials = {
        name: [
            run(f"list.{name}", request, respond(200, page))[1][0][0].headers.get("authorization")
            for request in (without, with_one)
        ]
        for name in ("skip-security", "refuse-credential", "require-security")
    }
    assert credentials == {
        "skip-security": ["Bearer good", "Bearer good"],
        "refuse-credential": [None, "Bearer invalid"],
        "require-security": ["Bearer invalid", "Bearer mine"],
    }


@pytest.mark.parametrize(
    ("name", "header", "status"),
    [
        ("list.always-not-modified", ("if-none-match", '"x"'), 304),
        ("list.refuse-origin", ("origin", "https://app.example"), 400),
        ("list.refuse-language", ("accept-language", "en"), 400),
        ("create.refuse-charset", ("content-type", "application/json; charset=utf-8"), 422),
    ],
)
def test_a_header_that_changes_nothing_changes_the_response(
    name: str, header: tuple[str, str], status: int, respond: Respond, run: Run
) -> None:
    method, success = ("GET", 200) if name.startswith("list") else ("POST", 201)
    plain = Request(method, "/things", headers=Headers([("content-type", "application/json")]))
    with_one = Request(method, "/things", headers=Headers([header]))
    found = [run(name, it, respond(success, {}))[0].status for it in (plain, with_one)]
    assert found == [success, status]


def test_a_write_is_lost_doubled_or_done_when_it_is_refused(respond: Respond, run: Run) -> None:
    post, created = Request("POST", "/things", body=b'{"kind":"b"}'), respond(201, {})
    for name, response, kept in (
        ("lose-write", created, [(b'{"kind":"b"}', False)]),
        ("double-write", created, [(b'{"kind":"b"}', True)] * 2),
        ("double-write", respond(422, {}), [(b'{"kind":"b"}', True)]),
        (
            "write-when-refused",
            respond(422, {}),
            [(b'{"kind":"b"}', True), (b'{"kind": "a"}', True)],
        ),
        (
            "accept-invalid-body",
            respond(422, {}),
            [(b'{"kind":"b"}', True), (b'{"kind": "a"}', True)],
        ),
        ("ignore-body", created, [(b'{"kind": "a"}', True)]),
        ("wrong-echo", created, [(b'{"kind":"b"}', True), (b'{"kind": "a"}', False)]),
    ):
        seen, sent = run(f"create.{name}", post, response)
        assert (name, [(it.body, keeps) for it, keeps in sent]) == (name, kept)
        assert seen.status == response.status


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [
        ({"type": "http", "scheme": "basic"}, "Basic good"),
        ({"type": "oauth2", "flows": {}}, "Bearer good"),
        ({"type": "openIdConnect"}, "Bearer good"),
    ],
)
def test_a_credential_is_changed_where_its_scheme_has_it(scheme: dict[str, Any], sent: str) -> None:
    request = with_credential(Request("GET", "/items"), [scheme], "good")
    assert request.headers.get("authorization") == sent
