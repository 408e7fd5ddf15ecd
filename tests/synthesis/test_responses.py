"""Whole responses: every one of every contract conforms, and agrees with itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import orjson
import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.factory import Factory
from mockserver.synthesis import Circumstances, Synthesizer

NOW = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z
URL = "http://127.0.0.1:4010/v1/customer/sessions/1/log"


def circumstances(**more: Any) -> Circumstances:
    return Circumstances(**{"factory": Factory(7), "now": NOW, "url": URL, **more})


def load(name: str) -> Api:
    return apis.load([name])[name]


@pytest.mark.parametrize("fresh", [False, True], ids=["example", "fresh"])
def test_every_status_of_every_operation_can_be_made(vendor: str, fresh: bool) -> None:
    api = load(vendor)
    synthesizer = Synthesizer(api)

    for operation in api.contract.operations:
        for status in map(int, operation.responses):
            for variant in range(20):
                made = circumstances(fresh=fresh, variant=variant)
                response = synthesizer.make_response(operation, status, made)
                assert api.validator.validate_response(operation, response) == []
                assert response.status == status


def make_page(**arguments: Any) -> dict[str, Any]:
    api = load("calwe")
    operation = api.contract.operation("listSessionLogs")
    made = circumstances(arguments=arguments, fresh=True)
    page: dict[str, Any] = orjson.loads(Synthesizer(api).make_response(operation, 200, made).body)
    return page


def test_a_page_agrees_with_its_rows_and_with_the_request() -> None:
    page = make_page(page=3, per_page=2)["data"]

    rows = page.pop("data")
    assert page == {
        "current_page": 3,
        "first_page_url": f"{URL}?page=1",
        "from": 5,
        "last_page": 3,
        "last_page_url": f"{URL}?page=3",
        "links": [],
        "next_page_url": None,
        "path": URL,
        "per_page": 2,
        "prev_page_url": f"{URL}?page=2",
        "to": 6,
        "total": 6,
    }
    assert len(rows) == 2


def test_a_page_far_past_the_end_is_empty() -> None:
    page = make_page(page=9223372036854775807, per_page=1000)["data"]

    assert (page["data"], page["from"], page["total"]) == ([], None, 3)


def test_the_text_of_a_row_is_that_of_its_type() -> None:
    texts = {
        "ENTERED": "Customer entered the session",
        "LEFT": "Customer left the session",
        "ENDED": "Session was ended",
        "CANCELLED": "Session was cancelled",
        "TEMPORARILY_LEFT": "Customer temporarily left the session",
        "CANCEL_REQUEST": "Request to cancel the session",
        "SESSION_PERIOD": "Session period record",
    }
    api = load("calwe")
    operation = api.contract.operation("createSessionLog")
    for variant in range(20):
        made = circumstances(fresh=True, variant=variant)
        body = orjson.loads(Synthesizer(api).make_response(operation, 200, made).body)
        assert body["data"]["text"] == texts[body["data"]["action_type"]]


def test_an_interval_ends_after_it_begins() -> None:
    api = load("ekran")
    operation = api.contract.operation("listSessions")
    for variant in range(20):
        made = circumstances(fresh=True, variant=variant)
        for row in orjson.loads(Synthesizer(api).make_response(operation, 200, made).body):
            assert row["logoutDate"] is None or row["loginDate"] <= row["logoutDate"]


def test_the_same_circumstances_make_the_same_bytes(vendor: str) -> None:
    api = load(vendor)
    operation = api.contract.operations[0]

    def make(variant: int) -> bytes:
        made = circumstances(variant=variant, fresh=True)
        return Synthesizer(api).make_response(operation, 200, made).body

    assert make(3) == make(3)
    assert make(3) != make(4)


def test_another_process_makes_the_same_bytes() -> None:
    program = (
        "from mockserver import apis\n"
        "from mockserver.factory import Factory\n"
        "from mockserver.synthesis import Circumstances, Synthesizer\n"
        "for api in apis.load(['avaamo', 'calwe']).values():\n"
        "    made = Circumstances(Factory(7), fresh=True)\n"
        "    for operation in api.contract.operations:\n"
        "        print(Synthesizer(api).make_response(operation, 200, made).body)\n"
    )

    def run(hash_seed: str) -> str:
        variables = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    first = run("1")
    assert first.count("\n") == 5
    assert run("2") == first
