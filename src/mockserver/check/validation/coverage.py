"""What a run tested of what a contract says: operations, statuses, parameters, keywords."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from operator import itemgetter

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
    """Measure what a run tested; responses are counted in the traffic that is still there."""
    statuses, parameters = list[StatusCoverage](), list[ParameterCoverage]()
    # Each rule once: operations share components.
    request_rules, response_rules = dict[str, None](), dict[str, None]()
    for operation in results.api.contract.operations:
        statuses += _count_statuses(results, operation)
        parameters += _count_parameters(results, operation)
        request_rules |= dict.fromkeys(_list_request_rules(results.keywords, operation))
        response_rules |= dict.fromkeys(_list_response_rules(results.keywords, operation))
    satisfied, violated = results.satisfied, results.violated
    inviolable, validated = _list_inviolable(results), _count_validated(results)
    return Coverage(
        statuses=tuple(statuses),
        parameters=tuple(parameters),
        requests=tuple(
            RequestRule(rule, satisfied[rule], violated[rule], rule not in inviolable)
            for rule in request_rules
        ),
        responses=tuple(ResponseRule(rule, validated[rule]) for rule in response_rules),
        invariants=dict(results.met),
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
        valid, invalid = (
            results.parameters[operation.id, name, is_valid] for is_valid in (True, False)
        )
        yield ParameterCoverage(operation.id, name, location, valid, invalid)


def _list_request_rules(keywords: Keywords, operation: Operation) -> Iterator[str]:
    for spec in operation.parameters:
        yield from _list_field_rules(keywords, spec)
    if operation.body:
        yield from [f"{operation.body_pointer}/required"] * operation.is_body_required
        yield f"{operation.body_pointer}/content"
    for media in operation.body.values():
        yield from keywords.list_all(media.pointer)


def _list_response_rules(keywords: Keywords, operation: Operation) -> Iterator[str]:
    for response in operation.responses.values():
        for header in response.headers:
            yield from _list_field_rules(keywords, header)
        yield from [f"{response.pointer}/content"] * bool(response.content)
        for media in response.content.values():
            yield from keywords.list_all(media.pointer)


def _list_field_rules(keywords: Keywords, spec: Parameter) -> Iterator[str]:
    yield from [f"{spec.pointer}/required"] * spec.required
    yield from keywords.list_all(spec.schema_pointer)


def _list_inviolable(results: Results) -> set[str]:
    """The rules that no request can violate; a rule of a body, too, can be violated there."""
    contract, keywords = results.api.contract, results.keywords
    safe, bodies = set[str](), set[str]()
    for operation in contract.operations:
        for spec in operation.parameters:
            types = (
                rule for rule in keywords.list_all(spec.schema_pointer) if rule.endswith("/type")
            )
            safe.update(rule for rule in types if contract.resolve(rule) in ("string", "array"))
            # Without its value, it is another path.
            safe.update([f"{spec.pointer}/required"] if spec.location == "path" else ())
        for media in operation.body.values():
            bodies.update(keywords.list_all(media.pointer))
    return safe - bodies


def _count_validated(results: Results) -> Counter[str]:
    """How many responses each rule applied to."""
    same: defaultdict[tuple[str, int, str, bytes], list[Response]] = defaultdict(list)
    for _, operation_id, exchange, _ in filter(itemgetter(1), results.traffic):
        response = exchange.response
        same[operation_id, response.status, response.media_type, response.body].append(response)
    validated: Counter[str] = Counter()
    for (operation_id, status, media_type, body), responses in same.items():
        spec = results.api.contract.operation(operation_id).response(status)
        if spec is None:
            continue
        applied = {f"{spec.pointer}/content"} if spec.content else set[str]()
        if media_type in spec.content:
            # Equal bodies are walked through once.
            with suppress(orjson.JSONDecodeError):
                pointer = spec.content[media_type].pointer
                applied |= results.keywords.list_applied(pointer, orjson.loads(body))
        validated.update(dict.fromkeys(applied, len(responses)))
        for response, header in product(responses, spec.headers):
            text = response.headers.get(header.name)
            validated.update([f"{header.pointer}/required"] if header.required else ())
            if text is not None and header.schema_pointer:
                value = read_header(text, header)
                validated.update(results.keywords.list_applied(header.schema_pointer, value))
    return validated
