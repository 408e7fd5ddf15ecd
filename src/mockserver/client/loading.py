"""A scenario on its way to the server, and what the server found wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.client.request import Content, as_json, as_yaml
from mockserver.errors import ClientError, ProblemError

__all__ = ["Source", "content", "placed"]

Source = str | Mapping[str, Any] | Path | bytes
"""The name of a scenario that the server knows, a whole one, a YAML file, or YAML."""

_UNNAMED = "body"
"""What a scenario that came in a request is called by the server."""


def content(scenario: Source) -> Content:
    """The body that has the scenario in it. Raises ClientError for a file that cannot be read."""
    if isinstance(scenario, bytes):
        return as_yaml(scenario)
    if not isinstance(scenario, Path):
        return as_json({"scenario": scenario})
    try:
        return as_yaml(scenario.read_bytes())
    except OSError as error:
        raise ClientError(f"'{scenario}' cannot be read: {error.strerror}.") from None


def placed(error: ProblemError, scenario: Source) -> ProblemError:
    """The refusal of a file, with the name of the file; any other as it is."""
    if not isinstance(scenario, Path):
        return error
    detail, faults = error.detail, []
    for fault in error.errors:
        named = replace(fault, file=str(scenario)) if fault.file == _UNNAMED else fault
        detail = detail.replace(str(fault), str(named))
        faults.append(named)
    return ProblemError(error.status, error.title, detail, faults)
