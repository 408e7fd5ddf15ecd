"""The server on one page: the steps of a request, from the socket to the handler and back.

Forwarding         reads what trusted proxies say, removes the base path
SandboxSelection   removes a sandbox from the path; the header X-Mock-Sandbox goes first
JournalExchanges   adds what the client sent and saw to the journal; names the page that explains
Traces             makes a span of the exchange for OpenTelemetry, if that is on
SandboxHeaders     adds the sandbox and its seed to every response
Proxy              forwards a request to the upstream of its API, if there is one, past the rest of
                   this list: Errors, ReadPreference, Faults and Forward are all that it meets
Cors               allows browser apps on other origins to call all but the control API
Errors             turns every exception into an error response in the shape of its API
ControlAccess      authorises requests to the control API
RequestGuard       refuses malformed requests, reads and decodes the body up to the limit
ReadPreference     the header Prefer, and the parameters of the query that begin with `__`
HeadAndOptions     HEAD is a GET, OPTIONS lists the allowed methods
Routing            Connexion finds the operation
Faults             delays, errors and cut connections, as the rules of the world say
RecordExchanges    records what is responded, with `--record`
Dispatch           one transaction: security, request validation, handler, response validation;
                   mutations that are on are applied around it
Bridge             Flask has the mock's own pages
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp
from werkzeug.exceptions import HTTPException

from mockserver import apis as vendors
from mockserver import scenarios
from mockserver.deployment import Tls
from mockserver.errors import (
    SettingError,
    StoreBusyError,
    StoreError,
    UnknownNameError,
    end_sentence,
)
from mockserver.journal import Journal
from mockserver.sandbox import Sandboxes
from mockserver.scenarios import Library
from mockserver.server import control
from mockserver.server.bridge import HandlerResolver, InlineFlaskApp
from mockserver.server.checks import Checks
from mockserver.server.control import ServerContext
from mockserver.server.framework import LifespanMiddleware
from mockserver.server.middleware.control_access import ControlAccess
from mockserver.server.middleware.cors import Cors, allow_origins
from mockserver.server.middleware.dispatch import Dispatch
from mockserver.server.middleware.errors import Errors
from mockserver.server.middleware.faults import Faults
from mockserver.server.middleware.forwarding import Forwarding, Outside
from mockserver.server.middleware.journal import JournalExchanges
from mockserver.server.middleware.record import RecordExchanges
from mockserver.server.middleware.request_guard import RequestGuard
from mockserver.server.middleware.routing import HeadAndOptions, Routing
from mockserver.server.middleware.sandbox import SandboxHeaders, SandboxSelection
from mockserver.server.mutations import Mutations, keep_refusal, mutate_refusal
from mockserver.server.preference import ReadPreference
from mockserver.server.recording import Recording
from mockserver.server.responses import ErrorResponses
from mockserver.server.services import make_control_service, make_vendor_service
from mockserver.server.store_calls import StoreCalls, attempt_again
from mockserver.server.store_log import StoreLog
from mockserver.server.traces import Traces, make_provider
from mockserver.server.traces import stop as stop_traces
from mockserver.server.upstream.connection import Pool
from mockserver.server.upstream.forward import Forward
from mockserver.server.upstream.proxy import Proxy
from mockserver.server.upstream.setting import read_default_upstreams
from mockserver.server.watch import (
    NoteFile,
    Rebuilt,
    SharedWatch,
    Watch,
    WatchedFiles,
    WatchState,
    build_middlewares,
)
from mockserver.settings import Settings
from mockserver.store import FileStore, Store, WorldRecord, open_store

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_CLEANUP_PERIOD_SECONDS = 1.0
_CLEANUP_PAUSE_SECONDS = 0.002
_SEED_SECONDS = 0.5

_log = logging.getLogger("mockserver")


def create_app(
    settings: Settings,
    mutations: Mutations | None = None,
    shared: SharedWatch | None = None,
    url: str | None = None,
) -> ASGIApp:
    """The mock server as an ASGI app. Its store is closed when the app's lifespan ends.

    `mutations` replace those of the settings; their owner can change at any time which of them are
    on everywhere. `shared` is what the processes of a server share that watch its files. `url` is
    that of the server, at which it can be checked.

    Raises SettingError, ScenarioError, ContractError or ApiError.
    """
    store_log = StoreLog()
    files = WatchedFiles(Library(settings.scenarios)) if settings.watch else None
    context = _load_context(settings, mutations, note_file=files.note if files else lambda _: None)
    tls = Tls(verify=not settings.upstream_insecure, ca=settings.upstream_ca)
    if tls.ca:
        tls.context()  # so that a file that cannot be used is reported now
    with ExitStack() as on_error:
        resources = ExitStack()
        on_error.callback(resources.close)
        pool = Pool(tls.context)
        resources.callback(pool.close)
        store = open_store(settings.store)
        resources.callback(store.close)
        store_calls = StoreCalls(store)
        kept = settings.journal
        journal = Journal(store.open_journal(kept) if kept else None, store_log.write)
        resources.callback(journal.close)
        resources.callback(store_calls.close)  # first: its threads write to the journal
        recording = Recording(settings.record) if settings.record else None
        if recording:
            resources.callback(recording.close)
        sandboxes = Sandboxes(store, context.template, settings, journal if kept else None)
        checks = Checks(sandboxes, settings, url)
        resources.callback(checks.close)
        traces = make_provider(settings.traces) if settings.traces else None
        if traces:
            resources.callback(stop_traces, traces)
        assemble = partial(
            _assemble,
            sandboxes=sandboxes,
            journal=journal,
            checks=checks,
            traces=traces,
            store_log=store_log,
            pool=pool,
            recording=recording,
            store_calls=store_calls,
        )
        lifespan = partial(_lifespan, store, resources, sandboxes, store_log, store_calls)
        if files:
            app = _watch(context, files, shared, sandboxes, assemble, lifespan)
        else:
            app = assemble(context, partial(lifespan, nullcontext))
        on_error.pop_all()
        return app


def _watch(
    context: ServerContext,
    files: WatchedFiles,
    shared: SharedWatch | None,
    sandboxes: Sandboxes,
    assemble: Callable[[ServerContext, Callable[..., Any]], ASGIApp],
    lifespan: Callable[..., Any],
) -> ASGIApp:
    """An app that takes changed files in. The store and the journal stay, with all worlds."""
    state = WatchState()
    context = replace(context, watch=state)
    settings = context.settings
    if shared:
        settings = replace(settings, freeze_at=shared.freeze_at)

    def rebuild(note_file: NoteFile) -> Rebuilt:
        nonlocal context
        new = _load_context(settings, before=context, note_file=note_file)
        app = assemble(new, lambda _: nullcontext())
        asyncio.run(build_middlewares(app))
        sandboxes.prepare(new.template, watch.is_stopping)
        sandboxes.replace_template(new.template)
        rebuilt = Rebuilt(app, new.apis, new.template.name != context.template.name)
        context = new
        return rebuilt

    watch = Watch(files, state, rebuild, shared)
    watch.app = assemble(context, partial(lifespan, watch.run))
    return watch


def prepare_store(settings: Settings, store: Store) -> Settings:
    """Make the world in a store for several processes; the settings that make the same one in each.

    Raises what `create_app` raises.
    """
    template = _load_context(settings).template
    Sandboxes(store, template, settings)
    # A scenario may freeze its clock at a moment that is relative to the machine's.
    frozen = template.clock.now() if template.clock.is_frozen else None
    path = store.path if isinstance(store, FileStore) else settings.store
    return replace(settings, store=path, freeze_at=frozen)


def _assemble(
    context: ServerContext,
    lifespan: Callable[..., Any],
    *,
    sandboxes: Sandboxes,
    journal: Journal,
    checks: Checks,
    traces: TracerProvider | None,
    store_log: StoreLog,
    pool: Pool,
    recording: Recording | None,
    store_calls: StoreCalls,
) -> ASGIApp:
    settings, served = context.settings, context.served
    control_api = control.make_control_api()
    problems = ErrorResponses(served.values(), control_api)
    services = [
        *(make_vendor_service(api, sandboxes) for api in served.values()),
        make_control_service(control_api, sandboxes, context, journal, checks),
    ]
    for service in services:
        service.api.validator.compile()  # so that a faulty schema is reported now
    origins, token = settings.control_origin, settings.admin_token

    def read_record(name: str) -> Awaitable[WorldRecord | None]:
        return store_calls.call(partial(sandboxes.get_record, name))

    async def read_seed(name: str) -> int:
        reading = store_calls.call(partial(sandboxes.get_seed, name), is_spare=True)
        if not store_calls.is_remote:
            return await reading
        # A response that is no use of a world, such as the health, must not wait for a database.
        return await asyncio.wait_for(reading, _SEED_SECONDS)

    mutate = partial(mutate_refusal, read_record, context.mutations)
    log = partial(
        JournalExchanges,
        journal=journal,
        store_calls=store_calls,
        metrics=context.metrics,
        problems=problems,
        apis=served.values(),
        ignored=control.PREFIX,
        pages=control.PAGES,
        body_limit=settings.journal_body,
    )
    record = partial(_record, recording=recording, problems=problems)
    app = InlineFlaskApp(
        "mockserver",
        lifespan=lifespan,
        middlewares=[
            LifespanMiddleware,
            partial(
                Forwarding,
                trusted=settings.trusted_proxy,
                base_path=settings.base_path,
                outside=allow_origins(Outside(settings.base_path), settings.cors_origin),
            ),
            SandboxSelection,
            log,
            partial(_trace, provider=traces, apis=served.values(), ignored=control.PREFIX),
            partial(SandboxHeaders, seed=read_seed),
            partial(
                _make_proxy,
                catch=partial(Errors, problems=problems, mutate=keep_refusal, store_log=store_log),
                sandboxes=sandboxes,
                read_record=read_record,
                store_calls=store_calls,
                problems=problems,
                pool=pool,
                record=record,
                defaults=context.upstreams,
                body_limit=settings.body_limit,
            ),
            partial(
                Cors,
                control=control.PREFIX,
                control_origins=origins,
                origins=settings.cors_origin,
            ),
            partial(Errors, problems=problems, mutate=mutate, store_log=store_log),
            partial(
                ControlAccess,
                control=control_api,
                dashboard=control.DASHBOARD,
                token=token,
                origins=origins,
            ),
            partial(
                RequestGuard, limit=settings.body_limit, control_limit=settings.control_body_limit
            ),
            partial(ReadPreference, problems=problems),
            partial(HeadAndOptions, problems=problems),
            Routing,
            partial(Faults, sandboxes=sandboxes, problems=problems, store_calls=store_calls),
            record,
            partial(
                Dispatch,
                services=services,
                problems=problems,
                mutations=context.mutations,
                store_calls=store_calls,
            ),
        ],
    )
    for service in services:
        app.add_api(
            service.api.contract.routes,  # Connexion would validate a whole document once more
            base_path=service.api.contract.base,
            resolver=HandlerResolver(service.api),
        )
    app.app.register_blueprint(control.make_pages({**served, control_api.name: control_api}))
    app.app.register_blueprint(control.make_start_page(served))
    app.app.register_blueprint(control.make_dashboard())
    app.app.register_error_handler(HTTPException, control.make_problem_page)
    return app


def _make_proxy(
    app: ASGIApp,
    sandboxes: Sandboxes,
    store_calls: StoreCalls,
    problems: ErrorResponses,
    pool: Pool,
    record: Callable[[ASGIApp], ASGIApp],
    body_limit: int,
    **options: Any,
) -> ASGIApp:
    """The proxy before the mock, with all that a forwarded request meets."""
    forward = Faults(record(Forward(pool, app, body_limit)), sandboxes, problems, store_calls)
    return Proxy(
        app,
        ReadPreference(forward, problems),
        sandboxes=sandboxes,
        problems=problems,
        body_limit=body_limit,
        **options,
    )


def _trace(app: ASGIApp, provider: TracerProvider | None, **options: Any) -> ASGIApp:
    return Traces(app, provider, **options) if provider else app


def _record(app: ASGIApp, recording: Recording | None, problems: ErrorResponses) -> ASGIApp:
    return RecordExchanges(app, recording, problems) if recording else app


def _load_context(
    settings: Settings,
    mutations: Mutations | None = None,
    *,
    before: ServerContext | None = None,
    note_file: NoteFile = lambda _: None,
) -> ServerContext:
    """What the files say: for the first time, or again, with what stays of the one `before`."""
    again = before is not None
    served = vendors.load(settings.only, again=again)
    try:
        mutations = mutations or Mutations(served.values(), settings.mutate)
    except UnknownNameError as error:
        raise SettingError(f"--mutate: {end_sentence(error)}") from None
    # A world has all APIs, even if only some are served: another server may open the store.
    apis = {**vendors.load(again=again), **served} if settings.only else served
    library = Library(settings.scenarios)
    path = scenarios.find_scenario(settings.scenario, known=library)
    scenario = scenarios.load(path, apis, library, note_file)
    template = scenarios.build_template(scenario, apis, seed=settings.seed, clock=settings.clock)
    context = ServerContext(
        apis,
        served,
        library,
        settings,
        scenario,
        template,
        mutations,
        upstreams=read_default_upstreams(settings, served),
    )
    if before is None:
        return context
    if scenario.sources == before.scenario.sources:
        # The moment at which it freezes its clock may be relative to the machine's: it stays.
        kept = before.template
        template = replace(template, name=kept.name, clock=kept.clock)
    return replace(
        context,
        template=template,
        metrics=before.metrics,
        watch=before.watch,
    )


@asynccontextmanager
async def _lifespan(
    store: Store,
    resources: ExitStack,
    sandboxes: Sandboxes,
    store_log: StoreLog,
    store_calls: StoreCalls,
    watching: Callable[[], AbstractContextManager[None]],
    _: Any,
) -> AsyncIterator[None]:
    store.stop_waiting()  # `Dispatch` waits, and does not block the event loop
    cleanup = asyncio.create_task(clean_up(sandboxes, store_calls, store_log))
    try:
        with watching():
            yield
    finally:
        cleanup.cancel()
        resources.close()


async def clean_up(sandboxes: Sandboxes, store_calls: StoreCalls, store_log: StoreLog) -> None:
    """Clean up every second, in small steps with pauses for requests between them.

    In a thread: while another one loads a scenario, a step of a millisecond takes a hundred.
    """
    while True:
        await asyncio.sleep(_CLEANUP_PERIOD_SECONDS)
        for work in (sandboxes.clean_up, sandboxes.delete_journals):
            step = partial(store_calls.call_in_thread, work)
            # A transaction of a request may have the lock of a file just now. For that of a
            # database, each attempt makes others wait.
            clean = step if store_calls.is_remote else partial(attempt_again, step)
            try:
                while await clean():
                    await asyncio.sleep(_CLEANUP_PAUSE_SECONDS)
            except StoreBusyError:
                continue  # another process is cleaning up
            except StoreError as error:
                store_log.write(error)
            except Exception:  # a failed cleanup must not stop the server
                _log.exception("The cleanup of sandboxes failed.")
