"""`mockserver upstreams`."""

from __future__ import annotations

import click

from mockserver.cli.command import Group
from mockserver.cli.remote import Columns, Remote, pass_remote


@click.group(
    cls=Group,
    default="list",
    subcommand_metavar="[COMMAND] [ARGS]...",
    example="mockserver upstreams set API https://staging.example",
)
def upstreams() -> None:
    """Forward the requests of an API in a sandbox to a deployment.

    `mockserver proxy` does so for every sandbox of a server.
    """


@upstreams.command(name="list", example="mockserver upstreams list")
@pass_remote
def list_upstreams(remote: Remote) -> None:
    """List the upstreams of a sandbox, the server's own included."""
    found = remote.client.upstreams.list()
    columns: Columns = {
        "API": "api",
        "Upstream": "url",
        "Enforce": "enforce",
        "Mock": "mock",
        "Seconds": "timeout",
    }
    remote.print_table({"upstreams": [it.json for it in found]}, found, columns)


@upstreams.command(name="set", example="mockserver upstreams set API https://staging.example")
@click.argument("api")
@click.argument("upstream", metavar="URL")
@click.option("--enforce", is_flag=True, help="Turn what violates the contract into errors.")
@click.option("--mock", multiple=True, metavar="OPERATION", help="Serve this one from the mock.")
@click.option(
    "--upstream-timeout",
    type=click.FloatRange(0.1, 3600),
    default=60.0,
    metavar="SECONDS",
    help="Wait so long for each step of the deployment.  [default: 60]",
)
@pass_remote
def set_upstream(
    remote: Remote,
    api: str,
    upstream: str,
    enforce: bool,
    mock: tuple[str, ...],
    upstream_timeout: float,
) -> None:
    """Forward the requests of an API to its deployment at a URL."""
    it = remote.client.upstreams.put(
        api, upstream, enforce=enforce, mock=mock, timeout=upstream_timeout
    )
    remote.print(f"Requests of '{it.api}' are forwarded to '{it.url}'.", it.json)


@upstreams.command(example="mockserver upstreams remove API")
@click.argument("api")
@pass_remote
def remove(remote: Remote, api: str) -> None:
    """Let the mock itself respond to the requests of an API again."""
    remote.client.upstreams.delete(api)
    remote.print(f"The mock responds to the requests of '{api}'.")
