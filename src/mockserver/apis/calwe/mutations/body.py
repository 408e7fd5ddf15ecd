"""The operations, and the parts of an answer's body, each changed by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["CREATES", "LISTS", "OPERATIONS", "with_entries", "with_paginator"]

LISTS = ("listSessionLogs", "listCoachSessionLogs")
CREATES = ("createSessionLog", "createCoachSessionLog")
OPERATIONS = (*LISTS, *CREATES)


def with_paginator(body: Any, **fields: Any) -> Any:
    """The body with other fields in its paginator."""
    return {**body, "data": {**body["data"], **fields}}


def with_entries(body: Any, change: Callable[[Any], Any]) -> Any:
    """The body with each of its entries changed."""
    return with_paginator(body, data=[change(dict(row)) for row in body["data"]["data"]])
