"""`mockserver mutations`."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
from click.testing import Result

Call = Callable[..., Result]
NAME = "calwe.listSessionLogs.off-by-one:/data/total"
OTHER = "ekran.listSessions.ignore-parameter:query/start"
SENTENCE = "`/data/total` is wrong by one."


def lines(done: Result) -> list[str]:
    assert (done.exit_code, done.stderr) == (0, "")
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_mutations_are_listed_without_a_server(call: Call) -> None:
    listed = lines(call("mutations"))
    assert listed[0] == "Mutation Description"
    assert f"{NAME} {SENTENCE}" in listed
    few = lines(call("mutations", "--api", "ekran", "--operator", "ignore-parameter"))
    assert few[2:] == [f"{OTHER} `start` is ignored.", f"{OTHER[:-5]}end `end` is ignored."]
    of_operation = call("mutations", "list", "--operation", "createSessionLog", "--json").stdout
    found = json.loads(of_operation)["mutations"]
    assert {it["name"].split(".")[0] for it in found} == {"calwe"}
    assert {
        "name": "calwe.createSessionLog.lose-write",
        "operations": ["createSessionLog"],
        "operator": "lose-write",
        "description": "What is written is not kept.",
    } in found


def test_mutations_are_turned_on_and_off(call: Call) -> None:
    assert lines(call("mutations", "on", NAME, OTHER)) == [
        f"'{NAME}' is on: {SENTENCE}",
        f"'{OTHER}' is on: `start` is ignored.",
    ]
    assert lines(call("mutations", "active"))[2:] == [
        f"{NAME} {SENTENCE}",
        f"{OTHER} `start` is ignored.",
    ]
    assert lines(call("mutations", "off", OTHER)) == [f"'{OTHER}' is off."]
    assert lines(call("mutations", "off")) == ["All mutations of the sandbox are off."]
    assert lines(call("mutations", "active"))[2:] == []


def test_an_unknown_mutation_is_an_error(call: Call) -> None:
    done = call("mutations", "on", f"{NAME}s")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (f"mockserver: There is no mutation '{NAME}s'; did you mean '{NAME}'?\n")


def test_a_mutation_of_the_server_cannot_be_turned_off(
    start: Callable[..., httpx.Client], invoke: Callable[..., Result]
) -> None:
    client = start(scenario="documented", mutate=(NAME,), only=("calwe",))
    off = invoke("mutations", "off", NAME, MOCKSERVER_URL=str(client.base_url))
    assert off.stdout == f"'{NAME}' is on everywhere, since the server was started with it.\n"


def test_a_server_does_not_start_with_an_unknown_mutation(invoke: Callable[..., Result]) -> None:
    done = invoke("serve", "--port", "0", "--mutate", "calwe.listSessionLogs.other-status:4011")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: --mutate: There is no mutation 'calwe.listSessionLogs.other-status:4011'; "
        "did you mean 'calwe.listSessionLogs.other-status:401'?\n"
    )
