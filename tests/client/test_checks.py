"""The checks of a server in the client: what is sent, and a run that is followed to its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx

from mockserver.client import Client

RUN = {
    "id": 7,
    "source": "run",
    "target": "staging",
    "url": "https://staging.example",
    "apis": ["calwe"],
    "options": None,
    "state": "running",
    "error": None,
    "stopping": False,
    "started_at": "2025-08-21T14:30:00Z",
    "ended_at": None,
    "summary": [],
    "progress": [],
    "has_report": False,
}


def test_only_what_is_given_is_sent(
    responding: Callable[..., tuple[Client, list[httpx.Request]]],
) -> None:
    client, requests = responding(RUN, status=202)
    assert client.checks.start().is_running
    client.checks.start("staging", apis=("calwe",), phases=["cases"], quick=True, seed=0, workers=2)
    assert [json.loads(request.content) for request in requests] == [
        {"quick": False},
        {
            "target": "staging",
            "apis": ["calwe"],
            "phases": ["cases"],
            "quick": True,
            "seed": 0,
            "workers": 2,
        },
    ]


def test_a_run_is_followed_to_its_end_and_kept(
    run_server: Callable[..., AbstractContextManager[str]],
) -> None:
    with run_server() as url, Client(url) as client:
        begun = client.checks.start(apis=["ekran"], phases=["examples"], quick=True)
        *_, run = client.checks.follow(begun.id)
        assert (run.state, run.summary[0].verdict, run.options) == ("passed", "pass", begun.options)
        kept = client.checks.keep_report(client.checks.get_report(run.id))
        assert (kept.source, kept.summary) == ("report", run.summary)
        assert client.checks.list() == (kept, client.checks.list()[1])
        client.checks.delete(kept.id)
        assert [it.id for it in client.checks.list()] == [run.id]
        assert client.checks.list_targets() == ()
