"""`mockserver state`."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable

import pytest
from click.testing import Result

Call = Callable[..., Result]


def test_the_kinds_are_counted(call: Call) -> None:
    lines = [" ".join(line.split()) for line in call("state").stdout.splitlines()]
    assert lines[0] == "API Kind Parent Documents"
    assert "calwe session 1" in lines
    assert "calwe entry session 2" in lines
    kinds = json.loads(call("state", "--json").stdout)["kinds"]
    assert {"api": "calwe", "kind": "entry", "parent": "session", "size": 2} in kinds


def test_the_documents_of_a_kind_are_listed(call: Call) -> None:
    lines = call("state", "calwe", "entry").stdout.splitlines()
    assert lines[0].split() == ["Key", "Owner", "At", "Until", "Body"]
    assert lines[2].split(maxsplit=3) == [
        "1/1",
        "1",
        "2025-08-20T14:30:00Z",
        '{"session": "1", "at": "2025-08-20T14:30:00Z", "action_type": "ENTERED"}',
    ]
    assert lines[-1] == "2 documents."
    page = json.loads(call("state", "calwe", "entry", "--json").stdout)
    assert (page["total"], [it["key"] for it in page["documents"]]) == (2, ["1/1", "1/2"])


def test_pages(call: Call) -> None:
    first = call("state", "avaamo", "change", "--per-page", "2")
    assert first.stdout.endswith("1 to 2 of 3 documents. --page 2 prints more.\n")
    second = call("state", "avaamo", "change", "--per-page", "2", "--page", "2")
    assert second.stdout.endswith("3 to 3 of 3 documents.\n")
    third = call("state", "avaamo", "change", "--per-page", "2", "--page", "3")
    assert third.stdout.endswith("Page 3 of 3 documents is empty.\n")


def test_some_documents(call: Call) -> None:
    entered = call("state", "calwe", "entry", "--owner", "1", "--where", "action_type=ENTERED")
    assert entered.stdout.endswith("1 document.\n")
    both = call("state", "calwe", "entry", "--where", "action_type=ENTERED", "--where", "session=2")
    assert both.stdout.endswith("0 documents.\n")


def test_documents_are_searched_sorted_and_those_of_a_time_listed(call: Call) -> None:
    def keys(*arguments: str) -> list[str]:
        page = json.loads(call("state", "calwe", "entry", *arguments, "--json").stdout)
        return [it["key"] for it in page["documents"]]

    assert keys("--search", "entered") == ["1/1"]
    assert keys("--sort", "-key") == ["1/2", "1/1"]
    assert keys("--sort", "/action_type", "--per-page", "1", "--page", "2") == ["1/2"]
    assert keys("--since", "2025-08-20T14:30:01Z") == ["1/2"]
    assert keys("--before", "2025-08-20T14:30:01Z") == ["1/1"]


def test_the_schema_of_a_kind_is_printed(call: Call) -> None:
    schema = json.loads(call("state", "kinds", "calwe", "session").stdout)
    assert schema["required"] == ["id", "status"]
    described = json.loads(call("state", "kinds", "calwe", "session", "--json").stdout)
    assert (described["label"], described["schema"]) == ("customer", schema)
    refused = call("state", "kinds", "calwe")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "Name a kind of the API too" in refused.stderr
    assert "did you mean 'session'?" in call("state", "kinds", "calwe", "sesion").stderr


def test_a_document_is_added_with_the_key_in_its_body_or_a_new_one(call: Call) -> None:
    added = call("state", "add", "calwe", "session", '{"id": "3", "status": "PENDING"}')
    assert (added.exit_code, added.stdout.splitlines()[0]) == (0, "calwe session 3")
    entry = b'{"session": "3", "at": "-1d", "action_type": "ENTERED"}'
    assigned = json.loads(call("state", "add", "calwe", "entry", "-", "--json", input=entry).stdout)
    assert (assigned["owner"], assigned["at"]) == ("3", "2025-08-20T14:30:00Z")
    assert call("state", "calwe", "entry", assigned["key"]).exit_code == 0
    again = call("state", "add", "calwe", "session", '{"id": "3", "status": "PENDING"}')
    assert (again.exit_code, again.stdout) == (2, "")
    assert "'3'" in again.stderr


def test_one_document_is_printed_whole(call: Call) -> None:
    assert call("state", "calwe", "entry", "1/1").stdout == (
        "calwe entry 1/1 of 1 at 2025-08-20T14:30:00Z\n"
        "{\n"
        '  "session": "1",\n'
        '  "at": "2025-08-20T14:30:00Z",\n'
        '  "action_type": "ENTERED"\n'
        "}\n"
    )
    assert json.loads(call("state", "calwe", "entry", "1/1", "--json").stdout)["owner"] == "1"


def test_a_document_is_put_changed_and_deleted(call: Call) -> None:
    body = '{"id": "جلسة 2", "status": "PENDING", "coach": "[red]\\u001b[1m"}'
    put = call("state", "put", "calwe", "session", "جلسة 2", body)
    assert (put.exit_code, put.stderr) == (0, "")
    assert put.stdout == (
        "calwe session جلسة 2\n"
        "{\n"
        '  "id": "جلسة 2",\n'
        '  "status": "PENDING",\n'
        '  "coach": "[red]\\u001b[1m"\n'
        "}\n"
    )
    assert "[red]" in call("state", "calwe", "session").stdout

    patched = call("state", "patch", "calwe", "session", "جلسة 2", '{"coach": null}', "--json")
    assert json.loads(patched.stdout)["body"] == {"id": "جلسة 2", "status": "PENDING"}

    deleted = call("state", "delete", "calwe", "session", "جلسة 2")
    assert (deleted.exit_code, deleted.stdout) == (0, "The session 'جلسة 2' of calwe is deleted.\n")
    assert call("state", "calwe", "session", "جلسة 2").exit_code == 2


def test_a_body_comes_from_stdin(call: Call) -> None:
    body = '{"id": "2", "status": "PENDING", "customer": "سارة"}'.encode()
    put = call("state", "put", "calwe", "session", "2", "-", "--json", input=body)
    assert json.loads(put.stdout)["body"]["customer"] == "سارة"
    changes = b'{"status": "COMPLETED"}'
    patched = call("state", "patch", "calwe", "session", "2", "-", "--json", input=changes)
    assert json.loads(patched.stdout)["body"]["status"] == "COMPLETED"


def test_a_document_with_children_is_deleted_only_with_cascade(call: Call) -> None:
    refused = call("state", "delete", "calwe", "session", "1")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "'entry'" in refused.stderr
    assert call("state", "delete", "calwe", "session", "1", "--cascade").exit_code == 0
    assert call("state", "calwe", "entry").stdout.endswith("0 documents.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["calw", "session"], "did you mean 'calwe'?"),
        (["calwe", "sesion"], "did you mean 'session'?"),
        (["calwe", "session", "none"], "'none'"),
        (["calwe", "session", ""], "A name is empty"),
        (["calwe", "session", ".."], "'..'"),
        (["calwe", "session", "--page", "0"], "page"),
        (["calwe", "session", "--per-page", "1001"], "per_page"),
        (["calwe", "session", "--sort", "status"], "sort"),
        (["calwe", "session", "--since", "yesterdy"], "yesterdy"),
        (["add", "calwe", "session", "{"], "That is not JSON: "),
        (["add", "calwe", "session", '{"id": "4"}'], "status"),
        (["put", "calwe", "session", "2", "{"], "That is not JSON: "),
        (["put", "calwe", "session", "2", "[]"], "/request/body"),
        (["put", "calwe", "session", "2", '{"id": "2"}'], "status"),
        (["put", "calwe", "session", "2", '{"id": "2", "status": NaN}'], "JSON"),
        (["patch", "calwe", "session", "1", '{"status": "ASLEEP"}'], "ASLEEP"),
    ],
)
def test_what_the_server_refuses_is_an_error(call: Call, arguments: list[str], words: str) -> None:
    done = call("state", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("mockserver: ")
    assert words in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(["state"], ["diff"], ["clock"], ["ids"]),
        *(["snapshot", "before"], ["snapshot", "list"], ["restore", "before"]),
    ],
)
def test_a_sandbox_that_does_not_exist_is_said_and_not_made(call: Call, command: list[str]) -> None:
    call("sandboxes", "create", "typing-right")
    done = call(*command, "--sandbox", "typing-rigth")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: There is no sandbox 'typing-rigth'; did you mean 'typing-right'?\n"
    )
    assert "typing-rigth" not in call("sandboxes").stdout
    call("sandboxes", "delete", "typing-right")


def test_requests_to_try_are_commands_that_work(call: Call) -> None:
    printed = call("requests", "calwe").stdout
    assert printed.startswith("# calwe listSessionLogs\ncurl -i -X GET http://127.0.0.1:")
    commands = [line for line in printed.splitlines() if line.startswith("curl ")]
    assert len(commands) == 4
    for command in commands:
        run = [*shlex.split(command), "--silent", "--noproxy", "*"]
        found = subprocess.run(run, capture_output=True, text=True, check=True).stdout
        assert found.startswith("HTTP/1.1 200 OK"), command
        assert "/__sandbox__/command-" in command
    entries = json.loads(call("journal", "--json").stdout)["entries"]
    assert [it["operation"] for it in entries] == [
        *("listSessionLogs", "createSessionLog", "listCoachSessionLogs", "createCoachSessionLog")
    ]
    [api] = json.loads(call("requests", "calwe", "--json").stdout)["apis"]
    assert [it["operation"] for it in api["requests"]][:1] == ["listSessionLogs"]
    assert "did you mean 'calwe'?" in call("requests", "calw").stderr


def test_ids_are_listed_with_what_each_is_good_for(call: Call) -> None:
    lines = [" ".join(line.split()) for line in call("ids", "calwe").stdout.splitlines()]
    assert lines[0] == "API Kind Good for Id Owner Name"
    assert lines[2] == (
        "calwe session IN_PROGRESS: takes entries, can be ended or cancelled 1 سارة العتيبي"
    )
    ids = json.loads(call("ids", "calwe", "session", "--limit", "1", "--json").stdout)["ids"]
    assert [it["key"] for it in ids] == ["1"]
