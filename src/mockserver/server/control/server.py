"""Operations on the server: its health, APIs, version and limits, and mutations in a sandbox."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver import __version__
from mockserver.api import Api
from mockserver.errors import HttpError
from mockserver.mutation import Mutation
from mockserver.sandbox import DEFAULT
from mockserver.server.control import views
from mockserver.server.control.context import PREFIX, ControlContext


def get_health(_: ControlContext) -> dict[str, Any]:
    return {"status": "ok", "version": __version__}


def get_readiness(context: ControlContext) -> dict[str, Any]:
    try:
        seed = context.session.get_sandbox(DEFAULT).seed
    except Exception as error:  # a store can fail in any way
        reason = str(error).partition("\n")[0]
        raise HttpError(503, f"The sandbox '{DEFAULT}' cannot be read: {reason}") from error
    return {"status": "ready", "apis": list(context.server.served), "seed": seed}


def list_apis(context: ControlContext) -> list[dict[str, Any]]:
    return [
        {
            "name": api.name,
            "title": api.contract.title,
            "base": api.contract.base,
            "operations": [
                {
                    "id": operation.id,
                    "method": operation.method,
                    "path": api.contract.base + operation.path,
                    "evidence": operation.evidence,
                }
                for operation in api.contract.operations
            ],
            "evidence": dict(Counter(api.contract.evidences)),
            "openapi": f"{PREFIX}/apis/{api.name}/openapi.yaml",
            "client": f"{PREFIX}/apis/{api.name}/client.yaml",
            "docs": f"{PREFIX}/docs/{api.name}",
        }
        for api in context.server.served.values()
    ]


def get_info(context: ControlContext) -> dict[str, Any]:
    known, settings = context.server, context.server.settings
    return {
        "version": __version__,
        "apis": list(context.server.served),
        "scenario": known.template.scenario,
        "seed": known.template.seed,
        "limits": {
            "body": settings.body_limit,
            "control_body": settings.control_body_limit,
            "sandboxes": settings.max_sandboxes,
            "snapshots": settings.max_snapshots,
            "idle": settings.idle_expiry,
        },
        "watch": known.watch and views.format_watch(known.watch),
    }


def get_metrics(context: ControlContext) -> bytes:
    transaction = context.session.transaction
    return context.server.metrics.format(
        {
            "mockserver_sandboxes": (
                "Sandboxes in the store.",
                transaction.worlds.count("sandbox"),
            ),
            "mockserver_stored_documents": (
                "Documents in the store; those that several worlds share are counted once.",
                transaction.partitions.count_documents(),
            ),
        }
    )


def list_mutations(
    context: ControlContext,
    api: str | None = None,
    operation: str | None = None,
    operator: str | None = None,
    active: bool | None = None,
) -> dict[str, Any]:
    found = [
        _format_mutation(context, name, owner, mutation)
        for name, owner, mutation in context.server.mutations
        if api in (None, owner.name)
        and (operation is None or operation in mutation.operations)
        and operator in (None, mutation.operator)
    ]
    return {"mutations": [item for item in found if active in (None, item["active"])]}


def turn_mutation_on(context: ControlContext, mutation: str) -> dict[str, Any]:
    found = context.server.mutations.get(mutation)
    context.sandbox.set_mutations({*context.sandbox.record.mutations, mutation})
    return _format_mutation(context, mutation, *found)


def turn_mutation_off(context: ControlContext, mutation: str) -> dict[str, Any]:
    found = context.server.mutations.get(mutation)
    context.sandbox.set_mutations({*context.sandbox.record.mutations} - {mutation})
    return _format_mutation(context, mutation, *found)


def turn_mutations_off(context: ControlContext) -> None:
    context.sandbox.set_mutations(())


def _format_mutation(
    context: ControlContext, name: str, api: Api, mutation: Mutation
) -> dict[str, Any]:
    is_everywhere = name in context.server.mutations.everywhere
    return {
        "name": name,
        "api": api.name,
        "operations": list(mutation.operations),
        "operator": mutation.operator,
        "description": mutation.sentence,
        "active": is_everywhere or name in context.sandbox.record.mutations,
        "everywhere": is_everywhere,
    }
