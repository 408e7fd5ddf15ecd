"""Formats ids as lines that can be pasted into a targets file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from mockserver.check.cases import read_cases
from mockserver.check.target.target import Target

_NOT_IN_NAMES = re.compile("[^A-Za-z0-9._-]+")


def format_snippet(target: Target, ids: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The lines of a targets file with ids by API and name, an empty one where none is known.

    An empty one is refused by the reader of the file, so that none is forgotten.
    """
    name = _NOT_IN_NAMES.sub("-", urlsplit(target.url).hostname or "").strip("-.")
    yield "targets:"
    yield f"  {target.name if target.name != target.url else name}:"
    yield f"    url: {json.dumps(target.url)}"
    yield "    ids:"
    for api, values in ids.items():
        described = {it.name: it.description for it in read_cases(api).ids if it.name in values}
        yield f"      {api}:"
        for id, description in described.items():
            value = f" {json.dumps(values[id])}" if values[id] else ""
            yield f"        {id}:{value}  # {description}"
