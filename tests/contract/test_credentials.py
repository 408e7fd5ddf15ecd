"""Which credentials a request presents, and whether they open an operation."""

from __future__ import annotations

import pytest

from mockserver.contract import (
    Contract,
    Headers,
    Operation,
    Request,
    is_authenticated,
    place_credential,
    read_credentials,
)

SCHEMES = """
openapi: 3.0.3
info: {title: Items, version: '1'}
paths:
  /items:
    get:
      operationId: open
      security: SECURITY
      responses: {'200': {description: open}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    basic: {type: http, scheme: Basic}
    header: {type: apiKey, in: header, name: access-token}
    query: {type: apiKey, in: query, name: key}
    cookie: {type: apiKey, in: cookie, name: session}
    oauth: {type: oauth2, flows: {}}
"""


def secure(security: str) -> tuple[Contract, Operation]:
    contract = Contract.parse(SCHEMES.replace("SECURITY", security))
    return contract, contract.operation("open")


def request_with(*headers: tuple[str, str], query: str = "") -> Request:
    return Request("GET", "/items", query=query, headers=Headers(headers))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Bearer abc", {"bearer": "abc"}),
        ("bearer abc", {"bearer": "abc"}),
        ("BEARER   abc  ", {"bearer": "abc"}),
        ("Bearer a b", {"bearer": "a b"}),
        ("Bearer", {"bearer": ""}),
        ("Bearer ", {"bearer": ""}),
        ("Basic abc", {}),
        ("Bearerabc", {}),
        ("abc", {}),
        ("", {}),
    ],
)
def test_a_bearer_token_stands_after_its_word(sent: str, expected: dict[str, str]) -> None:
    assert (
        read_credentials(*secure("[{bearer: []}]"), request_with(("Authorization", sent)))
        == expected
    )


def test_another_http_scheme_has_another_word() -> None:
    contract, operation = secure("[{basic: []}]")
    assert read_credentials(contract, operation, request_with(("Authorization", "basic YTpi"))) == {
        "basic": "YTpi"
    }
    assert (
        read_credentials(contract, operation, request_with(("Authorization", "Bearer YTpi"))) == {}
    )


@pytest.mark.parametrize("name", ["access-token", "Access-Token", "ACCESS-TOKEN"])
def test_a_key_in_a_header_is_found_under_its_name_in_any_case(name: str) -> None:
    assert read_credentials(*secure("[{header: []}]"), request_with((name, " abc "))) == {
        "header": "abc"
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("key=abc", {"query": "abc"}),
        ("a=1&key=a%20b", {"query": "a b"}),
        ("key=", {"query": ""}),
        ("key=one&key=two", {"query": "two"}),
        ("Key=abc", {}),
        ("", {}),
    ],
)
def test_a_key_in_the_query_is_found_under_its_name(query: str, expected: dict[str, str]) -> None:
    assert read_credentials(*secure("[{query: []}]"), request_with(query=query)) == expected


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        ("session=abc", {"cookie": "abc"}),
        ("a=1; session=x=y; b=2", {"cookie": "x=y"}),
        ("a=1;session=abc", {"cookie": "abc"}),
        ("session", {"cookie": ""}),
        ("mysession=abc", {}),
        (";;", {}),
    ],
)
def test_a_key_in_a_cookie_is_found_under_its_name(cookie: str, expected: dict[str, str]) -> None:
    assert read_credentials(*secure("[{cookie: []}]"), request_with(("Cookie", cookie))) == expected


def test_only_what_the_operation_names_is_read() -> None:
    request = request_with(("Authorization", "Bearer abc"), ("access-token", "def"))
    assert read_credentials(*secure("[{header: []}]"), request) == {"header": "def"}
    assert read_credentials(*secure("[]"), request) == {}


def test_every_alternative_is_read() -> None:
    request = request_with(("Authorization", "Bearer abc"), ("access-token", "def"))
    assert read_credentials(*secure("[{header: []}, {bearer: []}, {}]"), request) == {
        "bearer": "abc",
        "header": "def",
    }


@pytest.mark.parametrize(
    ("security", "headers", "query"),
    [
        ("[{bearer: []}]", {"Authorization": "Bearer abc"}, ""),
        ("[{oauth: []}]", {"Authorization": "Bearer abc"}, ""),
        ("[{basic: []}]", {"Authorization": "Basic abc"}, ""),
        ("[{header: []}]", {"access-token": "abc"}, ""),
        ("[{cookie: []}]", {"Cookie": "session=abc"}, ""),
        ("[{query: []}]", {}, "key=abc"),
        ("[{query: [], header: []}, {basic: []}]", {"access-token": "abc"}, "key=abc"),
        ("[{}, {header: []}, {query: []}]", {"access-token": "abc"}, ""),
    ],
)
def test_a_credential_is_sent_where_its_scheme_says_and_is_read_there(
    security: str, headers: dict[str, str], query: str
) -> None:
    contract, operation = secure(security)
    sent = place_credential(contract, operation, "abc")
    assert (sent[0], "&".join(f"{name}={text}" for name, text in sent[1].items())) == (
        headers,
        query,
    )
    request = request_with(*headers.items(), query=query)
    read = read_credentials(contract, operation, request)
    assert set(read.values()) == {"abc"}
    assert is_authenticated(operation, read, accepts, required=True)


def accepts(value: str) -> bool:
    return value.startswith(("good", "abc"))


@pytest.mark.parametrize(
    ("security", "credentials", "expected"),
    [
        ("[{bearer: []}]", {"bearer": "good"}, True),
        ("[{bearer: []}]", {"bearer": "bad"}, False),
        ("[{bearer: []}]", {"bearer": ""}, False),
        ("[{bearer: []}]", {}, False),
        ("[{bearer: []}, {header: []}]", {"header": "good"}, True),
        ("[{bearer: []}, {header: []}]", {"header": "good", "bearer": "bad"}, False),
        ("[{bearer: [], header: []}]", {"bearer": "good"}, False),
        ("[{bearer: [], header: []}]", {"bearer": "good", "header": "good 2"}, True),
        ("[{bearer: []}, {}]", {}, True),
        ("[{bearer: []}, {}]", {"bearer": "bad"}, False),
        ("[]", {}, True),
    ],
)
def test_a_credential_that_is_sent_must_be_good_and_one_alternative_whole(
    security: str, credentials: dict[str, str], expected: bool
) -> None:
    _, operation = secure(security)
    assert is_authenticated(operation, credentials, accepts) is expected


@pytest.mark.parametrize(
    ("security", "credentials", "expected"),
    [
        ("[{bearer: []}, {}]", {}, False),
        ("[{bearer: []}, {}]", {"bearer": "good"}, True),
        ("[]", {}, True),
    ],
)
def test_where_credentials_are_required_doing_without_is_no_alternative(
    security: str, credentials: dict[str, str], expected: bool
) -> None:
    _, operation = secure(security)
    assert is_authenticated(operation, credentials, accepts, required=True) is expected


def test_the_contracts_security_holds_where_an_operation_has_none_of_its_own() -> None:
    source = SCHEMES.replace("      security: SECURITY\n", "") + "security: [{header: []}]\n"
    contract = Contract.parse(source)
    operation = contract.operation("open")
    assert operation.security == (frozenset({"header"}),)
    assert not is_authenticated(operation, {}, accepts)
