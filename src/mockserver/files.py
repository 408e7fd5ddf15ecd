"""The folders of contracts and scenarios: in an installed package, or in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name


CONTRACTS = _folder("openapi")
"""The folder of the OpenAPI files, one a vendor."""

SCENARIOS = _folder("fixtures")
"""The folder of the scenarios that come with the package."""
