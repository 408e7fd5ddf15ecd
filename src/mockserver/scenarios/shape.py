"""Holds a scenario against its schema; what has the wrong shape is said, and left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from mockserver.api import Api
from mockserver.contract import Schema, Schemas, SchemaViolation
from mockserver.errors import ScenarioFault, suggest_nearest
from mockserver.json_pointer import escape, split_pointer, step
from mockserver.scenarios.format import build_scenario_schema
from mockserver.scenarios.scenario import ScenarioSource

__all__ = ["Shape"]


@lru_cache(maxsize=8)
def _compile(schema: str) -> Schema:
    return Schemas({}).compile_inline(json.loads(schema))


class Shape:
    """The shape that every scenario has."""

    def __init__(self, apis: Mapping[str, Api]) -> None:
        self._schema = build_scenario_schema(apis)
        self._compiled = _compile(json.dumps(self._schema))

    def validate(self, written: ScenarioSource) -> tuple[dict[str, Any], list[ScenarioFault]]:
        """What of a file has the right shape, and what is wrong with the rest."""
        data = deepcopy(written.source.data)
        faults: list[ScenarioFault] = []
        for violation in list(self._compiled.find_violations(data)):
            for pointer, reason in self._wrong(violation):
                faults.append(written.place(pointer).make_fault(reason))
                if pointer and violation.code != "required":
                    _leave_out(data, pointer)
        return data if isinstance(data, dict) else {}, faults

    def _wrong(self, violation: SchemaViolation) -> Iterator[tuple[str, str]]:
        if not violation.unexpected:
            yield violation.location, violation.message
            return
        node: Any = self._schema
        for token in split_pointer(violation.rule)[:-1]:
            node = step(node, token)
        known = list(node["properties"])
        for word in violation.unexpected:
            reason = f"'{word}' is not known here; {suggest_nearest(word, known)}"
            yield f"{violation.location}/{escape(word)}", reason


def _leave_out(data: Any, pointer: str) -> None:
    """Remove what a pointer leads to; in a list its place stays, so that the others keep theirs."""
    *above, last = split_pointer(pointer)
    try:
        for token in above:
            data = step(data, token)
    except (LookupError, TypeError, ValueError):
        return  # something above it has been left out already
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list):
        data[int(last)] = None
