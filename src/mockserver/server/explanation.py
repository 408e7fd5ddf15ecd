"""Explains why an exchange of the journal was no success: a sentence for each reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from mockserver.api import Api
from mockserver.clock import format_moment
from mockserver.journal import JournalEntry, JournalFact, JournalViolation
from mockserver.sandbox import DEFAULT, World

_MAX_NEAREST = 3
_LEAST_SIMILARITY = 0.5
_WORSE = 0.2
"""An operation is no near one if another is so much more like the path that was sent."""
_MAX_SEGMENTS = 40
_MAX_KEYS = 3
_MAX_SHOWN = 500
_SOURCES = {
    "example": "an example of the contract",
    "synthesised": "made of the schema of the contract",
}


class NearOperation(Struct, frozen=True):
    """An operation that a request may have meant, and how it differs from the request."""

    operation: str
    method: str
    path: str
    differences: tuple[str, ...]


class Explanation(Struct, frozen=True):
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
        if entry.status == 405:
            nearest = tuple(it for it in nearest if len(it.differences) == 1)  # the method
        sentences.append(_explain_unmatched(entry, apis.values(), nearest))
    elif entry.problem:
        where = "" if entry.sandbox else _describe_selection(entry)
        sentences.append(f"The server says: {entry.problem.rstrip('.')}.{where}")
    sentences += (_explain_violation(it, entry) for it in entry.violations)
    if entry.facts and (api := apis.get(entry.api)):
        world = open_world(api.name)
        for fact in entry.facts:
            sentences += _explain_fact(fact, entry, world, earlier)
    if not sentences:
        sentences.append(_explain_by_response(entry))
    return Explanation(tuple(sentences), nearest)


def _explain_on_purpose(entry: JournalEntry) -> Iterator[str]:
    if entry.fault:
        yield f"The fault '{entry.fault}' was applied on purpose: the API itself did not do this."
    headers = entry.response.headers
    applied = next((value for name, value in headers if name == "preference-applied"), "")
    if "code=" in applied and entry.source == "refusal":
        yield f"The client requested this error ({applied}): nothing has failed."
    elif entry.source in _SOURCES:
        who = f"The client requested this response ({applied})"
        who = who if applied else "No handler has made this response"
        yield f"{who}: it is {_SOURCES[entry.source]}, and not that of the world."
    if not entry.status and not entry.fault:
        yield "The client left before it had a response."


def _explain_by_response(entry: JournalEntry) -> str:
    """What is known of an exchange from its status and its body alone."""
    if 0 < entry.status < 400:
        return f"It was a success: the status is {entry.status}."
    if not entry.operation or entry.response.is_base64 or not entry.response.body:
        return "The journal has no reason for this response."
    body = entry.response.body
    shown = body if len(body) <= _MAX_SHOWN else f"{body[:_MAX_SHOWN]}..."
    return f"A rule of the API, which its schema cannot say, refuses the request: {shown}"


def _describe_selection(entry: JournalEntry) -> str:
    """What named a sandbox that cannot be."""
    if any(name == "x-mock-sandbox" for name, _ in entry.request.headers):
        return " The header 'X-Mock-Sandbox' names it."
    return " The path names it, after '/__sandbox__/'."


def _explain_violation(violation: JournalViolation, entry: JournalEntry) -> str:
    if violation.severity == "warning":
        return _end(f"A warning at '{violation.location}': {violation.message}")
    return (
        f"{_describe_message(violation.location, entry)} violates the contract at "
        f"'{violation.location}': {violation.message} (evidence: {violation.evidence}; rule: "
        f"{violation.rule})."
    )


def _end(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _describe_message(location: str, entry: JournalEntry) -> str:
    if not location.startswith("/response"):
        return "The request"
    if entry.source == "upstream":
        return "The response of the upstream"
    sender = "upstream" if entry.source == "refusal" else "mock"
    return f"The response of the {sender}, which was not sent,"


def _explain_unmatched(
    entry: JournalEntry, apis: Iterable[Api], nearest: Sequence[NearOperation]
) -> str:
    if entry.status == 405:
        methods = " or ".join(it.method for it in nearest)
        known = f"; use {methods}" if methods else ""
        return f"The path is known, but not with the method {entry.method}{known}."
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
    return [near for like, near in found[:_MAX_NEAREST] if like >= found[0][0] - _WORSE]


def _fill(path: str, sent: str) -> str:
    """A path template in which the parameters have the values of the path that was sent."""
    parts, values = path.split("/"), sent.split("/")
    return "/".join(
        values[n] if part.startswith("{") and n < len(values) else part
        for n, part in enumerate(parts)
    )


def _compare_paths(path: str, sent: str) -> Iterator[str]:
    """How a path differs from a template, segment by segment."""
    wanted, found = path.split("/")[1:], sent.split("/")[1 : _MAX_SEGMENTS + 1]
    if found and not found[-1] and len(found) > len(wanted):
        yield "the path ends with a slash, which the contract does not have"
        found = found[:-1]
    missing: list[str] = []
    extra: list[str] = []
    for number, part, other in _align(wanted, found):
        if part and other is None:
            missing.append(part)
        elif part is None:
            extra.append(other or "")
        else:
            yield from _describe_gap(missing, extra, f"before '{part}'")
            missing, extra = [], []
            if part.startswith("{") and not other:
                yield f"segment {number}, {part}, is empty"
            elif not part.startswith("{") and part != other:
                yield f"segment {number} is '{part}', not '{other}'"
    yield from _describe_gap(missing, extra, "at the end")


def _describe_gap(missing: Sequence[str], extra: Sequence[str], where: str) -> Iterator[str]:
    if missing:
        yield f"'{'/'.join(missing)}' is missing {where}"
    if extra:
        yield f"'{'/'.join(extra)}' is too much {where}"


def _align(
    wanted: Sequence[str], found: Sequence[str]
) -> Iterator[tuple[int, str | None, str | None]]:
    """The segments of a template and of a path side by side, with as few differences as can be.

    Each has the number of the template's segment, from 1; None stands where there is no segment.
    """

    def differ(part: str, other: str) -> bool:
        return not other if part.startswith("{") else part != other

    # How many differences there are between the rest of the one and the rest of the other.
    costs = [[len(found) - n for n in range(len(found) + 1)]]
    for part in reversed(wanted):
        row = [costs[0][-1] + 1]
        for n in range(len(found) - 1, -1, -1):
            same = costs[0][n + 1] + differ(part, found[n])
            row.insert(0, min(same, costs[0][n] + 1, row[0] + 1))
        costs.insert(0, row)
    i = j = 0
    while i < len(wanted) or j < len(found):
        is_pair = i < len(wanted) and j < len(found)
        if is_pair and costs[i][j] == costs[i + 1][j + 1] + differ(wanted[i], found[j]):
            yield i + 1, wanted[i], found[j]
            i, j = i + 1, j + 1
        elif i < len(wanted) and costs[i][j] == costs[i + 1][j] + 1:
            yield i + 1, wanted[i], None
            i += 1
        else:
            yield i + 1, None, found[j]
            j += 1


def _explain_fact(
    fact: JournalFact, entry: JournalEntry, world: World | None, earlier: Sequence[JournalEntry]
) -> Iterator[str]:
    name = f"{fact.kind} '{fact.key}'"
    if not fact.sentence:
        yield f"There was no {name} in the sandbox '{entry.sandbox}'.{_list_keys(fact, world)}"
        yield _hint_at_ids(fact, entry)
        removed = _find_change(fact, entry, earlier, ("removed",))
        if removed:
            yield f"It was removed by {_describe_request(removed)}."
        return
    yield f"The response depends on the {name}: {fact.sentence.rstrip('.')}."
    changed = _find_change(fact, entry, earlier, ("changed", "added"))
    if changed:
        yield f"It was last changed by {_describe_request(changed)}."
    else:
        yield "No request in the journal has changed it; the scenario or the control API did."


def _hint_at_ids(fact: JournalFact, entry: JournalEntry) -> str:
    where = "" if entry.sandbox == DEFAULT else f" --sandbox {entry.sandbox}"
    return f"'mockserver ids {entry.api} {fact.kind}{where}' lists ids and what each is good for."


def _list_keys(fact: JournalFact, world: World | None) -> str:
    if world is None:
        return ""
    known, total = world.documents.page_in_order(fact.kind, None, 0, _MAX_KEYS)
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
