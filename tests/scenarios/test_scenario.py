"""A scenario in hand: what was read knows where it stands."""

from __future__ import annotations

from mockserver.scenarios.scenario import Scenario, ScenarioSource
from mockserver.yaml_source import read_yaml

WRITTEN = ScenarioSource(
    "small.yaml", read_yaml("apis:\n  calwe:\n    documents:\n      session:\n        - {}\n")
)


def test_a_pointer_into_a_file_is_a_place_with_its_line() -> None:
    place = WRITTEN.place("/apis/calwe/documents/session/0")
    assert (place.file, place.line, place.field) == (
        "small.yaml",
        5,
        "apis.calwe.documents.session.0",
    )


def test_what_is_not_written_stands_where_it_would_have_to_be() -> None:
    place = WRITTEN.place("/apis/calwe/documents/session/0/id")
    assert (place.line, place.field) == (5, "apis.calwe.documents.session.0.id")


def test_a_fault_says_where_and_why() -> None:
    fault = WRITTEN.place("/apis/calwe").make_fault("it is late")
    assert str(fault) == "small.yaml:2: apis.calwe: it is late"


def test_two_scenarios_share_nothing() -> None:
    one, other = Scenario(), Scenario()
    one.tokens["calwe"] = {"required": True}
    assert other.tokens == {}
