"""The contract kit against the reference server of Avaamo: honest variants pass, bugs fail."""

from __future__ import annotations

from collections.abc import Mapping

from tests.reference import avaamo, web
from tests.reference.kit import Row, cover_pairs, run_kit, show

TARGET = {"credentials": {"avaamo": avaamo.TOKEN}, "allow_writes": True}
LISTED = (
    *("start_bound", "end_bound", "timetoken", "time_unit", "default_start", "past_end"),
    *("size_of_last_page", "empty_pages", "total", "action_alias", "order", "tie", "ids"),
    *("time_token", "timestamp", "stored_time", "types", "text", "extra", "entries", "growth"),
)
"""The choices of what is listed, and how, which the workflows meet."""
APART = {
    ("entries", "none"): "nothing can be proved: a test of its own",
    ("entries", "sample"): "too few for every rule: with each other choice alone",
    ("entries", "old"): "nothing is listed by default with `default_start`",
    ("entries", "of_one_second"): "more rows of one second than fit on a page",
    ("entries", "hundreds"): "as `many`, and slower",
    ("total", "all"): "pages without entries with `default_start`: alone",
}
BUGS: Mapping[str, tuple[str, ...]] = {
    "examples": (
        *("pages_missing", "page_text", "time_token_text", "time_token_milliseconds"),
        *("time_token_stale", "timestamp_milliseconds", "timestamp_iso", "id_text"),
        *("id_repeated", "resource_flat", "resource_id_null", "resource_type_number"),
        *("user_without_email", "user_name_renamed", "user_null", "action_past"),
        *("action_capitals", "changelog_null", "entries_renamed", "entries_object"),
        *("status_201", "wrong_content_type", "actions_create_refused", "total_of_page"),
        *("total_one_more", "pages_rounded_down", "pages_of_default", "per_page_ignored"),
        *("per_page_one_less", "per_page_echoed_wrong", "page_echoed_wrong", "actions_ignored"),
    ),
    "cases": ("token_not_required", "token_any", "per_page_unlimited"),
    "list-change-logs-in-pages": (
        *("per_page_default_20", "per_page_maximum_50", "page_ignored", "page_from_zero"),
        *("page_default_2", "page_overlap", "unstable_order"),
    ),
    "list-change-logs-by-actions": (
        *("actions_first", "actions_literal", "actions_default_without_destroy"),
    ),
    "list-change-logs-in-ranges": (
        *("start_ignored", "end_ignored", "times_in_seconds", "future_listed"),
        "seven_days_enforced",
    ),
    "without-bounds": ("late_hour_hidden",),
}
"""The bugs, by the phase or the workflow that shows them."""
NOT_SHOWN = {"changelog_of_other": "the text of an entry is free, and may be of any kind"}


def list_choices(*, is_listed: bool) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(value for value in values if (name, value) not in APART)
        for name, values in avaamo.CHOICES.items()
        if (name in LISTED) is is_listed
    }


def check_variant(choices: Mapping[str, str], *phases: str, expected: str = "pass") -> Row:
    own = {name: value for name, value in choices.items() if value != avaamo.CHOICES[name][0]}
    return Row(str(own or "default"), expected, run_kit(avaamo, choices, "", phases, **TARGET))


def test_no_variant_of_what_is_listed_fails() -> None:
    variants = cover_pairs(list_choices(is_listed=True))
    rows = [check_variant(variant, "workflows") for variant in variants]
    rows += [check_variant(dict([pair]), "workflows") for pair in APART if pair[1] != "none"]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_of_how_requests_are_read_fails() -> None:
    # Three entries: how many are listed is no matter of how a request is read.
    choices = {"entries": ("sample",), **list_choices(is_listed=False)}
    rows = [check_variant(variant, "examples", "cases") for variant in cover_pairs(choices)]
    own = {name: values for name, values in choices.items() if name not in web.CHOICES}
    for number, variant in enumerate(cover_pairs(own)):
        # Of what no document says, each value once: the boundaries take longer.
        http = {name: values[number % len(values)] for name, values in web.CHOICES.items()}
        rows.append(check_variant({**variant, **http}, "boundaries"))
    assert all(row.is_right for row in rows), show(rows)


def test_the_default_passes() -> None:
    row = check_variant({}, "examples", "cases", "workflows", "boundaries")
    assert row.is_right, show([row])


def test_a_deployment_without_entries_is_inconclusive() -> None:
    row = check_variant({"entries": "none"}, "examples", "workflows", expected="inconclusive")
    assert row.is_right, show([row])


def test_each_bug_fails() -> None:
    rows = [
        Row(f"{bug} ({phase})", "fail", run_kit(avaamo, {}, bug, [phase], **TARGET))
        for phase, bugs in BUGS.items()
        for bug in bugs
    ]
    assert all(row.is_right for row in rows), show(rows)
    assert {bug for bugs in BUGS.values() for bug in bugs} | NOT_SHOWN.keys() == set(avaamo.BUGS)
