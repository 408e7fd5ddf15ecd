"""What can be wrong with the paginator: its figures, its URLs, which rows a page has."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.mutations.body import LISTS, with_paginator
from mockserver.contract import Request, Response
from mockserver.mutation import (
    Steps,
    answered,
    asked,
    asked_with,
    body_of,
    mutation,
    parameter,
    replied,
    with_json,
    with_status,
)


@answered(*LISTS)
def last_page_url_missing(body: Any) -> Any:
    """The paginator has no `last_page_url`."""
    del body["data"]["last_page_url"]
    return body


@answered(*LISTS)
def per_page_renamed(body: Any) -> Any:
    """The paginator's `per_page` is called `perPage`."""
    body["data"]["perPage"] = body["data"].pop("per_page")
    return body


@answered(*LISTS)
def total_as_text(body: Any) -> Any:
    """The paginator's `total` is a text."""
    return with_paginator(body, total=str(body["data"]["total"]))


@answered(*LISTS)
def total_off_by_one(body: Any) -> Any:
    """The paginator's `total` counts one entry too many."""
    return with_paginator(body, total=body["data"]["total"] + 1)


@answered(*LISTS)
def last_page_off_by_one(body: Any) -> Any:
    """The paginator's `last_page` is one too many."""
    return with_paginator(body, last_page=body["data"]["last_page"] + 1)


@answered(*LISTS)
def from_counts_from_zero(body: Any) -> Any:
    """The paginator's `from` counts from zero."""
    first = body["data"]["from"]
    return with_paginator(body, **{"from": None if first is None else first - 1})


@answered(*LISTS)
def current_page_always_first(body: Any) -> Any:
    """The paginator says that every page is the first."""
    return with_paginator(body, current_page=1)


@answered(*LISTS)
def next_page_url_null(body: Any) -> Any:
    """No page has a next one."""
    return with_paginator(body, next_page_url=None)


@answered(*LISTS)
def urls_relative(body: Any) -> Any:
    """The paginator's URLs have no host."""
    data = body["data"]
    names = ("first_page_url", "last_page_url", "path")
    return with_paginator(body, **{name: "/v1" + data[name].partition("/v1")[2] for name in names})


@answered(*LISTS)
def links_as_object(body: Any) -> Any:
    """The paginator's `links` is an object."""
    return with_paginator(body, links={})


@answered(*LISTS)
def one_row_too_many(body: Any) -> Any:
    """A page has its last entry twice."""
    rows = body["data"]["data"]
    return with_paginator(body, data=[*rows, *rows[-1:]])


@mutation(*LISTS)
def pages_overlap(request: Request) -> Steps:
    """A page begins with the last entry of the page before it."""
    response = yield request
    page = parameter(request, "page") or "1"
    if response.status != 200 or not body_of(response)["data"]["data"] or page == "1":
        return response
    before = yield asked_with(request, page=str(int(page) - 1))
    body, last = body_of(response), body_of(before)["data"]["data"][-1]
    return with_json(response, with_paginator(body, data=[last, *body["data"]["data"][1:]]))


@asked(*LISTS)
def per_page_ignored(request: Request) -> Request:
    """`per_page` is ignored."""
    return asked_with(request, per_page=None)


@asked(*LISTS)
def page_ignored(request: Request) -> Request:
    """`page` is ignored."""
    return asked_with(request, page=None)


@asked(*LISTS)
def per_page_of_nothing_accepted(request: Request) -> Request:
    """A `per_page` of 0 is taken for none."""
    return asked_with(request, per_page=None) if parameter(request, "per_page") == "0" else request


@replied(*LISTS)
def page_past_the_end_not_found(response: Response) -> Response:
    """A page past the end is a 404."""
    if response.status != 200 or body_of(response)["data"]["data"]:
        return response
    return with_json(with_status(response, 404), wire.session_not_found().body)
