"""`mockserver journal`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

Call = Callable[..., Result]
LOG = "/v1/customer/sessions/1/log"


@pytest.fixture
def app(call: Call, documented_server: str) -> Iterator[httpx.Client]:
    """A client of the sandbox of the command, which has sent nothing yet."""
    created = json.loads(call("load", "documented", "--json").stdout)
    headers = {"Authorization": "Bearer t", "X-Mock-Sandbox": created["name"]}
    with httpx.Client(base_url=documented_server, headers=headers, verify=False) as app:
        yield app


def out(done: Result, code: int = 0) -> list[str]:
    assert (done.exit_code, done.stderr) == (code, "")
    return done.stdout.splitlines()


def test_exchanges_are_listed_with_what_violates_the_contract(
    call: Call, app: httpx.Client
) -> None:
    app.get(LOG)
    app.get(f"{LOG}?per_page=x")
    first, second, violation = out(call("journal"))
    assert first.split()[2:5] == ["200", "GET", LOG]
    assert second.split()[2:5] == ["422", "GET", f"{LOG}?per_page=x"]
    assert violation == '    /request/query/per_page: "x" is not of type "integer"'
    assert len(out(call("journal", "--status", "2XX"))) == 1
    assert len(out(call("journal", "list", "--violations"))) == 2
    assert len(out(call("journal", "--operation", "listSessionLogs", "--limit", "1"))) == 2
    page = json.loads(call("journal", "--json").stdout)
    assert [entry["status"] for entry in page["entries"]] == [200, 422]


def test_an_exchange_is_shown_whole(call: Call, app: httpx.Client) -> None:
    response = app.post(LOG, json={"action_type": "ENTERED"})
    id = out(call("journal"))[0].split()[0]
    lines = out(call("journal", "show", id))
    assert "authorization: Bearer ***" in lines
    assert '{"action_type":"ENTERED"}' in lines
    assert lines[-1] == response.text


def test_why_is_explained(call: Call, app: httpx.Client) -> None:
    app.get("/v1/customer/sessions/99/log")
    app.get(LOG)
    lines = out(call("journal", "why"))
    assert lines[0].endswith("GET /v1/customer/sessions/99/log  404 (calwe.listSessionLogs)")
    assert lines[1].startswith("  There was no session '99' in the sandbox ")
    assert out(call("journal", "why", lines[0].split()[0])) == lines
    app.get("/v1/customer/session/1/log")
    lines = out(call("journal", "why"))
    assert lines[2:5] == [
        "  The nearest operations:",
        "    GET /v1/customer/sessions/{id}/log (calwe.listSessionLogs)",
        "        segment 3 is 'sessions', not 'session'",
    ]


def test_without_a_failure_there_is_nothing_to_explain(call: Call, app: httpx.Client) -> None:
    app.get(LOG)
    done = call("journal", "why")
    assert done.exit_code == 2
    assert done.stderr == (
        "mockserver: All exchanges in the journal of the sandbox were a success.\n"
    )


def test_calls_are_verified_by_the_exit_code(call: Call, app: httpx.Client) -> None:
    app.post(f"{LOG}?a=b", json={"action_type": "ENTERED"}, headers={"X-App": "web"})
    body = '{"action_type": "ENTERED"}'
    verify = ("journal", "verify", "createSessionLog")
    options = ("--body", body, "--query", "a=b", "--header", "X-App=web", "--times", "1")
    (line,) = out(call(*verify, *options))
    assert line.startswith("1 call of createSessionLog with the query")
    lines = out(call(*verify, "--status", "4XX"), 1)
    assert lines[0].startswith("Expected at least 1 call of createSessionLog and the status 4XX")
    assert lines[-1] == "      the status is 200, not 4XX"
    done = call(*verify, "--body", "{")
    assert done.exit_code == 2
    assert done.stderr.startswith("mockserver: --body: '{' is not JSON: ")


def test_the_journal_is_cleared(call: Call, app: httpx.Client) -> None:
    app.get(LOG)
    assert out(call("journal", "clear")) == ["The journal is empty."]
    nothing = call("journal")
    assert (nothing.stdout, nothing.stderr) == ("", "The journal of the sandbox has no exchange.\n")
    nothing = call("journal", "--no-violations")
    sentence = "The journal of the sandbox has no exchange to which this applies.\n"
    assert (nothing.stdout, nothing.stderr) == ("", sentence)


def test_a_har_of_the_journal_is_verified_by_the_kit(
    call: Call, app: httpx.Client, tmp_path: Path
) -> None:
    app.get(LOG)
    app.post(LOG, json={"action_type": "ENTERED"})
    file = tmp_path / "app.har"
    assert out(call("journal", "--har", file)) == [f"2 exchanges are in '{file}'."]
    har: dict[str, Any] = json.loads(file.read_bytes())
    entry = har["log"]["entries"][1]
    assert entry["request"]["postData"]["text"] == '{"action_type":"ENTERED"}'
    assert entry["_operation"] == "createSessionLog"
    verified = call("verify", file)
    assert verified.exit_code == 0, verified.stdout
    done = call("journal", "--har", tmp_path / "no" / "folder.har")
    assert done.exit_code == 2
    assert "cannot be written: No such file or directory" in done.stderr


def test_a_server_without_a_journal_says_so(
    start: Callable[..., httpx.Client], invoke: Call
) -> None:
    client = start(journal=0)
    done = invoke("journal", "--url", str(client.base_url))
    assert done.exit_code == 2
    assert done.stderr == (
        "mockserver: The server keeps no journal; start it without '--journal 0'.\n"
    )


def test_exchanges_become_a_scenario(call: Call, app: httpx.Client, tmp_path: Path) -> None:
    before = app.get(LOG).json()
    app.get("/nope")
    id = out(call("journal"))[0].split()[0]
    file = tmp_path / "case.yaml"
    assert out(call("journal", "record", str(file), id)) == [
        f"1 exchange became '{file}'; mockserver load {file} loads it.",
        "  1 of the 1 different reads get the body that was recorded",
    ]
    assert call("load", str(file)).exit_code == 0
    assert app.get(LOG).json() == before

    refused = call("journal", "record", str(file))
    assert (refused.exit_code, "exists, and may have been edited" in refused.stderr) == (2, True)
    refused = call("journal", "record", str(tmp_path / "case.txt"))
    assert "let it end with .yaml" in refused.stderr
    refused = call("journal", "record", str(tmp_path / "other.yaml"), "1-999999999")
    assert "has no entry '1-999999999'" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["case.yaml"]
