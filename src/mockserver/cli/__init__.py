"""The command line: `mockserver serve`, and the commands that hold a running server's worlds."""

from __future__ import annotations

import click

from mockserver import __version__
from mockserver.cli.apis import apis
from mockserver.cli.check import check
from mockserver.cli.clock import clock
from mockserver.cli.command import Group
from mockserver.cli.diff import diff
from mockserver.cli.fixtures import fixtures
from mockserver.cli.mutations import mutations
from mockserver.cli.new_api import new_api
from mockserver.cli.sandboxes import reset, sandboxes
from mockserver.cli.scenarios import load, scenarios
from mockserver.cli.serve import serve
from mockserver.cli.snapshots import restore, snapshot
from mockserver.cli.state import state
from mockserver.cli.trigger import trigger
from mockserver.cli.verify import verify

__all__ = ["main"]


@click.group(
    cls=Group,
    example="mockserver serve --port 4010",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A mock server that speaks four vendors' APIs exactly, and keeps state."""


for command in (
    apis,
    check,
    clock,
    diff,
    fixtures,
    load,
    mutations,
    new_api,
    reset,
    restore,
    sandboxes,
    scenarios,
    serve,
    snapshot,
    state,
    trigger,
    verify,
):
    main.add_command(command)
