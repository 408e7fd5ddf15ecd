"""Explains why an exchange of the journal was no success: a sentence for each reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import unquote

from mockserver.api import Api
from mockserver.clock import format_moment
from mockserver.journal import JournalEntry, JournalFact, JournalViolation
from mockserver.sandbox import World

_MAX_NEAREST = 3
_LEAST_SIMILARITY = 0.5
_MAX_KEYS = 3


@dataclass(frozen=True)
class NearOperation:
    """An operation that a request may have meant, and how it differs from the request."""

    operation: str
    method: str
    path: str
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Why an exchange was no success."""

    sentences: tuple[str, ...]
    nearest: tuple[NearOperation, ...] = ()


def explain(
    entry: JournalEntry,
    apis: Mapping[str, Api],
    open_world: Callable[[str], World | None],
    earlier: Sequence[JournalEntry],
) -> Explanation:
    """Why an entry is no success. `earlier` are those of its sandbox, the oldest first.

    `open_world` opens the world of its sandbox as an API sees it, if there is one.
    """
    sentences = [*_explain_on_purpose(entry)]
    nearest: tuple[NearOperation, ...] = ()
    if not entry.operation and entry.status in (404, 405):
        nearest = tuple(_find_near_operations(entry, apis.values()))
        sentences.append(_explain_unmatched(entry, apis.values(), nearest))
    elif entry.problem:
        where = "" if entry.sandbox else _describe_selection(entry)
        sentences.append(f"The server says: {entry.problem.rstrip('.')}.{where}")
    sentences += map(_explain_violation, entry.violations)
    if entry.facts and (api := apis.get(entry.api)):
        world = open_world(api.name)
        for fact in entry.facts:
            sentences += _explain_fact(fact, entry, world, earlier)
    if not sentences:
        is_failure = entry.status >= 400 or not entry.status
        sentences.append(
            "The journal has no reason for this response; its body may say more."
            if is_failure
            else f"It was a success: the status is {entry.status}."
        )
    return Explanation(tuple(sentences), nearest)


def _explain_on_purpose(entry: JournalEntry) -> Iterator[str]:
    if entry.fault:
        yield f"The fault '{entry.fault}' was applied on purpose: the API itself did not do this."
    if entry.source in ("example", "synthesised"):
        what = "an example of the contract" if entry.source == "example" else "made of the schema"
        yield f"The response was requested: it is {what}, and not that of the world."
    if not entry.status and not entry.fault:
        yield "The client left before it had a response."


def _describe_selection(entry: JournalEntry) -> str:
    """What named a sandbox that cannot be."""
    if any(name == "x-mock-sandbox" for name, _ in entry.request.headers):
        return " The header 'X-Mock-Sandbox' names it."
    return " The path names it, after '/__sandbox__/'."


def _explain_violation(violation: JournalViolation) -> str:
    if violation.severity == "warning":
        return f"A warning at '{violation.location}': {violation.message}."
    return (
        f"{_describe_message(violation.location)} violates the contract at "
        f"'{violation.location}': {violation.message} ({violation.evidence}; {violation.rule})."
    )


def _describe_message(location: str) -> str:
    if location.startswith("/response"):
        return "The response of the mock, which was not sent,"
    return "The request"


def _explain_unmatched(
    entry: JournalEntry, apis: Iterable[Api], nearest: Sequence[NearOperation]
) -> str:
    if entry.status == 405:
        return f"The path is known, but not with the method {entry.method}."
    bases = ", ".join(f"'{api.contract.base}' ({api.name})" for api in apis)
    below = any(entry.path.startswith(f"{api.contract.base}/") for api in apis)
    sentence = f"No operation has the path '{entry.path}'."
    if not below:
        sentence += f" The APIs that are served lie below {bases}."
    if nearest:
        first = nearest[0]
        sentence += f" Did you mean {first.method} {first.path}?"
        sentence += "".join(f" {text[0].upper()}{text[1:]}." for text in first.differences)
    return sentence


def _find_near_operations(entry: JournalEntry, apis: Iterable[Api]) -> list[NearOperation]:
    """The operations whose paths are most like that of a request."""
    found: list[tuple[float, NearOperation]] = []
    sent = unquote(entry.path)
    for api in apis:
        for operation in api.contract.operations:
            path = api.contract.base + operation.path
            differences = tuple(_compare_paths(path, sent))
            similarity = SequenceMatcher(None, _fill(path, sent), sent).ratio()
            if operation.method != entry.method:
                differences += (f"the method is {operation.method}, not {entry.method}",)
                similarity -= 0.05
            if similarity >= _LEAST_SIMILARITY:
                name = f"{api.name}.{operation.id}"
                near = NearOperation(name, operation.method, path, differences)
                found.append((similarity, near))
    found.sort(key=lambda it: -it[0])
    return [near for _, near in found[:_MAX_NEAREST]]


def _fill(path: str, sent: str) -> str:
    """A path template in which the parameters have the values of the path that was sent."""
    parts, values = path.split("/"), sent.split("/")
    return "/".join(
        values[n] if part.startswith("{") and n < len(values) else part
        for n, part in enumerate(parts)
    )


def _compare_paths(path: str, sent: str) -> Iterator[str]:
    """How a path differs from a template, segment by segment."""
    wanted, found = path.split("/")[1:], sent.split("/")[1:]
    if found and not found[-1] and len(found) > len(wanted):
        yield "the path ends with a slash, which the contract does not have"
        found = found[:-1]
    for number, (part, other) in enumerate(zip(wanted, found, strict=False), 1):
        if part != other and not part.startswith("{"):
            yield f"segment {number} is '{part}', not '{other}'"
        elif part.startswith("{") and not other:
            yield f"segment {number}, {part}, is empty"
    if len(wanted) > len(found):
        yield f"'{'/'.join(wanted[len(found) :])}' is missing at the end"
    elif len(found) > len(wanted):
        yield f"'{'/'.join(found[len(wanted) :])}' is too much at the end"


def _explain_fact(
    fact: JournalFact, entry: JournalEntry, world: World | None, earlier: Sequence[JournalEntry]
) -> Iterator[str]:
    name = f"{fact.kind} '{fact.key}'"
    if not fact.sentence:
        yield f"There was no {name} in the sandbox '{entry.sandbox}'.{_list_keys(fact, world)}"
        removed = _find_change(fact, entry, earlier, ("removed",))
        if removed:
            yield f"It was removed by {_describe_request(removed)}."
        return
    yield f"The {name}: {fact.sentence.rstrip('.')}."
    changed = _find_change(fact, entry, earlier, ("changed", "added"))
    if changed:
        yield f"It was last changed by {_describe_request(changed)}."
    else:
        yield "No request in the journal has changed it; the scenario or the control API did."


def _list_keys(fact: JournalFact, world: World | None) -> str:
    if world is None:
        return ""
    known = world.documents.list_in_order(fact.kind, None, 0, _MAX_KEYS)
    total = world.documents.get_total_size(fact.kind)
    if not known:
        return f" It has no {fact.kind} at all."
    keys = ", ".join(f"'{document.key}'" for document in known)
    if total <= len(known):
        return f" There {'is' if total == 1 else 'are'} {total}: {keys}."
    return f" There are {total}, such as {keys}."


def _find_change(
    fact: JournalFact,
    entry: JournalEntry,
    earlier: Sequence[JournalEntry],
    changes: Sequence[str],
) -> JournalEntry | None:
    """The last request before an entry that changed a document so."""
    before = (it for it in reversed(earlier) if it.at < entry.at and it.api == entry.api)
    wanted = {(fact.kind, fact.key, change) for change in changes}
    return next(
        (it for it in before if wanted & {(c.kind, c.key, c.change) for c in it.changes}), None
    )


def _describe_request(entry: JournalEntry) -> str:
    when = "" if entry.world_at is None else f" at {format_moment(entry.world_at)}"
    body = entry.request.body
    body = f" {body}" if body and not entry.request.is_base64 and len(body) <= 200 else ""
    return f"request {entry.id}{when}: {entry.method} {entry.target}{body}"


def format_explanation(entry: JournalEntry, explanation: Explanation) -> dict[str, Any]:
    """An explanation as JSON."""
    return {
        "id": entry.id,
        "method": entry.method,
        "target": entry.target,
        "status": entry.status,
        "operation": entry.operation_name,
        "sentences": list(explanation.sentences),
        "nearest": [
            {
                "operation": it.operation,
                "method": it.method,
                "path": it.path,
                "differences": list(it.differences),
            }
            for it in explanation.nearest
        ],
    }
