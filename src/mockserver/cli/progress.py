"""The progress of a check on standard error: a live table on a terminal, else plain lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import click
from rich import box
from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from mockserver.check.runner import Progress, ProgressEvent, Stage
from mockserver.clock import SECOND, machine_now
from mockserver.settings import variable

_REFRESHES = 8
"""How often the table is drawn in a second."""


@contextmanager
def show_progress(
    title: str, apis: Iterable[str], phases: Iterable[str], *, is_plain: bool
) -> Iterator[Progress]:
    """Show the progress of a run of phases over APIs until the end of the block.

    Lines are plain too where standard error is no terminal, and where the environment has `CI`.
    """
    console = Console(stderr=True, highlight=False)
    if is_plain or variable("CI") or not sys.stderr.isatty() or console.is_dumb_terminal:
        yield _Lines(title).report
        return
    board = _Board(title, [_Row(api, phase) for api in apis for phase in phases])
    with Live(
        get_renderable=board.table,
        console=console,
        refresh_per_second=_REFRESHES,
        # Other output is printed after the table, and not into it.
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        try:
            yield board.report
        finally:
            board.stop()


@dataclass
class _Timer:
    """A stopwatch; `seconds` is the time until it was stopped, or until now."""

    began: int = field(default_factory=lambda: machine_now())
    ended: int | None = None

    @property
    def seconds(self) -> float:
        return ((machine_now() if self.ended is None else self.ended) - self.began) / SECOND

    def stop(self) -> None:
        if self.ended is None:
            self.ended = machine_now()


class _Lines:
    """Prints a line when a phase begins, and a line with its figures when it ends."""

    def __init__(self, title: str) -> None:
        click.echo(f"{title}:", err=True)
        self._timer = _Timer()

    def report(self, event: ProgressEvent, stage: Stage) -> None:
        if event is ProgressEvent.BEGINS:
            self._timer = _Timer()
            click.echo(f"{stage.api}: {stage.phase} …", err=True)
        elif event is ProgressEvent.ENDS:
            seconds = self._timer.seconds
            click.echo(
                f"{stage.api}: {stage.phase}: {stage.requests} requests, {stage.findings} findings "
                f"in {seconds:.1f} seconds",
                err=True,
            )


@dataclass
class _Row:
    """The row of a phase over an API; without a timer it waits."""

    api: str
    phase: str
    requests: int = 0
    findings: int = 0
    timer: _Timer | None = None
    is_done: bool = False

    @property
    def state(self) -> str:
        """One of `waits`, `runs`, `done` and `stopped`."""
        if self.timer is None:
            return "waits"
        if self.timer.ended is None:
            return "runs"
        return "done" if self.is_done else "stopped"


class _Board:
    """The rows of the table, changed by the run and drawn by another thread."""

    def __init__(self, title: str, rows: Sequence[_Row]) -> None:
        self._title = title
        self._rows = rows
        self._whole = _Timer()
        self._spinner = Spinner("line", style="cyan")

    def report(self, event: ProgressEvent, stage: Stage) -> None:
        for row in self._rows:
            if (row.api, row.phase) == (stage.api, stage.phase):
                _update(row, event, stage)

    def stop(self) -> None:
        """Stop the timers, whether the phases came to their end or not."""
        self._whole.stop()
        for row in self._rows:
            if row.timer is not None:
                row.timer.stop()

    def table(self) -> Table:
        """The table: a row for each phase of the API that is run, one row for each other API.

        At the end it has a row for each phase that was run.
        """
        selected: list[_Row] = []
        for api in dict.fromkeys(row.api for row in self._rows):
            rows = [row for row in self._rows if row.api == api]
            states = {row.state for row in rows}
            is_over = self._whole.ended is not None and states != {"waits"}
            is_split = is_over or "runs" in states or len(states) > 1
            selected += rows if is_split else [_merge(rows)]
        return self._make_table(selected)

    def _make_table(self, rows: Sequence[_Row]) -> Table:
        whole = f"{self._whole.seconds:.1f} s"
        table = Table(
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            show_footer=True,
            title=self._title,
            title_justify="left",
            title_style="bold",
        )
        table.add_column("API", "All")
        table.add_column("Phase", "")
        table.add_column("", "")
        for heading, footer in (
            ("Requests", str(sum(row.requests for row in self._rows))),
            ("a second", ""),
            ("Findings", str(sum(row.findings for row in self._rows))),
            ("Time", whole),
        ):
            table.add_column(heading, footer, justify="right")
        above = ""
        for row in rows:
            table.add_row(row.api if row.api != above else "", *self._format_cells(row))
            above = row.api
        return table

    def _format_cells(self, row: _Row) -> Iterator[RenderableType]:
        seconds = row.timer.seconds if row.timer else 0.0
        yield row.phase
        yield self._spinner if row.state == "runs" else Text(row.state, style="dim")
        if row.timer is None:
            return
        yield str(row.requests)
        yield f"{row.requests / seconds:.0f}" if seconds else ""
        yield Text(str(row.findings), style="red" if row.findings else "green")
        yield f"{seconds:.1f} s"


def _update(row: _Row, event: ProgressEvent, stage: Stage) -> None:
    if event is ProgressEvent.BEGINS:
        row.timer = _Timer()
    elif event is ProgressEvent.ENDS and row.timer:
        row.timer.stop()
        row.is_done = True
    row.requests, row.findings = stage.requests, stage.findings


def _merge(rows: Sequence[_Row]) -> _Row:
    """One row for the phases of an API, which all wait or are all done."""
    timers = [row.timer for row in rows if row.timer]
    return _Row(
        api=rows[0].api,
        phase=f"{len(rows)} phases" if len(rows) > 1 else rows[0].phase,
        requests=sum(row.requests for row in rows),
        findings=sum(row.findings for row in rows),
        timer=_Timer(timers[0].began, timers[-1].ended) if timers else None,
        is_done=all(row.is_done for row in rows),
    )
