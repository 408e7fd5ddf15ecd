"""What Avaamo could get wrong: each a way in which a page of the changelog is not as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.apis.avaamo import wire
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

_LIST = "listChangeLogs"


def _entries(body: Any, change: Callable[[Any], Any]) -> Any:
    return {**body, "entries": [change(dict(entry)) for entry in body["entries"]]}


# The shape


@answered(_LIST)
def entry_without_id(body: Any) -> Any:
    """An entry has no `id`."""
    return _entries(body, lambda entry: {name: entry[name] for name in entry if name != "id"})


@answered(_LIST)
def entry_id_as_text(body: Any) -> Any:
    """An entry's `id` is a text."""
    return _entries(body, lambda entry: {**entry, "id": str(entry["id"])})


@answered(_LIST)
def user_null(body: Any) -> Any:
    """An entry's `dashboard_user` is null."""
    return _entries(body, lambda entry: {**entry, "dashboard_user": None})


@answered(_LIST)
def user_without_email(body: Any) -> Any:
    """The user of an entry has no `email`."""

    def changed(entry: Any) -> Any:
        user = entry["dashboard_user"]
        return {**entry, "dashboard_user": {name: user[name] for name in ("id", "display_name")}}

    return _entries(body, changed)


@answered(_LIST)
def resource_flattened(body: Any) -> Any:
    """The id of a resource stands in the entry itself."""

    def changed(entry: Any) -> Any:
        resource = entry.pop("resource")
        return {**entry, "resource_id": resource["id"]}

    return _entries(body, changed)


@answered(_LIST)
def action_in_the_past_tense(body: Any) -> Any:
    """An entry's `action` is `updated`, `created` or `destroyed`."""
    return _entries(body, lambda entry: {**entry, "action": f"{entry['action'].rstrip('e')}ed"})


@answered(_LIST)
def timestamp_in_milliseconds(body: Any) -> Any:
    """An entry's `timestamp` is in milliseconds."""
    return _entries(body, lambda entry: {**entry, "timestamp": entry["timestamp"] * 1000})


@answered(_LIST)
def timestamp_as_text(body: Any) -> Any:
    """An entry's `timestamp` is a text."""
    return _entries(body, lambda entry: {**entry, "timestamp": f"{entry['timestamp']}"})


@answered(_LIST)
def time_token_in_milliseconds(body: Any) -> Any:
    """`time_token` is in milliseconds."""
    return {**body, "time_token": body["time_token"] * 1000}


@answered(_LIST)
def time_token_an_hour_behind(body: Any) -> Any:
    """`time_token` is an hour behind."""
    return {**body, "time_token": body["time_token"] - 3600}


@answered(_LIST)
def per_page_missing(body: Any) -> Any:
    """The page does not say its `per_page`."""
    del body["per_page"]
    return body


@replied(_LIST)
def empty_entries_null(response: Response) -> Response:
    """No entries are null, and no empty array."""
    if response.status != 200 or body_of(response)["entries"]:
        return response
    return with_json(response, {**body_of(response), "entries": None})


@replied(_LIST)
def json_as_javascript(response: Response) -> Response:
    """The JSON says that it is JavaScript."""
    return with_body(response, response.body.decode(), "application/javascript")


# The pages


@answered(_LIST)
def current_page_counts_from_zero(body: Any) -> Any:
    """`current_page` counts from zero."""
    return {**body, "current_page": body["current_page"] - 1}


@answered(_LIST)
def total_entries_of_the_page(body: Any) -> Any:
    """`total_entries` counts the page's own."""
    return {**body, "total_entries": len(body["entries"])}


@answered(_LIST)
def total_pages_rounded_down(body: Any) -> Any:
    """`total_pages` leaves out a last page that is not full."""
    return {**body, "total_pages": body["total_entries"] // body["per_page"]}


@asked(_LIST)
def per_page_ignored(request: Request) -> Request:
    """`per_page` is ignored."""
    return asked_with(request, per_page=None)


@asked(_LIST)
def page_ignored(request: Request) -> Request:
    """`page` is ignored."""
    return asked_with(request, page=None)


@answered(_LIST)
def one_row_too_many(body: Any) -> Any:
    """A page has its last entry twice."""
    return {**body, "entries": [*body["entries"], *body["entries"][-1:]]}


@mutation(_LIST)
def pages_overlap(request: Request) -> Steps:
    """A page begins with the last entry of the page before it."""
    response = yield request
    page = parameter(request, "page") or "1"
    if response.status != 200 or not body_of(response)["entries"] or page == "1":
        return response
    before = yield asked_with(request, page=str(int(page) - 1))
    body, last = body_of(response), body_of(before)["entries"][-1]
    return with_json(response, {**body, "entries": [last, *body["entries"][1:]]})


@mutation(_LIST)
def default_of_ten(request: Request) -> Steps:
    """Without `per_page` a page has ten entries."""
    is_silent = parameter(request, "per_page") is None
    return (yield asked_with(request, per_page="10") if is_silent else request)


# The selection


@answered(_LIST)
def oldest_first(body: Any) -> Any:
    """The entries of a page are listed the oldest first."""
    return {**body, "entries": body["entries"][::-1]}


@asked(_LIST)
def actions_ignored(request: Request) -> Request:
    """`actions` is ignored."""
    return asked_with(request, actions=None)


@mutation(_LIST)
def only_the_first_action(request: Request) -> Steps:
    """Of a list of `actions` the first alone is minded."""
    actions = parameter(request, "actions")
    first = actions and actions.partition(",")[0]
    return (yield asked_with(request, actions=first) if first in wire.ACTIONS else request)


@asked(_LIST)
def start_ignored(request: Request) -> Request:
    """`start_time` is ignored where there is an `end_time`, and so the latest five are given."""
    return asked_with(request, start_time=None)


@asked(_LIST)
def end_ignored(request: Request) -> Request:
    """`end_time` is ignored."""
    return asked_with(request, end_time=None)


def _moved(request: Request, name: str, by: int) -> Request:
    """The request with a bound moved by so many of its own units."""
    text = parameter(request, name) or ""
    return asked_with(request, **{name: str(int(text) + by)}) if text.isdecimal() else request


@asked(_LIST)
def start_exclusive(request: Request) -> Request:
    """An entry at `start_time` itself is left out."""
    return _moved(request, "start_time", 1)


@asked(_LIST)
def end_exclusive(request: Request) -> Request:
    """An entry at `end_time` itself is left out."""
    return _moved(request, "end_time", -1)


@mutation(_LIST)
def all_up_to_the_end(request: Request) -> Steps:
    """An `end_time` alone gives all entries up to it, and not the latest five."""
    is_alone = parameter(request, "end_time") and parameter(request, "start_time") is None
    return (yield asked_with(request, start_time="0") if is_alone else request)


@mutation(_LIST)
def milliseconds_not_understood(request: Request) -> Steps:
    """Bounds in milliseconds are taken for seconds."""
    start = parameter(request, "start_time") or ""
    is_milliseconds = start.isdecimal() and 10**11 <= int(start) < 10**14
    # So many seconds lie far in the future, where there are no entries.
    return (yield asked_with(request, start_time="99999999999") if is_milliseconds else request)


@answered(_LIST)
def entry_of_the_future(body: Any) -> Any:
    """The first entry of a page has not happened yet."""
    ahead = [{**entry, "timestamp": entry["timestamp"] + 10**9} for entry in body["entries"][:1]]
    return {**body, "entries": [*ahead, *body["entries"][1:]]}


# The refusals


@asked(_LIST)
def token_not_checked(request: Request) -> Request:
    """Whatever token there is, or none, is good."""
    return asked_by(request, "access-token", "good")


@replied(_LIST, status=401)
def unauthenticated_403(response: Response) -> Response:
    """A token that is refused is answered 403."""
    return with_status(response, 403)


@replied(_LIST, status=401)
def unauthenticated_as_html(response: Response) -> Response:
    """A token that is refused is answered by a page of HTML."""
    return html(response)


@answered(_LIST, status=400)
def error_renamed(body: Any) -> Any:
    """The `error` of a refusal is called `message`."""
    return {"message": body["error"]}


@replied(_LIST, status=400)
def bad_request_422(response: Response) -> Response:
    """What is wrong is answered 422."""
    return with_status(response, 422)


@mutation(_LIST)
def unknown_action_ignored(request: Request) -> Steps:
    """An action that there is not is ignored."""
    response = yield request
    return (yield asked_with(request, actions=None)) if response.status == 400 else response


@mutation(_LIST)
def per_page_capped(request: Request) -> Steps:
    """A `per_page` above the maximum is taken for the maximum."""
    text = parameter(request, "per_page") or ""
    is_large = text.isdecimal() and int(text) > 100
    return (yield asked_with(request, per_page="100") if is_large else request)
