"""Sessions against a mock that are written as a HAR, as browsers do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.recorder import RecordedScenario, RecordingOptions, record_traffic

APIS = {name: api for name, api in apis.load().items() if name != "notes"}
TOKEN = "kT8xQ2vL9wZ4rB7n"


def make_entry(
    url: str,
    response: Any = None,
    *,
    method: str = "GET",
    status: int = 200,
    request: Any = None,
    headers: dict[str, str] | None = None,
    at: str = "2025-08-21T14:30:00Z",
    **fields: Any,
) -> dict[str, Any]:
    """An entry of a HAR; what is no text in it is JSON."""
    text = response if isinstance(response, str) else json.dumps(response, ensure_ascii=False)
    sent = {"Authorization": f"Bearer {TOKEN}", "access-token": TOKEN, **(headers or {})}
    entry: dict[str, Any] = {
        "startedDateTime": at,
        "time": 0,
        "request": {
            "method": method,
            "url": url,
            "headers": [{"name": name, "value": value} for name, value in sent.items()],
        },
        "response": {
            "status": status,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"mimeType": "application/json", "text": text},
        },
        **fields,
    }
    if request is not None:
        body = {"mimeType": "application/json", "text": json.dumps(request)}
        entry["request"]["postData"] = body
        entry["request"]["headers"].append({"name": "Content-Type", "value": "application/json"})
    return entry


@pytest.fixture
def entry() -> Callable[..., dict[str, Any]]:
    """Makes an entry of a HAR."""
    return make_entry


class Session:
    """Sends requests to a mock and notes them."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.entries: list[dict[str, Any]] = []

    def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", "access-token": TOKEN}
        response = self.client.request(method, path, json=body, headers=headers)
        url = str(response.request.url)
        fields = {"method": method, "status": response.status_code, "request": body}
        self.entries.append(make_entry(url, response.text, **fields))
        return response


@pytest.fixture
def session(client: httpx.Client) -> Session:
    """A session with the default world, made and frozen at 2025-08-21T14:30:00Z."""
    scenario = {"scenario": "default"}
    frozen = {"freeze_at": "2025-08-21T14:30:00Z"}
    client.post("/__mock__/load", json=scenario, params=frozen).raise_for_status()
    return Session(client)


@pytest.fixture
def make_session() -> Callable[[httpx.Client], Session]:
    """Makes a session with the mock of a client."""
    return Session


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., RecordedScenario]:
    """Records the scenario of a new HAR with some entries."""

    def record(*entries: Any, apis: tuple[str, ...] = (), **options: Any) -> RecordedScenario:
        path = tmp_path / "traffic.har"
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")
        chosen = {"name": "case", "source": path.name, **options}
        known = {name: APIS[name] for name in apis or APIS}
        return record_traffic([path], known, RecordingOptions(**chosen))

    return record


@pytest.fixture
def load(documented: httpx.Client) -> Iterator[Callable[[str], httpx.Client]]:
    """Loads a scenario into a sandbox of another mock, and gives a client of that."""

    def load(text: str) -> httpx.Client:
        headers = {"Content-Type": "application/yaml"}
        done = documented.post("/__mock__/load", content=text.encode(), headers=headers)
        assert done.status_code == 200, done.text
        documented.headers.update({"Authorization": "Bearer t", "access-token": "t"})
        return documented

    yield load
