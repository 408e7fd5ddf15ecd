"""`name=value` on a command line."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from mockserver.cli.pairs import pairs


@click.command()
@click.argument("words", nargs=-1, callback=pairs)
def command(words: dict[str, str]) -> None:
    click.echo(repr(words))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], {}),
        (["a=b"], {"a": "b"}),
        (["a=b=c", "d="], {"a": "b=c", "d": ""}),
        (["اسم=قيمة"], {"اسم": "قيمة"}),
    ],
)
def test_pairs_are_taken_apart_at_the_first_sign(words: list[str], found: dict[str, str]) -> None:
    assert CliRunner().invoke(command, words).stdout == f"{found!r}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a"], "'a' is not written NAME=VALUE."),
        (["=a"], "'=a' is not written NAME=VALUE."),
        (["a=1", "b=2", "a=3"], "'a' is given twice."),
    ],
)
def test_what_is_no_pair_or_there_twice_is_refused(words: list[str], sentence: str) -> None:
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{sentence}\n")
