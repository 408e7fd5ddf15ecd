"""JSON Merge Patch, RFC 7396."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["merge_patch"]


def merge_patch(value: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
    """A value with a patch applied: `null` removes a field, an object is merged, others replace."""
    whole = dict(value) if isinstance(value, Mapping) else {}
    for name, new in patch.items():
        if new is None:
            whole.pop(name, None)
        else:
            whole[name] = merge_patch(whole.get(name), new) if isinstance(new, Mapping) else new
    return whole
