"""The classes of commands: their errors are messages, their help has an example."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import click
from msgspec import Struct

from mockserver.cli.output import escape
from mockserver.cli.process import INTERRUPTED, manage_process
from mockserver.errors import MockserverError, SettingError

_SIGNED = re.compile(r"-([0-9.]|P[0-9T])")
"""The beginning of a negative duration."""


def _list_options(command: click.Command) -> Iterator[click.Option]:
    """The options of a command and of its subcommands."""
    for subcommand in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _list_options(subcommand)
    yield from (option for option in command.params if isinstance(option, click.Option))


def _find_arguments(command: click.Command, args: list[str]) -> Iterator[int]:
    """The indices of the words that are neither options nor the values of options."""
    options = [option for option in _list_options(command) if not option.is_flag]
    with_value = {name for option in options for name in option.opts}
    is_value = False
    for index, arg in enumerate(args):
        if not is_value and (not arg.startswith("-") or arg == "-" or _SIGNED.match(arg)):
            yield index
        is_value = not is_value and arg in with_value


class _WithExample(click.Command):
    """A command with an example below its options."""

    def __init__(self, *args: Any, example: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example in one line, so that it can be copied."""
        with formatter.section("Example"):
            formatter.write(f"  {self.example}\n")


@contextmanager
def _print_errors(context: click.Context) -> Iterator[None]:
    """Print errors as messages; the exit code is 2 for an error and 130 for Ctrl-C."""
    try:
        yield
    except MockserverError as error:
        _fail(context, str(error))
    except OSError as error:
        try:
            Path.cwd()
        except OSError:
            _fail(context, "The current folder has been deleted; change to another one.")
        if error.filename is not None:
            _fail(context, f"'{error.filename}' cannot be used: {error.strerror}.")
        if error.errno != errno.ENOENT:
            raise
        _fail(context, f"{error.strerror}.")  # of `tempfile`, which has no folder
    except KeyboardInterrupt:
        context.exit(INTERRUPTED)


def _fail(context: click.Context, message: str) -> NoReturn:
    click.echo("mockserver: " + "\n".join(map(escape, message.splitlines())), err=True)
    context.exit(2)


class Command(_WithExample):
    """A command that prints the errors of this package as messages."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        with _print_errors(context):
            return super().invoke(context)


class SignedCommand(Command):
    """A command with an argument that may begin with a minus: `-30m` is not an option."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Move such an argument behind `--`, where nothing is an option."""
        for index in () if "--" in args else _find_arguments(self, args):
            if _SIGNED.match(args[index]):
                args = [*args[:index], *args[index + 1 :], "--", args[index]]
                break
        return super().parse_args(context, args)


class Group(_WithExample, click.Group):
    """A group of commands, whose options may stand before or after the name of a command.

    `default` is the command that runs if none is named, `implied` the one that runs if the first
    argument is not the name of a command.
    """

    command_class = Command

    def __init__(self, *args: Any, default: str = "", implied: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default = default
        self.implied = implied

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, with those of the default command, and the commands."""
        default = self.commands.get(self.default)
        options = [*(_list_options(default) if default else ()), *self.get_params(context)]
        records = [option.get_help_record(context) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record])
        self.format_commands(context, formatter)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Move the name of the command to the first place, or add it there."""
        first = next(_find_arguments(self, args), None)
        is_help = len(args) == 1 and args[0] in context.help_option_names
        if first is not None and args[first] in self.commands:
            args = [args[first], *args[:first], *args[first + 1 :]]
        elif first is not None and self.implied:
            args = [self.implied, *args]
        elif first is None and self.default and not is_help:
            args = [self.default, *args]
        return super().parse_args(context, args)


def load_body(module: str) -> ModuleType:
    """Import a module with the bodies of commands, which takes too long for their help.

    Raises SettingError if the extra `check` is not installed.
    """
    try:
        return import_module(f"mockserver.cli.{module}")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("mockserver"):
            raise
        raise SettingError(
            f"'{error.name}' is not installed; pip install 'mockserver-kit[check]' installs it."
        ) from error


class LazyCommand(Struct, frozen=True):
    """The module of a command, and the line that lists it in the help of its group."""

    module: str
    help: str


class LazyGroup(_WithExample, click.Group):
    """A group whose commands are imported when they are used, so that each starts fast."""

    def __init__(self, *args: Any, commands: Mapping[str, LazyCommand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy_commands = commands
        # Click lists these, and suggests the nearest of them for an unknown one.
        self.commands = {name: click.Command(name) for name in commands}

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command, as a process unless a program has called it with streams of its own."""
        is_process = sys.stdout is sys.__stdout__
        with manage_process() if is_process else nullcontext():
            return super().main(*args, **kwargs)

    def invoke(self, context: click.Context) -> Any:
        """Import the command and run it."""
        with _print_errors(context):
            return super().invoke(context)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """Import a command."""
        if name not in self.lazy_commands:
            return None
        module = import_module(f"mockserver.cli.{self.lazy_commands[name].module}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, it.help) for name, it in sorted(self.lazy_commands.items())])
