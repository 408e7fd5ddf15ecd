"""The phase `examples` sends every documented request, which must not be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from in_process import run_in_process

from mockserver import apis
from mockserver.check.context import CheckContext
from mockserver.check.phases.examples import run_examples
from mockserver.check.target.target import Target
from mockserver.check.validation.results import Results
from mockserver.server.mutations import Mutations
from mockserver.settings import Settings

Make = Callable[..., CheckContext]


@pytest.mark.parametrize("name", apis.names())
def test_the_mock_accepts_every_example_of_its_contracts(
    context: Make, mock: Target, name: str
) -> None:
    made = context(mock, name)
    run_examples(made)
    assert made.results.findings == {}
    for operation in made.api.contract.operations:
        assert set(made.results.statuses(operation.id)) == {operation.success}


def test_each_example_of_a_parameter_is_sent_beside_what_is_required(
    context: Make, mock: Target
) -> None:
    made = context(mock, "ekran")
    run_examples(made)
    queries = [exchange.request.query for _, _, exchange, _ in made.results.traffic]
    assert queries == [
        "",
        "start=2021-04-01",
        "start=2021-04-01T12%3A00",
        "start=2021-04-01T12%3A00%3A00",
        "end=2021-04-01",
        "end=2021-04-01T12%3A00",
        "end=2021-04-01T12%3A00%3A00",
        "",
    ]


@pytest.fixture(scope="module")
def mutated() -> Iterator[tuple[Target, Mutations]]:
    """A mock, and its mutations, which can be turned on everywhere."""
    mutations = Mutations(apis.load().values())
    with run_in_process(Settings(port=0), mutations) as target:
        yield target, mutations


@pytest.mark.parametrize(
    ("mutation", "place"),
    [
        ("calwe.listSessionLogs.text-of-another-value:/data/data/*/text", "/data/data/0/text"),
        ("calwe.listSessionLogs.off-by-one:/data/total", "/data/total"),
        ("calwe.createSessionLog.wrong-echo", None),
        ("avaamo.listChangeLogs.reversed:/entries", None),
        ("avaamo.listChangeLogs.total-of-page:/total_entries", "/total_entries"),
        (
            "ekran.listSessions.reversed:200",
            "/0/clientGuid, /0/sessionId, /0/userId, /1/clientGuid, ",
        ),
    ],
)
def test_a_documented_request_gets_the_documented_response(
    context: Make, mutated: tuple[Target, Mutations], mutation: str, place: str | None
) -> None:
    target, mutations = mutated
    mutations.everywhere = (mutation,)
    made = context(target, mutation.partition(".")[0])
    run_examples(made)
    found = [
        finding for finding in made.results.findings.values() if finding.code == "example-response"
    ]
    if place is None:  # the document's own entry is ENTERED, its page has one row
        assert found == []
    else:
        assert {finding.evidence for finding in found} <= {"documented", "related"}
        start_of = "In the documents' world the response is not the example's: it differs in "
        assert found[0].sentence.startswith(start_of + place)


def test_an_example_that_is_refused_is_found(context: Make, stub: Callable[..., str]) -> None:
    made = context(stub(400, b'{"message": "no"}'))
    run_examples(made)
    found = made.results.findings.values()
    (finding,) = [finding for finding in found if finding.code == "example-refused"]
    assert (finding.operation, finding.status, finding.count) == ("listSessions", 400, 7)
    assert finding.sentence == ("A request that the contract shows as an example gets 400")


def test_an_id_that_a_deployment_does_not_have_is_no_finding(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub(404, b"{}"), "calwe", ids={"calwe": {"open_session": "77"}})
    run_examples(made)
    assert [
        finding for finding in made.results.findings.values() if finding.code == "example-refused"
    ] == []
    assert made.results.skipped == [
        "POST /customer/sessions/{id}/log: it writes",
        "GET /coach/sessions/{id}/log: no id for its path; give shared_session",
        "POST /coach/sessions/{id}/log: it writes",
    ]
    assert made.results.without_id == {"listCoachSessionLogs"}


def test_an_operation_without_an_example_of_what_it_requires_is_skipped(
    context: Make, stub: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text("""
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: shop, in: query, required: true, schema: {type: string}}
        - {name: currency, in: query, required: true, schema: {type: string, example: EGP}}
      responses: {'200': {description: An order.}}
  /orders:
    get:
      operationId: listOrders
      responses: {'200': {description: Orders.}}
    post:
      operationId: createOrder
      requestBody:
        required: true
        content: {application/json: {schema: {type: object}, example: {amount: 5}}}
      responses: {'201': {description: An order.}}
    put:
      operationId: replaceOrders
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: Orders.}}
""")
    made = context(stub())
    api = replace(made.api, name="shop", folder=tmp_path)
    made = replace(made, api=api, results=Results(api), may_write=True)
    run_examples(made)
    assert made.results.skipped == [
        "PUT /orders: the contract has no example of the required body",
        "GET /orders/{id}: the contract has no example of the required 'id', 'shop'",
    ]
    sent = [(operation, it.request.body) for _, operation, it, _ in made.results.traffic]
    assert sent == [("listOrders", b""), ("createOrder", b'{"amount": 5}')]


def test_an_example_that_is_assumed_is_not_sent(
    context: Make, stub: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text("""
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /orders:
    get:
      operationId: listOrders
      parameters:
        - name: shop
          in: query
          schema: {type: string}
          examples: {one: {value: a}, closed: {value: b, x-evidence: assumed}}
      responses: {'200': {description: Orders.}}
""")
    made = context(stub())
    api = replace(made.api, name="shop", folder=tmp_path)
    made = replace(made, api=api, results=Results(api))
    run_examples(made)
    queries = [exchange.request.query for _, _, exchange, _ in made.results.traffic]
    assert queries == ["", "shop=a"]
