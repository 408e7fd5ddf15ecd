"""Runs Schemathesis once for each API, over every operation, in all phases, on a real server.

The APIs are discovered, and none is named. Each answer is judged twice: by Schemathesis' own checks
and by the project's judge, which also knows the vendors' formats and closed schemas.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from mockserver import apis
from mockserver.api import Api
from mockserver.contract import Format, Headers, Response
from mockserver.server.run import running
from mockserver.settings import Settings

SEED = 20250821
CREDENTIAL = "contract-tests"
TESTED = "tested"
"""The property of a test's report that says how much was tested."""

APIS = apis.load()


@dataclass
class Tested:
    """What happened to one operation."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


@dataclass
class Run:
    """One run over one API: what happened to each operation, and what else went wrong."""

    operations: dict[str, Tested]
    problems: list[str]

    @property
    def summary(self) -> str:
        """How much was tested, and what came of it."""
        cases = sum(sum(tested.cases.values()) for tested in self.operations.values())
        findings = sum(len(tested.findings) for tested in self.operations.values())
        return f"{len(self.operations)} operations, {cases} cases, {findings} findings"


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The deployment under test: the mock, started here, with one credential that it accepts."""
    scenario = tmp_path_factory.mktemp("contract") / "contract.yaml"
    tokens = "".join(f"  {name}: {{valid: [{CREDENTIAL}]}}\n" for name in APIS)
    scenario.write_text(
        f"name: contract\ndescription: One credential only.\nextends: default\ntokens:\n{tokens}"
    )
    with running(Settings(port=0, scenario=str(scenario))) as url:
        yield url


@pytest.fixture(scope="session")
def run(target: str) -> Callable[[str], Run]:
    """Gives the run over an API; each API is run once."""
    for api in APIS.values():
        for item in api.formats:
            schemathesis.openapi.format(item.name, _strategy(item))
    return cache(lambda name: _run(APIS[name], target))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how much was tested, so that nobody takes an empty run for a green one."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)
    ]
    lines = [
        value for report in reports for name, value in report.user_properties if name == TESTED
    ]
    for line in sorted(lines):
        terminalreporter.write_line(line)


def _strategy(item: Format) -> st.SearchStrategy[str]:
    return st.from_regex(item.pattern.removeprefix("^").removesuffix("$"), fullmatch=True).filter(
        item.check
    )


def _run(api: Api, target: str) -> Run:
    schema = schemathesis.openapi.from_dict(
        dict(api.contract.document), config=SchemathesisConfig.from_dict(_config(api, target))
    )
    run = Run(defaultdict(Tested), [])
    labels = {
        f"{operation.method} {operation.path}": operation.id
        for operation in api.contract.operations
    }
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _record(run, api, labels, event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            run.problems.append(repr(getattr(event, "value", None) or event))
    return run


def _config(api: Api, target: str) -> dict[str, Any]:
    return {
        "seed": SEED,
        "base-url": target + api.contract.base,
        "headers": _credentials(api),
        "continue-on-failure": True,
        "workers": 1,
        "auth": {"auto-signup": False},
        "generation": {"database": "none", "deterministic": True},
        # What an answer teaches is not used for the next request: the same seed, the same requests.
        "phases": {
            "examples": {"extra-data-sources": {"responses": False}},
            "coverage": {
                "extra-data-sources": {"responses": False},
                "generate-duplicate-query-parameters": True,
            },
            "fuzzing": {
                "extra-data-sources": {"responses": False},
                "error-feedback": {"enabled": False},
                "generation": {"max-examples": 60},
            },
            "stateful": {"link-calibration": False, "generation": {"max-examples": 30}},
        },
        "operations": [_operation_config(operation) for operation in _beyond_schema(api)],
    }


def _credentials(api: Api) -> dict[str, str]:
    headers = {}
    for scheme in api.contract.security_schemes.values():
        if scheme["type"] == "http":
            headers["Authorization"] = f"Bearer {CREDENTIAL}"
        else:
            headers[scheme["name"]] = CREDENTIAL
    return headers


def _beyond_schema(api: Api) -> Iterator[tuple[str, list[str]]]:
    """The operations that may refuse what their schema accepts, and with which statuses.

    `x-beyond-schema` at an answer says which rule it is that no schema can express.
    """
    for path, item in api.contract.document["paths"].items():
        for method, operation in item.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            found = api.contract.match(method, path)
            assert isinstance(found, tuple)
            statuses = [
                status
                for status, response in found[0].responses.items()
                if api.contract.resolve(response.pointer).get("x-beyond-schema")
            ]
            if statuses:
                yield operation["operationId"], statuses


def _operation_config(beyond: tuple[str, list[str]]) -> dict[str, Any]:
    operation_id, statuses = beyond
    accepted = ["2xx", "401", "404", *statuses]
    return {
        "include-operation-id": operation_id,
        "checks": {"positive_data_acceptance": {"expected-statuses": accepted}},
    }


def _record(run: Run, api: Api, labels: dict[str, str], event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, node in recorder.cases.items():
        case = node.value
        operation = api.contract.operation(labels[case.operation.label])
        tested = run.operations[operation.id]
        tested.cases[event.phase.value] += 1
        interaction = recorder.interactions.get(case_id)
        if interaction is None or interaction.response is None:
            tested.findings.append(f"{case.as_curl_command()}\n  got no answer")
            continue
        response = interaction.response
        tested.statuses[response.status_code] += 1
        for check in recorder.checks.get(case_id, []):
            if check.status == Status.FAILURE and check.failure_info:
                failure = check.failure_info
                tested.findings.append(
                    f"{failure.code_sample}\n  {check.name}: {failure.failure.title}: "
                    f"{failure.failure.message}"
                )
        if case.method.upper() == operation.method:
            headers = Headers((name, ", ".join(value)) for name, value in response.headers.items())
            answer = Response(response.status_code, headers, response.content)
            for violation in api.judge.response(operation, answer):
                tested.findings.append(f"{case.as_curl_command()}\n  judge: {violation}")
    if event.status == Status.ERROR:
        run.problems.append(f"{event.phase.value} {event.label}: error")
