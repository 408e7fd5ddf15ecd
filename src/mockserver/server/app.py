"""The whole house on one page: what a request passes, from the socket to the handler and back.

prefix    a sandbox chosen by the path is taken off it
cors      a browser app on another origin may call the vendors
errors    any exception becomes an answer in the shape of whoever was asked
guard     refuses what no router should see; reads the body, up to the limit
methods   HEAD is a GET, OPTIONS says what is allowed
routing   Connexion finds the operation
exchanges which sandbox? security, the request judged, the answer judged, one transaction
Flask     the handler of the operation; the mock's own pages
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

with warnings.catch_warnings():
    # Connexion imports a test client that nobody here uses; the warning is for its authors.
    warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
    from mockserver.server.bridge import InlineFlaskApp

from connexion.middleware.lifespan import LifespanMiddleware
from starlette.types import ASGIApp
from werkzeug.exceptions import HTTPException

from mockserver import apis as vendors
from mockserver import scenarios
from mockserver.api import Api
from mockserver.sandbox import Blueprint, Sandboxes
from mockserver.server import control
from mockserver.server.middleware import (
    Cors,
    Errors,
    Exchanges,
    Guard,
    Methods,
    Prefix,
    Routing,
)
from mockserver.server.problems import Problems
from mockserver.server.resolver import HandlerResolver
from mockserver.settings import Settings
from mockserver.store import Store

__all__ = ["create_app"]


def create_app(settings: Settings) -> ASGIApp:
    """The mock server as an ASGI app. Its store is closed when the app's lifespan ends.

    Raises SettingError, ScenarioError, ContractError or ApiError when it cannot be made.
    """
    served = vendors.load(settings.only)
    store = Store(settings.store)
    try:
        return _assemble(settings, served, store)
    except BaseException:
        store.close()
        raise


def _assemble(settings: Settings, served: dict[str, Api], store: Store) -> ASGIApp:
    # The world has all APIs, also those that are not served: a store may be opened with others.
    apis = vendors.load()
    sandboxes = Sandboxes(
        store, _blueprint(settings, apis), documented_only=settings.documented_only
    )
    problems = Problems(served.values())
    app = InlineFlaskApp(
        "mockserver",
        lifespan=partial(_lifespan, store),
        middlewares=[
            LifespanMiddleware,
            Prefix,
            partial(Cors, problems=problems),
            partial(Errors, problems=problems),
            partial(Guard, limit=settings.body_limit),
            partial(Methods, problems=problems),
            Routing,
            partial(Exchanges, apis=served.values(), sandboxes=sandboxes, problems=problems),
        ],
    )
    for api in served.values():
        app.add_api(
            dict(api.contract.document),
            base_path=api.contract.base,
            resolver=HandlerResolver(api),
        )
    app.app.register_blueprint(control.blueprint(served, sandboxes))
    app.app.register_error_handler(HTTPException, control.problem)
    whole: ASGIApp = app
    return whole


def _blueprint(settings: Settings, apis: dict[str, Api]) -> Blueprint:
    scenario = scenarios.load(scenarios.find(settings.scenario), apis)
    return scenarios.blueprint(scenario, apis, seed=settings.seed, freeze_at=settings.freeze_at)


@asynccontextmanager
async def _lifespan(store: Store, _: Any) -> AsyncIterator[None]:
    try:
        yield
    finally:
        store.close()
