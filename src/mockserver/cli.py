"""The command line: `mockserver serve`, `apis` and `fixtures`."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import click

from mockserver import __version__
from mockserver.errors import MockserverError
from mockserver.settings import Option, Settings, options

__all__ = ["main"]

_WIDE = 120


def _write_example(formatter: click.HelpFormatter, example: str) -> None:
    """Put an example under the options, unwrapped, so that it can be copied."""
    with formatter.section("Example"):
        formatter.write(f"  {example}\n")


class _Group(click.Group):
    """Commands under one name, with an example."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it can be typed."""
        _write_example(formatter, self.example)


class _Command(click.Command):
    """A command whose errors are sentences, and whose example stands under its options."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def format_epilog(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, as it can be typed."""
        _write_example(formatter, self.example)

    def invoke(self, context: click.Context) -> Any:
        """Run; what this package raises on purpose is printed, not traced."""
        try:
            return super().invoke(context)
        except MockserverError as error:
            click.echo(f"mockserver: {error}", err=True)
            context.exit(2)


@click.group(
    cls=_Group,
    example="mockserver serve --port 4010",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A mock server that speaks four vendors' APIs exactly, and keeps state."""


def _setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options()):
        command = _click_option(option)(command)
    return command


def _click_option(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    help = option.help
    if option.default not in (None, (), False):
        help = f"{help}  [default: {option.default}]"
    name = f"--{option.name.replace('_', '-')}"
    if option.is_flag:
        return click.option(name, option.name, is_flag=True, default=None, help=help)
    return click.option(
        name, option.name, metavar=option.metavar, multiple=option.is_list, help=help
    )


def _texts(given: dict[str, Any]) -> dict[str, str]:
    """What was given on the command line, as the settings read it."""
    return {
        name: ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in given.items()
        if value not in (None, ())
    }


@main.command(
    cls=_Command,
    example="mockserver serve --scenario documented --freeze-at 2025-08-21T14:30:00Z",
)
@_setting_options
def serve(**given: Any) -> None:
    """Serve the four APIs until Ctrl-C.

    Every option can also be set in the environment: --body-limit is MOCKSERVER_BODY_LIMIT.
    """
    from mockserver.server.socket import listen

    settings = Settings.load(_texts(given))
    # From here on a signal ends the command as it should end: with nothing left behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    with listen(settings) as listener:
        from mockserver.server.run import serve as run  # heavy, so the port is had first

        run(settings, listener, lambda url: _announce(settings, url))
    click.echo("Stopped.", err=True)


def _announce(settings: Settings, url: str) -> None:
    from mockserver import apis

    served = apis.load(settings.only).values()
    width = max(len(api.name) for api in served)
    click.echo(f"Mockserver {__version__} listens on {url}, scenario '{settings.scenario}'.")
    for api in served:
        click.echo(f"  {api.name:{width}}  {url}/__mock__/docs/{api.name}")
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()


@main.command(name="apis", cls=_Command, example="mockserver apis")
def list_apis() -> None:
    """List the APIs: their operations, and why each line of their contracts is believed."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from mockserver import apis
    from mockserver.contract import EVIDENCE

    table = Table("API", "Operations", *EVIDENCE, box=box.SIMPLE_HEAD, pad_edge=False)
    for api in apis.load().values():
        counts = Counter(api.contract.evidences)
        operations = [
            f"{operation.method} {api.contract.base}{operation.path}"
            for operation in api.contract.operations
        ]
        evidence = [str(counts[word]) for word in EVIDENCE]
        table.add_row(api.name, "\n".join(operations), *evidence)
    # Where nobody looks at it, a row must not be broken to fit a window.
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print(table)


@main.group(cls=_Group, example="mockserver fixtures check")
def fixtures() -> None:
    """Check scenarios, and print the schema that editors check them by."""


@fixtures.command(cls=_Command, example="mockserver fixtures check")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.pass_context
def check(context: click.Context, files: tuple[str, ...]) -> None:
    """Report everything wrong with scenarios: those given, else those of the package.

    Ends with 0 when all is right, with 1 when something is wrong.
    """
    from mockserver import apis, scenarios
    from mockserver.files import SCENARIOS

    paths = [scenarios.find(file) for file in files] or sorted(SCENARIOS.glob("*.yaml"))
    known = apis.load()
    faults = {path: scenarios.check(path, known) for path in paths}
    for path, found in faults.items():
        for fault in found:
            click.echo(str(fault))
        if not found:
            click.echo(f"{path.name}: right")
    context.exit(1 if any(faults.values()) else 0)


@fixtures.command(cls=_Command, example="mockserver fixtures schema")
def schema() -> None:
    """Print the JSON Schema of scenarios, as it stands in fixtures/schema.json."""
    import json

    from mockserver import apis, scenarios

    click.echo(json.dumps(scenarios.editor_schema(apis.load()), indent=2, ensure_ascii=False))
