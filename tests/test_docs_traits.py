"""The page of traits has every rule. Run as a program, this writes the page's table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from msgspec import structs

from mockserver.files import CONTRACTS
from mockserver.traits import RULES, Traits

PAGE = Path(__file__).resolve().parents[1] / "docs" / "traits.md"
HEAD = "| trait | rule | what holds | |"


def table() -> Iterator[str]:
    """A row for each rule."""
    keys = {get_args(it.type)[0]: it.encode_name for it in structs.fields(Traits)[1:]}
    yield HEAD
    yield "| --- | --- | --- | --- |"
    for rule in RULES:
        mark = "only where named" if rule.is_optional else ""
        yield f"| `{keys[rule.trait]}` | `{rule.name}` | {rule.sentence} | {mark} |".replace(
            "|  |", "| |"
        )


def text() -> str:
    """The page with its table."""
    before = PAGE.read_text("utf-8").partition(HEAD)[0].rstrip()
    return before + "\n\n" + "\n".join(table()) + "\n"


def test_the_page_has_every_rule_and_no_other() -> None:
    assert PAGE.read_text("utf-8") == text()


def test_the_page_has_every_trait_that_the_schema_describes() -> None:
    schema = json.loads((CONTRACTS / "traits.schema.json").read_text("utf-8"))
    page = PAGE.read_text("utf-8")
    assert [name for name in schema["properties"] if f"`{name}`" not in page] == []


def test_every_rule_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.sentence.endswith(".") for rule in RULES)


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
