"""What Ekran could get wrong: each a way in which a list of sessions is not as it says."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from mockserver.contract import Request, Response
from mockserver.mutation import (
    Steps,
    answered,
    asked,
    asked_by,
    asked_with,
    body_of,
    html,
    mutation,
    parameter,
    replied,
    with_body,
    with_json,
    with_status,
)

_LIST = "listSessions"
_TIMES = ("logoutDate", "loginDate")


def _times(body: Any, change: Any) -> Any:
    return [{**row, **{name: row[name] and change(row[name]) for name in _TIMES}} for row in body]


# The shape


@answered(_LIST)
def wrapped_in_an_object(body: Any) -> Any:
    """The array stands in an object."""
    return {"sessions": body}


@replied(_LIST)
def empty_as_null(response: Response) -> Response:
    """No sessions are null, and no empty array."""
    return with_json(response, None) if response.body == b"[]" else response


@replied(_LIST)
def empty_not_found(response: Response) -> Response:
    """No sessions are a 404."""
    if response.body != b"[]":
        return response
    return with_json(with_status(response, 404), {"message": "No sessions"})


@answered(_LIST)
def client_guid_missing(body: Any) -> Any:
    """A session has no `clientGuid`."""
    return [{name: row[name] for name in row if name != "clientGuid"} for row in body]


@answered(_LIST)
def session_id_renamed(body: Any) -> Any:
    """`sessionId` is called `SessionID`."""
    return [
        {("SessionID" if name == "sessionId" else name): row[name] for name in row} for row in body
    ]


@answered(_LIST)
def session_id_as_text(body: Any) -> Any:
    """`sessionId` is a text."""
    return [{**row, "sessionId": str(row["sessionId"])} for row in body]


@answered(_LIST)
def session_id_beyond_32_bits(body: Any) -> Any:
    """`sessionId` needs more than 32 bits."""
    return [{**row, "sessionId": row["sessionId"] + 2**31} for row in body]


@answered(_LIST)
def user_id_null(body: Any) -> Any:
    """`userId` is null."""
    return [{**row, "userId": None} for row in body]


@replied(_LIST)
def json_as_text(response: Response) -> Response:
    """The JSON says that it is plain text."""
    return with_body(response, response.body.decode(), "text/plain; charset=utf-8")


@replied(_LIST, status=200)
def answered_202(response: Response) -> Response:
    """A list of sessions is answered 202."""
    return with_status(response, 202)


# The times


@answered(_LIST)
def times_without_milliseconds(body: Any) -> Any:
    """Times have no milliseconds."""
    return _times(body, lambda text: text[:19] + text[23:])


@answered(_LIST)
def times_without_zone(body: Any) -> Any:
    """Times have no zone."""
    return _times(body, lambda text: text[:23])


@answered(_LIST)
def times_with_z(body: Any) -> Any:
    """The zone of a time is `Z`."""
    return _times(body, lambda text: text[:23] + "Z")


@answered(_LIST)
def times_day_first(body: Any) -> Any:
    """The day of a time stands before its month and year."""
    return _times(body, lambda text: f"{text[8:10]}-{text[5:7]}-{text[:4]}{text[10:]}")


@answered(_LIST)
def times_impossible(body: Any) -> Any:
    """Sessions begin on the 30th of February."""
    return [
        {**row, "loginDate": f"{row['loginDate'][:4]}-02-30{row['loginDate'][10:]}"} for row in body
    ]


@answered(_LIST)
def times_of_another_zone(body: Any) -> Any:
    """Times are those of another zone."""
    zone = timezone(timedelta(hours=3))
    return _times(
        body,
        lambda text: (
            datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="milliseconds")
        ),
    )


@answered(_LIST)
def times_in_seconds(body: Any) -> Any:
    """Times are seconds since the epoch."""
    return _times(body, lambda text: int(datetime.fromisoformat(text).timestamp()))


@answered(_LIST)
def login_and_logout_swapped(body: Any) -> Any:
    """A session ends before it begins."""
    return [
        row
        if row["logoutDate"] is None
        else {**row, "loginDate": row["logoutDate"], "logoutDate": row["loginDate"]}
        for row in body
    ]


@answered(_LIST)
def running_session_ends_in_year_one(body: Any) -> Any:
    """A session that is still running ends in the year 1."""
    year_one = "0001-01-01T00:00:00.000+00:00"
    return [{**row, "logoutDate": row["logoutDate"] or year_one} for row in body]


# The selection


@asked(_LIST)
def start_ignored(request: Request) -> Request:
    """`start` is ignored."""
    return asked_with(request, start=None)


@asked(_LIST)
def end_ignored(request: Request) -> Request:
    """`end` is ignored."""
    return asked_with(request, end=None)


@mutation(_LIST)
def end_taken_for_start(request: Request) -> Steps:
    """`end` alone gives the sessions after it, as a slip of the page says."""
    end = parameter(request, "end")
    if end is None or parameter(request, "start") is not None:
        return (yield request)
    return (yield asked_with(request, start=end, end=None))


def _unclipped(request: Request, name: str) -> Steps:
    """The sessions of a bounded answer, with one of their times as it is without bounds."""
    response = yield request
    if response.status != 200 or not request.query:
        return response
    whole = yield asked_with(request, start=None, end=None)
    times = {row["sessionId"]: row[name] for row in body_of(whole)}
    rows = [{**row, name: times.get(row["sessionId"], row[name])} for row in body_of(response)]
    return with_json(response, rows)


@mutation(_LIST)
def login_not_clipped(request: Request) -> Steps:
    """A session begun before `start` keeps its own beginning."""
    return (yield from _unclipped(request, "loginDate"))


@mutation(_LIST)
def logout_not_clipped(request: Request) -> Steps:
    """A session finished after `end` keeps its own end."""
    return (yield from _unclipped(request, "logoutDate"))


@answered(_LIST)
def session_listed_twice(body: Any) -> Any:
    """The first session is listed twice."""
    return [*body[:1], *body]


@mutation(_LIST)
def session_left_out_of_ranges(request: Request) -> Steps:
    """The last session of a range is left out where there are both bounds."""
    response = yield request
    if response.status != 200 or None in (parameter(request, "start"), parameter(request, "end")):
        return response
    return with_json(response, body_of(response)[:-1])


@mutation(_LIST)
def range_turned_round(request: Request) -> Steps:
    """A `start` after its `end` is taken as if they were the other way round."""
    start, end = parameter(request, "start"), parameter(request, "end")
    if start and end and start > end:
        return (yield asked_with(request, start=end, end=start))
    return (yield request)


@answered(_LIST)
def latest_first(body: Any) -> Any:
    """The sessions are listed the latest first."""
    return body[::-1]


# The refusals


@mutation(_LIST)
def bad_start_ignored(request: Request) -> Steps:
    """A `start` that is no moment is ignored."""
    response = yield request
    return (yield asked_with(request, start=None)) if response.status == 400 else response


@replied(_LIST, status=400)
def bad_request_422(response: Response) -> Response:
    """A bound that is no moment is answered 422."""
    return with_status(response, 422)


@replied(_LIST, status=400)
def bad_request_as_html(response: Response) -> Response:
    """A bound that is no moment is answered by a page of HTML."""
    return html(response)


@answered(_LIST, status=400)
def bad_request_without_message(body: Any) -> Any:
    """A refusal has no `message`."""
    return {"Message": body["message"]}


@replied(_LIST, status=400)
def bad_request_500(response: Response) -> Response:
    """A bound that is no moment brings the server down."""
    return html(with_status(response, 500))


@asked(_LIST)
def key_not_checked(request: Request) -> Request:
    """Whatever key there is, it is good."""
    return asked_by(request, "apikey", "good")
