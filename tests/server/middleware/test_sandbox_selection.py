"""A sandbox in the path: the vendor sees its own path, and the links in its responses keep it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.errors import HttpError
from mockserver.server.middleware.sandbox import (
    PATH_PREFIX,
    SCOPE_KEY,
    get_path_prefix,
    get_sandbox_name,
)

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}


@pytest.fixture
def bare(server: str) -> httpx.Client:
    with httpx.Client(base_url=server, headers=BEARER, verify=False) as client:
        yield client


def test_a_path_can_choose_the_sandbox(bare: httpx.Client) -> None:
    written = bare.post(f"/__sandbox__/prefix-a{LOG}", json={"action_type": "ENTERED"})
    assert (written.status_code, written.headers["X-Mock-Sandbox"]) == (200, "prefix-a")
    assert bare.get(f"/__sandbox__/prefix-a{LOG}").json()["data"]["total"] == 3
    assert bare.get(f"/__sandbox__/prefix-b{LOG}").json()["data"]["total"] == 2
    by_header = bare.get(LOG, headers={"X-Mock-Sandbox": "prefix-a"})
    assert by_header.json()["data"]["total"] == 3


def test_links_in_a_response_keep_the_prefix(bare: httpx.Client) -> None:
    page = bare.get(f"/__sandbox__/prefix-c{LOG}", params={"per_page": 1}).json()["data"]
    path = f"{bare.base_url}/__sandbox__/prefix-c{LOG}".replace("//__", "/__")
    assert page["path"] == path
    assert page["next_page_url"] == f"{path}?page=2"
    following = bare.get(page["next_page_url"])
    assert following.headers["X-Mock-Sandbox"] == "prefix-c"


def test_the_header_goes_before_the_path(bare: httpx.Client) -> None:
    response = bare.get(f"/__sandbox__/prefix-d{LOG}", headers={"X-Mock-Sandbox": "prefix-e"})
    assert response.headers["X-Mock-Sandbox"] == "prefix-e"


def test_refusals_behind_a_prefix_have_the_vendors_shape(bare: httpx.Client) -> None:
    for path, status in (("/v1/nowhere", 404), ("/v1/customer/sessions/999/log", 404)):
        response = bare.get(f"/__sandbox__/prefix-f{path}")
        assert (response.status_code, response.json()["statusCode"]) == (status, status)
    wrong_method = bare.delete(f"/__sandbox__/prefix-f{LOG}")
    assert wrong_method.status_code == 405
    assert wrong_method.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    preflight = bare.options(
        f"/__sandbox__/prefix-f{LOG}",
        headers={"Origin": "http://app.test", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", ["", "a%20b", "@x", "x" * 65, "%2e%2e%2f", "a%00"])
def test_a_name_that_is_none_is_refused(bare: httpx.Client, name: str) -> None:
    response = bare.get(f"/__sandbox__/{name}{LOG}")
    assert response.status_code in (400, 404)
    assert response.status_code == 404 or response.json()["statusCode"] == 400


def test_a_prefix_alone_is_the_start_page(bare: httpx.Client) -> None:
    assert bare.get("/__sandbox__").status_code == 404
    ids = [bare.get(f"/__sandbox__/x{end}").json()["ids"] for end in ("", "/")]
    assert {it.partition("/__sandbox__/")[2] for it in ids} == {"x/__mock__/ids"}


def make_scope(*headers: bytes, path: str | None = None) -> dict[str, Any]:
    """The scope of a request with these headers of ours, and this before its path."""
    fields = [(b"host", b"x"), *((b"x-mock-sandbox", value) for value in headers)]
    return {"headers": fields, **({} if path is None else {SCOPE_KEY: path})}


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (make_scope(), "default"),
        (make_scope(b"one"), "one"),
        (make_scope(path="two"), "two"),
        (make_scope(b"one", path="two"), "one"),
        (make_scope(b"default", path="two"), "default"),
        (make_scope(b"A.b_C-1"), "A.b_C-1"),
        (make_scope(b"x" * 64), "x" * 64),
        (make_scope(b".."), ".."),
    ],
)
def test_a_header_names_the_sandbox(scope: dict[str, Any], name: str) -> None:
    assert get_sandbox_name(scope) == name


@pytest.mark.parametrize(
    "scope",
    [
        make_scope(b""),
        make_scope(b" "),
        make_scope(b"a b"),
        make_scope(b"a/b"),
        make_scope(b"a", b"a"),
        make_scope(b"a", b"b"),
        make_scope(b"x" * 65),
        make_scope(b"\xff"),
        make_scope("أ".encode()),
        make_scope(path=""),
        make_scope(path="a b"),
        make_scope(path="أ"),
        # A header that names nothing is not passed over for a path that does.
        make_scope(b"a b", path="two"),
        make_scope(b"", path="two"),
    ],
)
def test_an_invalid_sandbox_name_is_refused(scope: dict[str, Any]) -> None:
    with pytest.raises(HttpError, match="cannot be a sandbox's name: use 1 to 64 letters, "):
        get_sandbox_name(scope)


def test_a_name_that_is_far_too_long_is_not_repeated_whole() -> None:
    with pytest.raises(HttpError) as raised:
        get_sandbox_name(make_scope(b"x" * 10_000))
    assert len(str(raised.value)) < 200


def test_links_have_again_what_was_taken_off() -> None:
    assert PATH_PREFIX == "/__sandbox__/"
    assert get_path_prefix(make_scope(path="two")) == "/__sandbox__/two"
    assert get_path_prefix(make_scope()) == ""
    assert get_path_prefix(make_scope(b"one")) == ""


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
