"""What is said of the sandbox of a failed test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.client import Client
from mockserver.pytest_plugin.report import describe_requests, describe_sandbox
from mockserver.pytest_plugin.sandbox import Origin, Sandbox, create_sandbox


@pytest.fixture
def make(server: str, tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Makes a world as an origin says."""
    with Client(server) as client:

        def run(scenario: Any = None, **words: Any) -> Sandbox:
            return create_sandbox(
                client, "test", Origin.read(tmp_path, scenario, **words), tmp_path
            )

        yield run


def test_the_requests_are_listed_with_their_violations(make: Callable[..., Sandbox]) -> None:
    sandbox = make()
    assert describe_requests(sandbox) == "None."
    url = f"{sandbox.url}/v1/customer/sessions/1/log"
    for number in range(1, 21):
        httpx.get(f"{url}?page={number}", headers=BEARER, verify=False)
    httpx.post(f"{url}?api_key=secret", headers=BEARER, json={"action_type": "X"}, verify=False)
    lines = describe_requests(sandbox).splitlines()
    assert lines[:2] == [
        "1 earlier ones are not shown.",
        "200 GET /v1/customer/sessions/1/log?page=2",
    ]
    assert lines[20] == "422 POST /v1/customer/sessions/1/log?api_key=***"
    assert lines[21].startswith('    /request/body/action_type: "X" is not one of "ENTERED"')
    assert lines[22].startswith("    /request/query/api_key: ")
    assert len(lines) == 23


def test_a_server_that_keeps_no_journal_has_no_section(
    run_server: Callable[..., Any], tmp_path: Path
) -> None:
    with run_server(journal=0) as url, Client(url) as client:
        assert describe_requests(create_sandbox(client, "test", Origin(), tmp_path)) == ""


BEARER = {"Authorization": "Bearer token"}
NOON = datetime(2025, 8, 21, 12, tzinfo=UTC)
SERVE = "mockserver serve --scenarios here"


def describe(sandbox: Sandbox, folder: Path, *, is_kept: bool = False) -> str:
    return describe_sandbox(sandbox, folder, serve=SERVE, is_kept=is_kept)


def test_the_report_has_the_state_and_commands_to_reproduce_it(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = make("calwe-before-end", seed=5, clock="2025-08-21T15:00:00Z")
    sandbox.trigger("calwe.end", session="4600")
    file = tmp_path / "kept" / f"{sandbox.name}.json"
    assert describe(sandbox, tmp_path / "kept").splitlines() == [
        f"Sandbox '{sandbox.name}' of {sandbox.base_url}",
        "Scenario 'calwe-before-end', seed 5, clock frozen at 2025-08-21T15:00:00Z",
        "Differences from the scenario: 2 documents added, 0 removed, 1 changed",
        '  ~ calwe session 4600: /status "IN_PROGRESS" → "COMPLETED"',
        '  + calwe entry 4600/4 {"session": "4600", "at": "2025-08-21T15:00:00+00:00", '
        '"action_type": "ENDED"}',
        '  + calwe entry 4600/5 {"session": "4600", "at": "2025-08-21T15:00:00+00:00", '
        '"action_type": "SESSION_PERIOD"}',
        "To start from the same scenario, on a server of 'mockserver serve --scenarios here':",
        "  mockserver load calwe-before-end --seed 5",
        "  mockserver clock freeze 2025-08-21T15:00:00Z",
        "To continue from the last state, on a server of 'mockserver serve --scenarios here':",
        f"  mockserver snapshot upload last-state {file}",
        "  mockserver restore last-state",
    ]


def test_the_file_of_the_report_has_the_last_state(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox, other = make("calwe-before-end"), make("documented")
    sandbox.trigger("calwe.end", session="4600")
    describe(sandbox, tmp_path)
    (file,) = tmp_path.iterdir()
    other.client.upload_snapshot("last-state", file.read_bytes())
    other.restore("last-state")
    assert other.state.get("calwe", "session", "4600").body["status"] == "COMPLETED"


def test_an_unchanged_sandbox_has_no_differences(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    text = describe(make("documented"), tmp_path)
    assert "\nNothing differs from the scenario.\n" in text


def test_long_differences_are_truncated(make: Callable[..., Sandbox], tmp_path: Path) -> None:
    sandbox = make("calwe-before-end")
    for number in range(12):
        body = {"id": str(number), "status": "PENDING", "customer": "س" * 200}
        sandbox.state.put("calwe", "session", str(number), body)
    lines = describe(sandbox, tmp_path).splitlines()
    listed = [line for line in lines if line.startswith("  +")]
    assert len(listed) == 10
    assert {len(line) for line in listed} == {120}
    assert "  and 2 more" in lines


@pytest.mark.parametrize(
    ("clock", "pattern", "commands"),
    [
        (None, "clock frozen at 2025-08-21T14:30:00Z", []),
        ("2025-08-22", "clock frozen at 2025-08-22T00:00:00Z", ["freeze 2025-08-22"]),
        (NOON, "clock frozen at 2025-08-21T12:00:00Z", ["freeze 2025-08-21T12:00:00Z"]),
        ({}, r"clock real at 2\d{3}-", ["shift 0"]),
        ({"shift": -60}, r"clock 60 seconds behind the machine's, at 2\d{3}-", ["shift -60"]),
        (
            {"shift": timedelta(hours=2)},
            r"clock 7200 seconds ahead of the machine's, at 2\d{3}-",
            ["shift 7200"],
        ),
        (
            {"shift": "1d 2h", "rate": 60},
            r"clock at rate 60, at 2\d{3}-",
            ["shift '1d 2h'", "rate 60"],
        ),
    ],
)
def test_each_mode_of_the_clock_is_described(
    make: Callable[..., Sandbox], tmp_path: Path, clock: Any, pattern: str, commands: list[str]
) -> None:
    text = describe(make("documented", clock=clock), tmp_path)
    assert re.search(pattern, text)
    assert re.findall(r"^  mockserver clock (.+)$", text, re.MULTILINE) == commands


def test_the_clock_to_begin_with_is_not_the_one_at_the_end(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = make("documented", clock=NOON)
    sandbox.clock.advance("3h")
    text = describe(sandbox, tmp_path)
    assert '  ~ /clock/now "2025-08-21T12:00:00Z" → "2025-08-21T15:00:00Z"\n' in text
    assert "  mockserver clock freeze 2025-08-21T12:00:00Z\n" in text


def test_a_file_is_named_as_it_lies_there(make: Callable[..., Sandbox], tmp_path: Path) -> None:
    file = tmp_path / "my case.yaml"
    file.write_text("name: mine\ndescription: Mine.\n", encoding="utf-8")
    text = describe(make("my case.yaml"), tmp_path / "kept")
    assert f"  mockserver load '{file}' --seed 0\n" in text


def test_a_scenario_that_the_test_wrote_itself_has_no_command(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    text = describe(make({"name": "mine", "description": "Mine."}), tmp_path)
    assert "Scenario 'mine', seed 0" in text
    assert "mockserver load" not in text


def test_of_many_failures_some_are_written_down(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    for number in range(10):
        (tmp_path / f"{number}.json").touch()
    text = describe(make("documented"), tmp_path)
    assert text.endswith(f"The last state is not saved: {tmp_path} has those of 10 other tests.")
    assert len(list(tmp_path.iterdir())) == 10


def test_the_report_says_where_a_kept_sandbox_is(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = make("documented")
    assert describe(sandbox, tmp_path, is_kept=True).splitlines()[-3:] == [
        "The sandbox stays on the server:",
        f"  export MOCKSERVER_URL={sandbox.base_url} MOCKSERVER_SANDBOX={sandbox.name}",
        "  mockserver diff",
    ]


def test_a_server_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with Client("http://127.0.0.1:9") as client:
        lines = describe(Sandbox(client, "x", tmp_path), tmp_path).splitlines()
    assert lines[0] == "Sandbox 'x' of http://127.0.0.1:9"
    assert lines[1].startswith(
        "The sandbox cannot be described further: http://127.0.0.1:9 cannot be connected"
    )
    assert len(lines) == 2


def test_the_report_keeps_its_lines_before_an_error(
    make: Callable[..., Sandbox], tmp_path: Path
) -> None:
    (tmp_path / "no folder").touch()
    text = describe(make("documented"), tmp_path / "no folder")
    assert "Scenario 'documented'" in text
    assert "The sandbox cannot be described further: " in text


def test_the_file_is_a_document_a_line(make: Callable[..., Sandbox], tmp_path: Path) -> None:
    describe(make("documented"), tmp_path)
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_bytes())["format"] == "mockserver-snapshot"
