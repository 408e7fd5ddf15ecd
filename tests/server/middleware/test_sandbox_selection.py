"""A sandbox in the path: the vendor sees its own path, and the links in its answers keep it."""

from __future__ import annotations

import httpx
import pytest

LOG = "/v1/customer/sessions/1/log"
BEARER = {"Authorization": "Bearer t"}


@pytest.fixture
def bare(server: str) -> httpx.Client:
    with httpx.Client(base_url=server, headers=BEARER) as client:
        yield client


def test_a_path_can_choose_the_sandbox(bare: httpx.Client) -> None:
    written = bare.post(f"/__sandbox__/prefix-a{LOG}", json={"action_type": "ENTERED"})
    assert (written.status_code, written.headers["X-Mock-Sandbox"]) == (200, "prefix-a")
    assert bare.get(f"/__sandbox__/prefix-a{LOG}").json()["data"]["total"] == 3
    assert bare.get(f"/__sandbox__/prefix-b{LOG}").json()["data"]["total"] == 2
    by_header = bare.get(LOG, headers={"X-Mock-Sandbox": "prefix-a"})
    assert by_header.json()["data"]["total"] == 3


def test_links_in_the_answer_keep_the_prefix(bare: httpx.Client) -> None:
    page = bare.get(f"/__sandbox__/prefix-c{LOG}", params={"per_page": 1}).json()["data"]
    path = f"{bare.base_url}/__sandbox__/prefix-c{LOG}".replace("//__", "/__")
    assert page["path"] == path
    assert page["next_page_url"] == f"{path}?page=2"
    following = bare.get(page["next_page_url"])
    assert following.headers["X-Mock-Sandbox"] == "prefix-c"


def test_the_header_goes_before_the_path(bare: httpx.Client) -> None:
    answer = bare.get(f"/__sandbox__/prefix-d{LOG}", headers={"X-Mock-Sandbox": "prefix-e"})
    assert answer.headers["X-Mock-Sandbox"] == "prefix-e"


def test_refusals_behind_a_prefix_have_the_vendors_shape(bare: httpx.Client) -> None:
    for path, status in (("/v1/nowhere", 404), ("/v1/customer/sessions/999/log", 404)):
        answer = bare.get(f"/__sandbox__/prefix-f{path}")
        assert (answer.status_code, answer.json()["statusCode"]) == (status, status)
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
    answer = bare.get(f"/__sandbox__/{name}{LOG}")
    assert answer.status_code in (400, 404)
    assert answer.status_code == 404 or answer.json()["statusCode"] == 400


@pytest.mark.parametrize("path", ["/__sandbox__", "/__sandbox__/", "/__sandbox__/x"])
def test_a_prefix_alone_is_nothing(bare: httpx.Client, path: str) -> None:
    answer = bare.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
