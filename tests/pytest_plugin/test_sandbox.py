"""The sandbox of a test: its origin, its name, and what a test does with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.client import Client
from mockserver.errors import ProblemError, SettingError
from mockserver.pytest_plugin.sandbox import (
    Origin,
    Sandbox,
    create_sandbox,
    find_scenario,
    make_unique_name,
)

BEARER = {"Authorization": "Bearer token"}
LOG = "/v1/customer/sessions/4600/log"
NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)
WAITING = """\
name: waiting
description: A session that waits.
clock: {freeze: 2025-08-21T09:00:00Z}
apis:
  calwe:
    documents:
      session:
        - {id: "77", status: PENDING}
"""


@pytest.fixture
def make(server: str, tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Creates a sandbox from an origin."""
    (tmp_path / "waiting.yaml").write_text(WAITING, encoding="utf-8")
    with Client(server) as client:

        def run(scenario: Any = None, **words: Any) -> Sandbox:
            return create_sandbox(
                client, "test", Origin.read(tmp_path, scenario, **words), tmp_path
            )

        yield run


def texts(response: httpx.Response) -> list[str]:
    return [entry["text"] for entry in response.raise_for_status().json()["data"]["data"]]


def test_any_client_lands_in_it_by_its_url_or_by_its_headers(make: Callable[..., Sandbox]) -> None:
    sandbox = make("calwe-before-end")
    post = httpx.post(sandbox.url + LOG, headers=BEARER, verify=False, json={"action_type": "LEFT"})
    assert post.status_code == 200
    assert post.headers["x-mock-sandbox"] == sandbox.name

    read = httpx.get(sandbox.base_url + LOG, headers={**BEARER, **sandbox.headers}, verify=False)
    assert len(texts(read)) == 4
    assert httpx.get(sandbox.base_url + LOG, headers=BEARER, verify=False).status_code == 404


def test_a_sandbox_gets_its_mutations_or_is_not_created(server: str, tmp_path: Path) -> None:
    with Client(server) as client:
        name = "calwe.createSessionLog.lose-write"
        sandbox = create_sandbox(client, "mutated", Origin(), tmp_path, [name])
        assert [it.name for it in sandbox.client.list_mutations(active=True)] == [name]
        before = {it.name for it in client.list_sandboxes()}
        with pytest.raises(ProblemError):
            create_sandbox(client, "mutated", Origin(), tmp_path, ["calwe.none"])
        assert {it.name for it in client.list_sandboxes()} == before


def test_without_a_scenario_it_is_the_server_s_own(make: Callable[..., Sandbox]) -> None:
    assert make().client.get_sandbox(make().name).scenario == "default"


def test_seed_and_clock_are_the_given_ones(make: Callable[..., Sandbox]) -> None:
    sandbox = make("documented", seed=7, clock=NOON)
    assert sandbox.client.get_sandbox(sandbox.name).seed == 7
    assert (sandbox.clock.read().now, sandbox.clock.read().mode) == (NOON, "frozen")


@pytest.mark.parametrize("scenario", ["waiting.yaml", Path("waiting.yaml")])
def test_a_file_is_loaded_from_the_folder(make: Callable[..., Sandbox], scenario: Any) -> None:
    (session,) = make(scenario).state("calwe", "session")
    assert session.body == {"id": "77", "status": "PENDING"}


@pytest.mark.parametrize(
    ("clock", "mode", "rate"),
    [
        (NOON, "frozen", 0),
        ({"freeze": "2025-08-21T12:00:00Z"}, "frozen", 0),
        ({}, "real", 1),
        ({"shift": "-1d"}, "shifted", 1),
        ({"rate": 60}, "scaled", 60),
        ({"shift": "-1d", "rate": 60}, "scaled", 60),
    ],
)
@pytest.mark.parametrize("scenario", ["documented", "waiting.yaml"])
def test_the_clock_is_the_given_one_also_after_a_reset(
    make: Callable[..., Sandbox], scenario: str, clock: Any, mode: str, rate: float
) -> None:
    sandbox = make(scenario, clock=clock)
    state = sandbox.clock.read()
    assert (state.mode, state.rate) == (mode, rate)
    sandbox.clock.freeze("2001-01-01")
    reset = sandbox.reset().clock
    assert (reset.mode, reset.rate) == (mode, rate)
    assert abs((reset.now - state.now).total_seconds()) < 3600


@pytest.mark.parametrize("kind", ["name", "file"])
def test_a_relative_clock_is_the_same_after_a_reset_and_documents_are_relative_to_it(
    make: Callable[..., Sandbox], tmp_path: Path, kind: str
) -> None:
    (tmp_path / "late.yaml").write_text(
        "name: late\ndescription: d\nextends: documented\n"
        "apis: {autozod: {documents: {duty: [{agent_id: 68a6d35049a09719b70539b4, "
        "start: -1h, end: now}]}}}\n"
    )
    scenario = "documented" if kind == "name" else tmp_path / "late.yaml"
    sandbox = make(scenario, clock="-1d")
    before = sandbox.clock.read()
    assert before.mode == "frozen"
    duties = sandbox.state.list("autozod", "duty").documents
    if kind == "file":
        assert duties[-1].until == before.now.replace(microsecond=0)
    sandbox.clock.advance("3h")
    assert sandbox.reset().clock.now == before.now
    assert sandbox.state.list("autozod", "duty").documents == duties


def test_a_loaded_scenario_replaces_the_origin(
    make: Callable[..., Sandbox],
) -> None:
    sandbox = make("documented", clock=NOON)
    sandbox.load("waiting.yaml")
    sandbox.clock.advance("3h")
    assert sandbox.reset().clock.now == datetime(2025, 8, 21, 9, tzinfo=UTC)
    assert [it.key for it in sandbox.state("calwe", "session")] == ["77"]


def test_what_is_added_leaves_the_rest_as_it_is(make: Callable[..., Sandbox]) -> None:
    sandbox = make("calwe-before-end", clock=NOON)
    sandbox.load("waiting.yaml", mode="add")
    assert {it.key for it in sandbox.state("calwe", "session")} == {"4600", "77"}
    assert sandbox.reset().clock.now == NOON
    assert sandbox.origin.scenario == "calwe-before-end"


def test_an_event_changes_it(make: Callable[..., Sandbox]) -> None:
    sandbox = make("calwe-before-end")
    triggered = sandbox.trigger("calwe.end", session="4600", at="2025-08-21T14:10:00Z")
    assert triggered.at == datetime(2025, 8, 21, 14, 10, tzinfo=UTC)
    assert sandbox.state.get("calwe", "session", "4600").body["status"] == "COMPLETED"


def test_snapshots_are_taken_compared_and_restored(make: Callable[..., Sandbox]) -> None:
    sandbox = make("calwe-before-end")
    sandbox.take_snapshot("before")
    sandbox.trigger("calwe.end", session="4600")
    assert sandbox.diff("before", limit=0).added == 2
    sandbox.take_snapshot("before", replace=True)
    assert sandbox.diff("before").equal
    sandbox.reset()
    assert sandbox.restore("before").name == sandbox.name
    assert sandbox.state.get("calwe", "session", "4600").body["status"] == "COMPLETED"


def test_it_can_be_deleted_twice(make: Callable[..., Sandbox]) -> None:
    sandbox = make()
    sandbox.delete()
    sandbox.delete()
    with pytest.raises(ProblemError):
        sandbox.client.get_sandbox(sandbox.name)


def test_it_can_be_deleted_when_the_server_is_gone(tmp_path: Path) -> None:
    with Client("http://127.0.0.1:9") as client:
        Sandbox(client, "test", tmp_path).delete()


@pytest.mark.parametrize(
    ("scenario", "words"),
    [("calwe-nowhere", {}), ({"name": "no"}, {}), ("waiting.yaml", {"clock": {"shift": "x"}})],
)
def test_a_failed_creation_leaves_nothing(
    make: Callable[..., Sandbox], server: str, scenario: Any, words: dict[str, Any]
) -> None:
    with Client(server) as client:
        before = [it.name for it in client.list_sandboxes()]
        with pytest.raises(ProblemError):
            make(scenario, **words)
        assert [it.name for it in client.list_sandboxes()] == before


def test_a_missing_file_is_an_error_before_a_sandbox_is_created(
    make: Callable[..., Sandbox],
) -> None:
    with pytest.raises(SettingError, match=r"no file 'lost\.yaml'"):
        make("lost.yaml")


def test_it_says_what_it_is(make: Callable[..., Sandbox], server: str) -> None:
    sandbox = make()
    assert repr(sandbox) == f"<Sandbox {sandbox.name} of {server}>"


# Origins


def test_a_text_is_a_name_unless_it_ends_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").touch()
    (tmp_path / "case.yml").touch()
    assert find_scenario("case", tmp_path) == "case"
    assert find_scenario("case.yaml", tmp_path) == tmp_path / "case.yaml"
    assert find_scenario(Path("case.yml"), tmp_path) == tmp_path / "case.yml"


def test_a_whole_scenario_is_taken_as_it_is(tmp_path: Path) -> None:
    assert find_scenario({"name": "case.yaml"}, tmp_path) == {"name": "case.yaml"}


def test_a_file_of_another_folder_is_found_by_its_whole_path(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.touch()
    assert find_scenario(str(file), tmp_path / "elsewhere") == file


def test_a_file_that_is_not_there_is_looked_for_in_the_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"There is no file 'no.yaml' in '{tmp_path}'."):
        find_scenario("no.yaml", tmp_path)


@pytest.mark.parametrize("scenario", [5, None, ["documented"]])
def test_an_invalid_scenario_is_refused(scenario: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is no scenario; give the name of one, a YAML file"):
        find_scenario(scenario, tmp_path)


def test_a_moment_is_where_the_clock_stands_still(tmp_path: Path) -> None:
    assert Origin.read(tmp_path, clock="2025-08-21").clock == {"freeze": "2025-08-21"}
    assert Origin.read(tmp_path, clock=NOON).clock == {"freeze": NOON}
    assert Origin.read(tmp_path, clock={"shift": "-1d"}).clock == {"shift": "-1d"}


def test_what_is_not_said_is_as_the_server_has_it(tmp_path: Path) -> None:
    assert Origin.read(tmp_path) == Origin(scenario=None, seed=None, clock=None)


# Names


def test_a_name_begins_with_what_it_is_for() -> None:
    assert make_unique_name("test_the_log").startswith("test_the_log-")


def test_the_same_label_gives_another_name_each_time() -> None:
    assert len({make_unique_name("test_the_log") for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("label", "begin"),
    [
        ("test_log[GET /v1/log?page=1]", "test_log-GET-v1-log-page-1-"),
        ("سارة", "sandbox-"),
        ("", "sandbox-"),
        ("..", "sandbox-"),
        ("test[سارة-2]", "test-2-"),
        ("x" * 300, "x" * 30),
    ],
)
def test_a_name_is_one_that_a_sandbox_can_have(label: str, begin: str) -> None:
    name = make_unique_name(label)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name)
    assert name.startswith(begin)
