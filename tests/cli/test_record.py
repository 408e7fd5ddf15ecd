"""`mockserver record` writes a scenario, says what it has, and refuses what it cannot do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Invoke = Callable[..., Result]
LOG = {
    "success": True,
    "message": "تم جلب البيانات بنجاح",
    "data": {
        "current_page": 1,
        "data": [
            {"text": "Customer entered the session", "date": "2:30 PM", "action_type": "ENTERED"}
        ],
        "first_page_url": "http://h/v1/customer/sessions/17/log?page=1",
        "from": 1,
        "last_page": 1,
        "last_page_url": "http://h/v1/customer/sessions/17/log?page=1",
        "links": [],
        "next_page_url": None,
        "path": "http://h/v1/customer/sessions/17/log",
        "per_page": 30,
        "prev_page_url": None,
        "to": 1,
        "total": 1,
    },
    "statusCode": 200,
}


@pytest.fixture
def write_har(folder: Path) -> Callable[..., None]:
    """Writes `traffic.har` with a log of Calwe, and other entries."""

    def write(*others: Any) -> None:
        entry = {
            "startedDateTime": "2025-08-21T15:00:00Z",
            "time": 1,
            "request": {
                "method": "GET",
                "url": "http://h/v1/customer/sessions/17/log",
                "headers": [{"name": "Authorization", "value": "Bearer 8nUq4tYw2zXc"}],
            },
            "response": {
                "status": 200,
                "headers": [],
                "content": {"mimeType": "application/json", "text": json.dumps(LOG)},
            },
        }
        har = {"log": {"version": "1.2", "entries": [entry, *others]}}
        (folder / "traffic.har").write_text(json.dumps(har), "utf-8")

    return write


def test_a_har_becomes_a_scenario(
    invoke: Invoke, folder: Path, write_har: Callable[..., None]
) -> None:
    write_har({"request": {"method": "GET", "url": "http://h/style.css"}})
    done = invoke("record", "--from", "traffic.har", "case.yaml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()[:4:2]] == [
        ["API", "Kind", "Documents"],
        ["calwe", "session", "1"],
    ]
    assert done.stdout.splitlines()[4:] == [
        "1 exchange with the sandbox 'default', up to 2025-08-21T15:00:00.001Z by its clock; "
        "0 personal values replaced",
        "  not used: exchanges that are calls of other servers, or of an API that is not known: 1",
        "  1 of the 1 different reads get the body that was recorded",
        "'case.yaml' is written; mockserver load case.yaml loads it.",
    ]
    assert (folder / "case.yaml").read_text("utf-8") == (
        "# Recorded by mockserver 0.1.0 from traffic.har: 1 exchange with calwe.\n"
        "# Personal data was replaced: a value by the same made-up one everywhere. Credentials are "
        "never recorded.\n"
        "# Not used: exchanges that are calls of other servers, or of an API that is not known: "
        "1.\n"
        "# 1 of the 1 different reads get the body that was recorded.\n"
        "name: case\n"
        'description: "The world behind 1 exchange with calwe."\n'
        "seed: 1\n"
        "clock: {freeze: 2025-08-21T15:00:00.001Z}  # the moment of the recording, so that what "
        "depends on the time is the same\n"
        "\n"
        "apis:\n"
        "  calwe:\n"
        "    documents:\n"
        "      session:\n"
        '        - {id: "17", status: IN_PROGRESS}  # the status is not shown\n'
        "      entry:\n"
        "        # An entry shows its time of day only; its day is the latest possible.\n"
        '        - {session: "17", at: 2025-08-21T14:30:00Z, action_type: ENTERED}\n'
    )
    checked = invoke("fixtures", "check", "case.yaml")
    assert (checked.exit_code, checked.stdout) == (0, "case.yaml: no fault\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--from none.har case.yaml", "There is no file 'none.har'; name a HAR that was recorded."),
        (
            "--from traffic.har case.json",
            "'case.json' is no name of a scenario; let it end with .yaml.",
        ),
        (
            "--from traffic.har taken.yaml",
            "'taken.yaml' exists, and may have been edited; name another file.",
        ),
        ("--from . case.yaml", "The folder '.' has no recording of a server."),
        (
            "--from traffic.har --from . case.yaml",
            "'.' is a folder; record it by itself.",
        ),
        (
            "--from traffic.har --api calw case.yaml",
            "There is no API 'calw'; did you mean 'calwe'?",
        ),
        (
            "--from traffic.har --api ekran case.yaml",
            "There is nothing to record in traffic.har: it has no exchange with ekran whose "
            "response tells of documents (exchanges that are calls of other servers, or of an "
            "API that is not known: 1).",
        ),
        (
            "--from traffic.har missing/case.yaml",
            "'missing/case.yaml' cannot be written: No such file or directory.",
        ),
    ],
    ids=["no-har", "no-yaml", "exists", "no-recording", "two", "no-api", "nothing", "no-folder"],
)
def test_what_cannot_be_recorded_is_one_sentence(
    invoke: Invoke,
    folder: Path,
    write_har: Callable[..., None],
    arguments: str,
    message: str,
) -> None:
    write_har()
    (folder / "taken.yaml").write_text("name: taken\n")
    done = invoke("record", *arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"mockserver: {message}\n"
    assert (folder / "taken.yaml").read_text() == "name: taken\n"
    assert not (folder / "case.yaml").exists()
