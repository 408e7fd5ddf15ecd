"""Hooks of the docs site: pages that are not in docs/, the links to them, and the CLI reference.

The Markdown of the repository links to files as they lie in the repository, so that it can be read
without a site. The site gets a page for each file that is linked and lies outside docs/, and the
links are changed to lead there. Everything wrong is a warning; the build is strict and fails on it.
"""

from __future__ import annotations

import inspect
import logging
import posixpath
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from mockserver.cli import main

ROOT = Path(__file__).resolve().parents[1]
ROOT_PAGES = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting-a-vulnerability.md",
}
"""The Markdown of the repository's root, and where it is in the site."""

CLI_PAGE = "reference/cli.md"
CODE = r"^(?P<fence>`{3,})[^`\n]*\n(?s:.*?)^(?P=fence)`*$|(?P<ticks>`+)[^`](?s:.*?)(?P=ticks)"
LINK = re.compile(CODE + r"|(?<=\]\()(?P<link>(?!\w+:|#)[^)#\s]+)", re.MULTILINE)
FETCHED = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\s\"'>]+)"
)
log = logging.getLogger("mkdocs.hooks.docs_site")


def on_config(config: MkDocsConfig) -> None:
    """Replace the patterns of the nav by the pages that they match."""
    docs = Path(config.docs_dir)
    paths = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    pages = sorted(paths - {"README.md"})
    config.nav = expand_patterns(config.nav, pages)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not files of docs/."""
    files.append(File.generated(config, CLI_PAGE, content=render_cli_reference(main)))
    for name, uri in ROOT_PAGES.items():
        files.append(File.generated(config, uri, content=(ROOT / name).read_text("utf-8")))
    linked = {
        target
        for file in files.documentation_pages()
        for target in find_linked_files(file.content_string, file.src_uri)
        if get_site_uri(target).startswith("files/")
    }
    for path in sorted(linked):
        page, uri = render_source(path), get_site_uri(path)
        level = InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, uri, content=page, inclusion=level))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Change the links to files of the repository into links to their pages in the site."""
    return change_links(markdown, page.file.src_uri)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Warn of everything that a browser would fetch from another host."""
    for address in FETCHED.findall(output):
        log.warning("%s loads %s from another host", page.file.src_uri, address)
    return output


def expand_patterns(nav: Any, pages: Iterable[str]) -> Any:
    """A nav whose patterns are replaced by the pages they match and the nav does not name."""
    named = set(list_pages(nav))

    def expand(item: Any) -> Any:
        if isinstance(item, dict):
            return {title: expand(below) for title, below in item.items()}
        if isinstance(item, list):
            return [page for below in item for page in match(below)]
        return item

    def match(item: Any) -> list[Any]:
        if not (isinstance(item, str) and "*" in item):
            return [expand(item)]
        return [page for page in pages if is_match(page, item) and page not in named]

    def is_match(page: str, pattern: str) -> bool:
        return fnmatch(page, pattern) and page.count("/") == pattern.count("/")

    return expand(nav)


def list_pages(nav: Any) -> Iterator[str]:
    """The pages and patterns of a nav."""
    if isinstance(nav, str):
        yield nav
    else:
        for below in nav.values() if isinstance(nav, dict) else nav:
            yield from list_pages(below)


def get_site_uri(path: str) -> str:
    """Where a file of the repository is in the site."""
    if path == "docs/README.md":
        return ROOT_PAGES["README.md"]
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return ROOT_PAGES.get(path, f"files/{path}.md")


def find_linked_file(link: str, uri: str) -> str | None:
    """The file of the repository that a link of a page leads to; a folder stands for its README."""
    folder = "" if uri in ROOT_PAGES.values() else posixpath.dirname(f"docs/{uri}")
    target = posixpath.normpath(posixpath.join(folder, link))
    if (ROOT / target).is_dir():
        target = f"{target}/README.md"
    return target if (ROOT / target).is_file() else None


def find_linked_files(markdown: str, uri: str) -> Iterator[str]:
    """The files of the repository that the Markdown of a page links to."""
    for match in LINK.finditer(markdown):
        if match["link"] and (target := find_linked_file(match["link"], uri)):
            yield target


def change_links(markdown: str, uri: str) -> str:
    """The Markdown of a page, with links as they are in the site; broken ones are left alone."""

    def change(match: re.Match[str]) -> str:
        target = find_linked_file(match["link"], uri) if match["link"] else None
        if target is None:
            return match[0]
        return posixpath.relpath(get_site_uri(target), posixpath.dirname(uri) or ".")

    return LINK.sub(change, markdown)


def render_source(path: str) -> str:
    """The page that shows a file of the repository."""
    fence = "`" * 8
    text = (ROOT / path).read_text("utf-8").rstrip()
    code = f"{fence}{Path(path).suffix.removeprefix('.')}\n{text}\n{fence}\n"
    return f"---\nsearch: {{exclude: true}}\n---\n# {path}\n\n{code}"


class MarkdownFormatter(click.HelpFormatter):
    """Writes what `--help` prints as Markdown: paragraphs, tables and code."""

    def write(self, string: str) -> None:
        """Write what the help prints as it is: an example, which can be copied."""
        self.buffer.append(f"```console\n$ {string.strip()}\n```\n\n")

    def write_usage(self, prog: str, args: str = "", *_: Any) -> None:
        self.write(f"{prog} {args}")

    def write_heading(self, heading: str) -> None:
        self.buffer.append(f"**{heading}**\n\n")

    def write_paragraph(self) -> None:
        pass

    def write_text(self, text: str) -> None:
        self.buffer.append(f"{inspect.cleandoc(text)}\n\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], *_: Any) -> None:
        name = self.buffer.pop().strip("*\n").removesuffix("s")
        cells = (f"| `{term}` | {text.replace('|', chr(92) + '|')} |\n" for term, text in rows)
        self.buffer += [f"| {name} | |\n| --- | --- |\n", *cells, "\n"]


def render_cli_reference(command: click.Command) -> str:
    """A page with the help of a command and of all commands below it."""
    introduction = "# Command line\n\nWhat `--help` prints of each command.\n\n"
    return introduction + "".join(render_sections(command, "mockserver", None))


def render_sections(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[str]:
    context = click.Context(command, parent, info_name=name, **command.context_settings)
    formatter = MarkdownFormatter()
    command.format_help(context, formatter)
    yield f"## {context.command_path}\n\n{formatter.getvalue()}"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found
            yield from render_sections(found, below, context)
