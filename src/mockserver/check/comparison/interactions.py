"""A results that remembers each exchange with what was found in it, thread by thread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mockserver.check.validation.finding import Finding
from mockserver.check.validation.observation import Observation
from mockserver.check.validation.results import Results
from mockserver.invariant import Interaction

__all__ = ["Note", "Notebook"]


@dataclass(frozen=True, eq=False)
class Note:
    """One exchange in a phase, and everything that was found in it, by code and rule."""

    phase: str
    seen: Interaction
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    @property
    def status_class(self) -> int:
        """The first digit of the answer's status."""
        return self.seen.status // 100


@dataclass
class Notebook(Results):
    """A results with pages for each exchange; `threads` has those of each phase, in their order.

    `stops` says of a phase why a deployment was not asked to its end. `loose` has what was found in
    a phase, and in no exchange that is noted: a request without an answer, a method of its own.
    """

    threads: defaultdict[str, list[list[Note]]] = field(default_factory=lambda: defaultdict(list))
    stops: dict[str, str] = field(default_factory=dict)
    loose: defaultdict[str, dict[tuple[str, ...], Finding]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _notes: dict[int, Note] = field(default_factory=dict)

    def begin_thread(self) -> None:
        """What is recorded from now on is another thread."""
        self.threads[self.phase].append([])

    def record(self, observation: Observation, before: Sequence[Interaction]) -> None:
        """Take down an exchange, with those before it in the same thread."""
        note = Note(self.phase, observation.seen)
        self._notes[id(observation.seen.exchange)] = note
        if not self.threads[self.phase]:
            self.begin_thread()
        self.threads[self.phase][-1].append(note)
        super().record(observation, before)

    def find(self, finding: Finding) -> None:
        """Take down a finding, and note it at its exchange too."""
        super().find(finding)
        note = self._notes.get(id(finding.exchange))
        if note is not None:
            note.findings.setdefault((finding.code, finding.rule), finding)
        else:
            self.loose[self.phase].setdefault(finding.key, finding)
