"""Workflows of every API: the mock violates no invariant in them, and each invariant applies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from itertools import count
from typing import Any

import pytest

from mockserver import apis
from mockserver.api import Api
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.http.caller import HttpCaller
from mockserver.check.phases.cases import run_cases, run_workflows
from mockserver.client import Client
from mockserver.clock import from_datetime
from mockserver.contract import Exchange, Request, Response
from mockserver.errors import ProblemError
from mockserver.files import SCENARIOS
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

APIS = apis.load()
READING = {
    name: [workflow for workflow in load_kit(api).workflows if not workflow.writes]
    for name, api in APIS.items()
}
WORLDS = [
    (api, path.stem)
    for api in APIS.values()
    if any(SCENARIOS.glob(f"{api.name}-*.yaml"))
    for path in sorted(SCENARIOS.glob("*.yaml"))
    if path.stem == "documented" or path.stem.startswith(f"{api.name}-")
]
BODIES = [None, [], {}, 1, "x", [None, 1, {}], {"data": []}, {"data": {"data": [None]}}]
ODD = [*BODIES, {"data": {"daily_breakdown": [None, 1, {"date": "31-02-2025"}]}}, {"entries": [1]}]

Open = Callable[..., AbstractContextManager[CheckContext]]


def find_violations(context: CheckContext) -> list[str]:
    return [finding.sentence for finding in context.results.findings.values()]


def connect(context: CheckContext, headers: Mapping[str, str]) -> Client:
    """A client of the sandbox that some headers select."""
    target = context.target
    return Client(target.url, sandbox=headers["X-Mock-Sandbox"], transport=target.transport)


def find_kind(api: Api, name: str) -> str:
    """The kind of document that an id, or an option of an event, names; empty for another one."""
    return next((kind for kind in api.kinds_by_name if kind in name), "")


def test_the_mock_violates_no_invariant_and_each_applies(open_context: Open, vendor: str) -> None:
    with open_context(APIS[vendor]) as context:
        run_workflows(context)
        run_cases(context)
    assert find_violations(context) == []
    assert context.results.skipped == []
    applied = context.results.met
    assert {name for name, count in applied.items() if not count} == set()


@pytest.mark.parametrize(("api", "world"), WORLDS, ids=lambda value: getattr(value, "name", value))
def test_no_scenario_of_the_package_violates_an_invariant(
    open_context: Open, api: Api, world: str
) -> None:
    with open_context(api) as context, context.world(world, is_read_only=True) as place:
        with connect(context, place.headers) as client:
            if sum(kind.size for kind in client.state.list_kinds()) > 5_000:
                pytest.skip("it takes long, and shows no more than a small one")
            keys = {
                name: [document.key for document in client.state(api.name, kind)]
                for name in context.ids
                if (kind := find_kind(api, name)) and not name.startswith(("missing", "unknown"))
            }
        # The first documents of the world in place of those that the ids name, and the last ones.
        first, last = (
            {**context.ids, **{name: known[n] for name, known in keys.items() if known}}
            for n in (0, -1)
        )
        changed = {name for name in first if first[name] != last[name]}
        runs = [(workflow, first) for workflow in READING[api.name]]
        runs += [(it, last) for it in READING[api.name] if changed & {*it.needs}]
        for workflow, ids in runs:
            with context.sequence(world, is_read_only=True) as call:
                workflow.run(call, ids)
            assert call.before
    assert find_violations(context) == []


class Life:
    """Calls an operation while time passes and events happen, as in a real deployment."""

    events = 0

    def __init__(self, call: HttpCaller, client: Client, ids: Mapping[str, str]) -> None:
        self._call, self._client, self._ids, self._numbers = call, client, ids, count()
        self._totals = Counter(
            {
                kind.kind: kind.size
                for kind in client.state.list_kinds()
                if kind.api == call.api.name
            }
        )
        client.clock.freeze()
        self._pass(1)

    @property
    def now(self) -> int:
        return self._call.now

    def __call__(self, operation: str, /, **arguments: Any) -> Interaction:
        number, events = next(self._numbers), [*self._call.api.events]
        self._pass((0, 40, 1200, 9000)[number % 4])
        self._trigger(events[number % len(events)], number)
        self._pass(number % 3 * 700)
        return self._call(operation, **arguments)

    def call_unauthenticated(self, operation: str, /, **arguments: Any) -> Interaction:
        return self._call.call_unauthenticated(operation, **arguments)

    def _pass(self, seconds: int) -> None:
        if not seconds:
            return
        moment = from_datetime(self._client.clock.advance(seconds).now)
        self._call.clock = lambda: moment

    def _trigger(self, name: str, number: int) -> None:
        """Trigger an event, if it can happen now, for one of the ids or of the last documents."""
        api = self._call.api
        options: dict[str, Any] = {}
        for option, parameter in api.get_event(name).options.items():
            if kind := find_kind(api, option):
                keys = [value for id_name, value in self._ids.items() if kind in id_name]
                keys = keys or self._list_newest(kind)
                options[option] = keys[(number + number // len(api.events)) % len(keys)]
            elif parameter.default is parameter.empty:
                options[option] = self._choose(option, number)
            if parameter.annotation == "int" and option in options:
                options[option] = int(options[option])
        with suppress(ProblemError):
            self._client.trigger(f"{api.name}.{name}", **options)
            self.events += 1

    def _choose(self, option: str, number: int) -> Any:
        """One of the values that a document may have under the name of an option, or a number."""
        schemas = (kind.schema.get("properties", {}) for kind in self._call.api.kinds)
        values = [value for it in schemas for value in it.get(option, {}).get("enum", ())]
        return values[number % len(values)] if values else number

    def _list_newest(self, kind: str) -> list[str]:
        """The keys of the last five documents of a kind, or of fewer."""
        page = -(-self._totals[kind] // 5) or 1
        found = self._client.state.list(self._call.api.name, kind, page=page, per_page=5)
        self._totals[kind] = found.total
        return [document.key for document in found.documents]


def test_no_invariant_is_violated_while_events_happen(open_context: Open, vendor: str) -> None:
    events = 0
    with open_context(APIS[vendor]) as context:
        for workflow in READING[vendor]:
            with context.sequence() as call, connect(context, call.headers) as client:
                life = Life(call, client, context.ids)
                workflow.run(life, context.ids)
                events += life.events
    assert find_violations(context) == []
    assert events > 10


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_a_workflow_goes_on_whatever_the_response_is(api: Api) -> None:
    """What is wrong is found by the validator of the responses."""

    class Caller:
        now = 1_755_786_600_000_000
        body: Any = None

        def __call__(self, operation: str, /, **arguments: Any) -> Interaction:
            spec = api.contract.operation(operation)
            exchange = Exchange(Request(spec.method, spec.path), Response(spec.success))
            return Interaction(spec, exchange, arguments, response_body=self.body)

        call_unauthenticated = __call__

    caller = Caller()
    for caller.body in ODD:
        for workflow in load_kit(api).workflows:
            workflow.run(caller, read_cases(api.name).mock_ids)


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_every_id_is_needed(api: Api) -> None:
    cases = read_cases(api.name)
    used = {name for workflow in load_kit(api).workflows for name in workflow.needs}
    used |= {name for case in cases.cases for name in case.required_ids}
    used |= {required.name for required in cases.ids if required.instead_of}
    assert used == {required.name for required in cases.ids}
