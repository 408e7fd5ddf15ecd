"""Generated requests against every operation of the control API: no crash, nothing undocumented."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from mockserver.contract import Headers, Response
from mockserver.server import control
from mockserver.server.run import run_in_thread
from mockserver.settings import Settings

API = control.make_control_api()
ENDLESS = ["streamJournal", "followCheck"]
OPERATIONS = [it.id for it in API.contract.operations if it.id not in ENDLESS]
# What these need to succeed no schema of the contract knows: an option, names, a key.
BY_HAND = {
    "triggerEvent",
    "writeRecording",
    "recordJournal",
    "getJournalEntry",
    "explainJournalEntry",
    "getScenario",
    "listDocuments",
    "createDocument",
    "getKind",
    "getDocument",
    "putDocument",
    "patchDocument",
    "deleteDocument",
}
REACHED = [operation for operation in OPERATIONS if operation not in BY_HAND]
CONFIG: dict[str, Any] = {
    "seed": 20250821,
    "continue-on-failure": True,
    "workers": 1,
    "auth": {"auto-signup": False},
    "generation": {"database": "none", "deterministic": True},
    # What the contract accepts can still name what is not there, or make no sense in a world.
    "checks": {"positive_data_acceptance": {"enabled": False}},
    "phases": {
        "fuzzing": {"generation": {"max-examples": 2}},
        "stateful": {"generation": {"max-examples": 25}},
    },
}


class Found:
    """What happened to each operation: statuses of its responses, and findings."""

    def __init__(self) -> None:
        self.statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.findings: defaultdict[str, list[str]] = defaultdict(list)
        self.errors: list[str] = []

    def see(self, event: Any) -> None:
        """Take down what a scenario of requests did."""
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.errors.append(repr(getattr(event, "value", None) or event))
        if not isinstance(event, events.ScenarioFinished):
            return
        for case_id, node in event.recorder.cases.items():
            interaction = event.recorder.interactions.get(case_id)
            operation = LABELS[node.value.operation.label]
            if interaction is None or interaction.response is None:
                self.findings[operation].append(f"{node.value.as_curl_command()}: no response")
                continue
            self._record_response(operation, node.value, interaction.response)
            for check in event.recorder.checks.get(case_id, []):
                if check.status == Status.FAILURE and check.failure_info:
                    self.findings[operation].append(f"{check.name}: {check.failure_info}")

    def _record_response(self, operation: str, case: Any, response: Any) -> None:
        spec = API.contract.operation(operation)
        if case.method.upper() != spec.method:
            if response.status_code not in (204, 405):  # OPTIONS, and what the path has not
                self.findings[operation].append(f"{case.method}: {response.status_code}")
            return
        self.statuses[operation][response.status_code] += 1
        if response.status_code >= 500:
            self.findings[operation].append(f"{case.as_curl_command()}: {response.text}")
        headers = Headers((name, ", ".join(value)) for name, value in response.headers.items())
        violations = API.validator.validate_response(
            spec, Response(response.status_code, headers, response.content)
        )
        self.findings[operation].extend(f"{case.as_curl_command()}: {one}" for one in violations)


LABELS = {
    f"{operation.method} {operation.path}": operation.id for operation in API.contract.operations
}


@pytest.fixture(scope="module")
def tested() -> Iterator[Found]:
    """One run over all operations, in all phases."""
    found = Found()
    with run_in_thread(Settings(port=0, scenario="documented", max_sandboxes=10_000)) as url:
        config = {**CONFIG, "base-url": url + API.contract.base}
        schema = schemathesis.openapi.from_dict(
            dict(API.contract.document), config=SchemathesisConfig.from_dict(config)
        )
        for event in from_schema(schema.exclude(operation_id=ENDLESS)).execute():
            found.see(event)
        yield found


def test_the_run_itself_went_well(tested: Found) -> None:
    assert tested.errors == []
    assert sorted(tested.statuses) == sorted(OPERATIONS)
    assert len(OPERATIONS) == 71


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_has_no_finding(tested: Found, operation: str) -> None:
    assert tested.findings[operation] == []


@pytest.mark.parametrize("operation", REACHED)
def test_an_operation_reaches_success(tested: Found, operation: str) -> None:
    assert [status for status in tested.statuses[operation] if 200 <= status < 300]
