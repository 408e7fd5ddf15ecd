"""Mutations: listed, and turned on and off in a sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.api import Api
from mockserver.mutation import Mutation
from mockserver.server.control.context import Controls


def list_mutations(
    controls: Controls,
    api: str | None = None,
    operation: str | None = None,
    operator: str | None = None,
    active: bool | None = None,
) -> dict[str, Any]:
    """All of them, or those that the filters leave, by API, with what is on in the sandbox."""
    found = [
        _view(controls, name, owner, mutation)
        for name, owner, mutation in controls.known.mutations
        if api in (None, owner.name)
        and (operation is None or operation in mutation.operations)
        and operator in (None, mutation.operator)
    ]
    return {"mutations": [item for item in found if active in (None, item["active"])]}


def turn_mutation_on(controls: Controls, mutation: str) -> dict[str, Any]:
    """One more in the sandbox."""
    name = controls.known.mutations.check(mutation)
    controls.sandbox.set_mutations({*controls.sandbox.record.mutations, name})
    return _view(controls, name, *controls.known.mutations.get(name))


def turn_mutation_off(controls: Controls, mutation: str) -> dict[str, Any]:
    """One fewer in the sandbox."""
    name = controls.known.mutations.check(mutation)
    controls.sandbox.set_mutations({*controls.sandbox.record.mutations} - {name})
    return _view(controls, name, *controls.known.mutations.get(name))


def turn_mutations_off(controls: Controls) -> None:
    """None any more in the sandbox."""
    controls.sandbox.set_mutations(())


def _view(controls: Controls, name: str, api: Api, mutation: Mutation) -> dict[str, Any]:
    is_everywhere = name in controls.known.mutations.everywhere
    return {
        "name": name,
        "api": api.name,
        "operations": list(mutation.operations),
        "operator": mutation.operator,
        "description": mutation.sentence,
        "active": is_everywhere or name in controls.sandbox.record.mutations,
        "everywhere": is_everywhere,
    }
