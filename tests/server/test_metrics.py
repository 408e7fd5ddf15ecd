"""What Prometheus reads, by its own parser: of one process, and of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

LOG = "/v1/customer/sessions/6/log"
BEARER = {"Authorization": "Bearer t"}
OF_LIST = {"api": "calwe", "operation": "listSessionLogs"}


def read(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    response = client.get("/__mock__/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def name(metric: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"mockserver_{metric}", frozenset(labels.items())


def send_some(client: httpx.Client) -> None:
    for _ in range(3):
        client.get(LOG, headers=BEARER)
    client.get(f"{LOG}?page=x&per_page=x", headers=BEARER)
    client.get(LOG, headers={**BEARER, "Prefer": "delay=300"})
    client.get("/nowhere")


def check(found: dict[Any, float]) -> None:
    assert found[name("requests_total", **OF_LIST, status="200")] == 4
    assert found[name("requests_total", **OF_LIST, status="422")] == 1
    assert found[name("requests_total", api="", operation="", status="404")] == 1
    assert found[name("request_duration_seconds_count", **OF_LIST)] == 5
    assert found[name("request_duration_seconds_bucket", **OF_LIST, le="0.25")] <= 4
    violations = name("violations_total", **OF_LIST, message="request", severity="error")
    assert found[violations] == 2
    assert found[name("faulty_responses_total", **OF_LIST)] == 1
    assert found[name("sandboxes")] == 1
    assert found[name("stored_documents")] > 1_000


def test_exchanges_are_counted_with_violations_and_faults(
    start: Callable[..., httpx.Client],
) -> None:
    client = start(journal=0)  # which is another matter
    send_some(client)
    check(read(client))
    assert any(metric == "process_resident_memory_bytes" for metric, _ in read(client))


def test_several_processes_count_together(spawn: Callable[..., Any]) -> None:
    client = spawn("--workers", "2").client
    send_some(client)
    for _ in range(4):  # whichever process responds
        check(read(client))


def test_requests_to_the_mock_itself_are_not_counted(start: Callable[..., httpx.Client]) -> None:
    client = start()
    before = read(client)
    client.get("/__mock__/sandboxes")
    after = read(client)
    assert [key for key in after if key[0] == "mockserver_requests_total"] == []
    assert before.keys() == after.keys()


def test_they_are_guarded_as_the_control_api_is(start: Callable[..., httpx.Client]) -> None:
    client = start(admin_token="secret")
    assert client.get("/__mock__/metrics").status_code == 401
    with_token = client.get("/__mock__/metrics", headers={"Authorization": "Bearer secret"})
    assert with_token.status_code == 200
