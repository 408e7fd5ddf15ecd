"""What the server uses of Connexion. Only this module imports it.

Connexion imports Starlette's test client and two HTTP clients, for one call of each that this
server does not make. They take longer to import than all else of it, so they wait for the call.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = [
    "ROUTING_CONTEXT",
    "FlaskASGIApp",
    "FlaskApi",
    "FlaskApp",
    "LifespanMiddleware",
    "Resolution",
    "Resolver",
    "RoutingMiddleware",
]

_CALLED_LATER = {"httpx": "AsyncClient", "requests": "get", "starlette.testclient": "TestClient"}


@contextmanager
def _postpone_imports() -> Iterator[None]:
    """In the block, importing one of those modules gives a module with one function.

    The function imports the real module when it is called.
    """
    postponed = {
        module: _make_module(module, function)
        for module, function in _CALLED_LATER.items()
        if module not in sys.modules
    }
    sys.modules.update(postponed)
    try:
        yield
    finally:
        for module in postponed:
            del sys.modules[module]


def _make_module(name: str, function: str) -> ModuleType:
    def call(*arguments: Any, **options: Any) -> Any:
        return getattr(import_module(name), function)(*arguments, **options)

    module = ModuleType(name)
    setattr(module, function, call)
    return module


with _postpone_imports():
    from connexion import FlaskApp
    from connexion.apps.flask import FlaskApi, FlaskASGIApp
    from connexion.middleware.abstract import ROUTING_CONTEXT
    from connexion.middleware.lifespan import LifespanMiddleware
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.resolver import Resolution, Resolver
