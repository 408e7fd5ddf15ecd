"""The folders of contracts and scenarios, and files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name


CONTRACTS = _folder("openapi")
"""The folder of the OpenAPI files, one a vendor."""

SCENARIOS = _folder("fixtures")
"""The folder of the scenarios that come with the package."""


@contextmanager
def replace_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of another one when the block ends well. Raises OSError.

    A stream, such as `/dev/stdout`, is written as it is.
    """
    if _is_stream(path):
        with path.open("wb") as stream:
            yield stream
        return
    target = path.resolve()  # what a link leads to, so that it stays a link
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".mockserver-") as folder:
        unfinished = Path(folder) / target.name
        with unfinished.open("wb") as file:
            yield file
        with suppress(FileNotFoundError):
            shutil.copymode(target, unfinished)
        try:
            unfinished.replace(target)
        except OSError as error:
            if error.errno != errno.EBUSY:  # a file that is mounted by itself, as in a container
                raise
            shutil.copyfile(unfinished, target)


def _is_stream(path: Path) -> bool:
    """Whether a path is no file, or the file that standard output or standard error goes to.

    A file in a folder that may not be written to counts as one.
    """
    try:
        status = path.stat()
    except OSError:
        return False
    if not os.access(path.resolve().parent, os.W_OK):
        return True
    standard = [os.fstat(number) for number in (1, 2)]
    return not stat.S_ISREG(status.st_mode) or any(
        os.path.samestat(status, stream) for stream in standard
    )
