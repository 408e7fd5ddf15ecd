"""The pagination extensions of SDK generators, read as `x-pagination` where they say the same.

`x-speakeasy-pagination` names inputs by their type and points with JSONPath; `x-fern-pagination`
points with `$request.` and `$response.`. Neither says where totals are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["read_pagination_of_generators"]

_SPEAKEASY_OUTPUTS = {"results": "rows", "numPages": "last", "nextCursor": "next_cursor"}


def read_pagination_of_generators(operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """The `x-pagination` that an operation declares in a generator's words; None without one."""
    speakeasy, fern = operation.get("x-speakeasy-pagination"), operation.get("x-fern-pagination")
    if isinstance(speakeasy, Mapping):
        return _read_speakeasy(speakeasy)
    return _read_fern(fern) if isinstance(fern, Mapping) else None


def _read_speakeasy(node: Mapping[str, Any]) -> dict[str, Any] | None:
    inputs = {it["type"]: it["name"] for it in node.get("inputs", ()) if it["in"] == "parameters"}
    outputs = {
        _SPEAKEASY_OUTPUTS.get(key, ""): _pointer(value)
        for key, value in node.get("outputs", {}).items()
    }
    style = next((name for name in ("cursor", "offset", "page") if name in inputs), None)
    if style is None or not outputs.get("rows"):
        return None  # pages that are found by URL alone, or in another place than parameters
    found = {"style": _style(style), style: inputs[style], **outputs}
    found.pop("", None)
    return {**found, "per_page": inputs["limit"]} if "limit" in inputs else found


def _read_fern(node: Mapping[str, Any]) -> dict[str, Any] | None:
    style = next((name for name in ("cursor", "offset") if name in node), None)
    if style is None or "results" not in node:
        return None
    # Without a step the "offset" of this extension counts pages.
    word = "page" if style == "offset" and "step" not in node else style
    found = {"style": _style(word), word: _name(node[style]), "rows": _pointer(node["results"])}
    if "next_cursor" in node:
        found["next_cursor"] = _pointer(node["next_cursor"])
    return {**found, "per_page": _name(node["step"])} if "step" in node else found


def _style(word: str) -> str:
    return "page-number" if word == "page" else word


def _pointer(path: str) -> str:
    """A JSON Pointer from `$.a.b`, `$response.a.b` or `$response`."""
    return "".join(f"/{name}" for name in path.split(".")[1:])


def _name(path: str) -> str:
    return path.rpartition(".")[2]
