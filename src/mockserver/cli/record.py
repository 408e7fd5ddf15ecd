"""`mockserver record`, which runs in `recorded`."""

from __future__ import annotations

from pathlib import Path

import click

from mockserver.cli.check import DEPLOYMENT
from mockserver.cli.command import Command, load_body


@click.command(cls=Command, example="mockserver record --from traffic.har case.yaml")
@click.option(
    "--from",
    "sources",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A HAR, or the folder that a server with --record left when it was killed. HARs can be "
    "several, the oldest first.",
)
@click.argument("output", metavar="OUTPUT", type=click.Path(path_type=Path))
@click.option(
    "--api",
    "names",
    multiple=True,
    metavar="API",
    help="Only this API; can be given several times.",
)
@DEPLOYMENT
@click.option(
    "--sandbox",
    default="",
    metavar="NAME",
    help="Only the world of this sandbox of a mock; without it, that of `default` or the busiest.",
)
@click.option(
    "--freeze-at",
    metavar="MOMENT",
    help="The moment at which the deployment's clock was frozen; without it, what responses show, "
    "or the times in the recording.",
)
@click.option(
    "--keep",
    "keeps_personal_data",
    is_flag=True,
    help="Keep personal data; without it, names, addresses and the like are replaced.",
)
def record(
    sources: tuple[Path, ...],
    output: Path,
    names: tuple[str, ...],
    urls: tuple[str, ...],
    sandbox: str,
    freeze_at: str | None,
    *,
    keeps_personal_data: bool,
) -> None:
    """Turn recorded traffic into a scenario.

    OUTPUT is the file of the scenario, which ends with .yaml and does not exist yet. With the
    scenario, a read of the recording gets the body that it got last. Credentials are never written.
    """
    load_body("recorded").record(
        sources, output, names, urls, sandbox, freeze_at, keeps_personal_data=keeps_personal_data
    )
