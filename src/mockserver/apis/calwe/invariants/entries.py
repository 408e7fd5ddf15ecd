"""The entries of a log: what one says, and what can follow what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.invariants.answers import ALL, CLOSING, LISTS, entry, page
from mockserver.invariant import Interaction, invariant

_SLIP = {"LEFT": wire.TEXTS["TEMPORARILY_LEFT"]}
"""The text with which the page's own example lists an entry, against the page's own table."""


@invariant(
    *ALL,
    evidence="documented",
    note="In a list, LEFT may have the text of TEMPORARILY_LEFT, as in the page's example.",
)
def text_belongs_to_the_action(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """An entry's text is the one that the page gives for its action."""
    created, found = entry(now), page(now)
    if created is not None:
        texts = [_text(created, {})]
    elif found is not None:
        texts = [_text(row, _SLIP) for row in found.rows]
    else:
        return None
    known = [breach for breach in texts if breach is not None]
    return list(dict.fromkeys(filter(None, known))) if known else None


def _text(row: Any, slip: dict[str, str]) -> str | None:
    """What is wrong with an entry's text; empty where nothing is, None where none can be validated."""
    if not isinstance(row, dict):
        return None
    action, text = row.get("action_type"), row.get("text")
    if not isinstance(action, str) or not isinstance(text, str) or action not in wire.TEXTS:
        return None
    if text in (wire.TEXTS[action], slip.get(action)):
        return ""
    return f"{action} has the text '{text:.80}', and not '{wire.TEXTS[action]}'"


@invariant(
    *LISTS,
    evidence="assumed",
    note="The page says that no log can be created then; that a deployment logs nothing by itself "
    "either is ours.",
)
def nothing_follows_the_end(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """After ENDED or CANCELLED a log has its period record and nothing more."""
    actions = _actions(now)
    closing = _closing(actions)
    if closing is None:
        return None
    after = [action for action in actions[closing + 1 :] if action != "SESSION_PERIOD"]
    return [f"{after[0]} follows {actions[closing]}"] if after else []


@invariant(
    *LISTS,
    evidence="documented",
    note="Its place beside the closing entry is open; a deployment may need a moment to write it.",
)
def closing_records_the_period(now: Interaction, _: Sequence[Interaction]) -> list[str] | None:
    """A log that was closed by ENDED or CANCELLED has its period record there."""
    found, actions = page(now), _actions(now)
    closing = _closing(actions)
    if found is None or closing is None or not found.is_last:
        return None
    if "SESSION_PERIOD" in actions[max(0, closing - 1) :]:
        return []
    if len(actions) == 1 and found.current > 1:
        return None  # it may stand on the page before
    return [f"after {actions[closing]} the log ends without SESSION_PERIOD"]


def _actions(now: Interaction) -> list[str]:
    """The actions on a page; empty for an answer that is none, or has one without an action."""
    found = page(now)
    rows = found.rows if found else []
    actions = [row.get("action_type") if isinstance(row, dict) else None for row in rows]
    known = [action for action in actions if isinstance(action, str)]
    return known if len(known) == len(rows) else []


def _closing(actions: list[str]) -> int | None:
    """Where the first action stands that closes a session."""
    return next((n for n, action in enumerate(actions) if action in CLOSING), None)
