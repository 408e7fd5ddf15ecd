"""`mockserver state`."""

from __future__ import annotations

import json
from typing import Any

import click

from mockserver.cli.command import Command, Group
from mockserver.cli.output import escape, format_count, format_json, format_json_line, format_time
from mockserver.cli.remote import Remote, parse_pairs, pass_remote, read_input
from mockserver.client import Document, Page
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


@state.command(cls=Command, example="mockserver state kinds")
@pass_remote
def kinds(remote: Remote) -> None:
    """List the kinds of documents, and how many there are of each."""
    found = remote.client.state.list_kinds()
    rows = [(it.api, it.kind, it.parent or "", str(it.size)) for it in found]
    headings = ("API", "Kind", "Parent", "Documents")
    remote.print_table({"kinds": [it.json for it in found]}, headings, rows)


@state.command(cls=Command, example="mockserver state show API KIND --where FIELD=VALUE --page 2")
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
    owner: str | None,
    where: dict[str, str],
    page: int,
    per_page: int,
) -> None:
    """List the documents of a kind, or print the document with a key."""
    documents = remote.client.state
    if key is not None:
        _print_document(remote, documents.get(api, kind, key))
        return
    found = documents.list(api, kind, owner=owner, where=where, page=page, per_page=per_page)
    headings = ("Key", "Owner", "At", "Until", "Body")
    rows = [
        (it.key, it.owner, format_time(it.at), format_time(it.until), format_json_line(it.body))
        for it in found.documents
    ]
    remote.print_table(found.json, headings, rows)
    remote.print(_summarise(found))


@state.command(cls=Command, example="""mockserver state put API KIND KEY '{"FIELD": "VALUE"}'""")
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


@state.command(cls=Command, example="""mockserver state patch API KIND KEY '{"FIELD": "VALUE"}'""")
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


@state.command(cls=Command, example="mockserver state delete API KIND KEY --cascade")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.option("--cascade", is_flag=True, help="Delete its children too.")
@pass_remote
def delete(remote: Remote, api: str, kind: str, key: str, cascade: bool) -> None:
    """Delete a document."""
    remote.client.state.delete(api, kind, key, cascade=cascade)
    remote.print(f"The {kind} '{key}' of {api} is deleted.")


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
