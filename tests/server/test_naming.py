"""Naming: which sandbox a request names, by a header or by what stood before its path."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.errors import BadRequest
from mockserver.server.naming import PATH_PREFIX, SCOPE_KEY, get_path_prefix, get_sandbox_name

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer token"}


def scope(*headers: bytes, path: str | None = None) -> dict[str, Any]:
    """The scope of a request with these headers of ours, and this before its path."""
    fields = [(b"host", b"x"), *((b"x-mock-sandbox", value) for value in headers)]
    return {"headers": fields, **({} if path is None else {SCOPE_KEY: path})}


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (scope(), "default"),
        (scope(b"one"), "one"),
        (scope(path="two"), "two"),
        (scope(b"one", path="two"), "one"),
        (scope(b"default", path="two"), "default"),
        (scope(b"A.b_C-1"), "A.b_C-1"),
        (scope(b"x" * 64), "x" * 64),
        (scope(b".."), ".."),
    ],
)
def test_the_header_goes_before_the_path(asked: dict[str, Any], name: str) -> None:
    assert get_sandbox_name(asked) == name


@pytest.mark.parametrize(
    "asked",
    [
        scope(b""),
        scope(b" "),
        scope(b"a b"),
        scope(b"a/b"),
        scope(b"a", b"a"),
        scope(b"a", b"b"),
        scope(b"x" * 65),
        scope(b"\xff"),
        scope("أ".encode()),
        scope(path=""),
        scope(path="a b"),
        scope(path="أ"),
        # A header that names nothing is not passed over for a path that does.
        scope(b"a b", path="two"),
        scope(b"", path="two"),
    ],
)
def test_what_can_be_no_name_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="cannot be a sandbox's name: use 1 to 64 letters, "):
        get_sandbox_name(asked)


def test_a_name_that_is_far_too_long_is_not_repeated_whole() -> None:
    with pytest.raises(BadRequest) as raised:
        get_sandbox_name(scope(b"x" * 10_000))
    assert len(str(raised.value)) < 200


def test_links_have_again_what_was_taken_off() -> None:
    assert PATH_PREFIX == "/__sandbox__/"
    assert get_path_prefix(scope(path="two")) == "/__sandbox__/two"
    assert get_path_prefix(scope()) == ""
    assert get_path_prefix(scope(b"one")) == ""


def test_all_three_ways_lead_to_one_world(documented: httpx.Client) -> None:
    name = documented.headers.pop("X-Mock-Sandbox")
    by_header = {**BEARER, "x-MOCK-sandbox": name}
    documented.post(LOG, headers=by_header, json={"action_type": "LEFT"})

    prefixed = documented.get(f"/__sandbox__/{name}{LOG}", headers=BEARER)
    assert prefixed.json()["data"]["total"] == 3
    assert prefixed.json()["data"]["path"].endswith(f"/__sandbox__/{name}{LOG}")
    cleared = documented.post(f"/__sandbox__/{name}/__mock__/reset")
    assert cleared.json()["name"] == name
    assert documented.get(LOG, headers=by_header).json()["data"]["total"] == 2
