"""The progress of a check on standard error: a live table on a terminal, else plain lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product

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
"""How often the table is drawn per second."""


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
    rows = StageRows(apis, phases)
    board = _Board(title, rows)
    with Live(
        get_renderable=board.make_table,
        console=console,
        refresh_per_second=_REFRESHES,
        # Other output is printed after the table, and not into it.
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        try:
            yield rows.report
        finally:
            board.stop()


def _count_seconds(began: int, ended: int | None) -> float:
    return ((machine_now() if ended is None else ended) - began) / SECOND


class _Lines:
    """Prints a line when a phase begins, and a line with its figures when it ends."""

    def __init__(self, title: str) -> None:
        click.echo(f"{title}:", err=True)
        self._began = 0

    def report(self, event: ProgressEvent, stage: Stage) -> None:
        if event is ProgressEvent.BEGINS:
            self._began = machine_now()
            click.echo(f"{stage.api}: {stage.phase} …", err=True)
        elif event is ProgressEvent.ENDS:
            click.echo(
                f"{stage.api}: {stage.phase}: {stage.requests} requests, {stage.findings} findings "
                f"in {_count_seconds(self._began, None):.1f} seconds",
                err=True,
            )


@dataclass
class StageRow:
    """The row of a phase over an API; `state` is `waits`, `runs`, `done` or `stopped`."""

    api: str
    phase: str
    requests: int = 0
    findings: int = 0
    state: str = "waits"
    began: int = 0
    ended: int | None = None


class StageRows:
    """A row for each phase over each API, changed by the run."""

    def __init__(self, apis: Iterable[str], phases: Iterable[str]) -> None:
        self._rows = {stage: StageRow(*stage) for stage in product(apis, phases)}

    def __iter__(self) -> Iterator[StageRow]:
        return iter(self._rows.values())

    def report(self, event: ProgressEvent, stage: Stage) -> None:
        """Bring the row of a stage up to date."""
        row = self._rows[stage.api, stage.phase]
        row.requests, row.findings = stage.requests, stage.findings
        if event is ProgressEvent.BEGINS:
            row.state, row.began = "runs", machine_now()
        elif event is ProgressEvent.ENDS:
            row.state, row.ended = "done", machine_now()

    def stop(self) -> None:
        """Stop the time of a phase that did not come to its end."""
        for row in self:
            if row.state == "runs":
                row.state, row.ended = "stopped", machine_now()


def _add_up(rows: Iterable[StageRow]) -> tuple[int, int]:
    """The requests and the findings of rows."""
    rows = list(rows)
    return sum(row.requests for row in rows), sum(row.findings for row in rows)


class _Board:
    """The table of the rows, drawn by another thread than that of the run."""

    def __init__(self, title: str, rows: StageRows) -> None:
        self._title = title
        self._rows = rows
        self._began = machine_now()
        self._ended: int | None = None
        self._spinner = Spinner("line", style="cyan")

    def stop(self) -> None:
        """Stop the time of the run."""
        self._ended = machine_now()
        self._rows.stop()

    def make_table(self) -> Table:
        """The table: a row for each phase of the API that is run, one row for each other API.

        At the end it has a row for each phase that was run.
        """
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
        requests, findings = _add_up(self._rows)
        for heading, footer in (
            ("Requests", str(requests)),
            ("a second", ""),
            ("Findings", str(findings)),
            ("Time", f"{_count_seconds(self._began, self._ended):.1f} s"),
        ):
            table.add_column(heading, footer, justify="right")
        for api in dict.fromkeys(row.api for row in self._rows):
            for index, row in enumerate(self._select_rows(api)):
                table.add_row("" if index else api, *self._format_cells(row))
        return table

    def _select_rows(self, api: str) -> Sequence[StageRow]:
        rows = [row for row in self._rows if row.api == api]
        states = {row.state for row in rows}
        is_over = self._ended is not None and states != {"waits"}
        if is_over or "runs" in states or len(states) > 1 or len(rows) == 1:
            return rows
        name, ended = f"{len(rows)} phases", rows[-1].ended
        return [StageRow(api, name, *_add_up(rows), rows[0].state, rows[0].began, ended)]

    def _format_cells(self, row: StageRow) -> Iterator[RenderableType]:
        yield row.phase
        yield self._spinner if row.state == "runs" else Text(row.state, style="dim")
        if row.state == "waits":
            return
        seconds = _count_seconds(row.began, row.ended)
        yield str(row.requests)
        yield f"{row.requests / seconds:.0f}" if seconds else ""
        yield Text(str(row.findings), style="red" if row.findings else "green")
        yield f"{seconds:.1f} s"
