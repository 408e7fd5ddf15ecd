"""Which requests are forwarded, and which ones the mock responds to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from mockserver.errors import SettingError

LOG = "/v1/customer/sessions/1/log"
FINE = b"HTTP/1.1 200 OK\r\nX-Up: 1\r\nContent-Length: 2\r\n\r\n{}"
Run = Callable[..., Any]


def is_forwarded(response: httpx.Response) -> bool:
    return response.headers.get("x-mock-source") == "upstream"


def test_one_world_and_one_api_are_forwarded(world: Any, run_upstream: Run) -> None:
    world.forward(run_upstream(FINE).url)
    other = {"X-Mock-Sandbox": f"{world.name}-other"}

    assert is_forwarded(world.client.get(LOG))
    assert is_forwarded(world.client.get(f"/__sandbox__/{world.name}{LOG}"))
    assert not is_forwarded(world.client.get(LOG, headers=other))
    assert not is_forwarded(world.client.get("/ekranapi/sessions"))


def test_a_path_and_a_method_without_an_operation_are_forwarded(
    world: Any, run_upstream: Run
) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)

    responses = [
        world.client.get("/v1/unknown/path"),
        world.client.delete(LOG),
        world.client.request("PROPFIND", LOG),
        world.client.post("/v1/unknown", content=b"x"),
    ]

    assert all(map(is_forwarded, responses))
    assert [message.split(b" ")[0] for message in upstream.received] == [
        b"GET",
        b"DELETE",
        b"PROPFIND",
        b"POST",
    ]
    assert "x-mock-evidence" not in responses[0].headers


def test_operations_of_the_mock_stay_with_it(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url, mock=["createSessionLog"])

    created = world.client.post(LOG, json={"action_type": "ENTERED"})

    assert created.headers["x-mock-source"] == "handler"
    assert created.json()["success"]
    assert is_forwarded(world.client.get(LOG))
    assert len(upstream.received) == 1


def test_what_the_upstream_does_not_implement_is_served_by_the_mock(
    world: Any, run_upstream: Run
) -> None:
    upstream = run_upstream(b"HTTP/1.1 501 Not Yet\r\nContent-Length: 5\r\n\r\nlater")
    world.forward(upstream.url)

    created = world.client.post(LOG, json={"action_type": "ENTERED"})
    unknown = world.client.post("/v1/unknown", json={})
    long = world.client.post(LOG, json={"action_type": "ENTERED" + " " * 1_048_576})

    assert created.json()["message"] == "تم حفظ البيانات بنجاح"
    assert created.headers["x-mock-source"] == "handler"
    assert upstream.received[0].endswith(b'{"action_type":"ENTERED"}')
    assert (unknown.status_code, unknown.text, is_forwarded(unknown)) == (501, "later", True)
    assert (long.status_code, long.text) == (501, "later")


def test_a_preferred_response_is_that_of_the_mock(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)

    preferred = world.client.get(LOG, headers={"Prefer": "code=404"})
    in_query = world.client.get(f"{LOG}?__code=500")
    wrong = world.client.get(LOG, headers={"Prefer": "code=9"})

    assert (preferred.status_code, preferred.headers["x-mock-source"]) == (404, "example")
    assert in_query.status_code == 500
    assert wrong.status_code == 400
    assert upstream.received == []


def test_faults_apply_on_top(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    world.forward(upstream.url)
    rule = {"name": "down", "match": {"path": "/v1/**", "first": 1}, "effect": {"status": 503}}
    world.client.post("/__mock__/faults", json=rule).raise_for_status()
    late = {"name": "late", "effect": {"delay": 1}}
    world.client.post("/__mock__/faults", json=late).raise_for_status()

    refused, served = world.client.get(LOG), world.client.post(LOG, content=b"x" * 200_000)

    assert (refused.status_code, refused.headers["x-mock-fault"]) == (503, "down, late")
    assert (served.status_code, served.headers["x-mock-fault"]) == (200, "late")
    assert is_forwarded(served)
    assert len(upstream.received) == 1
    assert upstream.received[0].endswith(b"x" * 200_000)


def test_a_fault_that_needs_the_whole_response_gets_it(world: Any, run_upstream: Run) -> None:
    world.forward(run_upstream(FINE.replace(b"{}", b'"ab"').replace(b": 2", b": 4")).url)
    rule = {"name": "half", "effect": {"truncate": "body"}}
    world.client.post("/__mock__/faults", json=rule).raise_for_status()

    response = world.client.get(LOG)

    assert (response.content, response.headers["x-up"]) == (b'"a', "1")


def test_a_preflight_is_forwarded_unless_the_mock_serves_the_operation(
    world: Any, run_upstream: Run
) -> None:
    allowed = b"HTTP/1.1 204 OK\r\nAccess-Control-Allow-Origin: https://app.example\r\n\r\n"
    upstream = run_upstream(allowed)
    world.forward(upstream.url, mock=["createSessionLog"], enforce=True)

    def ask(method: str) -> httpx.Response:
        headers = {"Origin": "https://app.example", "Access-Control-Request-Method": method}
        response: httpx.Response = world.client.options(LOG, headers=headers)
        return response

    assert ask("GET").headers["access-control-allow-origin"] == "https://app.example"
    assert len(upstream.received) == 1
    assert ask("POST").headers["access-control-allow-origin"] == "*"
    assert len(upstream.received) == 1


def test_a_world_has_its_upstream_until_it_is_reset(world: Any, run_upstream: Run) -> None:
    upstream = run_upstream(FINE)
    control = world.client
    put = control.put("/__mock__/upstreams/calwe", json={"url": f"{upstream.url}/"}).json()
    assert put == {
        "api": "calwe",
        "url": upstream.url,
        "enforce": False,
        "mock": [],
        "timeout": 60.0,
    }
    assert control.get("/__mock__/upstreams/calwe").json() == put
    assert control.get("/__mock__/upstreams").json() == {"upstreams": [put]}
    changes = control.get("/__mock__/diff").json()["world"]
    assert [change["field"] for change in changes] == ["/upstreams/calwe"]
    control.post("/__mock__/snapshots", json={"name": "forwarded"}).raise_for_status()
    assert "upstream" not in control.get("/__mock__/snapshots/forwarded/file").text.split("[")[0]

    control.post("/__mock__/reset").raise_for_status()
    assert not is_forwarded(control.get(LOG))
    assert control.get("/__mock__/upstreams").json() == {"upstreams": []}

    control.post("/__mock__/snapshots/forwarded/restore").raise_for_status()
    assert is_forwarded(control.get(LOG))

    assert control.delete("/__mock__/upstreams/calwe").status_code == 204
    assert not is_forwarded(control.get(LOG))
    missing = control.get("/__mock__/upstreams/calwe")
    assert missing.status_code == 404
    assert "has no upstream of the API 'calwe'" in missing.json()["detail"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"url": "staging"}, "it is no URL of http or https with a host"),
        ({"url": "https://user:secret@x.example"}, "a URL carries no user or password"),
        ({"url": "https://x.example?a=1"}, "a query and a fragment have no place in it"),
        (
            {"url": "https://x.example", "mock": ["listSessionLog"]},
            "The API 'calwe' has no operation 'listSessionLog'; did you mean 'listSessionLogs'?",
        ),
    ],
    ids=["host", "user", "query", "operation"],
)
def test_a_wrong_upstream_is_refused(world: Any, body: dict[str, Any], sentence: str) -> None:
    refused = world.client.put("/__mock__/upstreams/calwe", json=body)

    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]
    assert world.client.get("/__mock__/upstreams").status_code == 404  # nothing made the sandbox


def test_a_server_has_an_upstream_for_every_sandbox(
    start: Callable[..., httpx.Client], run_upstream: Run
) -> None:
    upstream = run_upstream(FINE)
    client = start(upstream=(f"calwe={upstream.url}",), mock=("createSessionLog",))
    own = {"X-Mock-Sandbox": "own", "Authorization": "Bearer t"}

    assert is_forwarded(client.get(LOG))
    assert is_forwarded(client.get(LOG, headers=own))
    created = client.post(LOG, json={"action_type": "ENTERED"}, headers=own)
    assert created.headers["x-mock-source"] == "handler"
    listed = client.get("/__mock__/upstreams", headers=own).json()["upstreams"]
    assert [(it["api"], it["mock"]) for it in listed] == [("calwe", ["createSessionLog"])]

    client.delete("/__mock__/upstreams/calwe", headers=own).raise_for_status()
    assert not is_forwarded(client.get(LOG, headers=own))
    assert is_forwarded(client.get(LOG))
    client.post("/__mock__/reset", headers=own).raise_for_status()
    assert is_forwarded(client.get(LOG, headers=own))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"upstream": ("calw=http://x",)}, "--upstream: there is no API 'calw'; did you mean"),
        ({"upstream": ("calwe=ftp://x",)}, "it is no URL of http or https"),
        ({"upstream": ("calwe=http://x/a/v1/",)}, "begin already. Give 'http://x/a'."),
        ({"upstream": ("calwe=http://x", "calwe=http://y")}, "the API 'calwe' is given twice"),
        ({"mock": ("listSessionLogs",)}, "--mock: 'listSessionLogs' is served by the mock already"),
        (
            {"upstream": ("calwe=http://x",), "mock": ("listSessions",)},
            "--mock: no API with an upstream has an operation 'listSessions'; did you mean",
        ),
    ],
    ids=["api", "url", "base", "twice", "mock", "operation"],
)
def test_wrong_settings_are_refused_at_the_start(
    start: Callable[..., httpx.Client], settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingError) as raised:
        start(**settings)
    assert sentence in str(raised.value)


def test_a_body_that_is_long_in_coming_is_forwarded_as_it_comes(
    world: Any, run_upstream: Run
) -> None:
    has_part = threading.Event()

    def serve(peer: Any) -> None:
        peer.read_until(b"\r\n\r\n")
        peer.read(3)
        has_part.set()
        peer.read(3)
        peer.send(FINE)

    world.forward(run_upstream(serve).url)
    peer = world.connect()
    peer.send(world.make_head(f"POST {LOG}\nContent-Length: 6"))
    peer.send(b"abc")
    assert has_part.wait(30)
    peer.send(b"def")

    assert peer.read_message().startswith(b"HTTP/1.1 200 OK\r\n")
    peer.close()
