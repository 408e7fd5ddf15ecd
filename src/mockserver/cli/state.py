"""`mockserver state`, `ids`, `requests` and `trigger`: what a sandbox has, and its events."""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.output import escape, format_count, format_json, format_time
from mockserver.cli.remote import Columns, Remote, parse_pairs, pass_remote, read_input
from mockserver.client import Document, EventOption, ExampleRequest, Page
from mockserver.errors import ClientError


@click.group(
    cls=Group,
    default="kinds",
    implied="show",
    subcommand_metavar="[API KIND [KEY] | COMMAND [ARGS]...]",
    example="mockserver state",
)
def state() -> None:
    """List, read and write the documents of a sandbox.

    `mockserver state API KIND` is short for `mockserver state show API KIND`.
    """


@state.command(example="mockserver state kinds API KIND")
@click.argument("api", required=False)
@click.argument("kind", required=False)
@pass_remote
def kinds(remote: Remote, api: str | None, kind: str | None) -> None:
    """List the kinds of documents, or print the JSON Schema of one.

    Without API and KIND it says how many documents there are of each kind. With --json, a schema
    comes with the other properties of its kind.
    """
    if api is not None:
        if kind is None:
            raise click.UsageError("Name a kind of the API too; `mockserver state` lists them.")
        described = remote.client.state.get_kind(api, kind)
        remote.print(format_json(described.schema), described.json)
        return
    found = remote.client.state.list_kinds()
    columns = {"API": "api", "Kind": "kind", "Parent": "parent", "Documents": "size"}
    remote.print_table({"kinds": [it.json for it in found]}, found, columns)


@state.command(example="mockserver state show API KIND --where FIELD=VALUE --page 2")
@click.argument("api")
@click.argument("kind")
@click.argument("key", required=False)
@click.option("--owner", metavar="KEY", help="Only the children of the document with this key.")
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE",
    callback=parse_pairs,
    help="Only documents with this value in this field; can be given several times.",
)
@click.option("--search", metavar="TEXT", help="Only documents with this text in key or body.")
@click.option("--since", metavar="MOMENT", help="Only documents of this moment or later ones.")
@click.option("--before", metavar="MOMENT", help="Only documents that begin before this moment.")
@click.option(
    "--sort",
    metavar="[-]FIELD",
    help="Order by key, owner, at, until or a field such as /status; a `-` reverses the order.",
)
@click.option(
    "--page", type=int, default=1, show_default=True, metavar="NUMBER", help="The page to print."
)
@click.option(
    "--per-page",
    type=int,
    default=50,
    show_default=True,
    metavar="NUMBER",
    help="How many documents a page has.",
)
@pass_remote
def show(
    remote: Remote,
    api: str,
    kind: str,
    key: str | None,
    **filters: Any,
) -> None:
    """List the documents of a kind, or print the document with a key."""
    documents = remote.client.state
    if key is not None:
        _print_document(remote, documents.get(api, kind, key))
        return
    found = documents.list(api, kind, **filters)
    columns = {name.capitalize(): name for name in ("key", "owner", "at", "until", "body")}
    remote.print_table(found.json, found.documents, columns)
    remote.print(_summarise(found))


@state.command(example="""mockserver state add API KIND '{"FIELD": "VALUE"}'""")
@click.argument("api")
@click.argument("kind")
@click.argument("body", metavar="JSON|-")
@pass_remote
def add(remote: Remote, api: str, kind: str, body: str) -> None:
    """Add a document; its key is in its body, or the server assigns it.

    Its body is JSON, or JSON from stdin for `-`.
    """
    _print_document(remote, remote.client.state.create(api, kind, _parse_json(body)))


@state.command(example="""mockserver state put API KIND KEY '{"FIELD": "VALUE"}'""")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.argument("body", metavar="JSON|-")
@pass_remote
def put(remote: Remote, api: str, kind: str, key: str, body: str) -> None:
    """Create or replace a document.

    Its body is JSON, or JSON from stdin for `-`.
    """
    _print_document(remote, remote.client.state.put(api, kind, key, _parse_json(body)))


@state.command(example="""mockserver state patch API KIND KEY '{"FIELD": "VALUE"}'""")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.argument("changes", metavar="JSON|-")
@pass_remote
def patch(remote: Remote, api: str, kind: str, key: str, changes: str) -> None:
    """Change some fields of a document; null removes a field.

    The changes are JSON, or JSON from stdin for `-`.
    """
    _print_document(remote, remote.client.state.patch(api, kind, key, _parse_json(changes)))


@state.command(example="mockserver state delete API KIND KEY --cascade")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.option("--cascade", is_flag=True, help="Delete its children too.")
@pass_remote
def delete(remote: Remote, api: str, kind: str, key: str, cascade: bool) -> None:
    """Delete a document."""
    remote.client.state.delete(api, kind, key, cascade=cascade)
    remote.print(f"The {kind} '{key}' of {api} is deleted.")


@click.command(cls=Command, example="mockserver ids API")
@click.argument("api", required=False)
@click.argument("kind", required=False)
@click.option(
    "--limit",
    type=int,
    default=3,
    show_default=True,
    metavar="NUMBER",
    help="How many ids to list of each use.",
)
@pass_remote
def ids(remote: Remote, api: str | None, kind: str | None, limit: int) -> None:
    """List ids of a sandbox, and what each is good for.

    So you find a session in each status, or an agent with hours in the last week.
    """
    found = remote.client.list_ids(api, kind, limit=limit)
    columns: Columns = {
        "API": "api",
        "Kind": "kind",
        "Good for": "use",
        "Id": "key",
        "Owner": "owner",
        "Name": "name",
    }
    remote.print_table({"ids": [it.json for it in found]}, found, columns)


@click.command(cls=Command, example="mockserver requests API")
@click.argument("api", required=False)
@pass_remote
def requests(remote: Remote, api: str | None) -> None:
    """Print a request to try for each operation, as curl.

    It has the examples of the contract, and a credential that the sandbox accepts.
    """
    client = remote.client
    sandbox = f"/__sandbox__/{quote(client.sandbox)}" if client.sandbox else ""
    found = client.list_requests(api)
    lines = [
        f"# {it.api} {request.operation}\n{_format_curl(request, client.url + sandbox)}"
        for it in found
        for request in it.requests
    ]
    remote.print("\n\n".join(lines), {"apis": [it.json for it in found]})


def _format_curl(request: ExampleRequest, url: str) -> str:
    words = ["curl", "-i", "-X", request.method, url + request.target]
    for name, value in request.headers:
        words += ["-H", f"{name}: {value}"]
    if request.body:
        words += ["--data-raw", request.body]
    return shlex.join(words)


def _summarise(page: Page) -> str:
    first = (page.page - 1) * page.per_page + 1
    last = first + len(page.documents) - 1
    if len(page.documents) == page.total:
        return f"{format_count(page.total)}."
    if last < first:
        return f"Page {page.page} of {format_count(page.total)} is empty."
    more = f" --page {page.page + 1} prints more." if last < page.total else ""
    return f"{first} to {last} of {format_count(page.total)}.{more}"


def _print_document(remote: Remote, it: Document) -> None:
    times = ((" at ", it.at), (" until ", it.until))
    when = "".join(word + format_time(value) for word, value in times if value)
    owner = f" of {it.owner}" if it.owner else ""
    name = escape(f"{it.api} {it.kind} {it.key}{owner}")
    remote.print(f"{name}{when}\n{format_json(it.body)}", it.json)


def _parse_json(text: str) -> Any:
    try:
        return json.loads(read_input("-") if text == "-" else text)
    except (ValueError, RecursionError) as error:
        raise ClientError(f"That is not JSON: {error}.") from None


@click.command(cls=Command, example="mockserver trigger")
@click.argument("name", required=False)
@click.argument("options", nargs=-1, metavar="[OPTION=VALUE]...", callback=parse_pairs)
@click.option(
    "--at",
    metavar="MOMENT",
    help="When the event happens; without it, at the present moment of the clock.",
)
@pass_remote
def trigger(remote: Remote, name: str | None, options: dict[str, str], at: str | None) -> None:
    """List the events, or trigger one.

    An event changes the documents of a sandbox as the vendor's own system does.
    """
    if name is None:
        events = remote.client.list_events()
        columns: Columns = {
            "Event": "name",
            "Options": lambda event: " ".join(map(_format_usage, event.options)),
            "Description": "description",
        }
        remote.print_table({"events": [it.json for it in events]}, events, columns)
        return
    triggered = remote.client.trigger_with(name, _convert(remote, name, options), at)
    remote.print(
        f"'{triggered.event}' is triggered at {format_time(triggered.at)}.", triggered.json
    )


def _format_usage(option: EventOption) -> str:
    usage = f"{option.name}={option.type.upper()}"
    return usage if option.required else f"[{usage}]"


def _convert(remote: Remote, name: str, options: dict[str, str]) -> dict[str, Any]:
    """The values in the types that the server's list has, for the server to validate."""
    events = remote.client.list_events() if options else ()
    types = {option.name: option.type for it in events if it.name == name for option in it.options}
    values: dict[str, Any] = dict(options)
    for option, text in options.items():
        if types.get(option, "string") != "string":
            with suppress(ValueError, RecursionError):
                values[option] = json.loads(text, parse_constant=str)
    return values
