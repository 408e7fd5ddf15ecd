"""How two deployments compare, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Callable

from mockserver.check.comparison.comparison import Comparison
from mockserver.check.comparison.difference import differences, unanswered
from mockserver.check.comparison.interactions import Note
from mockserver.check.comparison.reports import Reports
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding, Severity
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction

A = Target("one", "http://one.example/", credentials={"ekran": "secret-of-one"})
B = Target("other", "http://other.example", credentials={"ekran": "secret-of-other"})
Make = Callable[..., Note]
Found = Callable[..., Finding]


def _comparison(note: Make, finding: Found) -> Comparison:
    it = Comparison("ekran", "/ekranapi", pairs=7, shared=1, unsent=["case 'x': it writes"])
    it.unpaired.append("invariants: 2 requests of listSessions to A only")
    wrong = finding(sentence="body: 'secret-of-other' is no number", rule="#/x/type")
    for phase in ("examples", "invariants"):
        a, b = note("start=1", phase=phase), note("start=2", 200, wrong, phase=phase)
        for difference in differences("ekran", a, b, Severity()):
            it.add(difference)
    return it


def test_a_person_reads_who_leaves_the_contract(note: Make, finding: Found) -> None:
    assert list(Reports(A, B, 10).lines(_comparison(note, finding))) == [
        "ekran: DIFFERENT: 7 requests to both, 1 differences, 1 breaches in both alike, "
        "1 unpaired, 1 not sent",
        "  B LEAVES THE CONTRACT: listSessions: Only B breaks this: body: '***' is no number",
        "    documented by #/x/type; seen 2 times, by examples, invariants",
        "    A 200: curl -s -i 'http://one.example/ekranapi/sessions?start=1'",
        "    B 200: curl -s -i 'http://other.example/ekranapi/sessions?start=2'",
        "  unpaired: invariants: 2 requests of listSessions to A only",
        "  not sent: case 'x': it writes",
    ]


def test_a_program_reads_the_same(note: Make, finding: Found) -> None:
    document = Reports(A, B, 10).document([_comparison(note, finding), Comparison("calwe")])
    assert (document["a"], document["b"], document["alike"]) == (
        {"name": "one", "url": "http://one.example/"},
        {"name": "other", "url": "http://other.example"},
        False,
    )
    one, other = document["apis"]
    assert other["alike"]
    assert one["differences"] == [
        {
            "leaving": "b",
            "operation": "listSessions",
            "sentence": "Only B breaks this: body: '***' is no number",
            "code": "type",
            "rule": "#/x/type",
            "evidence": "documented",
            "phases": ["examples", "invariants"],
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
    assert (one["pairs"], one["count"], one["shared"]) == (7, 1, 1)
    assert json.loads(json.dumps(document)) == document


def test_what_is_not_shown_is_counted(note: Make, finding: Found) -> None:
    it = _comparison(note, finding)
    lines = list(Reports(A, B, 0).lines(it))
    assert lines[1] == "  1 more are not shown; give --limit a larger number"
    (api,) = Reports(A, B, 0).document([it])["apis"]
    assert (api["count"], api["differences"]) == (1, [])


def test_the_words_say_how_it_ended() -> None:
    def head(it: Comparison) -> str:
        return next(Reports(A, B, 10).lines(it)).split(":")[1]

    assert head(Comparison("ekran", pairs=1)) == " alike"
    assert head(Comparison("ekran", inconclusive=["nothing was compared"])) == " NOT COMPARABLE"
    it = Comparison("ekran")
    it.add(unanswered("ekran", "a", "invariants", "it hangs"))
    assert list(Reports(A, B, 10).lines(it))[1:] == [
        "  A LEAVES THE CONTRACT: the deployment: Only A gives no answer in 'invariants': it hangs",
        "    seen 1 times, by invariants",
    ]


def test_no_secret_is_in_a_command(note: Make) -> None:
    def sent(key: str) -> Note:
        request = Request("GET", "/sessions", f"x={key}", Headers([("ApiKey", key)]))
        return Note(
            "invariants", Interaction(note().seen.operation, Exchange(request, Response(404)))
        )

    it = Comparison("ekran", "/ekranapi")
    for difference in differences("ekran", sent("secret-of-one"), note(), Severity()):
        it.add(difference)
    for difference in differences("ekran", note(), sent("secret-of-other"), Severity()):
        it.add(difference)
    reports = Reports(A, B, 10)
    said = "\n".join(reports.lines(it)) + json.dumps(reports.document([it]))
    assert "secret-of" not in said
    assert "apikey: ***" in said
