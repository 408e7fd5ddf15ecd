"""What a run tested of what a contract says: operations, statuses, parameters, keywords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from mockserver.check.validation.keywords import Keywords
from mockserver.check.validation.results import Results
from mockserver.contract import Operation, Parameter, Response, read_header


@dataclass(frozen=True, slots=True)
class StatusCoverage:
    """How often an operation returned a status, documented or not."""

    operation: str
    status: str
    is_documented: bool
    seen: int


@dataclass(frozen=True, slots=True)
class ParameterCoverage:
    """How many requests sent a parameter that conforms, and how many one that does not.

    A body is a parameter called `body`, whose location is `body`.
    """

    operation: str
    name: str
    location: str
    valid: int
    invalid: int


@dataclass(frozen=True, slots=True)
class RequestRule:
    """A keyword on requests, by its pointer: how many satisfied it, how many violated it.

    Without `can_be_violated` no request can: any value in a URL is a string.
    """

    rule: str
    satisfied: int
    violated: int
    can_be_violated: bool = True

    @property
    def is_covered(self) -> bool:
        """Whether it was both satisfied and violated, where it can be."""
        return bool(self.satisfied and (self.violated or not self.can_be_violated))


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """A keyword on responses, by its pointer, and how many responses it applied to."""

    rule: str
    validated: int

    @property
    def is_covered(self) -> bool:
        """Whether it applied to any."""
        return self.validated > 0


@dataclass(frozen=True)
class Coverage:
    """What a run tested. `invariants` counts the interactions that each invariant applied to."""

    statuses: tuple[StatusCoverage, ...]
    parameters: tuple[ParameterCoverage, ...]
    requests: tuple[RequestRule, ...]
    responses: tuple[ResponseRule, ...]
    invariants: Mapping[str, int]


def measure_coverage(results: Results) -> Coverage:
    """Measure what a run tested; responses are counted in the traffic that the results still have."""
    operations = results.api.contract.operations
    validated = _count_validated(results)
    inviolable = _list_inviolable(results)
    return Coverage(
        statuses=tuple(
            status for operation in operations for status in _count_statuses(results, operation)
        ),
        parameters=tuple(
            parameter
            for operation in operations
            for parameter in _count_parameters(results, operation)
        ),
        requests=tuple(
            RequestRule(
                rule, results.satisfied[rule], results.violated[rule], rule not in inviolable
            )
            for rule in _list_rules(results.keywords, operations, _list_request_rules)
        ),
        responses=tuple(
            ResponseRule(rule, validated[rule])
            for rule in _list_rules(results.keywords, operations, _list_response_rules)
        ),
        invariants=dict(results.evaluator.met),
    )


def _count_statuses(results: Results, operation: Operation) -> Iterator[StatusCoverage]:
    seen: Counter[str] = Counter(dict.fromkeys(operation.responses, 0))
    for number, times in sorted(results.statuses(operation.id).items()):
        response = operation.response(number)
        seen[response.status if response else str(number)] += times
    for status, times in seen.items():
        yield StatusCoverage(operation.id, status, status in operation.responses, times)


def _count_parameters(results: Results, operation: Operation) -> Iterator[ParameterCoverage]:
    places = [(spec.name, spec.location) for spec in operation.parameters]
    if operation.body:
        places.append(("body", "body"))
    for name, location in places:
        valid = results.parameters[operation.id, name, True]
        invalid = results.parameters[operation.id, name, False]
        yield ParameterCoverage(operation.id, name, location, valid, invalid)


_Rules = Callable[[Keywords, Operation], Iterator[str]]


def _list_rules(keywords: Keywords, operations: Iterable[Operation], rules: _Rules) -> list[str]:
    """The rules of all operations, each once: operations share components."""
    found = (rule for operation in operations for rule in rules(keywords, operation))
    return list(dict.fromkeys(found))


def _list_request_rules(keywords: Keywords, operation: Operation) -> Iterator[str]:
    for spec in operation.parameters:
        yield from _list_field_rules(keywords, spec)
    if operation.body:
        yield from [f"{operation.body_pointer}/required"] * operation.is_body_required
        yield f"{operation.body_pointer}/content"
    for media in operation.body.values():
        yield from keywords.list_all(media.pointer) if media.pointer else ()


def _list_inviolable(results: Results) -> set[str]:
    """The rules that no request can violate; a rule of a body, too, can be violated there."""
    contract, keywords = results.api.contract, results.keywords
    safe, bodies = set[str](), set[str]()
    for operation in contract.operations:
        for spec in operation.parameters:
            rules = keywords.list_all(spec.schema_pointer) if spec.schema_pointer else ()
            types = (rule for rule in rules if rule.endswith("/type"))
            safe.update(rule for rule in types if contract.resolve(rule) in ("string", "array"))
            # Without its value, it is another path.
            safe.update([f"{spec.pointer}/required"] if spec.location == "path" else ())
        for media in operation.body.values():
            bodies.update(keywords.list_all(media.pointer) if media.pointer else ())
    return safe - bodies


def _list_response_rules(keywords: Keywords, operation: Operation) -> Iterator[str]:
    for response in operation.responses.values():
        for header in response.headers:
            yield from _list_field_rules(keywords, header)
        yield from [f"{response.pointer}/content"] * bool(response.content)
        for media in response.content.values():
            yield from keywords.list_all(media.pointer) if media.pointer else ()


def _list_field_rules(keywords: Keywords, spec: Parameter) -> Iterator[str]:
    yield from [f"{spec.pointer}/required"] * spec.required
    yield from keywords.list_all(spec.schema_pointer) if spec.schema_pointer else ()


def _count_validated(results: Results) -> Counter[str]:
    """How many responses each rule applied to."""
    same: dict[tuple[str, int, str, bytes], list[Response]] = {}
    for _, operation_id, exchange in results.traffic:
        response = exchange.response
        key = (operation_id, response.status, response.media_type, response.body)
        same.setdefault(key, []).append(response)
    validated: Counter[str] = Counter()
    for (operation_id, *_), responses in same.items():
        operation = results.api.contract.operation(operation_id)
        # Equal bodies are walked through once.
        for rule in _list_applied_to_body(results.keywords, operation, responses[0]):
            validated[rule] += len(responses)
        for response in responses:
            validated.update(_list_applied_to_headers(results.keywords, operation, response))
    return validated


def _list_applied_to_body(keywords: Keywords, operation: Operation, response: Response) -> set[str]:
    spec = operation.response(response.status)
    if spec is None or not spec.content:
        return set()
    content = {f"{spec.pointer}/content"}
    media = spec.content.get(response.media_type)
    if media is None or not media.pointer:
        return content
    try:
        return content | keywords.list_applied(media.pointer, orjson.loads(response.body))
    except orjson.JSONDecodeError:
        return content


def _list_applied_to_headers(
    keywords: Keywords, operation: Operation, response: Response
) -> set[str]:
    spec = operation.response(response.status)
    applied: set[str] = set()
    for header in spec.headers if spec else ():
        text = response.headers.get(header.name)
        if header.required:
            applied.add(f"{header.pointer}/required")
        if text is not None and header.schema_pointer:
            applied |= keywords.list_applied(header.schema_pointer, read_header(text, header))
    return applied
