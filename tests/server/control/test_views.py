"""How the control API shows things, with moments chosen so that nothing moves meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from mockserver.clock import Clock, machine_now
from mockserver.json_pointer import ABSENT
from mockserver.sandbox import Comparison
from mockserver.sandbox.comparison import DocumentChange, FieldChange
from mockserver.server.control import views
from mockserver.store import Document, WorldRecord

MOMENT = 1_755_786_600_000_000
"""2025-08-21T14:30:00Z"""
HOUR = 3_600_000_000

RECORD = WorldRecord(
    role="sandbox",
    name="one",
    scenario="documented",
    seed=7,
    clock=Clock.frozen_at(MOMENT),
    tokens={},
    created=MOMENT,
    used=MOMENT + 1_500_000,
)


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        (Clock(), ("2025-08-21T14:30:00Z", "real", 1, 0)),
        (Clock.frozen_at(MOMENT - HOUR), ("2025-08-21T13:30:00Z", "frozen", 0, -3_600)),
        (Clock(0, HOUR), ("2025-08-21T15:30:00Z", "shifted", 1, 3_600)),
        (Clock(0, -1), ("2025-08-21T14:29:59.999999Z", "shifted", 1, -0.000001)),
        (
            Clock(MOMENT - HOUR, MOMENT, 60),
            ("2025-08-24T02:30:00Z", "scaled", 60, 216_000),
        ),
        (Clock(MOMENT, MOMENT, 0.5), ("2025-08-21T14:30:00Z", "scaled", 0.5, 0)),
    ],
)
def test_a_clock_is_what_it_shows_and_how_far_that_is_from_the_machine_s(
    clock: Clock, shown: tuple[str, str, float, float]
) -> None:
    view = views.format_clock(clock, MOMENT)

    assert list(view) == ["now", "mode", "rate", "offset"]
    assert tuple(view.values()) == shown


def test_a_sandbox_has_its_size_and_ages_in_seconds() -> None:
    view = views.format_sandbox(RECORD, documents=15, snapshots=2)

    assert (view["name"], view["scenario"], view["seed"]) == ("one", "documented", 7)
    assert (view["documents"], view["snapshots"]) == (15, 2)
    assert view["clock"]["now"] == "2025-08-21T14:30:00Z"
    assert view["created"] == "2025-08-21T14:30:00Z"
    assert view["used"] == "2025-08-21T14:30:01.5Z"
    # Idleness is not the machine's time, which is set by a little all the while.
    assert view["age"] - view["idle"] == pytest.approx(1.5, abs=0.5)
    assert view["idle"] > 0


def test_a_machine_whose_clock_was_put_back_makes_nothing_younger_than_new() -> None:
    later = machine_now() + HOUR
    view = views.format_sandbox(replace(RECORD, created=later, used=later), 0, 0)

    assert (view["age"], view["idle"]) == (0, 0)


def test_a_snapshot_shows_its_clock_as_it_was_when_it_was_taken() -> None:
    running = replace(RECORD, clock=Clock(MOMENT - HOUR, MOMENT, 60))

    assert views.format_snapshot(running, 15) == {
        "name": "one",
        "scenario": "documented",
        "seed": 7,
        "clock": {
            "now": "2025-08-24T02:30:00Z",
            "mode": "scaled",
            "rate": 60,
            "offset": 216_000,
        },
        "documents": 15,
        "taken": "2025-08-21T14:30:00Z",
    }


def test_a_document_has_its_moments_where_it_has_any() -> None:
    document = Document("duty", "a/1", {"x": 1}, owner="a", at=MOMENT)

    assert views.format_document("autozod", document) == {
        "api": "autozod",
        "kind": "duty",
        "key": "a/1",
        "owner": "a",
        "at": "2025-08-21T14:30:00Z",
        "until": None,
        "body": {"x": 1},
    }
    ended = views.format_document("autozod", structs.replace(document, at=0, until=MOMENT + 1))
    assert (ended["at"], ended["until"]) == (
        "1970-01-01T00:00:00Z",
        "2025-08-21T14:30:00.000001Z",
    )


def test_a_comparison_leaves_out_what_is_not_there() -> None:
    comparison = Comparison(
        world=[FieldChange("/seed", 1, 2)],
        documents=[
            DocumentChange("calwe", "session", "1", "added", {"id": "1"}),
            DocumentChange(
                "calwe",
                "session",
                "2",
                "changed",
                fields=(FieldChange("/coach", "x", ABSENT), FieldChange("/customer", ABSENT, None)),
            ),
            DocumentChange("calwe", "entry", "3", "removed", {}),
        ],
        counts={"added": 1, "removed": 1, "changed": 1},
    )

    assert views.format_comparison(comparison, "before", None) == {
        "from": "before",
        "to": None,
        "equal": False,
        "world": [{"field": "/seed", "before": 1, "after": 2}],
        "added": 1,
        "removed": 1,
        "changed": 1,
        "documents": [
            {
                "api": "calwe",
                "kind": "session",
                "key": "1",
                "change": "added",
                "body": {"id": "1"},
            },
            {
                "api": "calwe",
                "kind": "session",
                "key": "2",
                "change": "changed",
                "fields": [
                    {"field": "/coach", "before": "x"},
                    {"field": "/customer", "after": None},
                ],
            },
            {"api": "calwe", "kind": "entry", "key": "3", "change": "removed", "body": {}},
        ],
    }
    assert views.format_comparison(Comparison(), None, None)["equal"] is True
