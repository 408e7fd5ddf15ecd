"""How a request is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from mockserver.client.request import Content, address, as_json, as_yaml, target
from mockserver.errors import ClientError


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://127.0.0.1:4010", "http://127.0.0.1:4010"),
        ("http://127.0.0.1:4010/", "http://127.0.0.1:4010"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://mock.example/below/here/", "https://mock.example/below/here"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_the_url_of_a_server(given: str, url: str) -> None:
    assert address(given) == url


@pytest.mark.parametrize(
    "url",
    ["", "localhost:4010", "127.0.0.1", "http://", "ftp://mock", "http://mock:65536"],
)
def test_what_is_no_url_of_a_server_is_refused_with_one_that_is(url: str) -> None:
    with pytest.raises(ClientError) as raised:
        address(url)
    assert str(raised.value) == (
        f"'{url}' is not the URL of a server. Write it like http://127.0.0.1:4010."
    )


def test_what_is_no_url_at_all_is_refused() -> None:
    with pytest.raises(ClientError, match="'http://mock:many' is no URL: Invalid port: 'many'"):
        address("http://mock:many")


@pytest.mark.parametrize("url", ["http://a:secret@mock", "http://mock/?a=b", "http://mock#top"])
def test_a_url_with_more_than_a_place_is_refused_and_its_secret_not_repeated(url: str) -> None:
    with pytest.raises(ClientError) as raised:
        address(url)
    assert str(raised.value) == (
        "The URL of a server has no '?', '#' and '@' in it. Write it like http://127.0.0.1:4010."
    )


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("session", "/session"),
        ("a/b", "/a%2Fb"),
        ("..", "/%2E%2E"),
        (".", "/%2E"),
        (".a", "/.a"),
        ("a b+c", "/a%20b%2Bc"),
        ("?#%", "/%3F%23%25"),
        ("جلسة", "/%D8%AC%D9%84%D8%B3%D8%A9"),
        ("\ud800", "/%ED%A0%80"),
        ("\n", "/%0A"),
    ],
)
def test_a_name_is_one_part_of_the_path_whatever_is_in_it(name: str, segment: str) -> None:
    assert target((name,), {}) == segment


def test_an_empty_name_is_refused_before_something_else_is_asked_for() -> None:
    with pytest.raises(ClientError, match="A name that is empty names nothing"):
        target(("sandboxes", ""), {})


def test_a_query_is_written_without_what_is_not_given() -> None:
    query = {"owner": "a b", "to": None, "where": ["x=1&2", "y=ن"], "page": 2, "limit": 0}
    assert target(("state",), query) == (
        "/state?owner=a%20b&where=x%3D1%262&where=y%3D%D9%86&page=2&limit=0"
    )
    assert target(("state",), {"where": []}) == "/state"


def test_json_keeps_its_letters() -> None:
    assert as_json({"a": "جلسة"}) == Content('{"a": "جلسة"}'.encode(), "application/json")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2025, 8, 21, 14, 30, tzinfo=UTC), b'"2025-08-21T14:30:00+00:00"'),
        (
            datetime(2025, 8, 21, 14, 30, 0, 5, timezone(timedelta(hours=3))),
            b'"2025-08-21T14:30:00.000005+03:00"',
        ),
        (timedelta(days=-1, milliseconds=1), b"-86399.999"),
        (MappingProxyType({"a": MappingProxyType({"b": (1, None)})}), b'{"a": {"b": [1, null]}}'),
    ],
)
def test_moments_durations_and_mappings_are_written_too(value: Any, text: bytes) -> None:
    assert as_json(value).data == text


def test_a_datetime_without_a_zone_is_refused_because_python_and_the_server_differ_on_it() -> None:
    with pytest.raises(ClientError) as raised:
        as_json({"at": datetime(2025, 8, 21, 14, 30)})
    assert str(raised.value) == (
        "That cannot be written as JSON: the datetime 2025-08-21T14:30:00 has no time zone; "
        "give it one, such as tzinfo=UTC."
    )


def _endless() -> Mapping[str, Any]:
    value: dict[str, Any] = {}
    value["again"] = value
    return value


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"x", Path("x"), {(1, 2): 3}, _endless()])
def test_what_json_has_no_word_for_is_refused(value: Any) -> None:
    with pytest.raises(ClientError, match=r"^That cannot be written as JSON: "):
        as_json(value)


def test_yaml_goes_as_it_is() -> None:
    assert as_yaml(b"\xef\xbb\xbfname: a") == Content(b"\xef\xbb\xbfname: a", "application/yaml")
