"""The upstream of an API: where requests to it are forwarded, and what becomes of violations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.deployment import find_url_fault, normalize_url
from mockserver.errors import SettingError, UnknownNameError, end_sentence, look_up, suggest_nearest
from mockserver.settings import Settings


@dataclass(frozen=True)
class Upstream:
    """A real deployment of an API.

    `url` is what stands before the base of the contract. With `enforce`, what violates the contract
    becomes an error. The operations in `mock` get their responses from the mock. `timeout` is how
    many seconds the deployment may take for a connection, for the head of a response, and between
    two parts of it.
    """

    url: str
    enforce: bool = False
    mock: tuple[str, ...] = ()
    timeout: float = 60.0

    @classmethod
    def read(cls, setting: Mapping[str, Any], api: Api) -> Upstream:
        """The upstream in a setting that has its members. Raises SettingError."""
        if fault := find_url_fault(setting["url"]):
            raise SettingError(f"The URL of the upstream of '{api.name}' cannot be used: {fault}.")
        url, base = normalize_url(setting["url"]).rstrip("/"), api.contract.base.rstrip("/")
        if base and url.endswith(base):
            raise SettingError(
                f"The URL of the upstream of '{api.name}' ends with '{base}', with which the paths "
                f"of the API begin already. Give '{url.removesuffix(base)}'."
            )
        known = {operation.id: operation for operation in api.contract.operations}
        for name in setting.get("mock", ()):
            try:
                look_up(known, name, f"The API '{api.name}' has no operation")
            except UnknownNameError as error:
                raise SettingError(str(error)) from error
        return cls(**{**setting, "url": url, "mock": tuple(setting.get("mock", ()))})

    def format(self) -> dict[str, Any]:
        """The setting that it is read from."""
        return {**asdict(self), "mock": list(self.mock)}


Upstreams = Mapping[str, Upstream | None]
"""Upstreams by API; None where the mock itself responds."""


@lru_cache(maxsize=1_000)
def read_upstreams(text: str) -> Upstreams:
    """The upstreams that a world stores in a text."""
    stored = orjson.loads(text or "{}")
    return {
        api: setting and Upstream(**{**setting, "mock": tuple(setting["mock"])})
        for api, setting in stored.items()
    }


def format_upstreams(upstreams: Upstreams) -> str:
    """The text that a world stores; empty for none."""
    if not upstreams:
        return ""
    stored = {api: upstream and upstream.format() for api, upstream in upstreams.items()}
    return orjson.dumps(stored).decode()


def read_default_upstreams(settings: Settings, apis: Mapping[str, Api]) -> Upstreams:
    """The upstreams of all sandboxes that have none of their own. Raises SettingError."""
    urls: dict[str, str] = {}
    for text in settings.upstream:
        name, _, url = text.partition("=")
        try:
            look_up(apis, name, "--upstream: there is no API")
        except UnknownNameError as error:
            raise SettingError(end_sentence(error)) from error
        if name in urls:
            raise SettingError(
                f"--upstream: the API '{name}' is given twice; give it one upstream."
            )
        urls[name] = url
    known = {operation.id for name in urls for operation in apis[name].contract.operations}
    for name in settings.mock:
        if name not in known:
            raise SettingError(f"--mock: {end_sentence(_explain_unknown(name, known))}")
    return {
        name: Upstream.read(
            {
                "url": url,
                "enforce": settings.enforce,
                "mock": [it.id for it in apis[name].contract.operations if it.id in settings.mock],
                "timeout": float(settings.upstream_timeout),
            },
            apis[name],
        )
        for name, url in urls.items()
    }


def _explain_unknown(operation: str, known: set[str]) -> str:
    if not known:
        return f"'{operation}' is served by the mock already; give --upstream too"
    nearest = suggest_nearest(operation, known)
    return f"no API with an upstream has an operation '{operation}'; {nearest}"
