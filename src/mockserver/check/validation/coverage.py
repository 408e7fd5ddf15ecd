"""What a run tested of what a contract says: operations, statuses, parameters, keywords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

from mockserver.check.validation.keywords import Keywords
from mockserver.check.validation.results import Results
from mockserver.contract import Operation, Parameter


class StatusCoverage(Struct, frozen=True):
    """How often an operation returned a status, documented or not."""

    operation: str
    status: str
    is_documented: bool
    seen: int


class ParameterCoverage(Struct, frozen=True):
    """How many requests sent a parameter that conforms, and how many one that does not.

    A body is a parameter called `body`, whose location is `body`.
    """

    operation: str
    name: str
    location: str
    valid: int
    invalid: int


class RequestRule(Struct, frozen=True):
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


class Coverage(Struct, frozen=True):
    """What a run tested.

    `responses` counts those that each keyword on responses applied to, by its pointer, `invariants`
    the interactions that each invariant applied to.
    """

    statuses: tuple[StatusCoverage, ...]
    parameters: tuple[ParameterCoverage, ...]
    requests: tuple[RequestRule, ...]
    responses: Mapping[str, int]
    invariants: Mapping[str, int]


def measure_coverage(results: Results) -> Coverage:
    """Measure what a run tested."""
    contract, keywords = results.api.contract, results.keywords
    statuses, parameters = list[StatusCoverage](), list[ParameterCoverage]()
    # Each rule once: operations share components.
    of_requests, of_responses = dict[str, None](), dict[str, None]()
    of_bodies, inviolable = set[str](), set[str]()
    for operation in results.operations:
        statuses += _count_statuses(results, operation)
        parameters += _count_parameters(keywords, operation)
        for spec in operation.parameters:
            of_requests |= dict.fromkeys(_list_field_rules(keywords, spec))
            # Without its value, it is another path.
            inviolable |= {f"{spec.pointer}/required"} if spec.location == "path" else set()
        of_body = dict.fromkeys(_list_body_rules(keywords, operation))
        of_requests |= of_body
        of_bodies.update(of_body)
        of_responses |= dict.fromkeys(_list_response_rules(keywords, operation))
    types = (rule for rule in of_requests if rule.endswith("/type"))
    inviolable.update(rule for rule in types if contract.resolve(rule) in ("string", "array"))
    return Coverage(
        statuses=tuple(statuses),
        parameters=tuple(parameters),
        requests=tuple(
            RequestRule(
                rule,
                keywords.satisfied[rule],
                keywords.violated[rule],
                # A rule of a body can be violated there.
                can_be_violated=rule in of_bodies or rule not in inviolable,
            )
            for rule in of_requests
        ),
        responses={rule: keywords.validated[rule] for rule in of_responses},
        invariants=dict(results.met),
    )


def _count_statuses(results: Results, operation: Operation) -> Iterator[StatusCoverage]:
    seen: Counter[str] = Counter(dict.fromkeys(operation.responses, 0))
    for number, times in sorted(results.statuses(operation.id).items()):
        response = operation.response(number)
        seen[response.status if response else str(number)] += times
    for status, times in seen.items():
        yield StatusCoverage(operation.id, status, status in operation.responses, times)


def _count_parameters(keywords: Keywords, operation: Operation) -> Iterator[ParameterCoverage]:
    places = [(spec.name, spec.location) for spec in operation.parameters]
    if operation.body:
        places.append(("body", "body"))
    for name, location in places:
        valid, invalid = (
            keywords.parameters[operation.id, name, is_valid] for is_valid in (True, False)
        )
        yield ParameterCoverage(operation.id, name, location, valid, invalid)


def _list_body_rules(keywords: Keywords, operation: Operation) -> Iterator[str]:
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
