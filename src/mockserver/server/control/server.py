"""Operations on the server: its health, its APIs, its version and limits."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver import __version__
from mockserver.api import Api
from mockserver.errors import ServiceUnavailable
from mockserver.sandbox import DEFAULT
from mockserver.server.control.context import PREFIX, ControlContext


def get_health(_: ControlContext) -> dict[str, Any]:
    return {"status": "ok", "version": __version__}


def get_readiness(context: ControlContext) -> dict[str, Any]:
    try:
        seed = context.session.get_sandbox(DEFAULT).seed
    except Exception as error:  # a store can fail in any way
        reason = str(error).partition("\n")[0]
        raise ServiceUnavailable(f"The sandbox '{DEFAULT}' cannot be read: {reason}") from error
    return {"status": "ready", "apis": list(context.server.served), "seed": seed}


def list_apis(context: ControlContext) -> list[dict[str, Any]]:
    return [_format_api(api) for api in context.server.served.values()]


def get_info(context: ControlContext) -> dict[str, Any]:
    known = context.server
    settings, limits = known.settings, known.limits
    return {
        "version": __version__,
        "apis": list(context.server.served),
        "scenario": known.template.scenario,
        "seed": known.template.seed,
        "limits": {
            "body": settings.body_limit,
            "control_body": settings.control_body_limit,
            "sandboxes": limits.sandboxes,
            "snapshots": limits.snapshots,
            "idle": limits.idle,
        },
    }


def _format_api(api: Api) -> dict[str, Any]:
    contract = api.contract
    return {
        "name": api.name,
        "title": contract.title,
        "base": contract.base,
        "operations": [
            {
                "id": operation.id,
                "method": operation.method,
                "path": contract.base + operation.path,
                "evidence": operation.evidence,
            }
            for operation in contract.operations
        ],
        "evidence": dict(Counter(contract.evidences)),
        "openapi": f"{PREFIX}/apis/{api.name}/openapi.yaml",
        "docs": f"{PREFIX}/docs/{api.name}",
    }
