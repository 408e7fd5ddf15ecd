"""Checks that a server runs: itself and its targets, their progress, history and reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.clock import SECOND, format_moment, machine_now
from mockserver.store import FileStore

ReadProblem = Callable[[httpx.Response], tuple[int, str]]

QUICK = {"apis": ["ekran"], "phases": ["examples"], "quick": True}
INVALID = "The request is not what the contract says: /request/body"
REPORT: dict[str, Any] = {
    "mockserver": "0.1.0",
    "target": {"name": "staging", "url": "https://staging.example"},
    "passed": False,
    "apis": [
        {
            "api": "calwe",
            "passed": False,
            "verdict": "fail",
            "requests": 12,
            "seconds": 1.5,
            "seed": 7,
            "failures": [{"finding": "x"}, {"finding": "y"}],
            "warnings": [{"finding": "z"}],
            "accepted": [],
            "inconclusive": [],
        },
        {
            "api": "ekran",
            "passed": False,
            "verdict": "inconclusive",
            "requests": 0,
            "seconds": 0,
            "seed": None,
            "failures": [],
            "warnings": [],
            "accepted": [],
            "inconclusive": ["nothing was sent", "more"],
        },
    ],
}


def _follow(client: httpx.Client, id: int) -> list[tuple[str, dict[str, Any]]]:
    """The events of a run until its end."""
    with client.stream("GET", f"/__mock__/checks/{id}/events") as response:
        assert response.headers["content-type"] == "text/event-stream"
        lines = list(response.iter_lines())
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    return list(zip(events, data, strict=True))


def _start(client: httpx.Client, **options: Any) -> dict[str, Any]:
    response = client.post("/__mock__/checks", json={**QUICK, **options})
    assert response.status_code == 202, response.text
    run: dict[str, Any] = response.json()
    return run


def test_a_server_checks_itself_and_keeps_the_report(start: Callable[..., httpx.Client]) -> None:
    client = start()
    begun = _start(client)
    assert (begun["state"], begun["target"], begun["apis"]) == ("running", "this server", ["ekran"])
    assert begun["url"] == str(client.base_url).rstrip("/")
    assert begun["options"] == {
        "operations": [],
        "phases": ["examples"],
        "quick": True,
        "seed": 20250821,
        "workers": 1,
        "allow_writes": True,
    }
    assert [(it["phase"], it["state"]) for it in begun["progress"]] == [("examples", "waits")]

    *progress, (last, run) = _follow(client, begun["id"])
    assert {event for event, _ in progress} == {"progress"}
    assert (last, run["state"], run["error"], run["has_report"]) == ("end", "passed", None, True)
    (verdict,) = run["summary"]
    assert (verdict["api"], verdict["verdict"], verdict["failures"]) == ("ekran", "pass", 0)
    (stage,) = run["progress"]
    assert (stage["state"], stage["requests"]) == ("done", verdict["requests"])
    assert verdict["requests"] > 0

    report = client.get(f"/__mock__/checks/{run['id']}/report")
    assert report.text.startswith('{\n  "mockserver": ')
    assert report.json()["passed"] is True
    assert client.get(f"/__mock__/checks/{run['id']}").json() == run
    (listed,) = client.get("/__mock__/checks").json()["checks"]
    assert listed == {**run, "progress": []}
    # Its sandboxes are deleted.
    names = [it["name"] for it in client.get("/__mock__/sandboxes").json()["sandboxes"]]
    assert names == ["default"]


def test_wrong_behaviour_of_the_server_is_a_failure(start: Callable[..., httpx.Client]) -> None:
    client = start(mutate=("ekran.listSessions.null:/*/clientGuid",))
    _, run = _follow(client, _start(client, phases=["cases", "workflows"])["id"])[-1]
    assert run["state"] == "failed"
    assert run["summary"][0]["failures"] > 0


def test_a_run_is_stopped_with_what_it_has_found(
    start: Callable[..., httpx.Client], read_problem: ReadProblem
) -> None:
    client = start()
    id = client.post("/__mock__/checks").json()["id"]  # no body: all that can be checked
    second = client.post("/__mock__/checks", json=QUICK)
    assert read_problem(second) == (
        409,
        f"Check {id} of this server is running; stop it, or wait for its end",
    )
    deleted = client.delete(f"/__mock__/checks/{id}")
    assert read_problem(deleted) == (409, f"Check {id} is running; stop it first")
    assert read_problem(client.get(f"/__mock__/checks/{id}/report")) == (
        404,
        f"Check {id} has no report: it is running",
    )

    stopping = client.post(f"/__mock__/checks/{id}/stop").json()
    assert (stopping["state"], stopping["stopping"]) == ("running", True)
    _, run = _follow(client, id)[-1]
    assert (run["state"], run["stopping"]) == ("stopped", False)
    names = [it["name"] for it in client.get("/__mock__/sandboxes").json()["sandboxes"]]
    assert names == ["default"]

    assert client.post(f"/__mock__/checks/{id}/stop").json() == run  # it has ended
    assert client.delete(f"/__mock__/checks/{id}").status_code == 204
    gone = client.get(f"/__mock__/checks/{id}")
    assert read_problem(gone) == (404, f"There is no check {id}; it may have been deleted")


def test_a_target_of_the_targets_file_is_checked_as_the_file_says(
    start: Callable[..., httpx.Client], server: str, tmp_path: Path
) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(f"targets:\n  other: {{url: '{server}', apis: [calwe, ekran]}}\n")
    client = start(targets=file)
    assert client.get("/__mock__/checks").json() == {
        "checks": [],
        "targets": [
            {"name": "other", "url": server, "apis": ["calwe", "ekran"], "allow_writes": False}
        ],
        "targets_error": None,
    }
    begun = _start(client, target="other")
    assert (begun["target"], begun["url"]) == ("other", server)
    assert begun["options"]["allow_writes"] is False
    _, run = _follow(client, begun["id"])[-1]
    assert (run["state"], run["error"]) == ("passed", None)


def test_a_targets_file_is_read_again_when_it_has_changed(
    start: Callable[..., httpx.Client], tmp_path: Path, read_problem: ReadProblem
) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text("targets:\n  one: {url: 'http://127.0.0.1:9'}\n")
    client = start(targets=file)
    other = client.post("/__mock__/checks", json={"target": "one", "apis": ["calw"]})
    sentence = "The target 'one' has no API 'calw'; did you mean 'calwe'?"
    assert read_problem(other) == (422, sentence)
    unknown = client.post("/__mock__/checks", json={"target": "onee"})
    assert read_problem(unknown) == (404, "There is no target 'onee'; did you mean 'one'?")

    file.write_text("targets:\n  one: {url: 'http://127.0.0.1:9', apis: [calw]}\n")
    reason = f"{file}:2: targets.one.apis.0: there is no API 'calw'; did you mean 'calwe'?"
    listed = client.get("/__mock__/checks").json()
    assert (listed["targets"], listed["targets_error"]) == ([], reason)
    refused = client.post("/__mock__/checks", json={"target": "one"})
    assert read_problem(refused) == (409, reason)


def test_without_the_option_it_is_the_file_of_the_folder_if_there_is_one(
    start: Callable[..., httpx.Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client = start()
    assert client.get("/__mock__/checks").json()["targets_error"] is None

    file = Path("targets.yaml")
    file.write_text("targets:\n  one: {url: 'http://127.0.0.1:9', apis: [ekran]}\n")
    listed = client.get("/__mock__/checks").json()["targets"]
    assert [(it["name"], it["apis"]) for it in listed] == [("one", ["ekran"])]
    file.write_text("targets: []\n")
    error = client.get("/__mock__/checks").json()["targets_error"]
    assert error.startswith("targets.yaml:1: targets: ")


def test_a_file_of_the_option_that_is_gone_is_an_error(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    client = start(targets=tmp_path / "gone.yaml")
    assert client.get("/__mock__/checks").json()["targets_error"] == (
        f"The targets file '{tmp_path / 'gone.yaml'}' cannot be read: No such file or directory."
    )


def test_without_the_kit_the_error_says_what_to_install(
    start: Callable[..., httpx.Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "raise ModuleNotFoundError(\"No module named 'schemathesis'\", name='schemathesis')"
    (tmp_path / "schemathesis.py").write_text(missing)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    file = tmp_path / "targets.yaml"
    file.write_text("targets:\n  one: {url: 'http://127.0.0.1:9'}\n")
    client = start(targets=file)
    sentence = "'schemathesis' is not installed; pip install 'mockserver-kit[check]' installs it."
    assert client.get("/__mock__/checks").json()["targets_error"] == sentence
    _, run = _follow(client, _start(client)["id"])[-1]
    assert (run["state"], run["error"]) == ("error", sentence)


def test_a_target_that_does_not_respond_is_inconclusive(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text("targets:\n  gone: {url: 'http://127.0.0.1:9', apis: [ekran]}\n")
    client = start(targets=file)
    _, run = _follow(client, _start(client, target="gone")["id"])[-1]
    assert run["state"] == "inconclusive"
    assert "127.0.0.1" in run["summary"][0]["reason"]


def test_a_missing_credential_is_an_error_with_its_sentence(
    start: Callable[..., httpx.Client], tmp_path: Path
) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(
        "targets:\n  one: {url: 'http://127.0.0.1:9', credentials: {ekran: NO_SUCH_TOKEN}}\n"
    )
    client = start(targets=file)
    _, run = _follow(client, _start(client, target="one")["id"])[-1]
    assert (run["state"], run["summary"], run["has_report"]) == ("error", [], False)
    assert "NO_SUCH_TOKEN" in run["error"]


def test_a_report_that_is_too_long_is_not_kept(
    start: Callable[..., httpx.Client], read_problem: ReadProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.server.checks.MAX_REPORT", 100)
    client = start()
    _, run = _follow(client, _start(client)["id"])[-1]
    assert (run["state"], run["has_report"], run["summary"][0]["verdict"]) == (
        "passed",
        False,
        "pass",
    )
    sentence = f"Check {run['id']} has no report: {run['error']}"
    assert read_problem(client.get(f"/__mock__/checks/{run['id']}/report")) == (404, sentence)
    assert run["error"].endswith(" bytes; at most 100 are kept, so it is not.")


STUBBORN = """
import json, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.stdin.readline()
print("no JSON")
print(5)
print(json.dumps({"progress": []}), flush=True)
time.sleep(600)
"""


def test_a_run_that_takes_too_long_to_stop_is_killed_and_is_alive_until_then(
    start: Callable[..., httpx.Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("mockserver.server.check_process._MODULE", "stubborn")
    monkeypatch.setattr("mockserver.server.checks.LOST_SECONDS", 4)
    monkeypatch.setattr("mockserver.server.checks._STOP_SECONDS", 7)
    client = start()
    id = _start(client)["id"]
    client.post(f"/__mock__/checks/{id}/stop")
    *before, (_, run) = _follow(client, id)
    assert {(it["state"], it["stopping"]) for _, it in before} == {("running", True)}
    assert (run["state"], run["stopping"], run["has_report"]) == ("stopped", False, False)
    assert run["error"] == "The process of the check was ended by SIGKILL."


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "It said nothing."),
        (
            "import sys; sys.exit('no luck')",
            "The process of the check ended with status 1: no luck",
        ),
    ],
)
def test_a_process_that_fails_is_an_error_with_its_last_words(
    start: Callable[..., httpx.Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    reason: str,
) -> None:
    (tmp_path / "failing.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("mockserver.server.check_process._MODULE", "failing")
    client = start()
    _, run = _follow(client, _start(client)["id"])[-1]
    assert (run["state"], run["error"]) == ("error", reason)
    assert run["progress"][0]["state"] == "waits"


def test_a_run_without_a_sign_of_life_is_interrupted(
    start: Callable[..., httpx.Client], tmp_path: Path, read_problem: ReadProblem
) -> None:
    client = start(store=tmp_path / "store.sqlite")
    begun = _start(client)
    _follow(client, begun["id"])
    lost = machine_now() - 16 * SECOND
    with (
        closing(FileStore(tmp_path / "store.sqlite")) as store,
        store.transaction(writing=True) as transaction,
    ):
        first = transaction.check_runs.get(begun["id"])
        assert first is not None
        one, two = (transaction.check_runs.add("running", first.details, lost) for _ in range(2))

    run = client.get(f"/__mock__/checks/{one}").json()
    assert (run["state"], run["stopping"]) == ("interrupted", False)
    assert run["error"] == "The server that ran it gave no sign of life for 15 seconds."
    assert run["ended_at"] == run["started_at"] == format_moment(lost)
    assert _follow(client, one) == [("end", run)]
    report = client.get(f"/__mock__/checks/{one}/report")
    assert read_problem(report) == (404, f"Check {one} has no report: {run['error']}")
    assert client.delete(f"/__mock__/checks/{one}").status_code == 204

    _follow(client, _start(client)["id"])  # another one can begin
    again = client.get(f"/__mock__/checks/{two}").json()
    assert again == {**run, "id": two}


@pytest.fixture(scope="module")
def idle(run_server: Callable[..., Any]) -> Iterator[httpx.Client]:
    """A client of a server that nothing checks, one of whose APIs is forwarded."""
    with (
        run_server(upstream=("avaamo=http://127.0.0.1:9",), body_limit=2**24) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"apis": ["calw"]}, 422, "This server has no API 'calw'; did you mean 'calwe'?"),
        (
            {"apis": ["avaamo"]},
            422,
            "Requests to 'avaamo' are forwarded to its upstream, which this server does not check; "
            "name the deployment in the targets file, and check that target",
        ),
        (
            {"apis": ["calwe"], "operations": ["listSessionLog"]},
            422,
            "There is no operation 'listSessionLog' to check; did you mean 'listSessionLogs'?",
        ),
        (
            {"target": "staging"},
            404,
            "There is no target 'staging', since there is no targets file; start the server with "
            "--targets FILE",
        ),
        (
            {"target": "http://127.0.0.1:4010"},
            404,
            "There is no target 'http://127.0.0.1:4010', since there is no targets file; start the "
            "server with --targets FILE",
        ),
    ],
)
def test_what_cannot_be_checked_is_refused(
    idle: httpx.Client, read_problem: ReadProblem, body: Any, status: int, sentence: str
) -> None:
    refused = idle.post("/__mock__/checks", json=body)
    assert read_problem(refused) == (status, sentence)


def test_a_server_that_forwards_all_its_apis_does_not_check_itself(
    start: Callable[..., httpx.Client], read_problem: ReadProblem
) -> None:
    client = start(only=("ekran",), upstream=("ekran=http://127.0.0.1:9",))
    for body in ({}, {"apis": ["ekran"]}):
        assert read_problem(client.post("/__mock__/checks", json=body)) == (
            409,
            "This server forwards the requests of all its APIs to upstreams, which it does not "
            "check; name the deployment in the targets file, and check that target",
        )
    assert _list(client) == []


def test_what_a_server_forwards_is_left_out_of_its_check(idle: httpx.Client) -> None:
    begun = idle.post("/__mock__/checks", json={"phases": ["examples"]}).json()
    assert begun["apis"] == ["autozod", "calwe", "ekran"]
    idle.post(f"/__mock__/checks/{begun['id']}/stop")
    _follow(idle, begun["id"])
    idle.delete(f"/__mock__/checks/{begun['id']}")


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://127.0.0.1:4010"},
        {"target": ""},
        {"target": 1},
        {"apis": []},
        {"apis": "calwe"},
        {"phases": ["fuzzing"]},
        {"seed": -1},
        {"seed": 2**60},
        {"workers": 0},
        {"workers": 65},
        {"quick": "yes"},
        {"allow_writes": True},
        {"operations": [""]},
    ],
)
def test_invalid_options_are_refused(
    idle: httpx.Client, read_problem: ReadProblem, body: Any
) -> None:
    status, sentence = read_problem(idle.post("/__mock__/checks", json=body))
    assert (status, sentence[: len(INVALID)]) == (400, INVALID)
    assert [run for run in _list(idle) if run["source"] == "run"] == []


@pytest.mark.parametrize("id", ["0", "-1", "1.5", "x", "reports", "1e3", "9" * 30, "%00", "١"])
@pytest.mark.parametrize("path", ["", "/report", "/events"])
def test_an_invalid_id_is_a_400(
    idle: httpx.Client, read_problem: ReadProblem, id: str, path: str
) -> None:
    status, _ = read_problem(idle.get(f"/__mock__/checks/{id}{path}"))
    assert status == 400 or (id, path) == ("reports", "")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/report"), ("GET", "/events")],
)
def test_an_unknown_run_is_a_404(
    idle: httpx.Client, read_problem: ReadProblem, method: str, path: str
) -> None:
    missing = idle.request(method, f"/__mock__/checks/{2**53 - 1}{path}")
    sentence = f"There is no check {2**53 - 1}; it may have been deleted"
    assert read_problem(missing) == (404, sentence)


def test_a_report_is_kept_in_the_history_as_it_is(idle: httpx.Client) -> None:
    kept = idle.post("/__mock__/checks/reports", json=REPORT)
    assert kept.status_code == 201
    run = kept.json()
    assert (run["source"], run["target"], run["state"]) == ("report", "staging", "failed")
    assert (run["url"], run["apis"]) == ("https://staging.example", ["calwe", "ekran"])
    assert (run["options"], run["progress"]) == (None, [])
    assert run["started_at"] == run["ended_at"]
    assert run["summary"] == [
        {
            "api": "calwe",
            "verdict": "fail",
            "requests": 12,
            "failures": 2,
            "warnings": 1,
            "accepted": 0,
            "seconds": 1.5,
            "reason": None,
        },
        {
            "api": "ekran",
            "verdict": "inconclusive",
            "requests": 0,
            "failures": 0,
            "warnings": 0,
            "accepted": 0,
            "seconds": 0,
            "reason": "nothing was sent",
        },
    ]
    assert idle.get(f"/__mock__/checks/{run['id']}/report").json() == REPORT
    assert _follow(idle, run["id"]) == [("end", run)]
    assert _list(idle)[0] == run


@pytest.mark.parametrize(
    "change",
    [
        {"apis": []},
        {"apis": [{"api": "calwe"}]},
        {"apis": [{**REPORT["apis"][0], "verdict": "passed"}]},
        {"apis": [{**REPORT["apis"][0], "failures": 2}]},
        {"apis": [{**REPORT["apis"][0], "requests": 2**53}]},
        {"target": "staging"},
        {"target": {"name": "x" * 1_001, "url": ""}},
        {"mockserver": 1},
        {"passed": "no"},
    ],
)
def test_a_file_that_is_no_report_is_refused(
    idle: httpx.Client, read_problem: ReadProblem, change: Any
) -> None:
    before = len(_list(idle))
    status, sentence = read_problem(
        idle.post("/__mock__/checks/reports", json={**REPORT, **change})
    )
    assert (status, sentence[: len(INVALID)]) == (400, INVALID)
    assert len(_list(idle)) == before


def test_a_report_that_is_too_long_or_has_huge_numbers_is_refused(
    idle: httpx.Client, read_problem: ReadProblem
) -> None:
    status, sentence = read_problem(
        idle.post("/__mock__/checks/reports", json={**REPORT, "more": "x" * 8 * 1024 * 1024})
    )
    assert (status, sentence.partition(" bytes")[2]) == (413, ", and at most 8388608 are kept")
    huge = idle.post("/__mock__/checks/reports", json={**REPORT, "more": 2**64})
    assert read_problem(huge) == (
        422,
        "It is no report of a check: it has an integer beyond 64 bits",
    )


def _list(client: httpx.Client) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = client.get("/__mock__/checks").json()["checks"]
    return runs
