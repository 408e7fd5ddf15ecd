"""Which operations a run requests and validates; the others are excluded, by API."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from mockserver import apis
from mockserver.check.target.target import Target
from mockserver.errors import SettingError, suggest_nearest

Excluded = Mapping[str, frozenset[str]]
"""By API, the ids of the operations that are neither requested nor validated."""


def find_excluded(only: Collection[str], excluded: Collection[str]) -> Excluded:
    """The operations that `--operation` and `--exclude` leave out.

    Each name is an operationId, of whichever APIs have one, or `api.operationId`. Raises
    SettingError with the nearest name for one that no API has.
    """
    served = apis.load()
    every = [(name, it.id) for name, api in served.items() for it in api.contract.operations]
    left_out = {pair for name in excluded for pair in _find_operations(name, every, "--exclude")}
    if only:
        kept = {pair for name in only for pair in _find_operations(name, every, "--operation")}
        left_out |= {*every} - kept
    return {api: frozenset(id for name, id in left_out if name == api) for api in served}


def _find_operations(
    name: str, every: Iterable[tuple[str, str]], option: str
) -> list[tuple[str, str]]:
    found = [(api, id) for api, id in every if name in (id, f"{api}.{id}")]
    if not found:
        known = [spelling for api, id in every for spelling in (id, f"{api}.{id}")]
        raise SettingError(
            f"{option}: there is no operation '{name}'; {suggest_nearest(name, known)}"
        )
    return found


def unite(a: Excluded, b: Excluded) -> Excluded:
    """What either excludes."""
    return {api: a.get(api, frozenset()) | b.get(api, frozenset()) for api in {*a, *b}}


def list_remaining(names: Iterable[str], excluded: Excluded) -> list[str]:
    """The APIs of which an operation is left; without names, of all APIs."""
    return [
        name
        for name, api in apis.load(names).items()
        if any(operation.id not in excluded.get(name, ()) for operation in api.contract.operations)
    ]


def exclude_operations(target: Target, only: Collection[str], excluded: Collection[str]) -> Target:
    """The target with only these operations, and without the APIs of which none is left.

    Raises SettingError for an unknown name, and where none is left at all.
    """
    if not only and not excluded:
        return target
    united = unite(target.excluded, find_excluded(only, excluded))
    remaining = list_remaining(target.apis, united)
    if not remaining:
        raise SettingError(
            f"No operation of '{target.name}' is left by --operation, --exclude and what the "
            "targets file says; name others."
        )
    return replace(target, apis=tuple(remaining), excluded=united)
