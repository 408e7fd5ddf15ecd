"""Which deployment a word on the command line means: a URL, or a name in a targets file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.errors import SettingError, suggest_nearest

if TYPE_CHECKING:
    from mockserver.check.target.target import Target

__all__ = ["DEFAULT", "choose_target", "choose_targets", "find_target"]

DEFAULT = Path("targets.yaml")
"""The targets file of the current folder, which is read where no other is named."""

_HOST = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}(/\S*)?|(localhost|[0-9]+(\.[0-9]+){3})(/\S*)?")


def find_target(text: str, file: Path | None = None) -> Target:
    """The target that a URL or a name means, with the secrets of its environment variables.

    A name is looked up in `file`, else in `targets.yaml` of the current folder. Raises SettingError
    with what to do, also for a file that is not right and for a variable that is not there.
    """
    return choose_target(text, file).with_secrets()


def choose_target(text: str, file: Path | None = None) -> Target:
    """The target that a URL or a name means; nothing is taken from the environment yet.

    Raises SettingError.
    """
    from mockserver.check.target.target import Target, find_url_fault

    if "://" in text:
        if fault := find_url_fault(text):
            # What is before the `@` may be a password.
            raise SettingError(f"The target '{text.rpartition('@')[2]}' cannot be used: {fault}.")
        return Target(name=text, url=text)
    known = _known(file, f"There is no target '{text}'{_hint(text)}")
    if text not in known:
        name = DEFAULT if file is None else file
        raise SettingError(
            f"There is no target '{text}' in '{name}'; {suggest_nearest(text, list(known))}{_hint(text)}"
        )
    return known[text]


def choose_targets(file: Path | None = None) -> list[Target]:
    """Every target of a file, in its order; nothing is taken from the environment yet.

    Raises SettingError.
    """
    return list(_known(file, "There are no targets to check").values())


def _known(file: Path | None, problem: str) -> dict[str, Target]:
    from mockserver.check.target.loader import read_targets

    if file is None and not DEFAULT.exists():
        raise SettingError(
            f"{problem}: there is no '{DEFAULT}' in this folder; give a URL such as "
            "http://127.0.0.1:4010, or name the file with --targets FILE."
        )
    return read_targets(DEFAULT if file is None else file)


def _hint(text: str) -> str:
    """What to do where a URL was meant, and its scheme forgotten."""
    return f" (for a URL, write 'http://{text}')" if _HOST.fullmatch(text) else ""
