"""Connexion's routing, without its redirects: a contract has no path with an additional slash."""

from __future__ import annotations

from typing import Any

from connexion.middleware.routing import RoutingMiddleware
from starlette.routing import Mount


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Finds the operation of a request and stores it in the scope."""

    def add_api(self, specification: Any, **options: Any) -> None:
        """Route the operations of one contract."""
        super().add_api(specification, **options)
        self.router.redirect_slashes = False
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]
