"""Checks by a server as a process: its own URL, several workers, replicas, and how each ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

Spawn = Callable[..., Any]

QUICK = {"apis": ["ekran"], "phases": ["examples", "workflows"], "quick": True}
TOKEN = {"Authorization": "Bearer سر-token".encode()}


def follow(client: httpx.Client, id: int, **headers: Any) -> dict[str, Any]:
    """The run at its end."""
    with client.stream("GET", f"/__mock__/checks/{id}/events", headers=headers) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: ")]
    run: dict[str, Any] = json.loads(lines[-1].removeprefix("data: "))
    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("--host", "0.0.0.0", "--base-path", "/mock", "--workers", "2"),
        ("--https", "--host", "localhost", "--only", "ekran"),
        ("--host", "::1", "--admin-token", "سر-token"),
    ],
)
def test_a_server_finds_itself_and_uses_sandboxes_of_the_run_alone(
    spawn: Spawn, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    client = spawn(*arguments, XDG_STATE_HOME=str(tmp_path)).client
    client.headers.update(TOKEN if "--admin-token" in arguments else {})
    begun = client.post("/__mock__/checks", json=QUICK).json()
    assert begun["url"] == str(client.base_url).rstrip("/")
    run = follow(client, begun["id"])
    assert (run["state"], run["error"]) == ("passed", None)
    # Everything was sent to other sandboxes, which are gone.
    assert client.get("/__mock__/journal").json()["total"] == 0
    names = [it["name"] for it in client.get("/__mock__/sandboxes").json()["sandboxes"]]
    assert names == ["default"]
    report = client.get(f"/__mock__/checks/{run['id']}/report").text
    assert "token" not in report
