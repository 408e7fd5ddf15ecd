"""Operations on the upstreams of a sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.errors import look_up
from mockserver.server.control.context import ControlContext
from mockserver.server.upstream.setting import (
    Upstream,
    Upstreams,
    format_upstreams,
    read_upstreams,
)


def list_upstreams(context: ControlContext) -> dict[str, Any]:
    known = {**context.server.upstreams, **_get_own(context)}
    return {"upstreams": [_format(api, upstream) for api, upstream in known.items() if upstream]}


def get_upstream(context: ControlContext, api: str) -> dict[str, Any]:
    known = {**context.server.upstreams, **_get_own(context)}
    served = {name: upstream for name, upstream in known.items() if upstream}
    sentence = f"The sandbox '{context.sandbox.record.name}' has no upstream of the API"
    return _format(api, look_up(served, api, sentence))


def put_upstream(context: ControlContext, api: str, body: dict[str, Any]) -> dict[str, Any]:
    served = look_up(context.server.served, api, "There is no API")
    upstream = Upstream.read(body, served)
    _store(context, {**_get_own(context), api: upstream})
    return _format(api, upstream)


def delete_upstream(context: ControlContext, api: str) -> None:
    look_up(context.server.served, api, "There is no API")
    own = {**_get_own(context)}
    own.pop(api, None)
    if api in context.server.upstreams:
        own[api] = None  # the server has one for every sandbox, and this one shall have none
    _store(context, own)


def _get_own(context: ControlContext) -> Upstreams:
    return read_upstreams(context.sandbox.record.upstreams)


def _store(context: ControlContext, upstreams: Upstreams) -> None:
    context.sandbox.set_upstreams(format_upstreams(upstreams))


def _format(api: str, upstream: Upstream) -> dict[str, Any]:
    return {"api": api, **upstream.format()}
