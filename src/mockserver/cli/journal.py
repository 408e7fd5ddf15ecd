"""`mockserver journal`: what clients sent to the APIs, what they got, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mockserver.cli.command import Group
from mockserver.cli.output import format_json_line, format_time, isolate_direction
from mockserver.cli.remote import Remote, parse_pairs, pass_remote
from mockserver.client import Explanation, JournalEntry, JournalMessage
from mockserver.errors import ClientError


@click.group(
    cls=Group,
    default="list",
    subcommand_metavar="[COMMAND [ARGS]...]",
    example="mockserver journal --violations",
)
def journal() -> None:
    """List what clients sent and got, explain it, verify calls.

    `mockserver journal` is short for `mockserver journal list`.
    """


@journal.command(name="list", example="mockserver journal list --status 4XX")
@click.option("--operation", metavar="ID", help="Only this operation: an operationId, or API.ID.")
@click.option("--status", metavar="STATUS", help="Only this status, such as 404 or 4XX.")
@click.option(
    "--violations/--no-violations",
    default=None,
    help="Only exchanges that violate the contract, or only those that do not.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000),
    default=100,
    show_default=True,
    metavar="N",
    help="How many of the newest exchanges to list.",
)
@click.option("--follow", "-f", is_flag=True, help="Print exchanges as they come, until Ctrl-C.")
@click.option("--har", metavar="FILE", help="Write the exchanges as HAR 1.2 to this file.")
@pass_remote
def list_journal(remote: Remote, limit: int, follow: bool, har: str | None, **filters: Any) -> None:
    """List the newest exchanges, the oldest of them first.

    Each line has the id, the moment, the status, the request, and below it what violates the
    contract.
    """
    page = remote.client.journal.read(limit=limit, **filters)
    if not page.kept:
        raise ClientError("The server keeps no journal; start it without '--journal 0'.")
    if har is not None:
        _write_har(remote, har, page.entries)
        return
    if remote.is_json and not follow:
        remote.print("", page.json)
        return
    _print_entries(remote, page.entries)
    if not page.entries and not follow:
        is_filtered = any(value is not None for value in filters.values())
        condition = " to which this applies" if is_filtered else ""
        click.echo(f"The journal of the sandbox has no exchange{condition}.", err=True)
    if follow:
        after = page.entries[-1].id if page.entries else None
        for entry in remote.client.journal.follow(after=after, **filters):
            _print_entries(remote, [entry])


@journal.command(example="mockserver journal show 1-12")
@click.argument("id")
@pass_remote
def show(remote: Remote, id: str) -> None:
    """Print one exchange, with its headers and bodies."""
    entry = remote.client.journal.get(id)
    lines = [*_format_entry(entry), "", *_format_message(entry.request), ""]
    lines += [f"{entry.status or 'No response'}", *_format_message(entry.response)]
    remote.print("\n".join(lines), entry.json)


@journal.command(example="mockserver journal why 1-12")
@click.argument("id", required=False)
@pass_remote
def why(remote: Remote, id: str | None) -> None:
    """Explain why an exchange was no success.

    Without an id, it is the last one that was none.
    """
    if id is None:
        failed = [it for it in remote.client.journal.list(limit=1_000) if _is_failure(it)]
        if not failed:
            raise ClientError("All exchanges in the journal of the sandbox were a success.")
        id = failed[-1].id
    explanation = remote.client.journal.explain(id)
    remote.print("\n".join(_format_explanation(explanation)), explanation.json)


@journal.command(example="mockserver journal record from-app.yaml 1-12")
@click.argument("output", metavar="OUTPUT", type=click.Path(path_type=Path))
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--keep",
    "keeps_personal_data",
    is_flag=True,
    help="Keep personal data; without it, names, addresses and the like are replaced.",
)
@pass_remote
def record(
    remote: Remote, output: Path, ids: tuple[str, ...], *, keeps_personal_data: bool
) -> None:
    """Make a scenario of exchanges: of those with these ids, or of all.

    OUTPUT is the file of the scenario, which ends with .yaml and does not exist yet.
    """
    if output.suffix not in (".yaml", ".yml"):
        raise ClientError(f"'{output}' is no name of a scenario; let it end with .yaml.")
    made = remote.client.journal.record(
        output.stem, ids=ids or None, keep_personal_data=keeps_personal_data
    )
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(made.text)
    except FileExistsError:
        sentence = f"'{output}' exists, and may have been edited; name another file."
        raise ClientError(sentence) from None
    except OSError as error:
        raise ClientError(f"'{output}' cannot be written: {error.strerror}.") from None
    count = "1 exchange" if made.exchanges == 1 else f"{made.exchanges} exchanges"
    lines = [f"{count} became '{output}'; mockserver load {output} loads it."]
    lines += [f"  not used: {reason}: {number}" for reason, number in made.not_used.items()]
    lines += [f"  {sentence}" for sentence in made.notes]
    remote.print("\n".join(lines), made.json)


@journal.command(example="mockserver journal clear")
@pass_remote
def clear(remote: Remote) -> None:
    """Delete the journal of a sandbox; its world stays."""
    remote.client.journal.clear()
    remote.print("The journal is empty.")


@journal.command(example="mockserver journal verify createSessionLog --times 1")
@click.argument("operation", required=False)
@click.option("--method", metavar="METHOD", help="The method.")
@click.option(
    "--path", metavar="PATTERN", help="The path; * is part of a segment, ** any segments."
)
@click.option(
    "--query",
    multiple=True,
    metavar="NAME=VALUE",
    callback=parse_pairs,
    help="A parameter of the query; can be given several times.",
)
@click.option(
    "--header",
    multiple=True,
    metavar="NAME=VALUE",
    callback=parse_pairs,
    help="A header field; can be given several times.",
)
@click.option("--body", metavar="JSON", help="What the JSON of the request has at least.")
@click.option("--status", metavar="STATUS", help="The status, such as 200 or 2XX.")
@click.option("--times", type=click.IntRange(0), metavar="N", help="Exactly so often.")
@click.option("--at-least", type=click.IntRange(0), metavar="N", help="At least so often [1].")
@click.option("--at-most", type=click.IntRange(0), metavar="N", help="At most so often.")
@pass_remote
def verify(
    remote: Remote,
    operation: str | None,
    body: str | None,
    query: dict[str, str],
    header: dict[str, str],
    **expected: Any,
) -> None:
    """Verify that an operation was called.

    If it was not, the exit code is 1, and the nearest exchanges are printed with how they differ.
    """
    given = {name: value for name, value in expected.items() if value is not None}
    if body is not None:
        given["body"] = _parse_body(body)
    verification = remote.client.journal.verify(operation, query=query, headers=header, **given)
    remote.print(verification.message, verification.json)
    click.get_current_context().exit(0 if verification.verified else 1)


def _parse_body(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ClientError(f"--body: '{text}' is not JSON: {error}.") from None


def _is_failure(entry: JournalEntry) -> bool:
    return entry.status >= 400 or not entry.status


def _print_entries(remote: Remote, entries: Iterable[JournalEntry]) -> None:
    for entry in entries:
        remote.print("\n".join(_format_entry(entry)))
        if remote.is_json:
            click.echo(format_json_line(entry.json))


def _format_entry(entry: JournalEntry) -> list[str]:
    status = entry.status or "---"
    took = f"{entry.duration:.1f} ms"
    fault = f"  fault {entry.fault}" if entry.fault else ""
    target = isolate_direction(entry.target)
    first = f"{entry.id}  {format_time(entry.at)}  {status}  {entry.method} {target}  {took}{fault}"
    return [first, *(f"    {it.location}: {it.message}" for it in entry.violations)]


def _format_message(message: JournalMessage) -> list[str]:
    lines = [f"{name}: {value}" for name, value in message.headers]
    if not message.size:
        return lines
    notes = ["in base64"] if message.is_base64 else []
    notes += [f"the beginning of {message.size} bytes"] if message.is_truncated else []
    note = [f"({', '.join(notes)})"] if notes else []
    return [*lines, "", message.body, *note]


def _format_explanation(explanation: Explanation) -> list[str]:
    operation = f" ({explanation.operation})" if explanation.operation else ""
    status = explanation.status or "no response"
    lines = [f"{explanation.id}  {explanation.method} {explanation.target}  {status}{operation}"]
    lines += [f"  {sentence}" for sentence in explanation.sentences]
    if explanation.nearest:
        lines.append("  The nearest operations:")
    for near in explanation.nearest:
        lines.append(f"    {near.method} {near.path} ({near.operation})")
        lines += [f"        {difference}" for difference in near.differences]
    return lines


def _write_har(remote: Remote, file: str, entries: Iterable[JournalEntry]) -> None:
    from mockserver.client.har import write_har

    found = list(entries)
    try:
        Path(file).write_bytes(write_har(found, remote.client.url))
    except OSError as error:
        raise ClientError(f"'{file}' cannot be written: {error.strerror}.") from None
    number = "1 exchange is" if len(found) == 1 else f"{len(found)} exchanges are"
    remote.print(f"{number} in '{file}'.")
