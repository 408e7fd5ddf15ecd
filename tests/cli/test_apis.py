"""`mockserver apis`, `new-api` and `fixtures`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

Invoke = Callable[..., Result]


def test_the_table_of_apis_has_each_operation_in_one_line(invoke: Invoke) -> None:
    done = invoke("apis", COLUMNS="40")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "API Operations documented example related assumed" in lines
    assert any(re.match(r"autozod GET /api/sessionLogs/list( \d+){4}$", line) for line in lines)
    assert any(
        re.match(r"calwe GET /v1/customer/sessions/\{id\}/log( \d+){4}$", line) for line in lines
    )
    assert "POST /v1/customer/sessions/{id}/log" in lines


def test_a_contract_is_printed_with_the_url_of_the_server_first(invoke: Invoke) -> None:
    done = invoke("contract", "ekran", "--url", "https://mock.example/mock/")
    assert (done.exit_code, done.stderr) == (0, "")
    document = yaml.safe_load(done.stdout)
    assert document["servers"][0]["url"] == "https://mock.example/mock/ekranapi"
    assert document["components"]["schemas"]["Bound"]["x-evidence"] == "assumed"
    assert done.stdout.startswith("# Ekran: ")


def test_the_client_profile_of_a_contract_is_printed(invoke: Invoke) -> None:
    done = invoke("contract", "calwe", "--client", charset="ascii")
    profile = yaml.safe_load(done.stdout_bytes)
    assert profile["servers"][0]["url"] == "http://127.0.0.1:4010/v1"
    assert profile["components"]["schemas"]["SessionNotFound"]["properties"]["message"] == {
        "type": "string",
        "example": "لم يتم العثور على الجلسة",
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["calw"], "There is no API 'calw'; did you mean 'calwe'?"),
        (["calwe", "--url", "mock"], "'mock' is not the URL of a server."),
    ],
)
def test_a_contract_that_cannot_be_printed_is_exit_2(
    invoke: Invoke, arguments: list[str], sentence: str
) -> None:
    done = invoke("contract", *arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_a_scenario_without_faults_is_exit_0(invoke: Invoke) -> None:
    done = invoke("fixtures", "check", "documented")
    assert (done.exit_code, done.stdout) == (0, "documented.yaml: no fault\n")


def test_faults_of_scenarios_are_listed_with_their_place_and_are_exit_1(
    invoke: Invoke, folder: Path
) -> None:
    (folder / "mine.yaml").write_text("name: mine\ndescription: Mine.\nsed: 1\nclok: real\n")
    done = invoke("fixtures", "check", "mine.yaml", "documented")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "mine.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?",
        "mine.yaml:4: clok: 'clok' is not known here; did you mean 'clock'?",
        "documented.yaml: no fault",
    ]


def test_a_scenario_that_does_not_exist_is_exit_2(invoke: Invoke) -> None:
    done = invoke("fixtures", "check", "documentd")
    assert done.exit_code == 2
    assert "did you mean 'documented'?" in done.stderr


def test_the_schema_of_scenarios_is_printed(invoke: Invoke) -> None:
    done = invoke("fixtures", "schema")
    assert json.loads(done.stdout)["title"] == "A scenario of Mockserver"


def test_the_files_of_a_new_api_are_listed_with_the_next_step(invoke: Invoke, folder: Path) -> None:
    done = invoke("new-api", "notes", "--folder", "mine")
    assert done.exit_code == 0, done.output
    assert "  mine/notes/openapi.yaml\n" in done.output
    assert done.output.endswith("export MOCKSERVER_APIS=mine; mockserver serve --only notes\n")
    assert (folder / "mine" / "notes" / "tests" / "test_notes.py").is_file()


@pytest.mark.usefixtures("folder")
def test_a_missing_document_of_a_new_api_is_an_error(invoke: Invoke) -> None:
    done = invoke("new-api", "notes", "--from", "missing.yaml")
    assert done.exit_code == 2
    assert "The document 'missing.yaml' cannot be read" in done.output


def test_an_existing_api_is_not_overwritten(invoke: Invoke, folder: Path) -> None:
    (folder / "apis" / "notes").mkdir(parents=True)
    done = invoke("new-api", "notes")
    assert done.exit_code == 2
    assert "nothing is overwritten" in done.output


def test_scenarios_of_a_folder_of_ones_own_are_checked_by_name(
    invoke: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "documented.yaml").write_text("name: documented\ndescription: d\nsed: 1\n")
    (tmp_path / "mine.yaml").write_text("name: mine\ndescription: d\nextends: documented\n")
    done = invoke("fixtures", "check", "documented", "--scenarios", tmp_path)
    assert done.exit_code == 1
    assert done.stdout.startswith("documented.yaml:3: sed: 'sed' is not known here")
    done = invoke("fixtures", "check", MOCKSERVER_SCENARIOS=str(tmp_path))
    assert len(done.stdout.splitlines()) == 2  # the fault of the one that is extended counts twice
