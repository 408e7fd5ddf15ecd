"""What is true of every command: its help, its example, what is refused, how it ends."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import mockserver
from mockserver.cli import main
from mockserver.cli.command import Command, Group, SignedCommand
from mockserver.errors import MockserverError

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., AbstractContextManager[Any]]
Help = Callable[..., str]
Mock = Callable[..., Result]


def commands(group: click.Group = main, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command, by the words that call it."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


COMMANDS = list(commands())


def example_in(text: str) -> list[str]:
    """The command line that stands under `Example:`."""
    found = re.search(r"^ *Example:\n +(mockserver\b.*)$", text, re.MULTILINE)
    assert found, text
    return shlex.split(found[1])


# Help


def test_the_version(run: Run) -> None:
    ended = run("--version")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"mockserver, version {mockserver.__version__}\n"


def test_the_commands_are_these(help_of: Help) -> None:
    listed = help_of().partition("\nCommands:\n")[2].partition("\n\n")[0]

    assert re.findall(r"^  (\S+)", listed, re.MULTILINE) == [
        "apis",
        "check",
        "clock",
        "diff",
        "fixtures",
        "load",
        "mutations",
        "new-api",
        "reset",
        "restore",
        "sandboxes",
        "scenarios",
        "serve",
        "snapshot",
        "state",
        "trigger",
        "verify",
    ]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_a_command_does_is_said_in_the_line_that_lists_it(
    help_of: Help, command: tuple[str, ...]
) -> None:
    listed = help_of(*command).partition("\nCommands:\n")[2].partition("\n\n")[0]

    assert "..." not in listed


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_example_begins_with_the_command(help_of: Help, command: tuple[str, ...]) -> None:
    _, *arguments = example_in(help_of(*command))

    # Of one that runs without its name, the example may be without it.
    assert " ".join(arguments).startswith(" ".join(command)) or arguments == [*command[:-1]]


@pytest.mark.parametrize("command", [(), ("serve",), ("clock",), ("clock", "advance")])
def test_h_is_short_for_help(command: tuple[str, ...]) -> None:
    runner = CliRunner()

    assert (
        runner.invoke(main, [*command, "-h"]).stdout
        == runner.invoke(main, [*command, "--help"]).stdout
    )


def asking(command: click.Command) -> bool:
    """Whether a command, or one below it, asks a server about a sandbox."""
    if isinstance(command, click.Group):
        return any(asking(below) for below in command.commands.values())
    return "sandbox" in [parameter.name for parameter in command.params]


ASKING = [
    (name, *path)
    for name, command in main.commands.items()
    if asking(command)
    for path in (commands(command) if isinstance(command, click.Group) else [()])
]
LOCAL = [("apis",), ("fixtures",), ("fixtures", "check"), ("fixtures", "schema")]
SERVING = [(), ("serve",)]


@pytest.mark.parametrize("command", LOCAL, ids=" ".join)
def test_the_example_of_a_help_works_as_printed(
    run: Run, help_of: Help, command: tuple[str, ...]
) -> None:
    _, *arguments = example_in(help_of(*command))
    ended = run(*arguments)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


@pytest.mark.parametrize("command", SERVING, ids=" ".join)
def test_the_example_of_a_help_serves_as_printed(
    serving: Start, help_of: Help, command: tuple[str, ...]
) -> None:
    _, verb, *arguments = example_in(help_of(*command))

    assert verb == "serve"
    with serving(*arguments, "--port", "0") as it:
        assert it.client.get("/__mock__/ready").status_code == 200
        assert it.stop()[0] == 0


FILLED = {
    '"FIELD": "VALUE"': '"id": "1", "status": "PENDING"',
    "MUTATION": "calwe.listSessionLogs.off-by-one:/data/total",
    "API": "calwe",
    "KIND": "session",
    "KEY": "1",
    "FIELD": "status",
    "VALUE": "PENDING",
}


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_the_example_of_a_help_asks_a_server_as_printed(
    mock: Mock,
    help_of: Help,
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    _, *arguments = example_in(help_of(*command))
    if arguments[:2] == ["sandboxes", "delete"]:
        mock("sandboxes", "create", "case-17")
    if arguments[:2] not in (["snapshot", "before"], ["snapshot", "take"]):
        mock("snapshot", "before")
    (tmp_path / "before.json").write_text(mock("snapshot", "download", "before").stdout)
    words = [re.sub("|".join(FILLED), lambda found: FILLED[found[0]], it) for it in arguments]

    try:
        done = mock(*words)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout
    finally:
        mock("sandboxes", "delete", "case-17")


# What is refused


@pytest.mark.parametrize(
    "arguments",
    [
        "serve --prot 1",
        "serve extra",
        "serve --port",
        "sevre",
        "apis --all",
        "clock frezee",
        "clock advance",
        "reset extra",
        "sandboxes delete",
        "state calwe",
        "event calwe.enter session",
        "state calwe session --where status",
    ],
)
def test_what_is_no_option_and_no_command_is_refused(run: Run, arguments: str) -> None:
    ended = run(*arguments.split())

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Error: " in ended.stderr
    assert "Traceback" not in ended.stderr


# How a command ends


def ending(error: BaseException) -> Result:
    @click.command(cls=Command, example="fail")
    def fail() -> None:
        raise error

    return CliRunner().invoke(fail)


def test_an_error_of_ours_is_a_sentence_and_exit_2() -> None:
    done = ending(MockserverError("There is no 'x'.\na.yaml:1: it is wrong"))

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "mockserver: There is no 'x'.\na.yaml:1: it is wrong\n"


def test_an_error_moves_no_terminal() -> None:
    assert ending(MockserverError("\x1b[2J\r")).stderr == "mockserver: \\x1b[2J\n"


def test_ctrl_c_is_exit_130_and_not_a_word() -> None:
    done = ending(KeyboardInterrupt())

    assert (done.exit_code, done.output) == (130, "")


# Where words may stand


def group() -> click.Group:
    """A group of commands that print what they were given."""

    @click.group(cls=Group, bare="list", implied="take", example="it")
    def it() -> None:
        """Do things."""

    for name, words in (("list", -1), ("take", 1), ("drop", 1)):

        @it.command(name=name, cls=Command, example=f"it {name}")
        @click.argument("words", nargs=words)
        @click.option("--url", help="Where.")
        @click.option("--all", is_flag=True)
        @click.pass_context
        def command(
            context: click.Context, words: str | tuple[str, ...], url: str | None, all: bool
        ) -> None:
            click.echo(f"{context.info_name} {words} {url} {all}")

    return it


@pytest.mark.parametrize(
    ("given", "done"),
    [
        ("", "list () None False"),
        ("--all", "list () None True"),
        ("--url drop", "list () drop False"),
        ("--url=x", "list () x False"),
        ("x", "take x None False"),
        ("x --all", "take x None True"),
        ("--all x", "take x None True"),
        ("--url x y", "take y x False"),
        ("-", "take - None False"),
        ("take list", "take list None False"),
        ("drop x", "drop x None False"),
        ("--url x drop y", "drop y x False"),
        ("--url drop drop drop --all", "drop drop drop True"),
    ],
)
def test_options_stand_before_a_commands_name_and_after_it_and_it_may_be_left_out(
    given: str, done: str
) -> None:
    assert CliRunner().invoke(group(), given.split()).output == f"{done}\n"


def test_the_help_of_a_group_has_the_options_of_the_command_that_needs_no_name() -> None:
    text = CliRunner().invoke(group(), ["--help"]).output

    assert "--url TEXT  Where." in text
    assert re.findall(r"^  (\w+)", text.partition("Commands:\n")[2], re.MULTILINE) == [
        "drop",
        "list",
        "take",
        "it",
    ]
    assert CliRunner().invoke(group(), ["--all", "--help"]).output.startswith("Usage: it list ")


@pytest.mark.parametrize(
    ("given", "by"),
    [
        (["3h"], "3h"),
        (["-3h"], "-3h"),
        (["-1d 2h"], "-1d 2h"),
        (["-.5"], "-.5"),
        (["-P1D"], "-P1D"),
        (["-PT3H"], "-PT3H"),
        (["--", "-3h"], "-3h"),
        (["-3h", "--url", "x"], "-3h"),
        (["--url", "x", "-3h"], "-3h"),
        (["--url", "-1", "3h"], "3h"),
        (["--url", "-1", "-3h"], "-3h"),
    ],
)
def test_what_begins_with_a_minus_and_a_number_is_no_option(given: list[str], by: str) -> None:
    @click.command(cls=SignedCommand, example="move -3h")
    @click.argument("by")
    @click.option("--url")
    def move(by: str, url: str | None) -> None:
        click.echo(f"{by} {url or ''}")

    assert CliRunner().invoke(move, given).output.split(" ")[0:-1] == by.split(" ")
    assert CliRunner().invoke(move, ["--urk"]).exit_code == 2
