"""Requests that meet every mutation, and what they are answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

LOG = "/v1/customer/sessions/1/log"
NONE = "/v1/customer/sessions/none/log"
BEARER = {"Authorization": "Bearer token"}
LEFT = '{"action_type":"LEFT"}'

# Sent in this order to the documents' world: between them they meet every mutation.
REQUESTS: tuple[tuple[str, str, str | None, dict[str, str]], ...] = (
    ("GET", LOG, None, BEARER),
    ("GET", f"{LOG}?per_page=1&page=2", None, BEARER),
    ("GET", f"{LOG}?per_page=1", None, BEARER),
    ("GET", f"{LOG}?page=9", None, BEARER),
    ("GET", f"{LOG}?per_page=0", None, BEARER),
    ("GET", NONE, None, BEARER),
    ("GET", LOG, None, {}),
    ("POST", LOG, LEFT, BEARER),
    ("GET", LOG, None, BEARER),
    ("POST", LOG, '{"action_type":"FLOWN"}', BEARER),
    ("POST", NONE, LEFT, BEARER),
    ("POST", LOG, '{"action_type":"ENDED"}', BEARER),
    ("GET", LOG, None, BEARER),
    ("POST", LOG, LEFT, BEARER),
)

Interaction = list[tuple[int, str, bytes]]


@pytest.fixture
def seen_in(answers: Callable[..., Interaction]) -> Callable[..., Interaction]:
    """What they are answered in the documents' world where some mutations are on.

    The first is the list, the last a POST to a session that has ended by then.
    """
    return lambda *mutations: answers("documented", REQUESTS, *mutations)
