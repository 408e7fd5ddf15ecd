"""What the options of a command say of a target, in the place of what its file says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.errors import SettingError, suggest_nearest

if TYPE_CHECKING:
    from mockserver.check.target.target import Target

__all__ = ["overridden", "pairs"]

_SAME = ("allow_writes", "rate", "timeout", "time_limit", "evidence")
"""The options that are fields of a target, under the same name; None where they are not given."""


def overridden(target: Target, given: Mapping[str, Any]) -> Target:
    """The target with what was given: of credentials and ids, the others stay as they were.

    Raises SettingError for an API or an id that there is not.
    """
    from mockserver import apis

    apis.load(given["apis"])  # says which there is not
    fields = {name: given[name] for name in _SAME if given[name] is not None}
    if given["apis"]:
        fields["apis"] = tuple(given["apis"])
    return replace(
        target,
        variables={**target.variables, **_credentials(given["credentials"])},
        ids=_ids(target.ids, given["ids"]),
        **fields,
    )


def pairs(given: Iterable[str], option: str) -> Iterator[tuple[str, str]]:
    """What is written NAME=VALUE. Raises SettingError for what is not."""
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise SettingError(f"{option}: '{text}' is not written NAME=VALUE.")
        yield name, value


def _credentials(given: Iterable[str]) -> dict[str, str]:
    found = dict(pairs(given, "--credential"))
    for api in found:
        _check_api(api, "--credential")
    return found


def _ids(
    before: Mapping[str, Mapping[str, str]], given: Iterable[str]
) -> dict[str, dict[str, str]]:
    from mockserver.check.cases import read_cases

    found = defaultdict(dict, {api: dict(ids) for api, ids in before.items()})
    for place, value in pairs(given, "--id"):
        api, _, name = place.partition(".")
        _check_api(api, "--id")
        _check(
            name, [required.name for required in read_cases(api).ids], f"--id: '{api}' has no id"
        )
        found[api][name] = value
    return dict(found)


def _check_api(api: str, option: str) -> None:
    from mockserver import apis

    _check(api, apis.names(), f"{option}: there is no API")


def _check(word: str, names: Sequence[str], problem: str) -> None:
    if word not in names:
        raise SettingError(f"{problem} '{word}'; {suggest_nearest(word, names)}")
