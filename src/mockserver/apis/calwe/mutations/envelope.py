"""What can be wrong with the envelope: its keys, its words, its encoding."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe.mutations.body import LISTS, OPERATIONS
from mockserver.contract import Response
from mockserver.mutation import answered, replied, with_body


@answered(*LISTS)
def message_missing(body: Any) -> Any:
    """The list has no `message`."""
    del body["message"]
    return body


@answered(*OPERATIONS)
def message_in_english(body: Any) -> Any:
    """The message of success is in English."""
    return {**body, "message": "Data fetched successfully"}


@answered(*LISTS)
def status_code_as_text(body: Any) -> Any:
    """`statusCode` is a text."""
    return {**body, "statusCode": "200"}


@answered(*OPERATIONS, status=404)
def status_code_of_success(body: Any) -> Any:
    """`statusCode` is 200 in an answer that is a 404."""
    return {**body, "statusCode": 200}


@answered(*OPERATIONS, status=404)
def success_in_a_refusal(body: Any) -> Any:
    """`success` is true in an answer that is a 404."""
    return {**body, "success": True}


@answered(*LISTS)
def data_null(body: Any) -> Any:
    """The list's `data` is null."""
    return {**body, "data": None}


@replied(*OPERATIONS)
def arabic_escaped(response: Response) -> Response:
    """Arabic is escaped to ASCII."""
    text = response.body.decode()
    escaped = "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in text)
    return with_body(response, escaped)


@answered(*OPERATIONS)
def arabic_encoded_twice(body: Any) -> Any:
    """Arabic is UTF-8 taken for Latin-1, and encoded once more."""
    return {**body, "message": body["message"].encode().decode("latin-1")}


@replied(*LISTS)
def json_as_html(response: Response) -> Response:
    """The list's JSON says that it is HTML."""
    return with_body(response, response.body.decode(), "text/html; charset=utf-8")
