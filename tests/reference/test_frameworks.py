"""The contract kit against two vendors' documents on the frameworks that these vendors use.

The servers in `frameworks` share nothing with the mock, its contracts or its fixtures. What
Laravel, Rails and will_paginate do by themselves is correct, whatever a contract assumes.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import apis
from mockserver.check.runner import Plan, check
from mockserver.check.target.loader import read_targets
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import PHASES

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = Path(__file__).resolve().parent / "frameworks"
APIS = apis.load(only=["avaamo", "calwe"])
CALWE_TOKEN = "calwe-reference-token"
AVAAMO_TOKEN = "avaamo-reference-token"

ENTERED = {"text": "Customer entered the session", "date": "2:30 PM", "action_type": "ENTERED"}
LEFT = {"text": "Customer temporarily left the session", "date": "2:35 PM", "action_type": "LEFT"}
UNKNOWN = {"success": False, "message": "لم يتم العثور على الجلسة", "data": None, "statusCode": 404}
ENDED = {
    "success": False,
    "message": "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة",
    "data": None,
    "statusCode": 422,
}
INVALID = {
    "success": False,
    "message": "بيانات غير صالحة",
    "data": {"action_type": ["نوع الإجراء غير صالح"]},
    "statusCode": 422,
}
CHANGE = {
    "id": 2202442,
    "resource": {"id": 739, "type": "User"},
    "action": "update",
    "changelog": "Donna Miller updated User Donna Miller status from 'offline' to 'active",
    "timestamp": 1699264790,
    "dashboard_user": {"id": 739, "display_name": "Donna Miller", "email": "donna@avaamo.com"},
}

LARAVEL_TARGET = """
targets:
  laravel:
    url: {url}
    apis: [calwe]
    credentials: {{calwe: CALWE_TOKEN}}
    ids:
      calwe:
        open_session: 4600
        ended_session: 4599
        busy_session: 4601
        empty_session: 4605
        missing_session: 99999999
        writable_session: 4602
        session_to_end: 4603
        session_to_cancel: 4604
"""
RAILS_TARGET = """
targets:
  rails:
    url: {url}
    apis: [avaamo]
    credentials: {{avaamo: AVAAMO_TOKEN}}
"""


def find_program(framework: str) -> str:
    """The program that tools/frameworks.sh finds; where everything must be tested, there is one."""
    finding = [ROOT / "tools" / "frameworks.sh", "find", framework]
    found = subprocess.run(finding, capture_output=True, text=True, check=False).stdout.strip()
    if not found:
        sentence = f"No {framework.title()} is here: tools/frameworks.sh says what to install."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return found


@contextmanager
def run_server(
    log: Path, folder: Path, *command: str, **variables: str
) -> Iterator[tuple[str, list[str]]]:
    """The URL of a server, from when it has announced itself, and the lines that it printed."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the workers of `php -S` outlive it, so the group is ended
        )
    try:
        while not (announced := re.search(r"http://127\.0\.0\.1:[0-9]+", log.read_text("utf-8"))):
            assert process.poll() is None, log.read_text("utf-8")
            time.sleep(0.01)
        yield announced[0], log.read_text("utf-8").splitlines()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def laravel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URL of Calwe's session log, and the file that its paginator is from."""
    php = find_program("laravel")
    folder = FRAMEWORKS / "laravel"
    temporary = tmp_path_factory.mktemp("laravel")
    variables = {"CALWE_DATABASE": str(temporary / "calwe.sqlite"), "PHP_CLI_SERVER_WORKERS": "3"}
    seeded = subprocess.run(
        [php, "seed.php"],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    command = [php, "-S", "127.0.0.1:0", "index.php"]
    with run_server(temporary / "log", folder, *command, **variables) as (url, _):
        yield url, seeded.stdout.strip()


@pytest.fixture(scope="module")
def rails(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URL of Avaamo's changelog, and the file that its paginator is from."""
    ruby = find_program("rails")
    folder = FRAMEWORKS / "rails"
    temporary = tmp_path_factory.mktemp("rails")
    variables = {"AVAAMO_DATABASE": str(temporary / "avaamo.sqlite")}
    command = [ruby, "-S", "puma", "--bind", "tcp://127.0.0.1:0", "--threads", "3", "config.ru"]
    with run_server(temporary / "log", folder, *command, **variables) as (url, lines):
        yield url, next(line for line in lines if line.endswith(".rb"))


@pytest.fixture
def calwe(laravel: tuple[str, str]) -> Iterator[httpx.Client]:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {CALWE_TOKEN}"}
    url = laravel[0] + "/v1/customer/sessions"
    with httpx.Client(base_url=url, headers=headers, verify=False) as client:
        yield client


@pytest.fixture
def avaamo(rails: tuple[str, str]) -> Iterator[httpx.Client]:
    url = rails[0] + "/api/v1/cap"
    with httpx.Client(base_url=url, headers={"access-token": AVAAMO_TOKEN}, verify=False) as client:
        yield client


def list_faults(read: Target, plan: Plan) -> list[str]:
    """What the kit says against a server: its failures, and why its verdict is inconclusive."""
    (name,) = read.apis
    (verdict,) = check(read.with_secrets(), [APIS[name]], plan)
    failures = [f"{finding.fingerprint}: {finding.sentence}" for finding in verdict.failures]
    return failures + list(verdict.inconclusive)


def write_target(path: Path, text: str) -> Target:
    path.write_text(text, encoding="utf-8")
    (read,) = read_targets(path).values()
    return read


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_a_missing_framework_fails_where_everything_must_be_tested(ci: str, status: int) -> None:
    variables = {**os.environ, "PHP": "no-such-php", "RUBY": "no-such-ruby", "CI": ci}
    script = ROOT / "tools" / "frameworks.sh"
    done = subprocess.run([script], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "PHP is 'no-such-php', which is no PHP with Laravel's components." in done.stderr
    assert "RUBY is 'no-such-ruby', which is no Ruby with Rails and will_paginate." in done.stderr
    assert ("are skipped" in done.stderr) is (status == 0)


def test_the_sample_of_a_session_log_comes_back(calwe: httpx.Client) -> None:
    body = calwe.get("/4600/log").json()
    url = f"{calwe.base_url}4600/log"
    del body["data"]["links"]  # empty in the sample, filled by the framework
    assert body == {
        "success": True,
        "message": "تم جلب البيانات بنجاح",
        "data": {
            "current_page": 1,
            "data": [ENTERED, LEFT],
            "first_page_url": f"{url}?page=1",
            "from": 1,
            "last_page": 1,
            "last_page_url": f"{url}?page=1",
            "next_page_url": None,
            "path": url,
            "per_page": 30,
            "prev_page_url": None,
            "to": 2,
            "total": 2,
        },
        "statusCode": 200,
    }


def test_the_sample_of_a_new_entry_comes_back(calwe: httpx.Client) -> None:
    response = calwe.post("/4601/log", json={"action_type": "ENTERED"})
    body = response.json()
    assert re.fullmatch(r"1?[0-9]:[0-5][0-9] [AP]M", body["data"].pop("date"))
    assert (response.status_code, body) == (
        200,
        {
            "success": True,
            "message": "تم حفظ البيانات بنجاح",
            "data": {"text": "Customer entered the session", "action_type": "ENTERED"},
            "statusCode": 200,
        },
    )


@pytest.mark.parametrize(
    ("method", "id", "action", "expected"),
    [
        ("GET", 7, None, UNKNOWN),
        ("POST", 7, "ENTERED", UNKNOWN),
        ("POST", 4599, "ENTERED", ENDED),
        ("POST", 4601, "JUMPED", INVALID),
    ],
)
def test_the_samples_of_refusals_come_back(
    calwe: httpx.Client, method: str, id: int, action: str | None, expected: dict[str, Any]
) -> None:
    response = calwe.request(method, f"/{id}/log", json=action and {"action_type": action})
    assert (response.status_code, response.json()) == (expected["statusCode"], expected)


def test_the_paginator_of_the_session_log_is_the_one_of_laravel(
    laravel: tuple[str, str], calwe: httpx.Client
) -> None:
    assert laravel[1].endswith("/Illuminate/Pagination/LengthAwarePaginator.php")
    assert not laravel[1].startswith(str(ROOT))
    page = calwe.get("/4601/log", params={"per_page": 30, "page": "abc"}).json()["data"]
    assert page["current_page"] == 1
    links = [(link["label"], link["url"], link["active"]) for link in page["links"]]
    url = f"{calwe.base_url}4601/log?page="
    assert links == [
        ("&laquo; السابق", None, False),
        ("1", f"{url}1", True),
        ("2", f"{url}2", False),
        ("3", f"{url}3", False),
        ("التالي &raquo;", f"{url}2", False),
    ]


def test_laravel_redirects_a_client_that_does_not_accept_json(
    laravel: tuple[str, str], calwe: httpx.Client
) -> None:
    pages = {"Accept": "text/html"}
    refused = calwe.get("/4600/log", params={"per_page": 0}, headers=pages)
    assert (refused.status_code, refused.headers["Location"]) == (302, laravel[0])
    unknown = calwe.get("/7/log", headers=pages)
    assert (unknown.status_code, unknown.headers["Content-Type"]) == (
        404,
        "text/html; charset=UTF-8",
    )
    stranger = calwe.get("/4600/log", headers={**pages, "Authorization": "Bearer x"})
    assert (stranger.status_code, stranger.headers["Location"]) == (302, f"{laravel[0]}/login")


def test_the_sample_of_a_changelog_comes_back(avaamo: httpx.Client) -> None:
    body = avaamo.get("/change_logs.json", params={"per_page": 1, "end_time": 1699347493774}).json()
    assert isinstance(body.pop("time_token"), float)
    assert body == {
        "current_page": 1,
        "per_page": 1,
        "total_entries": 3,
        "total_pages": 3,
        "entries": [CHANGE],
    }


def test_the_paginator_of_the_changelog_is_will_paginate(
    rails: tuple[str, str], avaamo: httpx.Client
) -> None:
    assert rails[1].endswith("/will_paginate/active_record.rb")
    assert not rails[1].startswith(str(ROOT))
    for page in ("0", "abc", str(10**20)):
        response = avaamo.get("/change_logs.json", params={"page": page})
        assert (response.status_code, json.loads(response.text)) == (
            404,
            {"status": 404, "error": "Not Found"},
        )
    past = avaamo.get("/change_logs.json", params={"page": 99}).json()
    assert (past["current_page"], past["total_pages"], past["entries"]) == (99, 4, [])


@pytest.mark.parametrize(
    ("allow_writes", "phases"),
    [
        # Where writes are allowed, everything is sent that is sent without them.
        pytest.param(False, PHASES[:2], id="reading"),
        pytest.param(True, PHASES, id="writing"),
    ],
)
def test_the_kit_finds_no_fault_in_laravel(
    laravel: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    allow_writes: bool,
    phases: tuple[str, ...],
) -> None:
    monkeypatch.setenv("CALWE_TOKEN", CALWE_TOKEN)
    target = write_target(tmp_path / "targets.yaml", LARAVEL_TARGET.format(url=laravel[0]))
    plan = Plan(frozenset(phases), is_quick=True)
    assert list_faults(replace(target, allow_writes=allow_writes), plan) == []


def test_the_kit_finds_no_fault_in_rails(
    rails: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVAAMO_TOKEN", AVAAMO_TOKEN)
    target = write_target(tmp_path / "targets.yaml", RAILS_TARGET.format(url=rails[0]))
    # Its operation only reads; methods that it does not have are sent too.
    assert list_faults(replace(target, allow_writes=True), Plan(is_quick=True)) == []
