"""What every command is: its errors are sentences, and its help has an example."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from typing import Any

import click

from mockserver.cli.text import shown
from mockserver.errors import MockserverError

__all__ = ["Command", "Group", "SignedCommand"]

_SIGNED = re.compile(r"-([0-9.]|P[0-9T])")
"""How a duration begins that leads back in time."""


def _options(command: click.Command) -> Iterator[click.Option]:
    """The options of a command, and of every command below it."""
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _options(below)
    yield from (option for option in command.params if isinstance(option, click.Option))


def _words(command: click.Command, args: list[str]) -> Iterator[int]:
    """Where the arguments stand that are neither options nor the values of options."""
    valued = {name for option in _options(command) if not option.is_flag for name in option.opts}
    is_value = False
    for n, arg in enumerate(args):
        if not is_value and (not arg.startswith("-") or arg == "-" or _SIGNED.match(arg)):
            yield n
        is_value = not is_value and arg in valued


def _write_example(formatter: click.HelpFormatter, example: str) -> None:
    """Put an example under the options, unwrapped, so that it can be copied."""
    with formatter.section("Example"):
        formatter.write(f"  {example}\n")


class Command(click.Command):
    """A command whose errors are sentences, and whose example stands under its options."""

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it can be typed."""
        _write_example(formatter, self.example)

    def invoke(self, context: click.Context) -> Any:
        """Run; what this package raises on purpose is printed, not traced.

        Ends with 2 for an error, with 130 for Ctrl-C.
        """
        # A character that the terminal's encoding lacks is no reason to stop.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(context)
        except MockserverError as error:
            lines = map(shown, str(error).splitlines())
            click.echo("mockserver: " + "\n".join(lines), err=True)
            context.exit(2)
        except KeyboardInterrupt:
            context.exit(130)


class SignedCommand(Command):
    """A command with an argument that may begin with a minus: `-30m` is no option of it."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put such an argument behind `--`, where nothing is an option."""
        for n in () if "--" in args else _words(self, args):
            if _SIGNED.match(args[n]):
                args = [*args[:n], *args[n + 1 :], "--", args[n]]
                break
        return super().parse_args(context, args)


class Group(click.Group):
    """Commands under one name, with an example.

    `bare` is the command that runs when none is named, `implied` the one that takes a first word
    which is no command's name. Options may stand before the name of a command, and after.
    """

    def __init__(
        self, *args: Any, example: str, bare: str = "", implied: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        self.bare = bare
        self.implied = implied

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, those of the command without a name among them, and the commands."""
        bare = self.commands.get(self.bare)
        options = [*(_options(bare) if bare else ()), *self.get_params(context)]
        records = [option.get_help_record(context) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])
        self.format_commands(context, formatter)

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it can be typed."""
        _write_example(formatter, self.example)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command first, whether it was given or not."""
        first = next(_words(self, args), None)
        if first is not None and args[first] in self.commands:
            args = [args[first], *args[:first], *args[first + 1 :]]
        elif first is not None and self.implied:
            args = [self.implied, *args]
        elif first is None and self.bare and args not in [[it] for it in context.help_option_names]:
            args = [self.bare, *args]
        return super().parse_args(context, args)
