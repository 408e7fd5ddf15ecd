"""What can be wrong with the shape of an account: its keys, types and headers."""

from __future__ import annotations

from typing import Any

from mockserver.apis.autozod.mutations.body import LIST, with_accounts, with_data, with_summary
from mockserver.contract import Response
from mockserver.mutation import answered, replied, with_body, with_status


@answered(LIST)
def session_count_missing(body: Any) -> Any:
    """The summary has no `total_session_count`."""
    del body["data"]["summary"]["total_session_count"]
    return body


@answered(LIST)
def seconds_as_text(body: Any) -> Any:
    """Durations in seconds are texts."""
    name = "total_active_duration_seconds"
    return with_summary(body, **{name: str(body["data"]["summary"][name])})


@answered(LIST)
def percentage_as_text(body: Any) -> Any:
    """A percentage is a text with its sign."""
    return with_summary(body, active_percentage=f"{body['data']['summary']['active_percentage']}%")


@answered(LIST)
def percentage_null(body: Any) -> Any:
    """A percentage is null."""
    return with_summary(body, inactive_percentage=None)


@answered(LIST)
def format_without_hours(body: Any) -> Any:
    """A duration is written without its hours where there are none."""

    def changed(account: Any) -> Any:
        text = account["total_active_duration_format"]
        return {**account, "total_active_duration_format": text.removeprefix("00:")}

    return with_accounts(body, changed)


@answered(LIST)
def success_as_number(body: Any) -> Any:
    """`success` is 1."""
    return {**body, "success": 1}


@answered(LIST)
def success_false(body: Any) -> Any:
    """`success` is false in an answer that is one."""
    return {**body, "success": False}


@answered(LIST)
def summary_in_a_list(body: Any) -> Any:
    """The summary stands in a list."""
    return with_data(body, summary=[body["data"]["summary"]])


@answered(LIST)
def breakdown_null(body: Any) -> Any:
    """`daily_breakdown` is null."""
    return with_data(body, daily_breakdown=None)


@answered(LIST)
def breakdown_by_date(body: Any) -> Any:
    """`daily_breakdown` is an object with a name for each day."""
    days = body["data"]["daily_breakdown"]
    return with_data(body, daily_breakdown={day["date"]: day for day in days if day})


@answered(LIST)
def data_renamed(body: Any) -> Any:
    """`data` is called `result`."""
    return {"success": body["success"], "result": body["data"]}


@replied(LIST, status=200)
def answered_203(response: Response) -> Response:
    """What is right is answered 203."""
    return with_status(response, 203)


@replied(LIST)
def json_as_text(response: Response) -> Response:
    """The JSON says that it is plain text."""
    return with_body(response, response.body.decode(), "text/plain; charset=utf-8")
