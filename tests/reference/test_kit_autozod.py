"""The contract kit against the reference server of Autozod: honest variants pass, bugs fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.reference import autozod
from tests.reference.kit import Row, cover_pairs, run_kit, show

_TEAM, (_, *_AGENTS) = "1000", autozod.TEAMS[1000]
DEPLOYMENT: Mapping[str, Any] = {
    "credentials": {"autozod": autozod.TOKEN},
    "allow_writes": True,
    "ids": {
        "autozod": {
            **dict.fromkeys(("team", "busy_team", "night_team"), _TEAM),
            "agent": autozod.AGENT,
            "busy_agent": _AGENTS[1],
            "night_agent": _AGENTS[2],
            "other_team": "2000",
            "unknown_agent": autozod.IDS["agent_missing"],
        }
    },
}
WRITTEN = (
    *("percentages", "no_time", "seconds", "duration_format", "extra"),
    *("breakdown", "breakdown_days", "breakdown_order"),
)
"""The choices of how a report is written."""
REPORTED = (
    *("required", "unknown_team", "unknown_agent", "off_duty", "bad_status", "range_limit"),
    *("future_dates", "zone", "open_session", "midnight", "inactive"),
)
"""The choices of what is reported, and of which reports there are."""
SHORT = {"breakdown": "none", "duration_format": "clock"}
"""Reports that are validated quickly."""
WORKFLOWS = (
    *("a-week-day-by-day", "today-and-the-future", "list-agent-session-logs-in-parts"),
    *("list-agent-session-logs-beside-other-team", "list-agent-session-logs-beside-unknown-agent"),
    *("list-agent-session-logs-beside-agent", "list-agent-session-logs-beside-night-agent"),
    "list-agent-session-logs-read-again",
)
BUGS: Mapping[str, tuple[str, ...]] = {
    "cases": (
        *("token_not_required", "token_any", "any_scheme", "token_in_query", "path_lower"),
        *("refusals_are_200", "body_refused", "json_header_refused"),
        *("status_201", "status_204", "wrong_content_type"),
    ),
    "list-agent-session-logs-beside-other-team": ("team_ignored",),
    "list-agent-session-logs-beside-night-agent": ("agent_ignored",),
    "list-agent-session-logs-in-parts": ("start_ignored", "end_ignored", "end_excluded", "stale"),
}
"""The bugs that the documented request alone does not show, by the phase or workflow that does."""
NOT_CONTRADICTED = ("type_ignored", "format_of_other")
"""The page has one type, and says `string` of a format."""


def list_variants(*names: str) -> Iterator[dict[str, str]]:
    return cover_pairs({name: autozod.CHOICES[name] for name in names})


def check_variant(choices: Mapping[str, str], *phases: str) -> Row:
    own = {name: value for name, value in choices.items() if value != autozod.CHOICES[name][0]}
    verdict = run_kit(autozod, choices, "", phases, **DEPLOYMENT)
    return Row(str(own or "default"), "pass", verdict)


def check_bug(bug: str, *phases: str) -> Row:
    choices = {} if phases == ("examples",) else SHORT
    return Row(bug, "fail", run_kit(autozod, choices, bug, phases, **DEPLOYMENT))


def test_the_default_passes_every_phase_but_generated() -> None:
    rows = [
        check_variant({}, "examples", "cases", "workflows"),
        check_variant(SHORT, "boundaries"),
    ]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_of_how_a_report_is_written_fails() -> None:
    variants = list_variants(*WRITTEN)
    rows = [check_variant(variant, WORKFLOWS[3], WORKFLOWS[-1]) for variant in variants]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_of_what_is_reported_fails() -> None:
    variants = list_variants(*REPORTED)
    rows = [check_variant({**SHORT, **variant}, *WORKFLOWS) for variant in variants]
    assert all(row.is_right for row in rows), show(rows)


def test_no_variant_of_how_requests_are_read_fails() -> None:
    variants = list_variants(*sorted(autozod.CHOICES.keys() - {*WRITTEN, *REPORTED}))
    rows = [check_variant({**SHORT, **variant}, "examples", "cases") for variant in variants]
    assert all(row.is_right for row in rows), show(rows)


@pytest.mark.parametrize("required", autozod.CHOICES["required"])
def test_no_variant_of_what_is_required_fails(required: str) -> None:
    choices = {"required": required, **SHORT}
    refusals = {"bad_status": "422", "bad_date": "ignored", "date_forms": "any"}
    for more in ({}, refusals):
        row = check_variant({**choices, **more}, "examples", "workflows")
        assert row.is_right, show([row])


def test_every_bug_fails_that_the_page_contradicts() -> None:
    elsewhere = {bug: phase for phase, bugs in BUGS.items() for bug in bugs}
    rows = [
        check_bug(bug, elsewhere.get(bug, "examples"))
        for bug in autozod.BUGS
        if bug not in NOT_CONTRADICTED
    ]
    assert all(row.is_right for row in rows), show(rows)
