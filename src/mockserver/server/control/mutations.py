"""Mutations: listed, and turned on and off in a sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.api import Api
from mockserver.mutation import Mutation
from mockserver.server.control.context import Controls


def list_mutations(controls: Controls) -> dict[str, Any]:
    """All of them, by API, with what is on in the sandbox."""
    return {"mutations": [_shown(controls, *item) for item in controls.known.mutations]}


def turn_mutation_on(controls: Controls, mutation: str) -> dict[str, Any]:
    """One more in the sandbox."""
    name = controls.known.mutations.checked(mutation)
    controls.sandbox.set_mutations({*controls.sandbox.record.mutations, name})
    return _shown(controls, name, *controls.known.mutations.get(name))


def turn_mutation_off(controls: Controls, mutation: str) -> dict[str, Any]:
    """One fewer in the sandbox."""
    name = controls.known.mutations.checked(mutation)
    controls.sandbox.set_mutations({*controls.sandbox.record.mutations} - {name})
    return _shown(controls, name, *controls.known.mutations.get(name))


def turn_mutations_off(controls: Controls) -> None:
    """None any more in the sandbox."""
    controls.sandbox.set_mutations(())


def _shown(controls: Controls, name: str, api: Api, mutation: Mutation) -> dict[str, Any]:
    is_everywhere = name in controls.known.mutations.everywhere
    return {
        "name": name,
        "api": api.name,
        "operations": list(mutation.operations),
        "description": mutation.sentence,
        "active": is_everywhere or name in controls.sandbox.record.mutations,
        "everywhere": is_everywhere,
    }
