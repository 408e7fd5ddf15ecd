"""Proposes ids of a target, from its lists: `mockserver check --discover`.

An id is proposed where a safe operation succeeds with it in its path, where a list has such ids,
and where the deployment accepts it there. Only safe requests are sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgspec import Struct, field

from mockserver.check.cases import StatusCase, read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import Call
from mockserver.check.phases.cases import list_unexpected, make_call
from mockserver.contract import SAFE_METHODS, Operation
from mockserver.json_pointer import ABSENT, split_pointer, step

_EACH = "*"
_MOST_TRIED = 10
_LINK = "$response.body#"

_UNUSED = "no case reads what has it in the path; choose it yourself"
_NO_LIST = "by the contract, no list has such ids"
_NO_ROWS = "no list that has such ids has rows, or can be read without an id"
_REFUSED = "none of the ids in the lists is accepted"


class _Source(Struct, frozen=True):
    """A safe operation whose response has values of a path parameter, at a pointer.

    The token `*` stands for each item of a list.
    """

    operation: Operation
    tokens: tuple[str, ...]


class Discovery(Struct):
    """What was found of the ids of an API: values with the lists they are from, or why not.

    `ids` has those that the target names too. `writers` are the operations that would write to what
    was found, where writing is allowed.
    """

    ids: dict[str, str]
    sources: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    writers: dict[str, list[str]] = field(default_factory=dict)


def discover(context: CheckContext) -> Discovery:
    """Find ids that the target does not name. Raises NoResponse and TimeLimitReached."""
    discovery = Discovery(dict(context.target.ids.get(context.api.name, {})))
    names = [it.name for it in read_cases(context.api.name).ids if it.name not in discovery.ids]
    has_found = True
    while has_found:  # a list may need an id that another list has
        has_found = False
        for name in names:
            if name not in discovery.ids:
                _find_id(replace(context, ids=discovery.ids), name, discovery)
                has_found |= name in discovery.ids
    return discovery


def _find_id(context: CheckContext, name: str, discovery: Discovery) -> None:
    uses = list(_list_uses(context, name))
    sources = [
        source
        for case, parameter in uses
        for source in _list_sources(context, case.operation, parameter)
    ]
    values = {
        value: source.operation.id for source in sources for value in _read_values(context, source)
    }
    for value in sorted(values, key=lambda value: value in discovery.ids.values())[:_MOST_TRIED]:
        ids = {**discovery.ids, name: value}
        if any(_is_accepted(replace(context, ids=ids), case) for case, _ in uses):
            discovery.ids[name] = value
            discovery.sources[name] = values[value]
            discovery.writers[name] = _list_writers(context, name)
            discovery.reasons.pop(name, None)
            return
    reason = _UNUSED if not uses else _NO_LIST if not sources else _NO_ROWS
    discovery.reasons[name] = _REFUSED if values else reason


def _list_uses(context: CheckContext, name: str) -> Iterator[tuple[StatusCase, str]]:
    """The cases in which a safe operation succeeds with an id in its path, and the parameter."""
    for operation in context.results.operations:
        in_path = {spec.name for spec in operation.parameters if spec.location == "path"}
        for case in read_cases(context.api.name).list_successes(operation):
            parameters = case.request.get("parameters", {})
            for parameter in (
                in_path if operation.method in SAFE_METHODS and not case.writes else ()
            ):
                if parameters.get(parameter) == f"{{{name}}}":
                    yield case, parameter


def _list_writers(context: CheckContext, name: str) -> list[str]:
    cases = [case for case in read_cases(context.api.name).cases if name in case.required_ids]
    operations = map(context.api.contract.operation, dict.fromkeys(it.operation for it in cases))
    return [operation.id for operation in operations if operation.method not in SAFE_METHODS]


def _list_sources(context: CheckContext, operation: str, parameter: str) -> Iterator[_Source]:
    """Where the contract says that a response has ids for a parameter of an operation.

    That is a link; the identity of the rows of the list at the path before the parameter; or a
    property of these rows that is called like the parameter.
    """
    contract = context.api.contract
    before, found, _ = contract.operation(operation).path.partition(f"/{{{parameter}}}")
    for other in context.results.operations:
        documented = other.response(other.success)
        if other.method != "GET" or documented is None:
            continue
        for link in contract.resolve(documented.pointer).get("links", {}).values():
            given = link.get("parameters", {})
            pointer = given.get(parameter, given.get(f"path.{parameter}"))
            is_of_body = isinstance(pointer, str) and pointer.startswith(f"{_LINK}/")
            if link.get("operationId") == operation and is_of_body:
                tokens = split_pointer(pointer.removeprefix(_LINK))
                each = (_EACH if token.isdecimal() else token for token in tokens)
                yield _Source(other, tuple(each))
        if found and other.path == before:
            own = context.api.traits.operations[other.id]
            key = split_pointer(own.identity.id) if own.identity else [parameter]
            yield _Source(other, (*split_pointer(own.rows or ""), _EACH, *key))


def _read_values(context: CheckContext, source: _Source) -> list[str]:
    """The ids in the response of a list; none where it cannot be called with the ids so far."""
    operation = source.operation
    cases = read_cases(context.api.name).list_successes(operation)
    ready = [case for case in cases if context.ids.keys() >= {*case.required_ids}]
    if ready:
        call = make_call(ready[0], context)
    elif any(spec.required for spec in operation.parameters):
        return []
    else:
        call = Call(operation.id)
    body = ABSENT
    with context.sequence(is_read_only=True) as caller:
        body = caller.send(call).response_body
    return [str(value) for value in _list_values(body, source.tokens)]


def _list_values(value: Any, tokens: Sequence[str]) -> Iterator[str | int]:
    if not tokens:
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            yield value
    elif tokens[0] == _EACH:
        for item in value if isinstance(value, list) else ():
            yield from _list_values(item, tokens[1:])
    else:
        try:
            yield from _list_values(step(value, tokens[0]), tokens[1:])
        except (LookupError, TypeError, ValueError):
            return


def _is_accepted(context: CheckContext, case: StatusCase) -> bool:
    """Whether a case gets what it expects; not where it needs other ids too."""
    if not context.ids.keys() >= {*case.required_ids}:
        return False
    accepted = []  # none without a response, which ends the sequence
    with context.sequence(is_read_only=True) as caller:
        interaction = caller.send(make_call(case, context))
        accepted.append(interaction.is_success and not any(list_unexpected(case, interaction)))
    return any(accepted)
