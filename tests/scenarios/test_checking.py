"""Checking a scenario makes its world, so that what is generated and triggered is checked too."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver import apis
from mockserver.scenarios import check_scenario

Faults = Callable[[str], list[str]]
HEAD = "name: small\ndescription: A small world.\n"


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    def faults(text: str) -> list[str]:
        path = tmp_path / "small.yaml"
        path.write_text(HEAD + text)
        return [str(fault) for fault in check_scenario(path, apis.load())]

    return faults


def test_what_is_right_has_no_faults(faults: Faults) -> None:
    assert faults("extends: documented\n") == []


def test_what_is_read_wrong_is_said(faults: Faults) -> None:
    assert faults("sed: 1\n") == [
        "small.yaml:3: sed: 'sed' is not known here; did you mean 'seed'?"
    ]


def test_what_is_generated_wrong_is_said(faults: Faults) -> None:
    text = "apis:\n  calwe:\n    generate:\n      sessions: {count: 1, locale: xx_XX}\n"
    (fault,) = faults(text)
    assert fault.startswith("small.yaml:6: apis.calwe.generate.sessions: Faker knows no names")


def test_what_cannot_be_triggered_is_said(faults: Faults) -> None:
    text = "events:\n  - {trigger: calwe.enter, with: {session: '9'}}\n"
    assert faults(text) == ["small.yaml:4: events.0.trigger: there is no session '9'"]


def test_nothing_is_left_behind(faults: Faults) -> None:
    before = set(Path(tempfile.gettempdir()).glob("mockserver-*"))
    faults("events: [{trigger: calwe.enter, with: {session: '9'}}]\n")
    assert set(Path(tempfile.gettempdir()).glob("mockserver-*")) <= before


def test_an_id_that_the_log_could_not_name_is_refused(faults: Faults) -> None:
    text = f"apis: {{calwe: {{documents: {{session: [{{id: {'a' * 256}, status: PENDING}}]}}}}}}\n"
    (fault,) = faults(text)
    assert "longer than 255 characters" in fault


def test_a_clock_that_no_vendor_could_write_is_refused(faults: Faults) -> None:
    assert faults("clock: {freeze: 1969-12-31T23:59:59Z}\n") == [
        "small.yaml:3: clock.freeze: '1969-12-31T23:59:59Z' is no moment for a clock; "
        "one from 1970 to 2999 is"
    ]


@pytest.mark.parametrize("id", ["0", "-40", "1000000000000000000000000000000"])
def test_an_id_of_a_change_counts_from_one_and_ends_somewhere(faults: Faults, id: str) -> None:
    user = "{id: 1, display_name: A, email: a@b.example}"
    change = (
        f"{{id: {id}, resource: {{id: 1, type: User}}, action: update, changelog: x, "
        f"timestamp: 1, dashboard_user: {user}}}"
    )
    (fault,) = faults(f"apis: {{avaamo: {{documents: {{change: [{change}]}}}}}}\n")
    assert "apis.avaamo.documents.change.0.id" in fault
