"""The pagination extensions of SDK generators are read where they say the same."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.traits.loader import read_pagination_of_generators

CASES: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    (
        {
            "x-speakeasy-pagination": {
                "type": "offsetLimit",
                "inputs": [
                    {"name": "page", "in": "parameters", "type": "page"},
                    {"name": "limit", "in": "parameters", "type": "limit"},
                ],
                "outputs": {"results": "$.data.rows", "numPages": "$.data.pages"},
            }
        },
        {
            "style": "page-number",
            "page": "page",
            "per_page": "limit",
            "rows": "/data/rows",
            "last": "/data/pages",
        },
    ),
    (
        {
            "x-speakeasy-pagination": {
                "type": "cursor",
                "inputs": [{"name": "after", "in": "parameters", "type": "cursor"}],
                "outputs": {"results": "$.rows", "nextCursor": "$.next"},
            }
        },
        {"style": "cursor", "cursor": "after", "rows": "/rows", "next_cursor": "/next"},
    ),
    (
        {
            "x-fern-pagination": {
                "cursor": "$request.after",
                "next_cursor": "$response.page.next",
                "results": "$response.rows",
            }
        },
        {"style": "cursor", "cursor": "after", "rows": "/rows", "next_cursor": "/page/next"},
    ),
    (
        {"x-fern-pagination": {"offset": "$request.page", "results": "$response.rows"}},
        {"style": "page-number", "page": "page", "rows": "/rows"},
    ),
    (
        {
            "x-fern-pagination": {
                "offset": "$request.skip",
                "step": "$request.limit",
                "results": "$response.rows",
            }
        },
        {"style": "offset", "offset": "skip", "per_page": "limit", "rows": "/rows"},
    ),
    ({"x-speakeasy-pagination": {"type": "url", "outputs": {"nextUrl": "$.next"}}}, None),
    ({"x-fern-pagination": True}, None),
    ({}, None),
]


@pytest.mark.parametrize(("operation", "pagination"), CASES)
def test_it_is_read_as_our_own(operation: dict[str, Any], pagination: Any) -> None:
    assert read_pagination_of_generators(operation) == pagination
