"""What can be wrong with a range: where it begins and ends, what it counts, which are taken."""

from __future__ import annotations

from datetime import timedelta

from mockserver.apis.autozod import wire
from mockserver.apis.autozod.mutations.body import LIST, with_data
from mockserver.contract import Request
from mockserver.mutation import (
    Steps,
    asked,
    asked_with,
    body_of,
    mutation,
    parameter,
    with_json,
)


def _moved(request: Request, name: str, days: int) -> Request:
    """The request with a bound moved by so many days; as it is where that is no date."""
    try:
        day = wire.read_date(parameter(request, name) or "")
    except ValueError:
        return request
    return asked_with(request, **{name: wire.written_date(day + timedelta(days))})


@mutation(LIST)
def end_exclusive(request: Request) -> Steps:
    """The last day of a range of several is left out."""
    if parameter(request, "start_date") == parameter(request, "end_date"):
        return (yield request)
    return (yield _moved(request, "end_date", -1))


@mutation(LIST)
def sessions_not_clipped(request: Request) -> Steps:
    """The summary counts the day before the range too."""
    response = yield request
    before = yield _moved(request, "start_date", -1)
    if (response.status, before.status) != (200, 200):
        return response
    summary = body_of(before)["data"]["summary"]
    return with_json(response, with_data(body_of(response), summary=summary))


@asked(LIST)
def type_ignored(request: Request) -> Request:
    """`type` is ignored where it is one that there is."""
    is_known = parameter(request, "type") in ("on_duty", "off_duty")
    return asked_with(request, type=None) if is_known else request


@mutation(LIST)
def range_turned_round(request: Request) -> Steps:
    """An `end_date` before its `start_date` is taken as if they were the other way round."""
    response = yield request
    if response.status != 422:
        return response
    start, end = parameter(request, "start_date"), parameter(request, "end_date")
    return (yield asked_with(request, start_date=end, end_date=start))


@mutation(LIST)
def impossible_date_accepted(request: Request) -> Steps:
    """The 31st of a shorter month is taken for its 28th."""
    dates = {name: parameter(request, name) for name in ("start_date", "end_date")}
    mended = {name: text and text.replace("31-02-", "28-02-") for name, text in dates.items()}
    return (yield asked_with(request, **mended) if mended != dates else request)


@mutation(LIST)
def team_not_needed(request: Request) -> Steps:
    """A request without its `team_id` is answered."""
    is_missing = parameter(request, "team_id") is None
    return (yield asked_with(request, team_id="1000") if is_missing else request)
