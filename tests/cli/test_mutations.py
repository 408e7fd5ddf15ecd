"""`mockserver mutations`, against a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from subprocess import CompletedProcess
from typing import Any

from click.testing import Result

Mock = Callable[..., Result]
SENTENCE = "The paginator's `total` counts one entry too many."


def lines(done: Result) -> list[str]:
    assert (done.exit_code, done.stderr) == (0, "")
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_they_are_listed(mock: Mock) -> None:
    listed = lines(mock("mutations"))
    assert listed[0] == "Mutation Description"
    assert f"calwe.total-off-by-one {SENTENCE}" in listed
    of_api = lines(mock("mutations", "list", "--api", "ekran"))
    assert {line.partition(".")[0] for line in of_api[2:]} == {"ekran"}
    in_json = json.loads(mock("mutations", "--json").stdout)["mutations"]
    assert "ekran.start-ignored" in [it["name"] for it in in_json]


def test_they_are_turned_on_and_off(mock: Mock) -> None:
    done = mock("mutations", "on", "calwe.total-off-by-one", "ekran.start-ignored")
    assert lines(done) == [
        f"'calwe.total-off-by-one' is on: {SENTENCE}",
        "'ekran.start-ignored' is on: `start` is ignored.",
    ]
    assert f"calwe.total-off-by-one on {SENTENCE}" in lines(mock("mutations"))
    assert lines(mock("mutations", "off", "ekran.start-ignored")) == [
        "'ekran.start-ignored' is off."
    ]
    assert lines(mock("mutations", "off")) == ["No mutation of the sandbox's own is on."]
    assert f"calwe.total-off-by-one {SENTENCE}" in lines(mock("mutations"))


def test_an_unknown_one_is_an_error(mock: Mock) -> None:
    done = mock("mutations", "on", "calwe.total-of-by-one")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: There is no mutation 'calwe.total-of-by-one'; "
        "did you mean 'calwe.total-off-by-one'?\n"
    )


def test_a_server_is_started_with_one(
    serving: Callable[..., AbstractContextManager[Any]],
    run: Callable[..., CompletedProcess[str]],
) -> None:
    with serving("--port", "0", "--mutate", "calwe.total-off-by-one", "--only", "calwe") as it:
        answer = it.client.get("/v1/customer/sessions/1/log").json()["data"]
        assert answer["total"] == len(answer["data"]) + 1
        off = run("mutations", "off", "calwe.total-off-by-one", "--url", it.url)
        assert off.stdout == (
            "'calwe.total-off-by-one' is on everywhere, since the server was started with it.\n"
        )


def test_a_server_is_not_started_with_an_unknown_one(
    run: Callable[..., CompletedProcess[str]],
) -> None:
    done = run("serve", "--port", "0", "--mutate", "calwe.total")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: --mutate: There is no mutation 'calwe.total'; ")
