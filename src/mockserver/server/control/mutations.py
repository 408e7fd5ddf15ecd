"""Operations on mutations: list them, turn them on and off in a sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.api import Api
from mockserver.mutation import Mutation
from mockserver.server.control.context import ControlContext


def list_mutations(
    context: ControlContext,
    api: str | None = None,
    operation: str | None = None,
    operator: str | None = None,
    active: bool | None = None,
) -> dict[str, Any]:
    found = [
        _format(context, name, owner, mutation)
        for name, owner, mutation in context.server.mutations
        if api in (None, owner.name)
        and (operation is None or operation in mutation.operations)
        and operator in (None, mutation.operator)
    ]
    return {"mutations": [item for item in found if active in (None, item["active"])]}


def turn_mutation_on(context: ControlContext, mutation: str) -> dict[str, Any]:
    name = context.server.mutations.check(mutation)
    context.sandbox.set_mutations({*context.sandbox.record.mutations, name})
    return _format(context, name, *context.server.mutations.get(name))


def turn_mutation_off(context: ControlContext, mutation: str) -> dict[str, Any]:
    name = context.server.mutations.check(mutation)
    context.sandbox.set_mutations({*context.sandbox.record.mutations} - {name})
    return _format(context, name, *context.server.mutations.get(name))


def turn_mutations_off(context: ControlContext) -> None:
    context.sandbox.set_mutations(())


def _format(context: ControlContext, name: str, api: Api, mutation: Mutation) -> dict[str, Any]:
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
