"""Operations on checks: start, follow and stop them; their history and their reports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from threading import Event
from typing import Any

import orjson

from mockserver.api import Api
from mockserver.errors import (
    HttpError,
    StoreBusyError,
    StoreError,
    UnknownNameError,
    look_up,
    suggest_nearest,
)
from mockserver.server.checks import (
    MAX_REPORT,
    THIS_SERVER,
    is_lost,
    reach_state,
    summarise,
)
from mockserver.server.control import views
from mockserver.server.control.context import ControlContext
from mockserver.server.responses import make_problem

_POLL_SECONDS = 0.5
_HEARTBEAT_SECONDS = 15.0
_SEED = 20250821
"""That of `mockserver check`, so that the requests are the same."""
_PHASES = ("examples", "cases", "generated", "workflows", "boundaries")


def list_checks(context: ControlContext) -> dict[str, Any]:
    targets = context.checks.list_targets()
    return {
        "checks": [
            views.format_check(record, with_progress=record.is_running)
            for record in context.checks.list_runs()
        ],
        "targets": [
            {name: target[name] for name in ("name", "url", "apis", "allow_writes")}
            for target in targets.by_name.values()
        ],
        "targets_error": targets.error,
    }


def start_check(context: ControlContext, body: dict[str, Any] | None = None) -> dict[str, Any]:
    body = body or {}
    name = body.get("target")
    target = _describe_server(context) if name is None else _find_target(context, name)
    apis, operations = list(dict.fromkeys(body.get("apis", ()))), body.get("operations", [])
    for api in apis:
        _require_api(context, target, api)
    apis = apis or target["apis"]
    _require_operations([context.apis[it] for it in apis if it in context.apis], operations)
    options = {
        "operations": operations,
        "phases": [phase for phase in _PHASES if phase in body.get("phases", _PHASES)],
        "quick": body.get("quick", False),
        "seed": body.get("seed", _SEED),
        "workers": body.get("workers", target["workers"]),
        "allow_writes": target["allow_writes"],
    }
    details = {
        "source": "run",
        "target": target["name"],
        "url": target["url"],
        "apis": apis,
        "options": options,
        "error": None,
        "summary": [],
        "progress": [_wait(api, phase) for api in apis for phase in options["phases"]],
    }
    request = {**options, "target": target["name"], "apis": apis, "own": name is None}
    return views.format_check(context.checks.start(details, request))


def _wait(api: str, phase: str) -> dict[str, Any]:
    """The progress of a phase that has not begun."""
    counts = dict.fromkeys(("requests", "findings", "began"), 0)
    return {"api": api, "phase": phase, "state": "waits", **counts, "ended": None}


def _describe_server(context: ControlContext) -> Mapping[str, Any]:
    """This server as a target."""
    server, url = context.server, context.checks.url
    if url is None:
        raise make_problem(409, "This server does not know its URL, so it cannot check itself")
    # Requests of these would reach a real deployment, which only a target can allow.
    apis = [name for name in server.served if not server.upstreams.get(name)]
    if not apis:
        raise make_problem(
            409,
            "This server forwards the requests of all its APIs to upstreams, which it does not "
            "check; name the deployment in the targets file, and check that target",
        )
    return {
        "name": THIS_SERVER,
        "url": url,
        "apis": apis,
        "allow_writes": True,
        "workers": 1,
    }


def _find_target(context: ControlContext, name: str) -> Mapping[str, Any]:
    targets = context.checks.list_targets()
    if targets.error:
        raise make_problem(409, targets.error)
    if not targets.by_name:
        raise UnknownNameError(
            f"There is no target '{name}', since there is no targets file; start the server with "
            "--targets FILE"
        )
    return look_up(targets.by_name, name, "There is no target")


def _require_api(context: ControlContext, target: Mapping[str, Any], api: str) -> None:
    """Raise a Refusal unless a target has an API."""
    if api in target["apis"]:
        return
    is_own = target["name"] == THIS_SERVER
    subject = "This server" if is_own else f"The target '{target['name']}'"
    sentence = f"{subject} has no API '{api}'; {suggest_nearest(api, target['apis'])}"
    if is_own and api in context.server.served:
        sentence = (
            f"Requests to '{api}' are forwarded to its upstream, which this server does not check; "
            "name the deployment in the targets file, and check that target"
        )
    raise make_problem(422, sentence)


def _require_operations(apis: Iterable[Api], names: Iterable[str]) -> None:
    """Raise a Refusal for an operation that none of the APIs has."""
    known = [
        spelling
        for api in apis
        for operation in api.contract.operations
        for spelling in (operation.id, f"{api.name}.{operation.id}")
    ]
    for name in names:
        if name not in known:
            nearest = suggest_nearest(name, known)
            raise make_problem(422, f"There is no operation '{name}' to check; {nearest}")


def keep_check_report(context: ControlContext, body: dict[str, Any]) -> dict[str, Any]:
    try:
        report = orjson.dumps(body, option=orjson.OPT_INDENT_2)
    except TypeError as error:
        sentence = "It is no report of a check: it has an integer beyond 64 bits"
        raise make_problem(422, sentence) from error
    if len(report) > MAX_REPORT:
        sentence = f"The report has {len(report)} bytes, and at most {MAX_REPORT} are kept"
        raise HttpError(413, sentence)
    summary = summarise(body)
    details = {
        "source": "report",
        "target": body["target"]["name"],
        "url": body["target"]["url"],
        "apis": [api["api"] for api in summary],
        "options": None,
        "error": None,
        "summary": summary,
        "progress": [],
    }
    record = context.checks.keep_report(details, reach_state(summary), report)
    return views.format_check(record)


def get_check(context: ControlContext, id: int) -> dict[str, Any]:
    return views.format_check(context.checks.get(id))


def stop_check(context: ControlContext, id: int) -> dict[str, Any]:
    return views.format_check(context.checks.stop(id))


def delete_check(context: ControlContext, id: int) -> None:
    context.checks.delete(id)


def get_check_report(context: ControlContext, id: int) -> bytes:
    report = context.checks.get_report(id)
    if report is None:
        run = get_check(context, id)
        reason = "it is running" if run["state"] == "running" else run["error"]
        raise UnknownNameError(f"Check {id} has no report: {reason}")
    return report


async def follow_check(
    context: ControlContext, is_cancelled: Event, id: int
) -> AsyncIterator[bytes]:
    """The run as server-sent events, until it has ended or the client leaves."""
    record, seen, idle = await asyncio.to_thread(context.checks.get, id), b"", 0.0
    while not is_cancelled.is_set():
        is_over = is_lost(record) or not record.is_running
        formatted = views.format_check(record)
        data = orjson.dumps(formatted)
        if is_over:
            yield b"event: end\ndata: %b\n\n" % data
            return
        # The seconds of a phase alone are no progress: a client can count them itself.
        progress = [{**stage, "seconds": 0} for stage in formatted["progress"]]
        state = orjson.dumps({**formatted, "progress": progress})
        if state != seen:
            seen, idle = state, 0.0
            yield b"event: progress\ndata: %b\n\n" % data
        elif idle >= _HEARTBEAT_SECONDS:
            idle = 0.0
            yield b":\n\n"  # so that nothing between takes the connection for idle
        await asyncio.sleep(_POLL_SECONDS)
        idle += _POLL_SECONDS
        try:
            record = await asyncio.to_thread(context.checks.get, id)
        except UnknownNameError:
            return  # it was deleted just after its end
        except (StoreBusyError, StoreError):
            continue
