"""The whole house on one page: what a request passes, from the socket to the handler and back.

prefix    a sandbox chosen by the path is taken off it
stamp     every answer says its sandbox and its seed
cors      a browser app on another origin may call the vendors
errors    any exception becomes an answer in the shape of whoever was asked
door      the control API is for this machine, or for who has the token
guard     refuses what no router should see; reads the body, up to the limit
methods   HEAD is a GET, OPTIONS says what is allowed
routing   Connexion finds the operation
exchanges which sandbox? security, the request validated, the answer validated, one transaction;
          a mutation that is on stands around it
Flask     the handler of the operation, the vendors' and the control API's; the mock's own pages
"""

from __future__ import annotations

import asyncio
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
from mockserver.errors import SettingError, UnknownNameError
from mockserver.sandbox import Limits, Sandboxes
from mockserver.scenarios import Library
from mockserver.server import control
from mockserver.server.cleanup import clean_up_sandboxes
from mockserver.server.control import ServerContext
from mockserver.server.middleware import (
    ControlAccess,
    Cors,
    Dispatch,
    Errors,
    HeadAndOptions,
    RequestGuard,
    Routing,
    SandboxHeaders,
    SandboxSelection,
)
from mockserver.server.mutations import Mutations, mutate_refusal
from mockserver.server.problems import ErrorResponses
from mockserver.server.resolver import HandlerResolver
from mockserver.server.services import control_service, vendor_service
from mockserver.settings import Settings
from mockserver.store import Store

__all__ = ["create_app", "prepare"]


def create_app(settings: Settings, mutations: Mutations | None = None) -> ASGIApp:
    """The mock server as an ASGI app. Its store is closed when the app's lifespan ends.

    `mutations` take the place of those of the settings, so that its owner can change at any time
    which are on everywhere.

    Raises SettingError, ScenarioError, ContractError or ApiError when it cannot be made.
    """
    served = vendors.load(settings.only)
    store = Store(settings.store)
    try:
        return _assemble(settings, served, store, mutations)
    except BaseException:
        store.close()
        raise


def prepare(settings: Settings, store: Store) -> None:
    """Make the world in a store that several processes are going to serve. Raises alike."""
    _sandboxes(settings, _known(settings, vendors.load(settings.only)), store)


def _sandboxes(settings: Settings, known: ServerContext, store: Store) -> Sandboxes:
    return Sandboxes(
        store, known.template, documented_only=settings.documented_only, limits=known.limits
    )


def _assemble(
    settings: Settings, served: dict[str, Api], store: Store, mutations: Mutations | None
) -> ASGIApp:
    known = _known(settings, served, mutations)
    sandboxes = _sandboxes(settings, known, store)
    control_api = control.make_control_api()
    problems = ErrorResponses(served.values(), control_api)
    services = [
        *(vendor_service(api, sandboxes) for api in served.values()),
        control_service(control_api, sandboxes, known),
    ]
    for service in services:
        service.api.validator.compile()  # so that a schema that cannot be used is refused now
    origins = settings.control_origin
    app = InlineFlaskApp(
        "mockserver",
        lifespan=partial(_lifespan, store, sandboxes),
        middlewares=[
            LifespanMiddleware,
            SandboxSelection,
            partial(SandboxHeaders, seed=sandboxes.get_seed),
            partial(Cors, problems=problems, origins=origins),
            partial(
                Errors,
                problems=problems,
                mutate=partial(mutate_refusal, sandboxes, known.mutations),
            ),
            partial(
                ControlAccess, control=control_api, token=settings.admin_token, origins=origins
            ),
            partial(RequestGuard, limit=settings.body_limit, admitted=settings.control_body_limit),
            partial(HeadAndOptions, problems=problems),
            Routing,
            partial(Dispatch, services=services, problems=problems, mutations=known.mutations),
        ],
    )
    for service in services:
        app.add_api(
            service.api.contract.routed_document,  # Connexion routes in the order of the paths
            base_path=service.api.contract.base,
            resolver=HandlerResolver(service.api),
        )
    app.app.register_blueprint(control.make_pages({**served, control_api.name: control_api}))
    app.app.register_error_handler(HTTPException, control.make_problem_page)
    whole: ASGIApp = app
    return whole


def _known(
    settings: Settings, served: dict[str, Api], mutations: Mutations | None = None
) -> ServerContext:
    # The world has all APIs, also those that are not served: a store may be opened with others.
    apis = vendors.load()
    library = Library(settings.scenarios)
    path = scenarios.find_scenario(settings.scenario, known=library)
    scenario = scenarios.load(path, apis, library)
    return ServerContext(
        apis=apis,
        served=served,
        library=library,
        settings=settings,
        scenario=scenario,
        template=scenarios.build_template(scenario, apis, seed=settings.seed, clock=settings.clock),
        limits=Limits(settings.max_sandboxes, settings.max_snapshots, settings.idle_expiry),
        mutations=mutations or _mutations(settings, served),
    )


def _mutations(settings: Settings, served: dict[str, Api]) -> Mutations:
    try:
        return Mutations(served.values(), settings.mutate)
    except UnknownNameError as error:
        raise SettingError(f"--mutate: {error}.") from None


@asynccontextmanager
async def _lifespan(store: Store, sandboxes: Sandboxes, _: Any) -> AsyncIterator[None]:
    tending = asyncio.create_task(clean_up_sandboxes(sandboxes))
    try:
        yield
    finally:
        tending.cancel()
        store.close()
