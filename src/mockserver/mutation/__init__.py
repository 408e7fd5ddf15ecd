"""Mutations: deliberate breaches of a contract, which show that somebody would notice.

A mutation stands at the server's edge, between the client and the operation. It is a generator that
yields requests, receives the operation's responses, and returns the one that the client gets:
`response = yield request`. The effects of a request yielded as `Discarded` are rolled back.
`derive_mutations` makes most of them from a contract; a vendor writes those with a meaning of its
own.
"""

from mockserver.mutation.derive import derive_mutations
from mockserver.mutation.messages import (
    get_query,
    parse_body,
    to_html,
    with_body,
    with_header,
    with_json,
    with_query,
    with_status,
)
from mockserver.mutation.mutation import (
    HAND_WRITTEN,
    Discarded,
    Flow,
    Mutation,
    Send,
    apply_mutations,
    change_body,
    change_request,
    change_response,
    mutation,
)

__all__ = [
    "HAND_WRITTEN",
    "Discarded",
    "Flow",
    "Mutation",
    "Send",
    "apply_mutations",
    "change_body",
    "change_request",
    "change_response",
    "derive_mutations",
    "get_query",
    "mutation",
    "parse_body",
    "to_html",
    "with_body",
    "with_header",
    "with_json",
    "with_query",
    "with_status",
]
