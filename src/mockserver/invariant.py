"""Invariants: what holds between requests and responses beyond the schema, in any deployment.

The same invariants apply to the mock, a real deployment, and recorded traffic: an invariant looks
at one exchange and at those before it, and never sends anything. Workflows do that: short sequences
of requests that the invariants are evaluated on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from msgspec import Struct

from mockserver.contract import EVIDENCE, Exchange, Operation, Violation


@dataclass(frozen=True, eq=False)
class Interaction:
    """An exchange with one operation, read by the contract; equal to itself alone.

    `arguments` has the parameters that were sent and conform, defaults filled in, and `body` where
    there was one. `response_body` is the body of the response as JSON, or None. `moment` is when
    the response came, by the deployment's own clock as far as it is known, in microseconds since
    the epoch. `is_admitted` says whether the credential that was sent was meant to be accepted.
    """

    operation: Operation
    exchange: Exchange
    arguments: Mapping[str, Any] = field(default_factory=dict)
    request_violations: Sequence[Violation] = ()
    response_violations: Sequence[Violation] = ()
    response_body: Any = None
    moment: int = 0
    is_admitted: bool = True

    @property
    def is_valid(self) -> bool:
        """Whether the whole request conforms."""
        return not self.request_violations

    @property
    def status(self) -> int:
        """The HTTP status of the response."""
        return self.exchange.response.status

    @property
    def is_success(self) -> bool:
        """Whether it is the response of success, with a body of JSON where one is documented."""
        documented = self.operation.response(self.status)
        is_empty = documented is not None and not documented.content
        return self.status == self.operation.success and (
            is_empty or self.response_body is not None
        )


Reads = Callable[[Interaction, Sequence[Interaction]], Any]
"""Parses an exchange, and those before it, into what an invariant is about; None without any."""

_MOST_SENTENCES = 5
"""The first few of what may be thousands of violations, which would tell no more."""


class Invariant(Struct, frozen=True):
    """A rule beyond the schema.

    `reads` parses an exchange, and those before it, the oldest first, into what the rule is about;
    `find_violations` gets that value and yields what is wrong with it, a sentence each.
    """

    name: str
    sentence: str
    evidence: str
    operations: tuple[str, ...]
    reads: Reads
    find_violations: Callable[[Any], Iterable[str]]
    note: str = ""

    def evaluate(self, now: Interaction, before: Sequence[Interaction]) -> list[str] | None:
        """What is wrong, a sentence each; None where the exchange says nothing about it."""
        value = self.reads(now, before)
        if value is None:
            return None
        return list(dict.fromkeys(islice(self.find_violations(value), _MOST_SENTENCES)))


def invariant(
    *operations: str, evidence: str, note: str = "", reads: Reads
) -> Callable[[Callable[[Any], Iterable[str]]], Invariant]:
    """Make an invariant of a function; its first line is the sentence, its name the name.

    `operations` are the ids of those whose responses it validates; `note` says in one sentence why
    it is believed, where the evidence alone does not. The function gets the value that `reads` has
    parsed, is not called where there is none, and yields what is wrong, a sentence each:

        @invariant("listItems", evidence="documented", reads=read_page)
        def page_is_not_too_long(page: Page) -> Iterator[str]:
            '''A page has at most 50 rows.'''
            if len(page.rows) > 50:
                yield f"it has {len(page.rows)}"
    """
    if evidence not in EVIDENCE:
        raise ValueError(f"'{evidence}' is no evidence; one of {', '.join(EVIDENCE)} is")

    def decorate(function: Callable[[Any], Iterable[str]]) -> Invariant:
        name, sentence = describe_function(function)
        return Invariant(name, sentence, evidence, operations, reads, function, note)

    return decorate


class Caller(Protocol):
    """Sends one request of a sequence and gives the interaction."""

    @property
    def now(self) -> int:
        """The deployment's present moment, as far as it is known, in microseconds."""

    def __call__(self, operation: str, /, **arguments: Any) -> Interaction:
        """Call an operation; `body` is the request's body, other names are parameters."""

    def call_unauthenticated(self, operation: str, /, **arguments: Any) -> Interaction:
        """Call an operation without a credential."""


class Workflow(Struct, frozen=True):
    """A short sequence of requests, validated as a whole.

    `needs` names the ids of the target without which it is skipped; `writes` says that it changes
    something; `world` is the scenario that it is run in where the deployment is a mock. It is not
    run without one of its `operations`; a call of another one that is excluded ends it.
    """

    name: str
    sentence: str
    run: Callable[[Caller, Mapping[str, str]], None]
    needs: tuple[str, ...] = ()
    writes: bool = False
    world: str = "default"
    operations: tuple[str, ...] = ()


def workflow(
    *needs: str, writes: bool = False, world: str = "default", operations: tuple[str, ...] = ()
) -> Callable[[Callable[[Caller, Mapping[str, str]], None]], Workflow]:
    """Make a workflow of a function of `(call, ids)`; its first line is its sentence."""

    def decorate(run: Callable[[Caller, Mapping[str, str]], None]) -> Workflow:
        name, sentence = describe_function(run)
        return Workflow(name, sentence, run, needs, writes, world, operations)

    return decorate


def describe_function(function: Callable[..., Any]) -> tuple[str, str]:
    """The name that is made of a function's name, and the first line of its docstring."""
    name: str = function.__name__
    return name.replace("_", "-"), (inspect.getdoc(function) or "").partition("\n")[0]
