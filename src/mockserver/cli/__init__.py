"""The command line; what takes long to import is imported by the commands that need it."""

from __future__ import annotations

import click

from mockserver import __version__
from mockserver.cli import apis, check, clock, diff, mutations, sandboxes, serve, state
from mockserver.cli.command import GroupWithExample

__all__ = ["main"]


@click.group(
    cls=GroupWithExample,
    example="mockserver serve --port 4010",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    commands=[
        *(apis.apis, apis.fixtures, apis.new_api),
        *(check.check, check.verify, diff.diff),
        *(clock.clock, mutations.mutations, serve.serve, state.state, state.trigger),
        *(sandboxes.load, sandboxes.reset, sandboxes.restore),
        *(sandboxes.sandboxes, sandboxes.scenarios, sandboxes.snapshot),
    ],
)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A mock server that keeps state, and a kit that checks deployments against contracts."""
