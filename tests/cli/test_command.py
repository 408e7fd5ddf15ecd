"""What every command has in common: its help, its example, its errors, its exit code."""

from __future__ import annotations

import errno
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

import mockserver
from mockserver.cli import main
from mockserver.cli.check import check
from mockserver.cli.command import Command, Group, SignedCommand
from mockserver.client import Client
from mockserver.client.har import write_har
from mockserver.errors import MockserverError

Call = Callable[..., Result]
Path_ = tuple[str, ...]


def list_commands(
    command: click.Command = main, path: Path_ = (), parent: click.Context | None = None
) -> Iterator[tuple[Path_, click.Command]]:
    """Every command, by the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, parent, info_name=path[-1] if path else "mockserver")
        for name in command.list_commands(context):
            subcommand = command.get_command(context, name)
            assert subcommand
            yield from list_commands(subcommand, (*path, name), context)


def read_help(path: Path_) -> str:
    done = CliRunner().invoke(main, [*path, "--help"], prog_name="mockserver")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def read_example(path: Path_) -> list[str]:
    """The arguments in the example of a command."""
    text = read_help(path)
    found = re.search(r"^ *Example:\n +mockserver\b(.*)$", text, re.MULTILINE)
    assert found, text
    return shlex.split(found[1])


# Help


def test_the_version(invoke: Call) -> None:
    assert invoke("--version").stdout == f"mockserver, version {mockserver.__version__}\n"


def test_the_commands_are_these() -> None:
    listed = read_help(()).partition("\nCommands:\n")[2].partition("\n\n")[0]
    assert re.findall(r"^  (\S+)", listed, re.MULTILINE) == [
        "apis",
        "check",
        "checks",
        "clock",
        "contract",
        "diff",
        "faults",
        "fixtures",
        "ids",
        "journal",
        "load",
        "mutations",
        "new-api",
        "proxy",
        "record",
        "requests",
        "reset",
        "restore",
        "sandboxes",
        "scenarios",
        "serve",
        "snapshot",
        "state",
        "trigger",
        "upstreams",
        "validation",
        "verify",
    ]


def test_the_list_of_commands_has_the_first_sentence_of_each_help() -> None:
    wrong = [
        (name, lazy.help)
        for name, lazy in main.lazy_commands.items()
        if lazy.help
        != dict(list_commands())[(name,)].get_short_help_str(limit=200).removesuffix(".") + "."
    ]
    assert wrong == []


def test_no_line_of_a_list_of_commands_is_cut_off() -> None:
    lists = {
        path: read_help(path).partition("\nCommands:\n")[2].partition("\n\n")[0]
        for path, command in list_commands()
        if isinstance(command, click.Group)
    }
    assert len(lists) > 5
    assert [path for path, listed in lists.items() if "..." in listed] == []


def test_every_example_is_one_of_its_command() -> None:
    wrong = [
        (path, example)
        for path, _ in list_commands()
        if not " ".join(example := read_example(path)).startswith(" ".join(path))
        # The example of a default command may leave out its name.
        and example != [*path[:-1]]
    ]
    assert wrong == []


def test_h_is_short_for_help(invoke: Call) -> None:
    for path in ((), ("serve",), ("clock",), ("clock", "advance")):
        assert invoke(*path, "-h").stdout == invoke(*path, "--help").stdout


def test_help_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys\n"
        "from mockserver.cli import main\n"
        "heavy = ('flask', 'schemathesis', 'sqlalchemy', 'mockserver.apis', 'mockserver.check', "
        "'mockserver.contract', 'mockserver.server.run')\n"
        "def show_help(*path):\n"
        "    try: main([*path, '--help'])\n"
        "    except SystemExit: pass\n"
        "show_help()\n"
        "print('loaded', [name for name in (*heavy, 'httpx', 'rich') if name in sys.modules])\n"
        "for name in main.lazy_commands:\n"
        "    show_help(name)\n"
        "print('loaded', [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert re.findall(r"^loaded (.*)$", done.stdout, re.MULTILINE) == ["[]", "[]"]


# Examples


FILLED = {
    '"FIELD": "VALUE"': '"id": "1", "status": "PENDING"',
    "MUTATION": "calwe.createSessionLog.lose-write",
    "API": "calwe",
    "KIND": "session",
    "KEY": "1",
    "FIELD": "status",
    "VALUE": "PENDING",
}
REPORT = (
    b'{"mockserver": "0.1.0", "target": {"name": "a", "url": "b"}, "passed": true, "apis": [{'
    b'"api": "calwe", "passed": true, "verdict": "pass", "requests": 1, "seconds": 1, "seed": 1, '
    b'"failures": [], "warnings": [], "accepted": [], "inconclusive": []}]}'
)


def fill(word: str, values: Mapping[str, str]) -> str:
    return re.sub("|".join(values), lambda found: values[found[0]], word)


def test_every_example_works_as_printed(invoke: Call, folder: Path, documented_server: str) -> None:
    """Those of servers and `new-api` have their own tests; those of the kit need a deployment."""
    others = {(), ("serve",), ("proxy",), ("new-api",), ("check",), ("verify",)}
    variables = {"MOCKSERVER_URL": documented_server, "MOCKSERVER_SANDBOX": "examples"}
    sandbox = f"{documented_server}/__sandbox__/examples"
    failed = []
    tried = []
    with Client(documented_server, sandbox="examples") as client:
        for path, _ in list_commands():
            arguments = read_example(path)
            if path in others or arguments in tried:  # that of a group may be one of its commands'
                continue
            tried.append(arguments)
            client.reset()
            client.journal.clear()
            violating = {"action_type": "NOTHING"}
            bearer = {"Authorization": "Bearer t"}
            httpx.post(f"{sandbox}/v1/customer/sessions/1/log", json=violating, headers=bearer)
            filled = {**FILLED, "1-12": client.journal.list()[-1].id}
            client.take_snapshot("before", replace=True)
            (folder / "before.json").write_bytes(client.download_snapshot("before"))
            httpx.get(f"{sandbox}/ekranapi/sessions")
            (folder / "traffic.har").write_bytes(write_har(client.journal.list(), sandbox))
            if arguments[:2] == ["sandboxes", "delete"]:
                client.create_sandbox("case-17")
            if arguments[:2] in (["snapshot", "before"], ["snapshot", "take"]):
                client.delete_snapshot("before")
            if arguments[:2] == ["state", "add"]:
                client.state.delete("calwe", "session", "1", cascade=True)
            if arguments[0] == "checks":
                (folder / "check.json").write_bytes(REPORT)
                filled["7"] = str(client.checks.keep_report(REPORT).id)
            words = [fill(it, filled) for it in arguments]
            done = invoke(*words, **variables)
            if (done.exit_code, done.stderr) != (0, "") or not done.stdout:
                failed.append((path, words, done.output))
            if arguments[:2] == ["sandboxes", "create"]:
                client.delete_sandbox("case-17")
    assert failed == []


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
        "trigger calwe.enter session",
        "state calwe session --where status",
    ],
)
def test_an_unknown_option_or_command_is_refused(invoke: Call, arguments: str) -> None:
    done = invoke(*arguments.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Error: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "nearest"), [("snapshots", "snapshot"), ("journal clera", "clear")]
)
def test_an_unknown_command_is_refused_with_the_nearest_one(
    invoke: Call, arguments: str, nearest: str
) -> None:
    assert f"Did you mean '{nearest}'?" in invoke(*arguments.split()).stderr


# How a command ends


def raise_in_command(error: BaseException) -> Result:
    @click.command(cls=Command, example="fail")
    def fail() -> None:
        raise error

    return CliRunner().invoke(fail)


def test_an_error_of_ours_is_a_message_and_exit_2() -> None:
    done = raise_in_command(MockserverError("There is no 'x'.\na.yaml:1: it is wrong\x1b[2J\r"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "mockserver: There is no 'x'.\na.yaml:1: it is wrong\\x1b[2J\n"


def test_a_machine_without_a_folder_for_temporary_files_is_one_sentence() -> None:
    # As `tempfile` raises it.
    done = raise_in_command(FileNotFoundError(errno.ENOENT, "No usable temporary directory found"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "mockserver: No usable temporary directory found.\n"


def test_ctrl_c_is_exit_130_without_output() -> None:
    done = raise_in_command(KeyboardInterrupt())
    assert (done.exit_code, done.output) == (130, "")


def test_a_command_whose_extra_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: str) -> None:
        raise ModuleNotFoundError("No module named 'schemathesis'", name="schemathesis")

    monkeypatch.setattr("mockserver.cli.command.import_module", refuse)
    done = CliRunner().invoke(check, ["http://127.0.0.1:9"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "mockserver: 'schemathesis' is not installed; pip install 'mockserver-kit[check]' "
        "installs it.\n"
    )


# The order of arguments


def make_group() -> click.Group:
    """A group of commands that print their arguments."""

    @click.group(cls=Group, default="list", implied="take", example="it")
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
    ("given", "printed"),
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
def test_options_may_stand_before_the_name_of_a_command_which_may_be_left_out(
    given: str, printed: str
) -> None:
    assert CliRunner().invoke(make_group(), given.split()).output == f"{printed}\n"


def test_the_help_of_a_group_has_the_options_of_its_default_command() -> None:
    text = CliRunner().invoke(make_group(), ["--help"]).output

    assert "--url TEXT  Where." in text
    assert re.findall(r"^  (\w+)", text.partition("Commands:\n")[2], re.MULTILINE) == [
        "drop",
        "list",
        "take",
        "it",
    ]
    assert (
        CliRunner().invoke(make_group(), ["--all", "--help"]).output.startswith("Usage: it list ")
    )


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
def test_an_argument_may_begin_with_a_minus_and_a_number(given: list[str], by: str) -> None:
    @click.command(cls=SignedCommand, example="move -3h")
    @click.argument("by")
    @click.option("--url")
    def move(by: str, url: str | None) -> None:
        click.echo(f"{by} {url or ''}")

    assert CliRunner().invoke(move, given).output.split(" ")[0:-1] == by.split(" ")
    assert CliRunner().invoke(move, ["--urk"]).exit_code == 2
