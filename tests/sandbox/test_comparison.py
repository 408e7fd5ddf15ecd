"""What differs between two worlds: every document counted, every field listed, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.clock import Clock
from mockserver.json_pointer import ABSENT
from mockserver.sandbox import Comparison, Sandbox, Sandboxes, Template, compare, open_session
from mockserver.sandbox.comparison import DocumentChange, FieldChange
from mockserver.store import Document

MOMENT = 1_755_786_600_000_000  # 2025-08-21T14:30:00Z
NONE = {"added": 0, "removed": 0, "changed": 0}

Make = Callable[..., Template]


def _act(sandboxes: Sandboxes, *acts: Callable[[Sandbox], object]) -> None:
    """Do something to `a`, a transaction each."""
    for act in acts:
        with open_session(sandboxes, "a", writing=True) as session:
            act(session.sandbox)


def _compared(
    sandboxes: Sandboxes, start: str | None = None, end: str | None = None, limit: int = 100
) -> Comparison:
    """Two snapshots of `a`; what it was made from and what it is now, where there is no name."""
    with open_session(sandboxes, "a", writing=False) as session:
        sandbox = session.sandbox
        before = sandbox.origin if start is None else sandbox.get_snapshot(start)
        after = sandbox.record if end is None else sandbox.get_snapshot(end)
        return compare(sandbox.transaction, before, after, limit)


def _changed(sandboxes: Sandboxes, before: dict[str, Any], after: dict[str, Any]) -> Any:
    """The change that a document's second body makes of its first one."""

    def put(body: dict[str, Any]) -> Callable[[Sandbox], object]:
        def act(sandbox: Sandbox) -> None:
            documents = sandbox.open_world("calwe").documents
            documents.remove("note", "n")
            documents.append(Document("note", "n", body))

        return act

    _act(sandboxes, put(before), lambda sandbox: sandbox.take_snapshot("before"), put(after))
    found = _compared(sandboxes, "before")
    assert found.world == []
    assert found.counts == {**NONE, "changed": len(found.documents)}
    return [change.fields for change in found.documents]


# Worlds that do not differ


def test_a_sandbox_does_not_differ_from_what_it_was_made_from(sandboxes: Sandboxes) -> None:
    sandboxes.ensure("a")
    found = _compared(sandboxes)
    assert (found.world, found.documents, found.counts) == ([], [], NONE)
    assert found.is_equal


def test_what_was_written_and_taken_back_does_not_differ(sandboxes: Sandboxes) -> None:
    _act(
        sandboxes,
        lambda sandbox: sandbox.take_snapshot("now"),
        lambda sandbox: sandbox.open_world("calwe").documents.append(Document("session", "3", {})),
        lambda sandbox: sandbox.set_clock(Clock.frozen_at(5)),
    )
    assert not _compared(sandboxes, "now").is_equal
    _act(sandboxes, lambda sandbox: sandbox.restore_snapshot("now"))
    assert _compared(sandboxes, "now").is_equal
    assert _compared(sandboxes).is_equal
    assert _compared(sandboxes, "now", "now").is_equal


def test_a_partition_of_ones_own_with_the_same_in_it_does_not_differ(
    sandboxes: Sandboxes,
) -> None:
    _act(
        sandboxes,
        lambda sandbox: sandbox.open_world("calwe").documents.append(Document("session", "3", {})),
        lambda sandbox: sandbox.open_world("calwe").documents.remove("session", "3"),
        lambda sandbox: sandbox.open_world("avaamo").documents.clear(),
    )
    assert _compared(sandboxes).is_equal


# Documents


def test_documents_are_added_removed_and_changed(sandboxes: Sandboxes) -> None:
    def act(sandbox: Sandbox) -> None:
        calwe, ekran = sandbox.open_world("calwe").documents, sandbox.open_world("ekran").documents
        calwe.append(Document("session", "3", {"n": 3}))
        calwe.remove("session", "1")
        calwe.replace(Document("session", "2", {"api": "calwe", "n": 9}))
        ekran.append(Document("note", "x", {}))
        sandbox.open_world("avaamo").documents.append(Document("session", "1", {"new": True}))

    _act(sandboxes, act)
    found = _compared(sandboxes)
    assert found.counts == {"added": 3, "removed": 1, "changed": 1}
    assert found.world == []
    assert not found.is_equal
    assert found.documents == [
        DocumentChange("avaamo", "session", "1", "added", {"new": True}),
        DocumentChange("calwe", "session", "1", "removed", {"api": "calwe", "n": 1}),
        DocumentChange("calwe", "session", "2", "changed", None, (FieldChange("/n", 2, 9),)),
        DocumentChange("calwe", "session", "3", "added", {"n": 3}),
        DocumentChange("ekran", "note", "x", "added", {}),
    ]


def test_the_other_way_round_everything_is_the_other_way_round(sandboxes: Sandboxes) -> None:
    def act(sandbox: Sandbox) -> None:
        documents = sandbox.open_world("calwe").documents
        documents.append(Document("session", "3", {"n": 3}))
        documents.replace(Document("session", "2", {"api": "calwe", "n": 9}))
        sandbox.open_world("avaamo").documents.append(Document("session", "1", {"new": True}))

    _act(
        sandboxes,
        lambda sandbox: sandbox.take_snapshot("before"),
        act,
        lambda sandbox: sandbox.take_snapshot("after"),
    )
    found = _compared(sandboxes, "after", "before")
    assert found.counts == {"added": 0, "removed": 2, "changed": 1}
    assert found.documents == [
        DocumentChange("avaamo", "session", "1", "removed", {"new": True}),
        DocumentChange("calwe", "session", "2", "changed", None, (FieldChange("/n", 9, 2),)),
        DocumentChange("calwe", "session", "3", "removed", {"n": 3}),
    ]


def test_another_scenario_differs_in_all_its_documents(sandboxes: Sandboxes, make: Make) -> None:
    _act(
        sandboxes,
        lambda sandbox: sandbox.take_snapshot("before"),
        lambda sandbox: sandbox.load_template(make("other-1", sessions="1x")),
    )
    found = _compared(sandboxes, "before")
    assert found.counts == {"added": 1, "removed": 9, "changed": 1}
    assert found.world == [FieldChange("/scenario", "small", "other")]
    assert _compared(sandboxes).is_equal


@pytest.mark.parametrize(("limit", "shown"), [(0, 0), (1, 1), (3, 3), (11, 11), (100, 11)])
def test_all_are_counted_however_few_are_shown(
    sandboxes: Sandboxes, limit: int, shown: int
) -> None:
    def act(sandbox: Sandbox) -> None:
        for api in ("calwe", "ekran"):
            documents = sandbox.open_world(api).documents
            documents.extend(Document("note", str(n), {}) for n in range(3))
            documents.remove("session", "1")
        documents.replace(Document("session", "2", {}))
        documents.replace(Document("entry", "1/1", {}))
        documents.replace(Document("entry", "1/2", {}))

    _act(sandboxes, act)
    found = _compared(sandboxes, limit=limit)
    assert found.counts == {"added": 6, "removed": 2, "changed": 3}
    assert len(found.documents) == shown
    assert not found.is_equal


# Fields


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({"a": 1}, {"a": 2}, [("/a", 1, 2)]),
        ({"a": 1}, {}, [("/a", 1, ABSENT)]),
        ({}, {"a": 1}, [("/a", ABSENT, 1)]),
        ({"a": None}, {}, [("/a", None, ABSENT)]),
        ({}, {"a": None}, [("/a", ABSENT, None)]),
        ({"a": None}, {"a": 0}, [("/a", None, 0)]),
        ({"a": 1}, {"a": True}, [("/a", 1, True)]),
        ({"a": 0}, {"a": False}, [("/a", 0, False)]),
        ({"a": 1}, {"a": 1.0}, [("/a", 1, 1.0)]),
        ({"a": 1}, {"a": "1"}, [("/a", 1, "1")]),
        ({"a": ""}, {"a": None}, [("/a", "", None)]),
        ({"a": "سارة"}, {"a": "سارا"}, [("/a", "سارة", "سارا")]),
        ({"a": 1, "b": 2, "c": 3}, {"b": 5, "c": 3, "d": 4},
         [("/a", 1, ABSENT), ("/b", 2, 5), ("/d", ABSENT, 4)]),
        ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"c": 9, "d": 2}}}, [("/a/b/c", 1, 9)]),
        ({"a": {"b": 1}}, {"a": {}}, [("/a/b", 1, ABSENT)]),
        ({"a": {"b": 1}}, {"a": 1}, [("/a", {"b": 1}, 1)]),
        ({"a": {"b": 1}}, {"a": None}, [("/a", {"b": 1}, None)]),
        ({"a": {"b": 1}}, {}, [("/a", {"b": 1}, ABSENT)]),
        ({"a": {}}, {"a": []}, [("/a", {}, [])]),
        ({"a": [1, 2, 3]}, {"a": [1, 5, 3]}, [("/a/1", 2, 5)]),
        ({"a": [1]}, {"a": [1, 2, 3]}, [("/a/1", ABSENT, 2), ("/a/2", ABSENT, 3)]),
        ({"a": [1, 2]}, {"a": []}, [("/a/0", 1, ABSENT), ("/a/1", 2, ABSENT)]),
        ({"a": [None]}, {"a": []}, [("/a/0", None, ABSENT)]),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, [("/a/1/b", 2, 3)]),
        ({"a": [[1], [2]]}, {"a": [[1], [2, 3]]}, [("/a/1/1", ABSENT, 3)]),
        ({"a/b": 1, "c~d": 2, "": 3}, {"a/b": 2, "c~d": 3, "": 4},
         [("/a~1b", 1, 2), ("/c~0d", 2, 3), ("/", 3, 4)]),
    ],
)  # fmt: skip
def test_a_changed_document_says_which_fields(
    sandboxes: Sandboxes,
    before: dict[str, Any],
    after: dict[str, Any],
    fields: list[tuple[str, Any, Any]],
) -> None:
    expected = tuple(FieldChange(*field) for field in fields)
    assert _changed(sandboxes, before, after) == [expected]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"x": {"a": 1, "b": [{"c": 1, "d": 2}]}}, {"x": {"b": [{"d": 2, "c": 1}], "a": 1}}),
    ],
)
def test_the_order_of_names_is_no_difference(
    sandboxes: Sandboxes, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert _changed(sandboxes, before, after) == []
    assert _compared(sandboxes, "before").is_equal


def test_the_order_of_a_list_is_one(sandboxes: Sandboxes) -> None:
    assert _changed(sandboxes, {"a": [1, 2]}, {"a": [2, 1]}) == [
        (FieldChange("/a/0", 1, 2), FieldChange("/a/1", 2, 1))
    ]


# What is set besides documents


@pytest.mark.parametrize(
    ("clock", "fields"),
    [
        (Clock.frozen_at(MOMENT), []),
        (
            Clock.frozen_at(5_000_000),
            [("/clock/now", "2025-08-21T14:30:00Z", "1970-01-01T00:00:05Z")],
        ),
        (
            Clock(),
            [
                ("/clock/mode", "frozen", "real"),
                ("/clock/rate", 0.0, 1.0),
                ("/clock/now", "2025-08-21T14:30:00Z", ABSENT),
            ],
        ),
        (
            Clock(real=MOMENT, virtual=MOMENT - 1_500_000),
            [
                ("/clock/mode", "frozen", "shifted"),
                ("/clock/rate", 0.0, 1.0),
                ("/clock/now", "2025-08-21T14:30:00Z", ABSENT),
                ("/clock/offset", ABSENT, -1.5),
            ],
        ),
        (
            Clock(real=MOMENT, virtual=MOMENT, rate=60.0),
            [
                ("/clock/mode", "frozen", "scaled"),
                ("/clock/rate", 0.0, 60.0),
                ("/clock/now", "2025-08-21T14:30:00Z", ABSENT),
            ],
        ),
    ],
    ids=["the same", "another moment", "real", "shifted", "scaled"],
)
def test_a_clock_differs_in_how_it_is_set(
    sandboxes: Sandboxes, clock: Clock, fields: list[tuple[str, Any, Any]]
) -> None:
    _act(sandboxes, lambda sandbox: sandbox.set_clock(clock))
    found = _compared(sandboxes)
    assert found.world == [FieldChange(*field) for field in fields]
    assert (found.documents, found.counts) == ([], NONE)
    assert found.is_equal is (not fields)


@pytest.mark.parametrize(
    "clock",
    [Clock(), Clock(real=MOMENT, virtual=MOMENT - 5), Clock(real=MOMENT, virtual=9, rate=60.0)],
    ids=["real", "shifted", "scaled"],
)
def test_a_clock_does_not_differ_in_what_time_makes_of_it(
    sandboxes: Sandboxes, machine: Any, clock: Clock
) -> None:
    _act(
        sandboxes,
        lambda sandbox: sandbox.set_clock(clock),
        lambda sandbox: sandbox.take_snapshot("before"),
        lambda _: machine.passes(3600),
        lambda sandbox: sandbox.take_snapshot("after"),
        lambda sandbox: sandbox.restore_snapshot("before"),
    )
    assert _compared(sandboxes, "before", "after").is_equal
    assert _compared(sandboxes, "before").is_equal


def test_a_clock_that_was_set_and_is_compared_in_one_breath(sandboxes: Sandboxes) -> None:
    # A rate out of JSON may be a whole number; the store has none but fractions.
    with open_session(sandboxes, "a", writing=True) as session:
        session.sandbox.set_clock(Clock(real=MOMENT, virtual=9, rate=60))
        taken = session.sandbox.take_snapshot("now")
        kept = session.sandbox.get_snapshot("now")
        for one, other in ((session.sandbox.record, kept), (taken, kept)):
            assert compare(session.transaction, one, other, 10).is_equal


def test_changes_of_scenario_seed_and_tokens_are_listed(sandboxes: Sandboxes, make: Make) -> None:
    _act(
        sandboxes,
        lambda sandbox: sandbox.load_template(
            make("one-1", seed=1, tokens={"calwe": {"valid": ["a"]}})
        ),
        lambda sandbox: sandbox.take_snapshot("before"),
        lambda sandbox: sandbox.load_template(
            make(
                "two-1",
                seed=2,
                tokens={"calwe": {"valid": ["a", "b"]}, "ekran": {"required": True}},
            )
        ),
    )
    found = _compared(sandboxes, "before")
    assert found.world == [
        FieldChange("/scenario", "one", "two"),
        FieldChange("/seed", 1, 2),
        FieldChange("/tokens/calwe/valid/1", ABSENT, "b"),
        FieldChange("/tokens/ekran", ABSENT, {"required": True}),
    ]
    assert (found.documents, found.counts, found.is_equal) == ([], NONE, False)
