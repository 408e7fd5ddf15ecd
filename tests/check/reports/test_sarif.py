"""SARIF as its schema says, and as another program reads it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from sarif_pydantic import Sarif

from mockserver import apis
from mockserver.check.reports.sarif import write_sarif
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.results import Results
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.redaction import Mask

API = apis.load()["ekran"]
TARGET, MASK = Target("staging", "http://mock/"), Mask(["top-secret"])
SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text("utf-8"))
RULE = "#/components/schemas/Session/properties/userId/format"


def _find(source: Source, operation: str = "listSessions", location: str = "") -> Finding:
    return Finding(
        *("ekran", operation, "format", source, "documented", "top-secret is 'é', no int32"),
        location=location,
        status=200,
        exchange=Exchange(
            Request("GET", "/sessions", "", Headers([("ApiKey", "top-secret")])),
            Response(200, Headers([]), b"[]"),
        ),
    )


def _read(*verdicts: Verdict) -> Sarif:
    text = write_sarif(verdicts, TARGET, MASK)
    assert b"top-secret" not in text
    jsonschema.validate(json.loads(text), SCHEMA)
    return Sarif.model_validate_json(text)


def test_each_finding_is_a_result_with_a_rule_a_line_and_a_fingerprint() -> None:
    invariant = Source("invariant", "a-row-is-listed-once")
    verdict = Verdict(
        "ekran",
        failures=(_find(Source("contract", RULE), location="/response/body/7/userId"),),
        warnings=(_find(invariant),),
        accepted=(_find(Source("case", "no-such-case"), operation=""),),
        results=Results(API),
    )
    (run,) = _read(verdict).runs
    assert [rule.id for rule in run.tool.driver.rules or ()] == [
        f"ekran/{RULE}",
        "ekran/invariant:a-row-is-listed-once",
        "ekran/case:no-such-case",
    ]
    texts = [
        rule.short_description.text
        for rule in run.tool.driver.rules or ()
        if rule.short_description
    ]
    assert texts[1] == "No two rows of a response have the same id."
    first, second, third = run.results or ()
    assert [first.level, second.level, third.level] == ["error", "warning", "note"]
    assert [bool(it.suppressions) for it in (first, second, third)] == [False, False, True]
    lines = first.message.text.splitlines()
    assert lines[0] == "listSessions 200: *** is 'é', no int32"
    assert lines[1].startswith("documented: the vendor's page says it (ekran.yaml, line ")
    assert lines[2] == "curl -s -i http://mock/ekranapi/sessions -H 'apikey: ***'"
    assert first.partial_fingerprints == {
        "primaryLocationLineHash": "65b05d4ad3857c31:1",
        "mockserverFinding/v1": f"ekran listSessions format {RULE} /response/body/*/userId 200",
    }


def test_result_is_at_the_line_that_is_violated_or_at_that_of_the_operation() -> None:
    contract, invariant = Source("contract", RULE), Source("invariant", "a-row-is-listed-once")
    failures = (_find(contract), _find(invariant), _find(invariant, operation=""))
    (run,) = _read(Verdict("ekran", failures, results=Results(API))).runs
    places = [result.locations[0].physical_location for result in run.results or ()]
    assert {place.artifact_location.uri for place in places} == {"openapi/ekran.yaml"}
    lines = API.contract.source.splitlines()
    shown = [lines[place.region.start_line - 1].strip() for place in places]
    assert shown == ["format: int32", "get:", "openapi: 3.0.3"]


def test_reason_of_an_inconclusive_verdict_says_that_the_run_has_failed() -> None:
    (run,) = _read(Verdict("ekran", inconclusive=("no top-secret",))).runs
    (invocation,) = run.invocations or ()
    assert invocation.execution_successful is False
    (notification,) = invocation.model_extra["toolExecutionNotifications"]
    assert notification == {"level": "error", "message": {"text": "ekran: no ***"}}
    (run,) = _read(Verdict("ekran")).runs
    assert (run.invocations or ())[0].execution_successful is True
    assert run.results == []
