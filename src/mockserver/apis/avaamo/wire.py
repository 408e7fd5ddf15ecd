"""The formats of Avaamo: epoch seconds, bounds of any magnitude, and the texts of the changelog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.clock import SECOND
from mockserver.contract import Violation
from mockserver.errors import HttpError, Refusal
from mockserver.sandbox import World

ACTIONS = ("update", "create", "destroy")
"""What can happen to a resource, in the document's order."""

_DONE = {"update": "updated", "create": "created", "destroy": "destroyed"}
_RULES = {
    "start_time": "must be a UNIX epoch timestamp, a number from 0 to 9000000000000000",
    "end_time": "must be a UNIX epoch timestamp, a number from 0 to 9000000000000000",
    "page": "must be an integer from 1",
    "per_page": "must be an integer from 1 to 100",
    "actions": "must be a comma-separated list of update, create, destroy",
}


def parse_bound(number: float | None) -> int | None:
    """A bound as a moment in microseconds: its size tells seconds, milliseconds, microseconds.

    The document's text says milliseconds, its examples are seconds.
    """
    if number is None:
        return None
    if number < 10**11:
        return round(number * SECOND)
    if number < 10**14:
        return round(number * 1000)
    return round(number)


def paginate(
    entries: Sequence[Mapping[str, Any]], *, total: int, page: int, per_page: int, now: int
) -> dict[str, Any]:
    """The response, its keys in the document's order."""
    return {
        "current_page": page,
        "per_page": per_page,
        "total_entries": total,
        "total_pages": max(1, -(-total // per_page)),
        "time_token": now / SECOND,
        "entries": list(entries),
    }


def describe_attribute_change(
    who: str, resource: str, name: str, attribute: str, before: str, after: str
) -> str:
    """The text of an update, after the document's sample, with the quote that the sample lacks."""
    return f"{who} updated {resource} {name} {attribute} from '{before}' to '{after}'"


def describe_change(who: str, action: str, resource: str, name: str) -> str:
    """The text of a resource created or destroyed."""
    return f"{who} {_DONE[action]} {resource} {name}"


def refuse_invalid(_: World, __: Mapping[str, Any], violations: Sequence[Violation]) -> Refusal:
    """400 for a request that breaks the contract, naming every parameter that does."""
    found = {violation.parameter for violation in violations}
    wrong = [f"{name} {rule}" for name, rule in _RULES.items() if name in found]
    return Refusal(400, {"error": "; ".join(wrong)})


def refuse_http_error(error: HttpError) -> Refusal:
    """A refusal by the server, in Avaamo's shape."""
    sentence = "Invalid access token" if error.status == 401 else error.sentence
    return Refusal(error.status, {"error": sentence}, error.headers)
