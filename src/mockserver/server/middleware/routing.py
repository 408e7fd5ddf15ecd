"""Connexion's routing by the contract alone: no redirects, and no conversion of values."""

from __future__ import annotations

from typing import Any

from connexion.middleware.routing import RoutingMiddleware
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import Mount
from starlette.types import ASGIApp


class Routing(RoutingMiddleware):  # type: ignore[misc]
    """Finds the operation of a request and stores it in the scope."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        # Connexion would convert `01` to 1, and find no operation for `x`, where the parameter is
        # an integer. What a value may be is for the validator to decide (ADR 012).
        for connexion_type in ("int", "float"):
            register_url_convertor(connexion_type, StringConvertor())

    def add_api(self, specification: Any, **options: Any) -> None:
        """Route the operations of one contract."""
        super().add_api(specification, **options)
        # A contract has no path with an additional slash.
        self.router.redirect_slashes = False
        for route in self.router.routes:
            if isinstance(route, Mount):
                route.app.redirect_slashes = False  # type: ignore[attr-defined]
