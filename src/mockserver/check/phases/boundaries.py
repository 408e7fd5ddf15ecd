"""Boundaries: a fixed pack of requests at the edges of what a contract allows, the same every time.

What each should be answered the contract says: the judge reads the request, and a deployment must
take what conforms and refuse what does not. Two requests that mean the same must be answered alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.check.cases import StatusCase, read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.request import ABSENT
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.json_diff import differences
from mockserver.contract import Format, Operation, Parameter
from mockserver.invariant import Interaction

__all__ = ["run_boundaries"]

_INTEGERS = (
    *("0", "1", "-1", "01", "+1", " 1", "1 ", "1.0", "1.5", "1e1", "0x1", "١", "", "true", "null"),
    *("2147483648", "9223372036854775808", "99999999999999999999", "NaN", "Infinity", "1,2", "[]"),
)
_STRINGS = (
    *("", " ", "null", "true", "0", "'", '"', "\\", "%", "%00", "a/b", "../..", "<b>", "{{1}}"),
    *("' OR '1'='1", "\u202e", "\u200d", "ـ", "🏳️‍🌈", "e\u0301", "x" * 4_000, "\ufeff", "a\tb"),
)
_DATES = ("29-02-2024", "29-02-2023", "31-04-2025", "00-01-2025", "2024-02-29", "2023-02-29", "1e9")
_VALUES: tuple[Any, ...] = (None, True, 0, 1, -1, 1.5, "", "1", "x", [], [1], {}, {"a": 1})
_BODIES = (b"", b"null", b"[]", b"1", b'"x"', b"{", b"{}", b"{'a':1}", b"\xff\xfe", b"[" * 2_000)


@dataclass(frozen=True)
class _Base:
    """A request that succeeds, to be changed in one place at a time."""

    operation: Operation
    parameters: Mapping[str, Any]
    body: Any
    world: str


def run_boundaries(context: CheckContext) -> None:
    """Send the pack to each operation that the target allows, from a request that succeeds."""
    for operation in context.api.contract.operations:
        cases = [
            case
            for case in read_cases(context.api.name).cases
            if (case.operation, case.status) == (operation.id, operation.success)
            and not case.cannot
        ]
        ready = next((one for one in cases if not context.missing(one.wanted)), None)
        if not context.allows(operation):
            context.results.leave_out(f"boundaries of {operation.id}: it writes")
        elif ready is not None:
            _send_boundaries(context, _read(operation, ready, context.ids))
        else:
            missing = context.missing(cases[0].wanted) if cases else ["case for a success"]
            context.results.leave_out(
                f"boundaries of {operation.id}: no id for {', '.join(missing)}"
            )


def _read(operation: Operation, case: StatusCase, ids: Mapping[str, str]) -> _Base:
    request = case.fill(ids)
    parameters = request.get("parameters", {})
    return _Base(operation, parameters, request.get("body", ABSENT), case.world)


def _send_boundaries(context: CheckContext, base: _Base) -> None:
    with context.sequence(base.world) as ask:
        if base.operation.method == "GET":
            _same(context, ask, base)
        for spec in base.operation.parameters:
            for value in _edges(spec, context.api.formats):
                _send(ask, base, {**base.parameters, spec.name: value})
            if spec.location == "query" and spec.name in base.parameters:
                value = base.parameters[spec.name]
                _send(ask, base, {**base.parameters, spec.name: [value, value]})
            _send(ask, base, {k: v for k, v in base.parameters.items() if k != spec.name})
    if isinstance(base.body, dict):
        _send_body_boundaries(context, base, base.body)


def _send_body_boundaries(context: CheckContext, base: _Base, body: Mapping[str, Any]) -> None:
    """Each body in a world of its own: one that is taken changes what the next one meets."""
    changed = [
        *({**body, name: value} for name in body for value in _VALUES),
        *({key: value for key, value in body.items() if key != name} for name in body),
        {**body, "unexpected": 1},
    ]
    for content in (*(json.dumps(one).encode() for one in changed), *_BODIES):
        with context.sequence(base.world) as ask:
            _send(ask, base, base.parameters, content)


def _send(
    ask: HttpCaller, base: _Base, parameters: Mapping[str, Any], body: Any = None
) -> Interaction | None:
    in_path = {spec.name for spec in base.operation.parameters if spec.location == "path"}
    values = [str(parameters.get(name, "")) for name in in_path]
    if any(value in ("", ".", "..") or "/" in value for value in values):
        return None  # another path, and none of this operation's
    return ask.send(base.operation.id, parameters, body=base.body if body is None else body)


def _edges(spec: Parameter, formats: tuple[Format, ...]) -> Iterator[Any]:
    schema = {**spec.schema.get("items", {}), **spec.schema}
    if schema.get("type") in ("integer", "number"):
        yield from _INTEGERS
        bounds = [schema[word] for word in ("minimum", "maximum") if word in schema]
        yield from (str(bound + by) for bound in bounds for by in (-1, 0, 1))
        return
    yield from schema.get("enum", ())
    for item in formats:
        if item.name == schema.get("format"):
            yield from item.examples
            yield from item.counterexamples
    if "format" in schema or "pattern" in schema:
        yield from _DATES
    if spec.location != "header":
        yield from _STRINGS


def _same(context: CheckContext, ask: HttpCaller, base: _Base) -> None:
    """Requests that mean the same: a second time, in another order, with a parameter too many."""
    first, again = _send(ask, base, base.parameters), _send(ask, base, base.parameters)
    if first is None or again is None:
        return
    moving = set(differences(first.answer, again.answer))
    others = {
        "in another order": dict(reversed(list(base.parameters.items()))),
        "with a parameter that the contract does not have": {**base.parameters, "unexpected": "1"},
    }
    for how, parameters in others.items():
        seen = _send(ask, base, parameters)
        if seen and (
            seen.status != first.status or set(differences(first.answer, seen.answer)) - moving
        ):
            context.results.find(_otherwise(context, base, how, seen))


def _otherwise(context: CheckContext, base: _Base, how: str, seen: Interaction) -> Finding:
    return Finding(
        api=context.api.name,
        operation=base.operation.id,
        code="not-the-same",
        rule=base.operation.pointer,
        evidence=base.operation.evidence,
        sentence=f"The same request {how} is answered otherwise",
        status=seen.status,
        exchange=seen.exchange,
    )
