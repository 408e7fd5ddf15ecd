"""`name=value` on a command line."""

from __future__ import annotations

from collections.abc import Sequence

import click

__all__ = ["pairs"]


def pairs(_: click.Context, __: click.Parameter, words: Sequence[str]) -> dict[str, str]:
    """The values by name, as a callback of a parameter that can be given several times."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"'{word}' is not written NAME=VALUE.")
        if name in found:
            raise click.BadParameter(f"'{name}' is given twice.")
        found[name] = value
    return found
