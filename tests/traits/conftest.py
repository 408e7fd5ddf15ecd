"""An invented API with every trait, and a small server of it that can be wrong in many ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import pytest

from mockserver.contract import Contract, Exchange, Headers, Request, Response, Validator
from mockserver.invariant import Interaction, Workflow
from mockserver.mutation import Mutation, apply_mutations
from mockserver.traits import derive_invariants, derive_workflows, load_traits

CONTRACT = Contract.load(Path(__file__).parent / "shop.yaml")
TRAITS = load_traits(CONTRACT)
INVARIANTS = tuple(derive_invariants(TRAITS))
WORKFLOWS = derive_workflows(TRAITS)
VALIDATOR = Validator(CONTRACT)
NOW = datetime(2025, 8, 21, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Shop:
    """The server. `bugs` are the names of what is wrong; with `spread` it has rows of weeks."""

    def __init__(self, *bugs: str) -> None:
        self.bugs = bugs
        far = self.far = HOUR * (9 if self.has("spread") else 1)
        self.orders = [
            self.make_order(n, NOW - n * 7 * far, ("new", "paid", "sent")[n % 3], f"o{n}")
            for n in range(17)
        ]
        self.shifts = [
            (n, NOW - n * 20 * far - 40 * HOUR, NOW - n * 20 * far - 10 * HOUR) for n in range(6)
        ]
        self.reads = 0
        self.latest: Mapping[str, str] = {}

    def make_order(self, id: int, at: datetime, state: str, name: str) -> dict[str, Any]:
        words = {"new": "New", "paid": "Paid", "sent": "On its way"}
        word = "Fresh" if self.has("words") else words[state]
        word = words["paid"] if self.has("other-word") and state == "new" else word
        word = "Settled" if self.has("paid-word") and state == "paid" else word
        clock = "2:37 PM" if self.has("wall-clock") else "2:30 PM"
        clock = "5:30 PM" if self.has("wall-zone") else clock
        order = {"id": id, "at": self.text(at), "state": state, "word": word}
        return {**order, "clock": clock, "name": name}

    def text(self, at: datetime) -> str:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def has(self, bug: str) -> bool:
        return bug in self.bugs

    def respond(self, request: Request) -> tuple[int, Any]:
        self.reads += 1
        query = dict(parse_qsl(request.query))
        if request.headers.get("key") is None and not self.has("no-login"):
            if self.has("writes-unauthenticated") and request.method == "POST":
                self.post_orders({}, request)
            return 401, {}
        name = request.method.lower() + request.path.replace("/", "_")
        status, body = getattr(self, name)(query, request)
        if isinstance(body, dict):
            code = 200 if self.has("status") else status
            body["meta"] = {"status": code, "ok": (status < 300) != self.has("success")}
        return status, body

    def get_orders(self, query: Mapping[str, str], _: Request) -> tuple[int, Any]:
        rows = sorted(self.orders, key=lambda row: (row["at"], row["id"]), reverse=True)
        if self.has("unsorted"):
            rows = rows[3:] + rows[:3]
        is_known = {"new", "paid", "sent"}.issuperset(query.get("state", "new").split(","))
        is_ignored = self.has("filter") or (self.has("unknown-lists-all") and not is_known)
        if "state" in query and not is_ignored:
            rows = [row for row in rows if row["state"] in query["state"].split(",")]
        if self.has("filter-first") and "," in query.get("state", ""):
            rows = [row for row in rows if row["state"] == query["state"].split(",")[0]]
        first, last = (_time(query.get(name)) for name in ("from", "to"))
        if first and not self.has("no-start"):
            rows = [
                row
                for row in rows
                if (row["at"] > first if self.has("strict") else row["at"] >= first)
            ]
        if last and not self.has("no-end"):
            rows = [row for row in rows if row["at"] <= last]
        if self.has("month") and first and last and not is_within_a_month(first, last):
            rows = [row for row in rows if is_within_a_month(row["at"], last)]
        if self.has("sticks") and "state" in self.latest and "state" not in query:
            rows = [row for row in rows if row["state"] in self.latest["state"]]
        self.latest = query
        if self.has("loses-in-range") and first:
            rows = [row for row in rows if row["id"] != 4]
        if self.has("twice"):
            rows = rows[:1] + rows
        if self.has("grows") and rows:
            rows = [{**rows[0], "id": 100 + n} for n in range(self.reads)] + rows
        if self.has("renames"):
            rows = [{**row, "name": f"{row['name']}{self.reads}"} for row in rows]
        if self.has("future") and rows:
            rows = [{**rows[0], "at": "2026-01-01T00:00:00Z"}, *rows[1:]]
        page, size = int(query.get("page", 1)), int(query.get("size", 10))
        if self.has("size-ignored"):
            size = 10
        shown = 1 if self.has("first-page-only") else page
        start = (shown - 1) * size
        if self.has("overlap") and page > 1:
            start -= 1
        if self.has("clamps"):
            start = min(start, max(0, len(rows) - 1))
        cut = rows[start : start + size]
        if self.has("short") and len(cut) > 1:
            cut = cut[:-1]
        if self.has("size-sorts") and size < 10:
            cut = cut[::-1]
        pages = -(-len(rows) // size) + self.has("pages")
        body = {
            "orders": cut,
            "total": len(rows) + self.has("total"),
            "page": 1 if self.has("page-echo") else shown,
            "size": size + self.has("size-echo"),
            "pages": pages if self.has("no-pages") else max(1, pages),
        }
        return 200, body

    def get_admin_orders(self, query: Mapping[str, str], request: Request) -> tuple[int, Any]:
        status, body = self.get_orders(query, request)
        if self.has("mirror") and body["orders"]:
            body["orders"][0] = {**body["orders"][0], "name": "other"}
        return status, body

    def post_orders(self, _: Mapping[str, str], request: Request) -> tuple[int, Any]:
        try:
            name = json.loads(request.body)["name"]
            assert name.isalpha()
            assert name.islower()
        except (ValueError, KeyError, AssertionError, AttributeError):
            if self.has("keeps-refused"):
                self.orders.append({**self.orders[0], "id": len(self.orders)})
            return 422, {}
        row = self.make_order(len(self.orders), NOW, "new", name)
        is_repeated = name == self.orders[-1]["name"]
        if not self.has("lost") and not (self.has("repeated-lost") and is_repeated):
            self.orders.append(row)
        if self.has("doubled"):
            self.orders.append({**row, "id": row["id"] + 1})
        if self.has("listed-otherwise"):
            self.orders[-1] = {**row, "name": "else"}
        return 201, {"order": {**row, "name": "else"} if self.has("echo") else row}

    def get_items(self, query: Mapping[str, str], _: Request) -> tuple[int, Any]:
        wrong = [name for name in ("offset", "limit") if not query.get(name, "0").isdecimal()]
        if wrong:
            return 422, {"wrong": dict.fromkeys(wrong[: 1 if self.has("one-wrong") else 2], "?")}
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 5))
        rows = [{"id": n, "name": f"i{n}"} for n in range(13)]
        start = offset + (self.has("offset-by-one") and offset > 0)
        end = start + (5 if self.has("limit-ignored") else limit)
        return 200, {"items": rows[start:end], "count": len(rows)}

    def get_events(self, query: Mapping[str, str], _: Request) -> tuple[int, Any]:
        if not query.get("limit", "4").isdecimal():
            return 400, {"message": "no" if self.has("says-no") else "limit is no number"}
        limit, rows = int(query.get("limit", 4)), [{"id": n} for n in range(11)]
        start = int(query.get("after", 0))
        if self.has("cursor-repeats") and start:
            start -= 1
        if self.has("cursor-skips") and start:
            start += 1
        end = start + limit
        return 200, {"events": rows[start:end], "next": str(end) if end < len(rows) else None}

    def get_history(self, query: Mapping[str, str], _: Request) -> tuple[int, Any]:
        first, last = (_time(query.get(name)) for name in ("from", "to"))
        rows = [{"id": n, "at": self.text(NOW - n * 7 * self.far)} for n in range(17)]
        rows = [row for row in rows if (first or "") <= row["at"] <= (last or "9")]
        if last and not first:
            count = 4 if self.has("four-latest") else 3
            rows = rows[-count:] if self.has("oldest") else rows[:count]
        return 200, {"history": rows}

    def get_report(self, query: Mapping[str, str], request: Request) -> tuple[int, Any]:
        first, last = (datetime.strptime(query[name], "%d-%m-%Y") for name in ("from", "to"))
        if not 0 <= (last - first).days < 31 and not self.has("any-length"):
            return 422, None
        days = 1 if self.has("one-day") else (last - first).days + 1
        is_ann = self.has("who-ignored") or query["who"].lower() == "ann"
        sold = days * (5 if is_ann else 7) * (not self.has("no-day") or days > 1)
        sold += self.reads * self.has("drifts")
        sold += self.has("default") and "kind" not in query
        sold += self.has("case") and query["who"].isupper()
        sold += self.has("body") and bool(request.body)
        at = NOW.timestamp() + self.reads + self.has("clock") * 3600
        return 200, {"at": int(at), "sold": sold, "buyers": 2}

    def get_shifts(self, query: Mapping[str, str], _: Request) -> tuple[int, Any]:
        first, last = (_time(query.get(name)) for name in ("from", "to"))
        if self.has("day-ends") and len(query.get("to", "")) == 10:
            last = f"{query['to']}T23:59:59Z"
        if self.has("minute") and len(query.get("from", "")) == 16:
            first = f"{query['from']}:59Z"
        found = []
        for id, begun, over in self.shifts:
            begin, finish = self.text(begun), self.text(over)
            if not self.has("selects-all") and (
                (first and finish <= first) or (last and begin >= last)
            ):
                continue
            if self.has("drops-inside") and first and last and begin > first and finish < last:
                continue
            if not self.has("no-clip"):
                begin, finish = max(begin, first or ""), min(finish, last or "9")
            if self.has("cuts-inside") and (first or last):
                finish = self.text(over - HOUR)
            found.append({"id": id, "begin": begin, "finish": finish})
        return 200, found[::-1] if self.has("reverses") and self.reads % 2 else found


def is_within_a_month(first: str, last: str) -> bool:
    days = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return days <= timedelta(days=31)


def _time(text: str | None) -> str | None:
    """A bound in the form in which the shop writes times."""
    if text is None:
        return None
    return f"{text}T00:00:00"[:19] + "Z" if len(text) == 10 else f"{text}:00"[:19] + "Z"


class Caller:
    """Calls the shop, and evaluates each invariant of its contract, or one, on each exchange."""

    def __init__(self, shop: Shop, mutation: Mutation | None = None, only: str = "") -> None:
        self.shop = shop
        self.mutation = mutation
        self.is_mutated = False
        self.before: list[Interaction] = []
        self.broken: dict[str, str] = {}
        self.met: set[str] = set()
        self.invariants = [it for it in INVARIANTS if only in ("", it.name)]
        self.now = int(NOW.timestamp()) * 1_000_000

    def __call__(self, operation: str, /, **arguments: Any) -> Interaction:
        return self.send(operation, arguments)

    def call_unauthenticated(self, operation: str, /, **arguments: Any) -> Interaction:
        return self.send(operation, arguments, key=None)

    def send(
        self, operation: str, arguments: Mapping[str, Any], key: str | None = "k"
    ) -> Interaction:
        spec = CONTRACT.operation(operation)
        body = arguments.get("body")
        query = {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in arguments.items()
            if name != "body"
        }
        headers = [("content-type", "application/json"), *([("key", key)] if key else [])]
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(spec.method, spec.path, urlencode(query), Headers(headers), content)
        response = self.respond(spec.id, request)
        found = VALIDATOR.validate_request(spec, request, {})
        seen = Interaction(
            operation=spec,
            exchange=Exchange(request, response),
            arguments=found.arguments,
            request_violations=found.violations,
            response_body=json.loads(response.body),
            moment=self.now,
            is_admitted=key is not None,
        )
        for invariant in self.invariants:
            if seen.operation.id in invariant.operations:
                sentences = invariant.evaluate(seen, tuple(self.before))
                if sentences is not None:
                    self.met.add(invariant.name)
                for sentence in sentences or ():
                    self.broken.setdefault(invariant.name, sentence)
        self.before.append(seen)
        return seen

    def respond(self, operation: str, request: Request) -> Response:
        """The shop's response, through the mutation where there is one of that operation."""
        responses: list[Response] = []

        async def send(sent: Request, keeps: bool) -> Response:
            orders = list(self.shop.orders)
            status, body = self.shop.respond(sent)
            self.shop.orders = self.shop.orders if keeps else orders
            self.is_mutated |= sent != request or bool(responses)
            text = json.dumps(body, ensure_ascii=self.shop.has("escapes")).encode()
            headers = Headers([("content-type", "application/json")])
            responses.append(Response(status, headers, text))
            return responses[-1]

        is_mutated = self.mutation and operation in self.mutation.operations
        mutations = [self.mutation] if self.mutation and is_mutated else []
        response = _await(apply_mutations(mutations, send)(request, True))
        self.is_mutated |= response != responses[-1]
        return response


def _await(coroutine: Coroutine[None, None, Response]) -> Response:
    """Run a coroutine that never waits; an event loop for each takes longer than all else here."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast(Response, end.value)
    raise AssertionError("it waits")


@cache
def _list_operations(workflow: Workflow) -> set[str]:
    """The operations that a workflow calls."""
    caller = Caller(Shop(), only="none")
    workflow.run(caller, {})
    return {interaction.operation.id for interaction in caller.before}


@pytest.fixture
def contract() -> Contract:
    """The contract of the invented API."""
    return CONTRACT


@pytest.fixture
def shop() -> Callable[..., Caller]:
    """Makes a caller of a shop with some bugs."""
    return lambda *bugs: Caller(Shop(*bugs))


@pytest.fixture
def run_workflows() -> Callable[..., Caller]:
    """Runs the derived workflows against shops with some bugs; the caller has what was found.

    It ends when the rule `until` is broken, the only one that is evaluated then, or with a
    mutation any rule.
    """

    def run(*bugs: str, mutation: Mutation | None = None, until: str = "") -> Caller:
        whole = Caller(Shop(*bugs), only=until)

        def start() -> Iterator[Caller]:
            caller = Caller(Shop(*bugs), mutation, until)
            yield caller
            whole.met |= caller.met
            whole.broken |= caller.broken
            whole.is_mutated |= caller.is_mutated

        for workflow in WORKFLOWS:
            if mutation and not _list_operations(workflow) & {*mutation.operations}:
                continue
            for caller in start():
                workflow.run(caller, {})
            if until in whole.broken or (mutation and whole.broken):
                return whole
        for caller in start():
            caller.send("listOrders", {}, key=None)
            for end in ("05-03-2025", "31-01-2025"):
                caller("getReport", who="ann", **{"from": "01-02-2025", "to": end})
            caller("listOrders", **{"from": "2000-01-01T00:00:00Z", "to": "2000-01-02T00:00:00Z"})
        return whole

    return run
