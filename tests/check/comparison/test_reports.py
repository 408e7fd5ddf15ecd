"""How two deployments compare, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Callable

from mockserver.check.comparison.comparison import Comparison
from mockserver.check.comparison.difference import compare_interactions, report_missing_response
from mockserver.check.comparison.pairing import ComparedInteraction
from mockserver.check.comparison.reports import ComparisonReport
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Severity, Source
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction

A = Target("one", "http://one.example/", credentials={"ekran": "secret-of-one"})
B = Target("other", "http://other.example", credentials={"ekran": "secret-of-other"})
Make = Callable[..., ComparedInteraction]
Found = Callable[..., Finding]


def _comparison(compared: Make, finding: Found) -> Comparison:
    comparison = Comparison(
        "ekran", "/ekranapi", pairs=7, common=1, skipped=["case 'x': it writes"]
    )
    comparison.unpaired.append("workflows: 2 requests of listSessions to A only")
    wrong = finding(
        sentence="body: 'secret-of-other' is no number", source=Source("contract", "#/x/type")
    )
    for phase in ("examples", "workflows"):
        a, b = compared("start=1", phase=phase), compared("start=2", 200, wrong, phase=phase)
        for difference in compare_interactions(a, b, Severity()):
            comparison.add(difference)
    return comparison


def test_lines_say_which_deployment_violates_the_contract(compared: Make, finding: Found) -> None:
    assert list(ComparisonReport(A, B, 10).format_lines(_comparison(compared, finding))) == [
        "ekran: DIFFERENT: 7 requests to both, 1 differences, 1 findings in both, "
        "1 unpaired, 1 skipped",
        "  B VIOLATES THE CONTRACT: listSessions: Only B violates this: body: '***' is no number",
        "    documented by #/x/type; seen 2 times, by examples, workflows",
        "    A 200: curl -s -i 'http://one.example/ekranapi/sessions?start=1'",
        "    B 200: curl -s -i 'http://other.example/ekranapi/sessions?start=2'",
        "  unpaired: workflows: 2 requests of listSessions to A only",
        "  skipped: case 'x': it writes",
    ]


def test_document_has_the_same(compared: Make, finding: Found) -> None:
    document = ComparisonReport(A, B, 10).make_document(
        [_comparison(compared, finding), Comparison("calwe")]
    )
    assert (document["a"], document["b"], document["equal"]) == (
        {"name": "one", "url": "http://one.example/"},
        {"name": "other", "url": "http://other.example"},
        False,
    )
    one, other = document["apis"]
    assert other["equal"]
    assert one["differences"] == [
        {
            "violated_by": "b",
            "operation": "listSessions",
            "sentence": "Only B violates this: body: '***' is no number",
            "code": "type",
            "source": "#/x/type",
            "evidence": "documented",
            "phases": ["examples", "workflows"],
            "count": 2,
            "a": {
                "status": 200,
                "curl": "curl -s -i 'http://one.example/ekranapi/sessions?start=1'",
            },
            "b": {
                "status": 200,
                "curl": "curl -s -i 'http://other.example/ekranapi/sessions?start=2'",
            },
        }
    ]
    assert (one["pairs"], one["count"], one["common"]) == (7, 1, 1)
    assert json.loads(json.dumps(document)) == document


def test_hidden_differences_are_counted(compared: Make, finding: Found) -> None:
    comparison = _comparison(compared, finding)
    lines = list(ComparisonReport(A, B, 0).format_lines(comparison))
    assert lines[1] == "  1 more are not shown; give --limit a larger number"
    (api,) = ComparisonReport(A, B, 0).make_document([comparison])["apis"]
    assert (api["count"], api["differences"]) == (1, [])


def test_summary_begins_with_the_result() -> None:
    def summarize(comparison: Comparison) -> str:
        return next(ComparisonReport(A, B, 10).format_lines(comparison)).split(":")[1]

    assert summarize(Comparison("ekran", pairs=1)) == " equal"
    assert summarize(Comparison("ekran", inconclusive=["nothing was compared"])) == " INCONCLUSIVE"
    comparison = Comparison("ekran")
    comparison.add(report_missing_response("a", "workflows", "it hangs"))
    assert list(ComparisonReport(A, B, 10).format_lines(comparison))[1:] == [
        "  A VIOLATES THE CONTRACT: the deployment: "
        "Only A gives no response in 'workflows': it hangs",
        "    seen 1 times, by workflows",
    ]


def test_secrets_are_redacted_in_commands(compared: Make) -> None:
    def sent(key: str) -> ComparedInteraction:
        request = Request("GET", "/sessions", f"x={key}", Headers([("ApiKey", key)]))
        return ComparedInteraction(
            "workflows",
            Interaction(compared().interaction.operation, Exchange(request, Response(404))),
        )

    comparison = Comparison("ekran", "/ekranapi")
    for difference in compare_interactions(sent("secret-of-one"), compared(), Severity()):
        comparison.add(difference)
    for difference in compare_interactions(compared(), sent("secret-of-other"), Severity()):
        comparison.add(difference)
    report = ComparisonReport(A, B, 10)
    text = "\n".join(report.format_lines(comparison)) + json.dumps(
        report.make_document([comparison])
    )
    assert "secret-of" not in text
    assert "apikey: ***" in text
