"""Defects: listed, and turned on and off in a sandbox."""

from __future__ import annotations

from typing import Any

from mockserver.api import Api
from mockserver.defect import Defect
from mockserver.server.control.controls import Controls


def list_defects(controls: Controls) -> dict[str, Any]:
    """All of them, by API, with what is on in the sandbox."""
    return {"defects": [_shown(controls, *item) for item in controls.known.defects]}


def turn_defect_on(controls: Controls, defect: str) -> dict[str, Any]:
    """One more in the sandbox."""
    name = controls.known.defects.checked(defect)
    controls.sandbox.set_defects({*controls.sandbox.record.defects, name})
    return _shown(controls, name, *controls.known.defects.get(name))


def turn_defect_off(controls: Controls, defect: str) -> dict[str, Any]:
    """One fewer in the sandbox."""
    name = controls.known.defects.checked(defect)
    controls.sandbox.set_defects({*controls.sandbox.record.defects} - {name})
    return _shown(controls, name, *controls.known.defects.get(name))


def turn_defects_off(controls: Controls) -> None:
    """None any more in the sandbox."""
    controls.sandbox.set_defects(())


def _shown(controls: Controls, name: str, api: Api, defect: Defect) -> dict[str, Any]:
    is_everywhere = name in controls.known.defects.everywhere
    return {
        "name": name,
        "api": api.name,
        "operations": list(defect.operations),
        "description": defect.sentence,
        "active": is_everywhere or name in controls.sandbox.record.defects,
        "everywhere": is_everywhere,
    }
