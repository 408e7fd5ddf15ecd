"""Texts that conform and are shown wrongly: a charset, HTML, letters that were encoded twice."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.validation.results import Results
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.observation import observe

API = apis.load()["ekran"]
ARABIC = '[{"clientGuid": "جلسة"}]'


def _find(
    body: str, content_type: str = "application/json", query: str = "", status: int = 200
) -> list[tuple[str, str, str]]:
    """The code, the place and the evidence of what is found besides breaches of the schema."""
    request = Request("GET", "/sessions", query)
    response = Response(status, Headers([("Content-Type", content_type)]), body.encode())
    results = Results(API, phase="examples")
    match = API.contract.match(request.method, request.path)
    results.record(observe(API, Exchange(request, response), match, moment=0), ())
    return [
        (finding.code, finding.location, finding.evidence)
        for finding in results.findings.values()
        if finding.code in ("charset", "escaped-text", "encoded-twice")
    ]


@pytest.mark.parametrize("charset", ["iso-8859-1", '"windows-1256"', "US-ASCII", "no-such-charset"])
def test_a_charset_other_than_utf_8_is_a_warning(charset: str) -> None:
    place = "/response/headers/content-type"
    content_type = f"application/json; Charset={charset}"
    assert _find(ARABIC, content_type) == [("charset", place, "assumed")]


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF8", "application/json"])
def test_utf_8_is_what_json_is_in(content_type: str) -> None:
    assert _find(ARABIC, content_type) == []
    assert _find("[]", "application/json; charset=iso-8859-1") == []  # which has ASCII too


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("from &#39;offline&#39;", "escaped-text"),
        ("R\\u0026amp;D", "escaped-text"),
        ("جلسة".encode().decode("latin-1"), "encoded-twice"),
        ("Zoë".encode().decode("latin-1"), "encoded-twice"),
        ("\\u00d8\\u00ac", "encoded-twice"),
    ],
)
def test_a_text_that_is_escaped_or_encoded_twice_is_a_warning_with_its_place(
    text: str, code: str
) -> None:
    body = f'[{{"clientGuid": "a"}}, {{"clientGuid": "{text}"}}]'
    assert _find(body) == [(code, "/response/body/1/clientGuid", "assumed")]
    assert _find(body, status=400) == []  # a refusal may repeat whatever was sent


@pytest.mark.parametrize("text", ["AT&T; R&D", "Ørsted", "Ā", "Âme", "جلسة", "a&b=1;"])
def test_a_text_that_only_looks_like_it_is_none(text: str) -> None:
    assert _find(f'[{{"clientGuid": "{text}"}}]') == []


def test_a_text_that_was_sent_may_be_repeated() -> None:
    assert _find('[{"clientGuid": "&amp;"}]', query="start=%26amp%3B") == []
