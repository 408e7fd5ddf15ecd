"""What is read off an answer: a listing as the contract has it, or nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.apis.ekran import api
from mockserver.apis.ekran.invariants.listing import (
    Listing,
    Session,
    bounds,
    few,
    items,
    latest,
    read,
    shown,
    validated,
)
from mockserver.clock import parse_moment
from mockserver.invariant import Invariant
from mockserver.kit import load_kit

EIGHT, NINE = parse_moment("2025-08-21T08:00:00Z"), parse_moment("2025-08-21T09:00:00Z")
GUID = "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg"
GARBAGE: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["", "x", "2025-02-31T08:00:00.000+00:00", "2025-08-21T08:00:00.000+00:00"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)


def test_a_listing_has_what_was_asked_and_what_was_answered(ekran: Any) -> None:
    now = ekran.listed(
        ekran.session(1, "08:00", "09:00"), ekran.session(2, "09:00", None), start="08:00"
    )

    assert read(now) == Listing(
        start=EIGHT,
        end=None,
        moment=parse_moment("2025-08-21T18:00:00Z"),
        sessions=(Session(1, 61, GUID, EIGHT, NINE), Session(2, 61, GUID, NINE, None)),
    )
    assert read(now) is read(now)


def test_without_bounds_everything_was_asked(ekran: Any) -> None:
    listing = read(ekran.listed())
    assert listing is not None
    assert listing.is_unbounded
    assert listing.by_id == {}
    assert bounds(ekran.listed(start="2025-08-21", end="09:00")) == (
        parse_moment("2025-08-21T00:00:00Z"),
        NINE,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"sessionId": True},
        {"sessionId": "1"},
        {"userId": None},
        {"clientGuid": 1},
        {"loginDate": None},
        {"loginDate": "2025-08-21T08:00:00Z"},
        {"loginDate": "2025-02-31T08:00:00.000+00:00"},
        {"logoutDate": 0},
    ],
)
def test_a_session_of_another_shape_spoils_the_listing(ekran: Any, changes: dict[str, Any]) -> None:
    assert read(ekran.listed(ekran.session(1, "08:00", "09:00", **changes))) is None


@pytest.mark.parametrize("key", ["sessionId", "userId", "clientGuid", "loginDate", "logoutDate"])
def test_a_session_without_a_key_spoils_the_listing(ekran: Any, key: str) -> None:
    session = ekran.session(1, "08:00", "09:00")
    del session[key]
    assert read(ekran.listed(session)) is None


def test_a_refusal_and_an_invalid_request_have_no_listing(ekran: Any) -> None:
    assert items(ekran.seen([], status=400)) is None
    assert items(ekran.seen({})) is None
    assert read(ekran.listed(start="2025-02-31")) is None
    assert bounds(ekran.listed(start="2025-02-31")) is None


def test_the_latest_is_found_by_its_bounds(ekran: Any) -> None:
    first, second = ekran.listed(start="08:00"), ekran.listed(start="09:00")
    before = [first, second, ekran.listed(start="08:00", end="09:00"), ekran.seen({})]

    assert latest(before, "start") is read(second)
    assert latest(before, "start", "end") is read(before[2])
    assert latest(before, "end") is None
    assert latest(before) is None


def test_many_verdicts_are_one_and_the_first_few_tell_enough() -> None:
    assert validated([None]) is None
    assert validated([None, []]) == []
    assert validated([["a"], ["a", "b"]]) == ["a", "b"]
    assert few(str(n) for n in range(1000)) == ["0", "1", "2", "3", "4"]


def test_a_moment_is_shown_as_iso_8601() -> None:
    assert shown(EIGHT) == "2025-08-21T08:00:00Z"
    assert shown(None) == "null"


def _spoilt(draw: Any, answer: Any) -> Any:
    """An answer in which one or two values are something else."""
    answer = copy.deepcopy(answer)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(answer) - 1))
        if isinstance(answer[place], dict) and answer[place] and draw(st.booleans()):
            answer[place][draw(st.sampled_from(list(answer[place])))] = draw(GARBAGE)
        else:
            answer[place] = draw(GARBAGE)
    return answer


@pytest.mark.parametrize(
    "invariant", load_kit(api).invariants, ids=lambda invariant: invariant.name
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_invariant_bears_every_answer(
    ekran: Any, invariant: Invariant, data: st.DataObject
) -> None:
    times = st.sampled_from(["06:00", "08:00", "09:30", "12:00", "20T23:00", "17:59"])
    ids = st.integers(1, 4)
    sessions = st.builds(ekran.session, ids, times, st.none() | times)
    asked = st.none() | st.sampled_from(["08:00", "08:00:00", "09:30", "2025-08-21", "12:00"])
    thread = []
    for _ in range(5):
        honest = data.draw(st.lists(sessions, min_size=1, max_size=4))
        answer = data.draw(st.sampled_from([honest, _spoilt(data.draw, honest)]) | GARBAGE)
        at = data.draw(st.sampled_from(["", "18:00", "08:30"]))
        now = ekran.seen(answer, data.draw(asked), data.draw(asked), at)
        said = invariant.evaluate(now, thread)
        assert said is None or all(isinstance(sentence, str) and sentence for sentence in said)
        thread.append(now)
