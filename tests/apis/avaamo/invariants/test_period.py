"""The invariants of periods: two breaches of each that they see, and one oddity that they bear."""

from __future__ import annotations

from typing import Any

import pytest

NOW = 1755786600


@pytest.mark.parametrize(
    ("unit", "scale"), [("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000)]
)
def test_entries_lie_within_the_bounds(avaamo: Any, unit: str, scale: int) -> None:
    invariant = f"entries-lie-within-{unit}"
    entries = [avaamo.entry(2, 100), avaamo.entry(1, 200)]

    def asked(start: float, end: float) -> Any:
        return avaamo.listed(entries, asked={"start_time": start * scale, "end_time": end * scale})

    assert avaamo.validated(invariant, asked(NOW - 200, NOW - 100)) == []
    # Timestamps have no fractions; a bound may.
    assert avaamo.validated(invariant, asked(NOW - 199.5, NOW - 100.5)) == []
    assert avaamo.validated(invariant, asked(NOW - 199, NOW)) == [
        "an entry is of 1755786400, and the start is 1755786401.000"
    ]
    assert avaamo.validated(invariant, asked(NOW - 300, NOW - 101)) == [
        "an entry is of 1755786500, and the end is 1755786499.000"
    ]
    assert avaamo.validated(invariant, avaamo.listed(entries)) is None


def test_a_bound_is_validated_in_its_own_unit(avaamo: Any) -> None:
    asked = {"start_time": NOW, "end_time": NOW * 1000}
    now = avaamo.listed([avaamo.entry(1, 60)], asked=asked)

    assert avaamo.validated("entries-lie-within-milliseconds", now) == []
    assert avaamo.validated("entries-lie-within-seconds", now) == [
        "an entry is of 1755786540, and the start is 1755786600.000"
    ]
    assert avaamo.validated("entries-lie-within-microseconds", now) is None


def test_a_start_after_the_end_finds_nothing(avaamo: Any) -> None:
    invariant = "a-start-after-the-end-finds-nothing"
    backwards = {"start_time": NOW, "end_time": NOW - 1}

    assert avaamo.validated(invariant, avaamo.listed([], asked=backwards)) == []
    # The end is written in milliseconds, and later.
    later = {"start_time": NOW, "end_time": (NOW + 1) * 1000}
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(1)], asked=later)) is None
    assert avaamo.validated(invariant, avaamo.listed([avaamo.entry(1)], asked=backwards)) == [
        "it has 1 entries"
    ]
    assert avaamo.validated(invariant, avaamo.listed([], 7, asked=backwards)) == [
        "it has 7 entries"
    ]


def test_an_end_alone_reaches_five(avaamo: Any) -> None:
    invariant = "an-end-alone-reaches-five"
    end = {"end_time": NOW}

    assert (
        avaamo.validated(invariant, avaamo.listed(avaamo.entries(5, 4, 3, 2, 1), asked=end)) == []
    )
    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(1), asked=end)) == []
    # With a start, and without any bound, there may be more.
    both = {"start_time": 0, "end_time": NOW}
    assert avaamo.validated(invariant, avaamo.listed([], 6, asked=both)) is None
    assert avaamo.validated(invariant, avaamo.listed([], 6)) is None
    assert avaamo.validated(invariant, avaamo.listed(avaamo.entries(1), 6, asked=end)) == [
        "it yields 6"
    ]
    six = avaamo.listed(avaamo.entries(6, 5, 4, 3, 2, 1), 5, asked=end)
    assert avaamo.validated(invariant, six) == ["it yields 6"]


@pytest.mark.parametrize(
    ("invariant", "actions"),
    [
        ("an-end-alone-reaches-the-latest", ["update", "create", "destroy"]),
        ("actions-are-chosen-before-the-five", ["update"]),
    ],
)
def test_an_end_alone_reaches_the_latest(avaamo: Any, invariant: str, actions: list[str]) -> None:
    end = {"end_time": NOW - 10, "actions": actions}
    period = {**end, "start_time": NOW - 10_000}
    seven = avaamo.listed(avaamo.entries(7, 6, 5, 4, 3, 2, 1), asked=period)
    latest = avaamo.listed(avaamo.entries(7, 6, 5, 4, 3), asked=end)

    assert avaamo.validated(invariant, latest, seven) == []
    # In pages; and where the period is too short to have five.
    second = avaamo.listed(avaamo.entries(5, 4), 5, page=2, per_page=2, asked=end)
    assert avaamo.validated(invariant, second, seven) == []
    short = avaamo.listed(avaamo.entries(7), asked=period)
    assert avaamo.validated(invariant, latest, short) == []
    # The period was not over yet.
    open_end = {**end, "end_time": NOW}
    running = avaamo.listed(avaamo.entries(1), asked={**period, "end_time": NOW})
    assert avaamo.validated(invariant, avaamo.listed([], asked=open_end), running) is None
    assert avaamo.validated(invariant, latest) is None

    first = avaamo.listed(avaamo.entries(5, 4, 3, 2, 1), asked=end)
    assert avaamo.validated(invariant, first, seven) == [
        "it yields the entry 5, and the latest in the period is 7"
    ]
    few = avaamo.listed(avaamo.entries(7, 6, 5), asked=end)
    assert avaamo.validated(invariant, few, seven) == ["it yields 3, and the period has 7"]


def test_each_of_the_two_invariants_of_the_latest_has_its_own_actions(avaamo: Any) -> None:
    now = avaamo.listed([], asked={"end_time": NOW - 10, "actions": ["create", "update"]})
    period = {"start_time": 0, "end_time": NOW - 10, "actions": ["update", "create"]}
    before = avaamo.listed(avaamo.entries(1), asked=period)

    assert avaamo.validated("an-end-alone-reaches-the-latest", now, before) is None
    assert avaamo.validated("actions-are-chosen-before-the-five", now, before) == [
        "it yields 0, and the period has 1"
    ]


@pytest.fixture
def wide(avaamo: Any) -> Any:
    """A day with four entries, 100 to 400 seconds old, two of them destroyed something."""
    entries = [*avaamo.entries(99, 98), *avaamo.entries(97, 96, action="destroy")]
    return avaamo.listed(entries, asked={"start_time": NOW - 86_400, "end_time": NOW - 10})


def narrow(avaamo: Any, ids: list[int], start: float, end: float, **others: Any) -> Any:
    asked = {"start_time": NOW - start, "end_time": NOW - end, **others.pop("asked", {})}
    return avaamo.listed(avaamo.entries(*ids), asked=asked, **others)


def test_a_narrower_period_has_a_part(avaamo: Any, wide: Any) -> None:
    invariant = "a-narrower-period-has-a-part"

    assert avaamo.validated(invariant, narrow(avaamo, [98, 97], 350, 150), wide) == []
    # A page of it; an entry of the second of a bound may be in or out.
    part = narrow(avaamo, [97], 350, 150, total=2, page=2, per_page=1)
    assert avaamo.validated(invariant, part, wide) == []
    assert avaamo.validated(invariant, narrow(avaamo, [98], 300, 150), wide) == []
    assert avaamo.validated(invariant, narrow(avaamo, [98, 97], 300, 150), wide) == []
    # It is not over yet, or wider, or no whole list is known.
    assert avaamo.validated(invariant, narrow(avaamo, [101], 350, -100), wide) is None
    assert avaamo.validated(invariant, narrow(avaamo, [1], 86_401, 10), wide) is None
    assert avaamo.validated(invariant, narrow(avaamo, [98], 350, 150), part) is None

    assert avaamo.validated(invariant, narrow(avaamo, [98, 97, 50], 350, 150), wide) == [
        "the entry 50 is in the narrower period only"
    ]
    assert avaamo.validated(invariant, narrow(avaamo, [98], 350, 150), wide) == [
        "the entry 97 is in the wider period only"
    ]
    assert avaamo.validated(
        invariant, narrow(avaamo, [98], 350, 150, total=3, per_page=1), wide
    ) == ["it has 3 entries, and 2 to 2 are due"]
    asked = {"actions": ["destroy"]}
    assert avaamo.validated(invariant, narrow(avaamo, [98, 97], 350, 150, asked=asked), wide) == [
        "the entry 98 is in the narrower period only"
    ]


def test_bounds_are_included(avaamo: Any, wide: Any) -> None:
    invariant = "bounds-are-included"

    assert avaamo.validated(invariant, narrow(avaamo, [98, 97], 300, 200), wide) == []
    assert avaamo.validated(invariant, narrow(avaamo, [98], 200, 200), wide) == []
    # No entry is of the second of a bound; or the bound has a fraction.
    assert avaamo.validated(invariant, narrow(avaamo, [98], 250, 150), wide) is None
    assert avaamo.validated(invariant, narrow(avaamo, [], 199.5, 150), wide) is None

    lost = "is of the second of a bound, and not listed"
    assert avaamo.validated(invariant, narrow(avaamo, [98], 300, 150), wide) == [
        f"the entry 97 {lost}"
    ]
    assert avaamo.validated(invariant, narrow(avaamo, [97], 350, 200), wide) == [
        f"the entry 98 {lost}"
    ]
    assert avaamo.validated(invariant, narrow(avaamo, [], 200, 200), wide) == [
        f"the entry 98 {lost}"
    ]


def test_a_moment_is_the_same_in_every_unit(avaamo: Any) -> None:
    invariant = "a-moment-is-the-same-in-every-unit"
    period = {"start_time": NOW - 900, "end_time": NOW - 10}
    scaled = {name: bound * 1000 for name, bound in period.items()}
    before = avaamo.listed(avaamo.entries(98, 97), asked=period)

    assert (
        avaamo.validated(invariant, avaamo.listed(avaamo.entries(98, 97), asked=scaled), before)
        == []
    )
    # Half a second more is another period, and the same words are no other unit.
    half = {**scaled, "end_time": scaled["end_time"] + 500}
    assert avaamo.validated(invariant, avaamo.listed([], asked=half), before) is None
    assert avaamo.validated(invariant, avaamo.listed([], asked=period), before) is None

    assert avaamo.validated(invariant, avaamo.listed([], asked=scaled), before) == [
        "there are 0 entries, and there were 2"
    ]
    assert avaamo.validated(
        invariant, avaamo.listed(avaamo.entries(98, 96), asked=scaled), before
    ) == ["the entries are others"]
