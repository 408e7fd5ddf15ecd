"""The tables in Markdown, and the plot."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from results import Cell, Results, find_ratio

OURS = "Mockserver"
_BEGIN, _END = "<!-- measured -->\n", "<!-- end -->\n"


def make_report(results: Results) -> str:
    """All tables, with the date and the machine."""
    median = statistics.median
    names = list(results.kinds)
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d}, {results.machine}; requests sent by {results.client}; "
        f"medians of {results.rounds} rounds of {results.seconds} s.",
        "Requests a second, of a server on one core, over 8 connections. In brackets: Mockserver's "
        "speed divided by this one's, in the same round.",
        _tabulate("request", names, results.requests, _format_rate),
        "Latency in milliseconds: half of the responses, and 99 of 100, came within.",
        _tabulate("request", names, results.requests, _format_latency),
        "Microseconds of a core for a request, whatever else the machine does meanwhile.",
        _tabulate(
            "request", names, results.requests, lambda cell, _: f"{median(cell.processor):,.0f}"
        ),
        "Requests a second over other numbers of connections.",
        _tabulate("request", names, results.connections, _format_rate),
        "Start and memory. What several processes share is counted once.",
        make_table(
            ["", *names],
            [
                ["what it does", *results.kinds.values()],
                [
                    "seconds to the first response",
                    *(f"{median(results.first_response[it]):.2f}" for it in names),
                ],
                ["MiB when it is idle", *(f"{results.memory_idle[it]:.0f}" for it in names)],
                ["MiB after the load", *(f"{results.memory_after[it]:.0f}" for it in names)],
            ],
        ),
    ]
    if results.workers:
        counts = list(next(iter(results.workers.values())))
        parts += [
            "Requests a second of Mockserver with several workers; what sends the requests shares "
            "the cores. In brackets: compared with one worker.",
            _tabulate("request", counts, results.workers, _format_gain),
            "Their latency in milliseconds, as above.",
            _tabulate("request", counts, results.workers, _format_latency),
        ]
    if results.missing:
        parts += ["Left out: " + "; ".join(f"{it} ({why})" for it, why in results.missing.items())]
    return "\n\n".join(parts) + "\n"


def write_report(results: Results, page: Path | None, plot: Path | None) -> None:
    """Print the tables; write them into a page between its marks, and the plot."""
    report = make_report(results)
    print(report)
    if page:
        write_page(report, page)
    if plot:
        draw(results, plot)


def write_page(report: str, page: Path, begin: str = _BEGIN) -> None:
    """Write tables into a page between its marks; a page may have several that begin otherwise."""
    text = page.read_text(encoding="utf-8")
    head, mark, rest = text.partition(begin)
    assert mark, f"{page} has no line '{begin}'"
    page.write_text(head + mark + "\n" + report + "\n" + _END + rest.partition(_END)[2], "utf-8")


def load_pyplot() -> Any:
    """What draws SVG files; the same figures make the same file."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "the same names in every file"
    matplotlib.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    return pyplot


def draw(results: Results, path: Path) -> None:
    """Bars of requests a second, a panel for each request."""
    pyplot = load_pyplot()
    figure, panels = pyplot.subplots(2, 3, figsize=(11, 5), layout="constrained")
    for panel, (row, cells) in zip(panels.flat, results.requests.items(), strict=True):
        # A server of files does nothing that the others do, and would shorten their bars.
        shown = (name for name in cells if results.kinds[name] != "files")
        measured = {name: cells[name] for name in shown if cells[name].rates}
        rates = [statistics.median(cell.rates) for cell in measured.values()]
        colors = ["#00796b" if name == OURS else "#b0bec5" for name in measured]
        bars = panel.barh(list(measured), rates, color=colors)
        panel.bar_label(bars, [f"{rate:,.0f}" for rate in rates], padding=3, fontsize=8)
        panel.set_title(row, fontsize=10)
        panel.set_xlim(0, max(rates) * 1.25)
        panel.invert_yaxis()
        panel.tick_params(labelsize=8)
        panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle("Requests a second on one core, 8 connections", fontsize=11)
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def _format_rate(cell: Cell, ours: Cell | None) -> str:
    rate = f"{statistics.median(cell.rates):,.0f}"
    return rate if ours in (None, cell) else f"{rate} ({find_ratio(ours, cell):.2f})"


def _format_latency(cell: Cell, _: Cell | None) -> str:
    return f"{statistics.median(cell.p50):.1f} / {statistics.median(cell.p99):.1f}"


def _format_gain(cell: Cell, single: Cell | None) -> str:
    rate = f"{statistics.median(cell.rates):,.0f}"
    return rate if single in (None, cell) else f"{rate} ({find_ratio(cell, single):.2f})"


def _tabulate(
    what: str,
    names: Iterable[str],
    rows: Mapping[str, Mapping[str, Cell]],
    format_cell: Callable[[Cell, Cell | None], str],
) -> str:
    """A table with a row for each request; `format_cell` also gets the first cell of the row."""
    names = list(names)
    lines = []
    for row, cells in rows.items():
        first = cells.get(names[0])
        texts = []
        for name in names:
            cell = cells.get(name)
            if cell is None:
                texts.append("")
            else:
                texts.append(cell.note or format_cell(cell, first))
        lines.append([row, *texts])
    return make_table([what, *names], lines)


def make_table(head: list[str], lines: list[list[str]]) -> str:
    """A table in Markdown, whose numbers stand on the right."""
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *lines])
