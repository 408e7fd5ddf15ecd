"""The page of invariants says what the code says. As a program, this writes the page's tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mockserver import apis
from mockserver.api import Api
from mockserver.invariant import Invariant, Workflow
from mockserver.kit import load_kit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "invariants.md"


def introduction(page: str) -> str:
    """What stands before the vendors."""
    return page.partition("\n## ")[0].rstrip() + "\n"


def section(api: Api) -> str:
    """The invariants and workflows of one vendor."""
    title = f"## {api.name.capitalize()}"
    return (
        "\n\n".join(
            (
                title,
                table(invariants(load_kit(api).invariants)),
                table(workflows(load_kit(api).workflows)),
            )
        )
        + "\n"
    )


def invariants(of: Iterable[Invariant]) -> Iterator[tuple[str, ...]]:
    yield "invariant", "what holds", "evidence"
    for invariant in of:
        yield (
            f"`{invariant.name}`",
            invariant.sentence,
            f"{invariant.evidence}. {invariant.note}".removesuffix(". "),
        )


def workflows(of: Iterable[Workflow]) -> Iterator[tuple[str, ...]]:
    yield "workflow", "what is requested", "needs", "writes"
    for one in of:
        needs = ", ".join(f"`{name}`" for name in one.needs)
        yield f"`{one.name}`", one.sentence, needs, "yes" if one.writes else ""


def table(rows: Iterable[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [head, ("---",) * len(head), *body]
    return "\n".join(
        f"|{'|'.join(f' {cell}'.rstrip() + ' ' for cell in cells)}|" for cells in lines
    )


def write_page(page: str) -> str:
    """The page with the sections that its headings name."""
    named = [title.lower() for title in re.findall(r"^## (\w+)$", page, re.MULTILINE)]
    return "\n".join([introduction(page), *map(section, apis.load(named).values())])


def test_the_page_has_every_invariant_and_workflow(vendor: str) -> None:
    assert f"\n{section(apis.load()[vendor])}" in f"{PAGE.read_text('utf-8')}\n"


def test_the_page_has_nothing_else() -> None:
    page = PAGE.read_text("utf-8")
    assert page == write_page(page)


if __name__ == "__main__":
    PAGE.write_text(write_page(PAGE.read_text("utf-8")), "utf-8")
