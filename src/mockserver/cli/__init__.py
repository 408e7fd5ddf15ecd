"""The command line: each command is imported when it is used."""

from __future__ import annotations

import click

from mockserver import __version__
from mockserver.cli.command import LazyCommand, LazyGroup

__all__ = ["main"]


@click.group(
    cls=LazyGroup,
    example="mockserver serve --port 4010",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    commands={
        "apis": LazyCommand("apis", "List the APIs that can be served."),
        "check": LazyCommand("check", "Check deployments against the contracts."),
        "checks": LazyCommand("checks", "Run checks on a server; list and keep their reports."),
        "clock": LazyCommand("clock", "Read or change the clock of a sandbox."),
        "contract": LazyCommand("apis", "Print the contract of an API, or its client profile."),
        "diff": LazyCommand("diff", "Compare two states of a sandbox, or two deployments."),
        "faults": LazyCommand("faults", "Let requests be late, fail or lose their connection."),
        "fixtures": LazyCommand("apis", "Check scenarios without a server; print their schema."),
        "ids": LazyCommand("state", "List ids of a sandbox, and what each is good for."),
        "journal": LazyCommand(
            "journal", "List what clients sent and got, explain it, verify calls."
        ),
        "load": LazyCommand("sandboxes", "Load a scenario into a sandbox."),
        "mutations": LazyCommand(
            "mutations", "List deliberate breaches of contracts; turn them on and off."
        ),
        "new-api": LazyCommand("apis", "Write the package of a new API."),
        "record": LazyCommand("record", "Turn recorded traffic into a scenario."),
        "proxy": LazyCommand(
            "serve", "Forward the requests of an API to its deployment at a URL until Ctrl-C."
        ),
        "requests": LazyCommand("state", "Print a request to try for each operation, as curl."),
        "reset": LazyCommand("sandboxes", "Reset a sandbox to its scenario; its snapshots stay."),
        "restore": LazyCommand(
            "sandboxes", "Restore a sandbox from a snapshot; the snapshot stays."
        ),
        "sandboxes": LazyCommand("sandboxes", "List, create and delete sandboxes."),
        "scenarios": LazyCommand("sandboxes", "List the server's scenarios, or print one."),
        "serve": LazyCommand("serve", "Serve the APIs until Ctrl-C."),
        "snapshot": LazyCommand(
            "sandboxes", "Take a snapshot of a sandbox, or list its snapshots."
        ),
        "state": LazyCommand("state", "List, read and write the documents of a sandbox."),
        "trigger": LazyCommand("state", "List the events, or trigger one."),
        "upstreams": LazyCommand(
            "upstreams", "Forward the requests of an API in a sandbox to a deployment."
        ),
        "validation": LazyCommand(
            "sandboxes", "Read or set how requests to a sandbox are validated."
        ),
        "verify": LazyCommand("check", "Verify recorded traffic against the contracts."),
    },
)
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A mock server that keeps state, and a kit that checks deployments against contracts."""
