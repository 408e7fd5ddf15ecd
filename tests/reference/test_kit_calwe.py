"""The contract kit against the reference server of Calwe: honest variants pass, bugs fail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.reference import calwe
from tests.reference.kit import Row, cover_pairs, run_kit, show
from tests.reference.wsgi import HTTP_CHOICES

IDS = {
    "open_session": calwe.IDS["open"],
    "ended_session": calwe.IDS["ended"],
    "empty_session": calwe.IDS["empty"],
    "missing_session": calwe.IDS["missing"],
    "writable_session": calwe.IDS["writable"],
    "session_to_end": calwe.IDS["to_end"],
    "session_to_cancel": calwe.IDS["to_cancel"],
}
BUSY = {"busy_session": calwe.IDS["open"]}
SHARED = {"shared_session": calwe.IDS["shared"]}
LISTED = (
    *("per_page_invalid", "per_page_over", "page_invalid", "page_past_end"),
    *("empty_last_page", "empty_from", "urls", "links", "zone", "same_second", "span"),
    *("left_text", "period_text", "ended_by", "cancelled", "period", "arrivals"),
    *("ended_order", "missing_message", "extra_fields"),
)
"""The choices of what is listed and written, and how, which the workflows meet."""
APART = {("throttle", "limited"): "a run that is throttled waits"}
BUGS: Mapping[str, tuple[str, ...]] = {
    "examples": (
        *("fetched_message", "saved_message", "created_201", "status_code_text", "action_refused"),
        *("status_code_absent", "content_type_html", "date_24_hours", "date_iso", "date_padded"),
        *("date_lower", "text_always_entered", "text_null", "action_lower", "action_ignored"),
        *("default_15", "unpaginated", "total_of_page", "total_text", "last_page_plus_one"),
        *("from_zero", "next_never", "prev_absent", "rows_renamed", "saved_null", "clock_wrong"),
    ),
    "cases": (
        *("missing_message_changed", "ended_message_spaced", "invalid_message", "data_on_404"),
        *("success_on_error", "missing_is_422", "missing_is_empty", "auth_not_required"),
        *("ended_accepts", "ended_is_400", "invalid_accepted", "invalid_is_400"),
        "errors_not_listed",
    ),
    "list-session-logs-in-pages-open-session": ("per_page_ignored", "page_overlap", "page_ignored"),
    "create-session-log-created": (
        *("reversed", "to_full_page", "next_always", "write_lost", "write_doubled"),
        *("write_elsewhere", "stale_read", "saved_date_old"),
    ),
    "ending-a-session": ("period_unrecorded",),
}
"""The bugs, by the phase or the workflow that shows them."""


def make_target(ids: Mapping[str, str] = IDS, *, allow_writes: bool = True) -> dict[str, Any]:
    credentials = {"calwe": calwe.CREDENTIALS["customer"]}
    return {"credentials": credentials, "ids": {"calwe": ids}, "allow_writes": allow_writes}


def list_choices(*, is_listed: bool) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(value for value in values if (name, value) not in APART)
        for name, values in calwe.CHOICES.items()
        if (name in LISTED) is is_listed
    }


def check_variant(choices: Mapping[str, str], *phases: str, **target: Any) -> Row:
    own = {name: value for name, value in choices.items() if value != calwe.CHOICES[name][0]}
    ids = {**IDS, **(SHARED if choices.get("coach") == "served" else {})}
    verdict = run_kit(calwe, choices, "", phases, **(target or make_target(ids)))
    return Row(str(own or "default"), "pass", verdict)


def test_no_variant_of_what_is_listed_fails() -> None:
    variants = cover_pairs(list_choices(is_listed=True))
    rows = [check_variant(variant, "workflows") for variant in variants]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_of_how_requests_are_read_fails() -> None:
    choices = list_choices(is_listed=False)
    rows = [check_variant(variant, "examples", "cases") for variant in cover_pairs(choices)]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_fails_at_the_boundaries() -> None:
    choices = list_choices(is_listed=False) | list_choices(is_listed=True)
    count = max(map(len, choices.values()))
    rows = [
        # Each value once: the boundaries take longer.
        check_variant(
            {name: values[number % len(values)] for name, values in choices.items()},
            *("examples", "boundaries"),
        )
        for number in range(count)
    ]
    assert all(row.is_right for row in rows), show(rows)


def test_a_deployment_with_the_operations_of_the_coach_passes() -> None:
    choices = {"coach": "served", "same_second": "reversed"}
    row = check_variant(choices, "examples", "cases", "workflows", "boundaries")
    assert row.is_right, show([row])


@pytest.mark.parametrize("allow_writes", [True, False])
def test_the_default_passes(*, allow_writes: bool) -> None:
    target = make_target({**IDS, **BUSY}, allow_writes=allow_writes)
    row = check_variant({}, "examples", "cases", "workflows", "boundaries", **target)
    assert row.is_right, show([row])


def choose_zone() -> str:
    """A zone whose hour has one digit, now and in an hour: that it is padded shows only then."""
    hours = {zone: datetime.now(ZoneInfo(zone)).hour % 12 for zone in calwe.CHOICES["zone"]}
    return next(zone for zone, hour in hours.items() if 1 <= hour <= 8)


def test_each_bug_fails() -> None:
    choices = {"zone": choose_zone()}
    rows = [
        Row(f"{bug} ({phase})", "fail", run_kit(calwe, choices, bug, [phase], **make_target()))
        for phase, bugs in BUGS.items()
        for bug in bugs
    ]
    assert all(row.is_right for row in rows), show(rows)
    assert {bug for bugs in BUGS.values() for bug in bugs} == set(calwe.BUGS)


def test_the_choices_are_those_of_the_server() -> None:
    assert {*LISTED} <= calwe.CHOICES.keys() - HTTP_CHOICES.keys()


def test_a_run_in_which_no_write_succeeds_names_the_ids_that_may_be_used_up() -> None:
    ended = {**IDS, "writable_session": calwe.IDS["ended"], "session_to_end": calwe.IDS["ended"]}
    del ended["session_to_cancel"]
    verdict = run_kit(calwe, {}, "", ["cases", "workflows"], **make_target(ended))
    assert verdict.inconclusive[0].startswith("createSessionLog never succeeded; it got 4")
    assert verdict.inconclusive[0].endswith(
        f"; an earlier run may have used up what it needs: session_to_end {calwe.IDS['ended']}"
    )


def test_a_second_run_on_one_deployment_says_which_ids_the_first_one_used_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = calwe.make_app({}, "")
    monkeypatch.setattr(calwe, "make_app", lambda *_: app)
    first, second = (run_kit(calwe, {}, "", ["workflows"], **make_target()) for _ in "ab")
    assert (first.outcome, second.outcome) == ("pass", "pass")
    used_up = "session_to_end 107, session_to_cancel 108; the next run that writes needs others"
    assert (first.used_up, second.used_up) == (used_up, used_up)
    new = [line for line in second.skipped if line not in first.skipped]
    assert [line for line in new if line.startswith("workflow ")] == [
        "workflow 'ending-a-session': no write to '107' succeeds, as after an earlier run; give "
        "another session_to_end",
        "workflow 'cancelling-a-session': no write to '108' succeeds, as after an earlier run; "
        "give another session_to_cancel",
    ]
