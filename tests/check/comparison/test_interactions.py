"""The notebook: each exchange with what was found in it, thread by thread."""

from __future__ import annotations

from mockserver import apis
from mockserver.check.comparison.interactions import Notebook
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.observation import Observation, observe
from mockserver.contract import Headers, Request, Response

EKRAN = apis.load(["ekran"])["ekran"]
JSON = Headers([("Content-Type", "application/json")])


def _observed(status: int, body: bytes) -> Observation:
    request = Request("GET", "/sessions", "", Headers())
    observation = observe(EKRAN, request, Response(status, JSON, body), moment=0)
    assert observation
    return observation


def test_an_exchange_has_what_was_found_in_it() -> None:
    notebook = Notebook(EKRAN, phase="invariants")
    notebook.record(_observed(200, b"[]"), ())
    notebook.record(_observed(200, b"{}"), ())
    ((good, bad),) = notebook.threads["invariants"]
    assert (good.findings, good.status_class, good.phase) == ({}, 2, "invariants")
    assert [code for code, _ in bad.findings] == ["type"]
    # It is a results like every other.
    assert (notebook.requests, len(notebook.findings)) == (2, 1)


def test_what_a_phase_finds_afterwards_belongs_to_its_exchange() -> None:
    notebook = Notebook(EKRAN, phase="boundaries")
    observations = [_observed(200, b"[]"), _observed(200, b"[]")]
    for observation in observations:
        notebook.record(observation, ())
    finding = Finding("ekran", "listSessions", "not-the-same", "#/", "documented", "It differs")
    finding.exchange = observations[1].seen.exchange
    notebook.find(finding)
    notebook.fail("Nobody answers")
    ((first, second),) = notebook.threads["boundaries"]
    assert (first.findings, second.findings) == ({}, {("not-the-same", "#/"): finding})


def test_threads_are_kept_apart_even_where_nothing_was_asked() -> None:
    notebook = Notebook(EKRAN, phase="invariants")
    for asked in (1, 0, 2):
        notebook.begin_thread()
        for _ in range(asked):
            notebook.record(_observed(200, b"[]"), ())
    notebook.phase = "boundaries"
    notebook.record(_observed(200, b"[]"), ())
    assert [len(thread) for thread in notebook.threads["invariants"]] == [1, 0, 2]
    assert [len(thread) for thread in notebook.threads["boundaries"]] == [1]


def test_what_was_found_in_no_exchange_is_kept_by_phase() -> None:
    notebook = Notebook(EKRAN, phase="generated")
    finding = Finding("ekran", "listSessions", "no-answer", "#/", "documented", "It gave none")
    notebook.find(finding)
    notebook.find(finding)
    assert notebook.loose == {"generated": {finding.key: finding}}
    notebook.record(_observed(200, b"{}"), ())
    assert list(notebook.loose["generated"]) == [finding.key]
