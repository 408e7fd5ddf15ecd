"""The contract kit against the reference server of Ekran: honest variants pass, bugs fail."""

from __future__ import annotations

from collections.abc import Mapping

from tests.reference import ekran
from tests.reference.kit import Row, cover_pairs, run_kit, show

TOKEN = {"headers": {"Authorization": f"Bearer {ekran.CREDENTIALS['token']}"}}
LISTED = (
    *("bounds", "both", "open_after_start", "open_logout", "no_activity", "inverted", "end_date"),
    *("request_zone", "precision", "rows", "live"),
)
"""The choices of what is listed, which the workflows meet."""
APART = {
    ("rows", "none"): "nothing can be proved: a test of its own",
    ("rows", "many"): "as `some`, and slower: the default has them",
    ("throttle", "limited"): "a run that is throttled waits, and is inconclusive",
}
BUGS: Mapping[str, tuple[str, ...]] = {
    "examples": (
        *("start_ignored", "end_ignored", "start_as_end", "start_required", "end_required"),
        *("row_doubled", "minutes_refused", "date_refused", "status_201", "content_type_text"),
        *("wrapped", "snake_case", "guid_null", "guid_number", "id_text", "id_large"),
        *("id_fraction", "user_absent", "user_text", "login_absent", "dates_without_offset"),
        *("dates_epoch", "dates_spaced", "dates_swapped"),
    ),
    "cases": ("empty_404",),
    "moments-through-sessions": (
        *("start_of_login_only", "end_of_logout", "login_not_clipped", "logout_not_clipped"),
        *("login_last_before", "logout_first_after", "first_fifty"),
    ),
    "list-sessions-in-ranges": (
        "last_week_only",
        "last_missing",
        "seconds_ignored",
        "time_ignored",
    ),
}
"""The bugs, by the phase or the workflow that shows them."""


def list_choices(*, is_listed: bool) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(value for value in values if (name, value) not in APART)
        for name, values in ekran.CHOICES.items()
        if (name in LISTED) is is_listed
    }


def check_variant(choices: Mapping[str, str], *phases: str, expected: str = "pass") -> Row:
    own = {name: value for name, value in choices.items() if value != ekran.CHOICES[name][0]}
    return Row(str(own or "default"), expected, run_kit(ekran, choices, "", phases, **TOKEN))


def test_no_variant_of_what_is_listed_fails() -> None:
    variants = cover_pairs(list_choices(is_listed=True))
    rows = [check_variant(variant, "workflows") for variant in variants]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_of_how_it_is_requested_and_written_fails() -> None:
    choices = {"rows": ("some",), **list_choices(is_listed=False)}
    rows = [check_variant(variant, "examples", "cases") for variant in cover_pairs(choices)]
    # The workflows and the boundaries take longer: each value once.
    for number in range(max(map(len, choices.values()))):
        variant = {name: values[number % len(values)] for name, values in choices.items()}
        rows.append(check_variant(variant, "workflows", "boundaries"))
    assert all(row.is_right for row in rows), show(rows)


def test_the_default_passes() -> None:
    row = check_variant({}, "examples", "cases", "workflows", "boundaries")
    assert row.is_right, show([row])


def test_a_deployment_without_sessions_is_inconclusive() -> None:
    row = check_variant({"rows": "none"}, "examples", "workflows", expected="inconclusive")
    assert row.is_right, show([row])


def test_each_bug_fails() -> None:
    rows = []
    for phase, bugs in BUGS.items():
        for bug in bugs:
            choices = {"rows": "some" if phase in ("examples", "cases") else "many"}
            verdict = run_kit(ekran, choices, bug, [phase], **TOKEN)
            rows.append(Row(f"{bug} ({phase})", "fail", verdict))
    assert all(row.is_right for row in rows), show(rows)
    assert {bug for bugs in BUGS.values() for bug in bugs} == set(ekran.BUGS)
