"""The APIs: each is a package here and a contract, found because they are there."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from mockserver.api import Api
from mockserver.errors import ApiError, SettingError, suggest_nearest
from mockserver.files import CONTRACTS
from mockserver.settings import APIS_VARIABLE, variable

__all__ = ["list_files", "load", "names"]

_OWN_FOLDERS = [
    Path(text).resolve() for text in (variable(APIS_VARIABLE) or "").split(os.pathsep) if text
]
__path__ = [*__path__, *map(str, _OWN_FOLDERS)]  # their packages are `mockserver.apis.NAME` too


def names() -> tuple[str, ...]:
    """The names of all APIs, in alphabetical order. Raises SettingError for a missing folder."""
    for folder in _OWN_FOLDERS:
        if not folder.is_dir():
            raise SettingError(f"{APIS_VARIABLE}: there is no folder '{folder}'.")
    packages = {module.name for module in pkgutil.iter_modules(__path__) if _is_api(module)}
    return tuple(sorted(packages | _find_contracts().keys()))


def _find_contracts() -> dict[str, Path]:
    """The folders with a contract and no package, whose responses are made of the contract."""
    return {
        path.parent.name: path.parent
        for folder in _OWN_FOLDERS
        for path in sorted(folder.glob("*/openapi.yaml"))
        if path.parent.name.isidentifier() and not (path.parent / "__init__.py").exists()
    }


def list_files() -> list[Path]:
    """The files of all APIs that a server reads, and that are no code."""
    shared = [path for path in CONTRACTS.glob("*.yaml") if path.stem != "control"]
    own = ("*/openapi.yaml", "*/world.yaml")
    return [*shared, *(path for it in _OWN_FOLDERS for name in own for path in it.glob(name))]


def _is_api(module: pkgutil.ModuleInfo) -> bool:
    """Whether a package has a contract; a folder may have other packages too."""
    own = Path(getattr(module.module_finder, "path", "")) / module.name / "openapi.yaml"
    return module.ispkg and (own.is_file() or (CONTRACTS / f"{module.name}.yaml").is_file())


def load(only: Iterable[str] = (), *, again: bool = False) -> dict[str, Api]:
    """The APIs by name, all of them or only some, each checked.

    They are the same at each call, unless their contracts are read `again`.

    Raises SettingError for an unknown name, ApiError or ContractError for one that does not fit.
    """
    wanted = tuple(only) or names()
    for name in wanted:
        if name not in names():
            raise SettingError(f"There is no API '{name}'; {suggest_nearest(name, names())}")
    apis = {name: _load(name, again=again) for name in sorted(wanted)}
    _refuse_shared_bases(apis.values())
    return apis


def _load(name: str, *, again: bool) -> Api:
    folder = _find_contracts().get(name)
    if folder:
        api: Any = _make_of_contract(name, folder)
    else:
        api = getattr(import_module(f"{__name__}.{name}"), "api", None)
    if not isinstance(api, Api) or api.name != name:
        raise ApiError(f"The package 'apis/{name}' defines no Api 'api' of that name.")
    found: Api = replace(api) if again else api  # a copy has not read its contract yet
    if not found.contract.base:
        raise ApiError(
            f"The contract of '{name}' names no path under which it is served; write a server with "
            f"one at its top, such as `servers: [{{url: /{name}}}]`."
        )
    _ = found.traits, found.unhandled  # read at the start, so that a wrong one is reported at once
    return found


@cache
def _make_of_contract(name: str, folder: Path) -> Api:
    """The same one each time, as that of a package is."""
    return Api(name, folder=folder)


def _refuse_shared_bases(apis: Iterable[Api]) -> None:
    bases: dict[str, str] = {}
    for api in apis:
        if other := bases.get(api.contract.base):
            raise ApiError(f"'{other}' and '{api.name}' have the same base, '{api.contract.base}'.")
        bases[api.contract.base] = api.name
