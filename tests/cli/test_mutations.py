"""`mockserver mutations`, against a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from subprocess import CompletedProcess
from typing import Any

from click.testing import Result

Mock = Callable[..., Result]
NAME = "calwe.listSessionLogs.off-by-one:/data/total"
OTHER = "ekran.listSessions.ignore-parameter:query/start"
SENTENCE = "`/data/total` is wrong by one."


def lines(done: Result) -> list[str]:
    assert (done.exit_code, done.stderr) == (0, "")
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_they_are_listed_without_a_server(mock: Mock) -> None:
    listed = lines(mock("mutations"))
    assert listed[0] == "Mutation Description"
    assert f"{NAME} {SENTENCE}" in listed
    few = lines(mock("mutations", "--api", "ekran", "--operator", "ignore-parameter"))
    assert few[2:] == [f"{OTHER} `start` is ignored.", f"{OTHER[:-5]}end `end` is ignored."]
    of_operation = mock("mutations", "list", "--operation", "createSessionLog", "--json").stdout
    found = json.loads(of_operation)["mutations"]
    assert {it["name"].split(".")[0] for it in found} == {"calwe"}
    assert {
        "name": "calwe.createSessionLog.lose-write",
        "operations": ["createSessionLog"],
        "operator": "lose-write",
        "description": "What is written is not kept.",
    } in found


def test_they_are_turned_on_and_off(mock: Mock) -> None:
    assert lines(mock("mutations", "on", NAME, OTHER)) == [
        f"'{NAME}' is on: {SENTENCE}",
        f"'{OTHER}' is on: `start` is ignored.",
    ]
    assert lines(mock("mutations", "active"))[2:] == [
        f"{NAME} {SENTENCE}",
        f"{OTHER} `start` is ignored.",
    ]
    assert lines(mock("mutations", "off", OTHER)) == [f"'{OTHER}' is off."]
    assert lines(mock("mutations", "off")) == ["No mutation of the sandbox's own is on."]
    assert lines(mock("mutations", "active"))[2:] == []


def test_an_unknown_one_is_an_error(mock: Mock) -> None:
    done = mock("mutations", "on", f"{NAME}s")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (f"mockserver: There is no mutation '{NAME}s'; did you mean '{NAME}'?\n")


def test_a_server_is_started_with_one(
    serving: Callable[..., AbstractContextManager[Any]],
    run: Callable[..., CompletedProcess[str]],
) -> None:
    with serving("--port", "0", "--mutate", NAME, "--only", "calwe") as it:
        answer = it.client.get("/v1/customer/sessions/1/log").json()["data"]
        assert answer["total"] == len(answer["data"]) + 1
        off = run("mutations", "off", NAME, "--url", it.url)
        assert off.stdout == (f"'{NAME}' is on everywhere, since the server was started with it.\n")


def test_a_server_is_not_started_with_an_unknown_one(
    run: Callable[..., CompletedProcess[str]],
) -> None:
    done = run("serve", "--port", "0", "--mutate", "calwe.total")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: --mutate: There is no mutation 'calwe.total'; ")
