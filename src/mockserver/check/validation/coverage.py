"""What a run tested of what a contract says: operations, statuses, parameters, keywords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from mockserver.check.validation.keywords import Keywords
from mockserver.check.validation.results import Results
from mockserver.contract import Operation, Parameter, Response, read_header

__all__ = [
    "AnswerRule",
    "Coverage",
    "ParameterCoverage",
    "RequestRule",
    "StatusCoverage",
    "coverage",
]


@dataclass(frozen=True, slots=True)
class StatusCoverage:
    """How often an operation gave a status: a documented one as it is written, or another."""

    operation: str
    status: str
    is_documented: bool
    seen: int


@dataclass(frozen=True, slots=True)
class ParameterCoverage:
    """How many requests sent a parameter as the contract has it, and how many otherwise.

    A body is a parameter called `body`, whose location is `body`.
    """

    operation: str
    name: str
    location: str
    valid: int
    invalid: int


@dataclass(frozen=True, slots=True)
class RequestRule:
    """A keyword on requests, by its pointer: how many requests kept it, how many broke it.

    Not everything `is_breakable`: whatever stands in a URL is a text.
    """

    rule: str
    kept: int
    broken: int
    is_breakable: bool = True

    @property
    def is_covered(self) -> bool:
        """Whether it was seen both ways, as far as there are two."""
        return bool(self.kept and (self.broken or not self.is_breakable))


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """A keyword on answers, by its pointer: how many answers were held against it."""

    rule: str
    validated: int

    @property
    def is_covered(self) -> bool:
        """Whether there was anything for it to judge."""
        return self.validated > 0


@dataclass(frozen=True)
class Coverage:
    """What a run tested. `invariants` counts the exchanges that each invariant had something to say of."""

    statuses: tuple[StatusCoverage, ...]
    parameters: tuple[ParameterCoverage, ...]
    requests: tuple[RequestRule, ...]
    answers: tuple[AnswerRule, ...]
    invariants: Mapping[str, int]


def coverage(results: Results) -> Coverage:
    """What the exchanges in a results tested.

    Answers are counted as far as they were kept as traffic, which of a very long run is the end.
    """
    operations = results.api.contract.operations
    validated, unbreakable = _validated(results), _unbreakable(results)
    return Coverage(
        statuses=tuple(one for operation in operations for one in _statuses(results, operation)),
        parameters=tuple(
            one for operation in operations for one in _parameters(results, operation)
        ),
        requests=tuple(
            RequestRule(rule, results.kept[rule], results.broken[rule], rule not in unbreakable)
            for rule in _once(results.keywords, operations, _rules_of_requests)
        ),
        answers=tuple(
            AnswerRule(rule, validated[rule])
            for rule in _once(results.keywords, operations, _rules_of_answers)
        ),
        invariants=dict(results.evaluator.met),
    )


def _statuses(results: Results, operation: Operation) -> Iterator[StatusCoverage]:
    seen: Counter[str] = Counter(dict.fromkeys(operation.responses, 0))
    for number, times in sorted(results.statuses(operation.id).items()):
        answer = operation.response(number)
        seen[answer.status if answer else str(number)] += times
    for status, times in seen.items():
        yield StatusCoverage(operation.id, status, status in operation.responses, times)


def _parameters(results: Results, operation: Operation) -> Iterator[ParameterCoverage]:
    places = [(spec.name, spec.location) for spec in operation.parameters]
    if operation.body:
        places.append(("body", "body"))
    for name, location in places:
        valid = results.parameters[operation.id, name, True]
        invalid = results.parameters[operation.id, name, False]
        yield ParameterCoverage(operation.id, name, location, valid, invalid)


_Rules = Callable[[Keywords, Operation], Iterator[str]]


def _once(keywords: Keywords, operations: Iterable[Operation], rules: _Rules) -> list[str]:
    """The rules of all operations, each once: they share what stands in the components."""
    return list(dict.fromkeys(rule for one in operations for rule in rules(keywords, one)))


def _rules_of_requests(keywords: Keywords, operation: Operation) -> Iterator[str]:
    for spec in operation.parameters:
        yield from _rules_of_field(keywords, spec)
    if operation.body:
        yield from [f"{operation.body_pointer}/required"] * operation.is_body_required
        yield f"{operation.body_pointer}/content"
    for media in operation.body.values():
        yield from keywords.of(media.pointer) if media.pointer else ()


def _unbreakable(results: Results) -> set[str]:
    """The rules that no request can break, unless it could in its body too."""
    contract, keywords = results.api.contract, results.keywords
    safe, bodies = set[str](), set[str]()
    for operation in contract.operations:
        for spec in operation.parameters:
            rules = keywords.of(spec.schema_pointer) if spec.schema_pointer else ()
            types = (rule for rule in rules if rule.endswith("/type"))
            safe.update(rule for rule in types if contract.resolve(rule) in ("string", "array"))
            # Without its value, a path is another one.
            safe.update([f"{spec.pointer}/required"] if spec.location == "path" else ())
        for media in operation.body.values():
            bodies.update(keywords.of(media.pointer) if media.pointer else ())
    return safe - bodies


def _rules_of_answers(keywords: Keywords, operation: Operation) -> Iterator[str]:
    for answer in operation.responses.values():
        for header in answer.headers:
            yield from _rules_of_field(keywords, header)
        yield from [f"{answer.pointer}/content"] * bool(answer.content)
        for media in answer.content.values():
            yield from keywords.of(media.pointer) if media.pointer else ()


def _rules_of_field(keywords: Keywords, spec: Parameter) -> Iterator[str]:
    yield from [f"{spec.pointer}/required"] * spec.required
    yield from keywords.of(spec.schema_pointer) if spec.schema_pointer else ()


def _validated(results: Results) -> Counter[str]:
    """How many answers were held against each rule."""
    same: dict[tuple[str, int, str, bytes], list[Response]] = {}
    for _, operation_id, exchange in results.traffic:
        answer = exchange.response
        key = (operation_id, answer.status, answer.media_type, answer.body)
        same.setdefault(key, []).append(answer)
    validated: Counter[str] = Counter()
    for (operation_id, *_), answers in same.items():
        operation = results.api.contract.operation(operation_id)
        # A body that came often is walked through once.
        for rule in _held_by_body(results.keywords, operation, answers[0]):
            validated[rule] += len(answers)
        for answer in answers:
            validated.update(_held_by_headers(results.keywords, operation, answer))
    return validated


def _held_by_body(keywords: Keywords, operation: Operation, answer: Response) -> set[str]:
    spec = operation.response(answer.status)
    if spec is None or not spec.content:
        return set()
    content = {f"{spec.pointer}/content"}
    media = spec.content.get(answer.media_type)
    if media is None or not media.pointer:
        return content
    try:
        return content | keywords.held(media.pointer, orjson.loads(answer.body))
    except orjson.JSONDecodeError:
        return content


def _held_by_headers(keywords: Keywords, operation: Operation, answer: Response) -> set[str]:
    spec = operation.response(answer.status)
    held: set[str] = set()
    for header in spec.headers if spec else ():
        text = answer.headers.get(header.name)
        if header.required:
            held.add(f"{header.pointer}/required")
        if text is not None and header.schema_pointer:
            held |= keywords.held(header.schema_pointer, read_header(text, header))
    return held
