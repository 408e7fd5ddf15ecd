"""The contexts of two deployments: what may be sent to one is what may be sent to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import HttpCaller
from mockserver.check.http.connection import Connection
from mockserver.check.http.mock import Mock, find_mock
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Source
from mockserver.check.validation.observation import Observation
from mockserver.check.validation.results import Results
from mockserver.contract import Operation
from mockserver.invariant import Interaction


@dataclass(frozen=True, eq=False)
class ComparedInteraction:
    """One interaction in a phase, and its findings by code and source."""

    phase: str
    interaction: Interaction
    findings: dict[tuple[str, Source], Finding] = field(default_factory=dict)

    @property
    def status_class(self) -> int:
        """The first digit of the response's status."""
        return self.interaction.status // 100


@dataclass
class ComparisonResults(Results):
    """Results that keep the interactions of each phase by sequence, in their order.

    `stops` says of a phase why it ended early. `unpaired_findings` are those of a phase that belong
    to no interaction: a request without a response, a method that no operation has.
    """

    sequences: defaultdict[str, list[list[ComparedInteraction]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stops: dict[str, str] = field(default_factory=dict)
    unpaired_findings: defaultdict[str, dict[tuple[str, ...], Finding]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _by_exchange: dict[int, ComparedInteraction] = field(default_factory=dict)

    def begin_sequence(self) -> None:
        """Begin a sequence: interactions that are recorded now are in it."""
        self.sequences[self.phase].append([])

    def record(self, observation: Observation, before: Sequence[Interaction]) -> None:
        """Add an interaction, with those before it in the same sequence."""
        compared = ComparedInteraction(self.phase, observation.interaction)
        self._by_exchange[id(observation.interaction.exchange)] = compared
        if not self.sequences[self.phase]:
            self.begin_sequence()
        self.sequences[self.phase][-1].append(compared)
        super().record(observation, before)

    def report_missing_response(self, sentence: str, _: Operation | None = None) -> None:
        """Say why the phase ended early."""
        self.stops[self.phase] = sentence

    def add_finding(self, finding: Finding) -> None:
        """Add a finding, to its interaction too."""
        super().add_finding(finding)
        compared = self._by_exchange.get(id(finding.exchange))
        if compared is not None:
            compared.findings.setdefault((finding.code, finding.source), finding)
        else:
            self.unpaired_findings[self.phase].setdefault(finding.key, finding)


@dataclass(frozen=True)
class Deployment:
    """A target with a connection; `mock` is its control API, where it is a mock."""

    target: Target
    connection: Connection
    mock: Mock | None

    @property
    def may_write(self) -> bool:
        """Whether it may be sent unsafe methods."""
        return self.mock is not None or self.target.allow_writes

    def ids(self, api: str) -> Mapping[str, str]:
        """The ids of an API that it names."""
        of_mock = read_cases(api).mock_ids if self.mock else {}
        return {**of_mock, **self.target.ids.get(api, {})}


@dataclass
class ComparisonContext(CheckContext):
    """The context of one of two deployments; `is_writing` says whether both may be written to."""

    results: ComparisonResults
    is_writing: bool = False

    @property
    def may_write(self) -> bool:
        """Whether unsafe methods may be sent: only where the other one may be sent them too."""
        return self.is_writing

    @contextmanager
    def sequence(self, world: str = "default") -> Iterator[HttpCaller]:
        """A sequence of requests, which the results keep together."""
        self.results.begin_sequence()
        with super().sequence(world) as call:
            yield call


@contextmanager
def connect(target: Target) -> Iterator[Deployment]:
    """Connect to a target, for as long as requests are sent to it."""
    mock = find_mock(target)
    try:
        with closing(Connection(target)) as connection:
            yield Deployment(target, connection, mock)
    finally:
        if mock:
            mock.close()


def make_contexts(
    a: Deployment, b: Deployment, api: Api, *, seed: int = 0, is_quick: bool = False
) -> tuple[ComparisonContext, ComparisonContext]:
    """Both contexts of an API: an id is used where both have one of that name, each its own."""
    ids = a.ids(api.name), b.ids(api.name)
    one, other = (
        ComparisonContext(
            target=deployment.target,
            api=api,
            connection=deployment.connection,
            results=ComparisonResults(api),
            ids={name: value for name, value in own.items() if all(name in both for both in ids)},
            mock=deployment.mock,
            seed=seed,
            is_quick=is_quick,
            is_writing=a.may_write and b.may_write,
        )
        for deployment, own in zip((a, b), ids, strict=True)
    )
    return one, other
