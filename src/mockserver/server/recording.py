"""The recording of a server: its exchanges go to a folder, and at the end a scenario is made of it.

The folder stands beside the file of the scenario. A server that was killed leaves it; another one
with the same file goes on with it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from mockserver.api import Api
from mockserver.contract import Exchange
from mockserver.errors import SettingError
from mockserver.files import replace_file
from mockserver.recorder import (
    Cleaner,
    RecordedExchange,
    RecordedScenario,
    RecordingOptions,
    SpoolWriter,
    make_scenario,
)
from mockserver.settings import Settings

_log = logging.getLogger("mockserver")


class Recording:
    """Records the exchanges of one process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writer: SpoolWriter | None = SpoolWriter(get_folder(file))
        self._cleaners: dict[str, tuple[Api, Cleaner]] = {}

    def add(self, exchange: RecordedExchange) -> None:
        """Write an exchange. Where that fails, the server goes on, and records no more."""
        if self._writer is None:
            return
        try:
            self._writer.add(exchange)
        except OSError as error:
            _log.error("'%s' records no more: %s.", self._file, error.strerror)
            self._writer = None

    def add_of_api(self, api: Api, exchange: RecordedExchange, message: Exchange) -> None:
        """Write an exchange with an API, without its secrets."""
        known, cleaner = self._cleaners.get(api.name, (None, None))
        if cleaner is None or known is not api:  # its contract has changed
            cleaner = Cleaner(api)
            self._cleaners[api.name] = api, cleaner
        cleaner.found.add(message)
        self.add(cleaner.clean(exchange))

    def close(self) -> None:
        """Close the file of this process."""
        if self._writer:
            self._writer.close()


def get_folder(file: Path) -> Path:
    """Where the exchanges of a recording are until its scenario is written."""
    return file.with_name(f"{file.name}.recording")


def check_recording(file: Path) -> None:
    """Raise SettingError if a file cannot be that of a recording."""
    if file.suffix not in (".yaml", ".yml"):
        raise SettingError(f"--record: '{file}' is no name of a scenario; let it end with .yaml.")
    if file.exists():
        raise SettingError(
            f"--record: '{file}' exists, and may have been edited; name another file."
        )
    if not file.parent.is_dir():
        raise SettingError(f"--record: there is no folder '{file.parent}'.")


def write_recording(settings: Settings, apis: Mapping[str, Api]) -> RecordedScenario:
    """Write the scenario of what was recorded until now. Raises NothingRecorded and OSError."""
    file = settings.record or Path()
    options = RecordingOptions(
        name=file.stem,
        source="a server",
        sandbox=settings.record_sandbox,
        keeps_personal_data=settings.record_keep,
    )
    recorded = make_scenario(get_folder(file), apis, options)
    with replace_file(file) as opened:
        opened.write(recorded.text.encode())
    return recorded


def remove_recorded(file: Path) -> None:
    """Remove the exchanges, of which a scenario was made."""
    shutil.rmtree(get_folder(file), ignore_errors=True)
