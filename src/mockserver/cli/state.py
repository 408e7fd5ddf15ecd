"""`mockserver state`: the documents of a world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import phrases
from mockserver.cli.command import Command, Group
from mockserver.cli.pairs import pairs
from mockserver.cli.remote import Remote, asks_a_server
from mockserver.cli.source import read
from mockserver.cli.text import compact, indented, shown
from mockserver.errors import ClientError

if TYPE_CHECKING:
    from mockserver.client import Document, Page

__all__ = ["state"]


@click.group(
    cls=Group,
    bare="kinds",
    implied="show",
    subcommand_metavar="[API KIND [KEY] | COMMAND [ARGS]...]",
    example="mockserver state",
)
def state() -> None:
    """Count, read and write the world's documents.

    `mockserver state API KIND` is short for `mockserver state show API KIND`.
    """


@state.command(cls=Command, example="mockserver state kinds")
@asks_a_server
def kinds(remote: Remote) -> None:
    """List the kinds of documents, and how many there are."""
    found = remote.client.state.list_kinds()
    rows = [(it.api, it.kind, it.parent or "", str(it.size)) for it in found]
    headings = ("API", "Kind", "Belongs to", "Documents")
    remote.table({"kinds": [it.json for it in found]}, headings, rows)


@state.command(cls=Command, example="mockserver state show API KIND --where FIELD=VALUE --page 2")
@click.argument("api")
@click.argument("kind")
@click.argument("key", required=False)
@click.option("--owner", metavar="KEY", help="Only what belongs to the document of this key.")
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE",
    callback=pairs,
    help="Only what has this value in this field; can be given several times.",
)
@click.option(
    "--page", type=int, default=1, show_default=True, metavar="NUMBER", help="Which page."
)
@click.option(
    "--per-page",
    type=int,
    default=50,
    show_default=True,
    metavar="NUMBER",
    help="How many documents a page has.",
)
@asks_a_server
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
    """List the documents of a kind, or print the one of a key."""
    documents = remote.client.state
    if key is not None:
        _print(remote, documents.get(api, kind, key))
        return
    found = documents.list(api, kind, owner=owner, where=where, page=page, per_page=per_page)
    headings = ("Key", "Owner", "At", "Until", "Body")
    remote.table(found.json, headings, map(_row, found.documents))
    remote.say(_sum(found))


@state.command(cls=Command, example="""mockserver state put API KIND KEY '{"FIELD": "VALUE"}'""")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.argument("body", metavar="JSON|-")
@asks_a_server
def put(remote: Remote, api: str, kind: str, key: str, body: str) -> None:
    """Put a document in its place, new or not.

    Its body is JSON, or `-` for JSON from stdin.
    """
    _print(remote, remote.client.state.put(api, kind, key, _parsed(body)))


@state.command(cls=Command, example="""mockserver state patch API KIND KEY '{"FIELD": "VALUE"}'""")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.argument("changes", metavar="JSON|-")
@asks_a_server
def patch(remote: Remote, api: str, kind: str, key: str, changes: str) -> None:
    """Change some fields of a document; null removes one.

    The changes are JSON, or `-` for JSON from stdin.
    """
    _print(remote, remote.client.state.patch(api, kind, key, _parsed(changes)))


@state.command(cls=Command, example="mockserver state delete API KIND KEY --cascade")
@click.argument("api")
@click.argument("kind")
@click.argument("key")
@click.option("--cascade", is_flag=True, help="Delete what belongs to it as well.")
@asks_a_server
def delete(remote: Remote, api: str, kind: str, key: str, cascade: bool) -> None:
    """Delete a document."""
    remote.client.state.delete(api, kind, key, cascade=cascade)
    remote.say(f"The {kind} '{key}' of {api} is gone.")


def _row(it: Document) -> tuple[str, ...]:
    return it.key, it.owner, phrases.time(it.at), phrases.time(it.until), compact(it.body)


def _sum(it: Page) -> str:
    first = (it.page - 1) * it.per_page + 1
    last = first + len(it.documents) - 1
    if len(it.documents) == it.total:
        return f"{phrases.documents(it.total)}."
    if last < first:
        return f"Nothing on page {it.page} of {phrases.documents(it.total)}."
    more = f" --page {it.page + 1} shows more." if last < it.total else ""
    return f"{first} to {last} of {phrases.documents(it.total)}.{more}"


def _print(remote: Remote, it: Document) -> None:
    times = ((" at ", it.at), (" until ", it.until))
    when = "".join(word + phrases.time(value) for word, value in times if value)
    owner = f" of {it.owner}" if it.owner else ""
    name = shown(f"{it.api} {it.kind} {it.key}{owner}")
    remote.say(f"{name}{when}\n{indented(it.body)}", it.json)


def _parsed(text: str) -> Any:
    try:
        return json.loads(read("-") if text == "-" else text)
    except (ValueError, RecursionError) as error:
        raise ClientError(f"That is not JSON: {error}.") from None
