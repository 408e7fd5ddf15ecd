"""The APIs: each is a package here and a contract, found because they are there."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from mockserver.api import Api
from mockserver.errors import ApiError, SettingError, suggest_nearest
from mockserver.files import CONTRACTS
from mockserver.settings import APIS_VARIABLE, variable

__all__ = ["load", "names"]

_OWN_FOLDERS = [
    Path(text).resolve() for text in (variable(APIS_VARIABLE) or "").split(os.pathsep) if text
]
__path__ = [*__path__, *map(str, _OWN_FOLDERS)]  # their packages are `mockserver.apis.NAME` too


def names() -> tuple[str, ...]:
    """The names of all APIs, in alphabetical order. Raises SettingError for a missing folder."""
    for folder in _OWN_FOLDERS:
        if not folder.is_dir():
            raise SettingError(f"{APIS_VARIABLE}: there is no folder '{folder}'.")
    return tuple(
        sorted({module.name for module in pkgutil.iter_modules(__path__) if _is_api(module)})
    )


def _is_api(module: pkgutil.ModuleInfo) -> bool:
    """Whether a package has a contract; a folder may have other packages too."""
    own = Path(getattr(module.module_finder, "path", "")) / module.name / "openapi.yaml"
    return module.ispkg and (own.is_file() or (CONTRACTS / f"{module.name}.yaml").is_file())


def load(only: Iterable[str] = ()) -> dict[str, Api]:
    """The APIs by name, all of them or only some, each checked.

    Raises SettingError for an unknown name, ApiError or ContractError for one that does not fit.
    """
    wanted = tuple(only) or names()
    for name in wanted:
        if name not in names():
            raise SettingError(f"There is no API '{name}'; {suggest_nearest(name, names())}")
    apis = {name: _load(name) for name in sorted(wanted)}
    _refuse_shared_bases(apis.values())
    return apis


def _load(name: str) -> Api:
    api = getattr(import_module(f"{__name__}.{name}"), "api", None)
    if not isinstance(api, Api) or api.name != name:
        raise ApiError(f"The package 'apis/{name}' defines no Api 'api' of that name.")
    for operation in api.contract.operations:
        api.get_handler(operation)
    _ = api.traits  # read at the start, so that a wrong one is reported at once
    return api


def _refuse_shared_bases(apis: Iterable[Api]) -> None:
    bases: dict[str, str] = {}
    for api in apis:
        if other := bases.get(api.contract.base):
            raise ApiError(f"'{other}' and '{api.name}' have the same base, '{api.contract.base}'.")
        bases[api.contract.base] = api.name
