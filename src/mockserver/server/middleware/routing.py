"""Connexion's routing, without redirects: a path with a slash too many is not in the contract."""

from __future__ import annotations

from typing import Any

from connexion.middleware.routing import RoutingMiddleware
from starlette.routing import Mount

__all__ = ["Routing"]


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Finds the operation of a request and names it in the scope."""

    def add_api(self, specification: Any, **options: Any) -> None:
        """Route the operations of one contract."""
        super().add_api(specification, **options)
        self.router.redirect_slashes = False
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]
