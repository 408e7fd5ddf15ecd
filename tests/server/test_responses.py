"""Error responses in the shape of the API that was called."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mockserver.apis import load
from mockserver.contract import Headers, Response
from mockserver.errors import HttpError
from mockserver.server.responses import ErrorResponses, make_json_response, send_response


@pytest.fixture(scope="module")
def problems() -> ErrorResponses:
    return ErrorResponses(load().values())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1", "calwe"),
        ("/v1/", "calwe"),
        ("/v1/x", "calwe"),
        ("/api", "autozod"),
        ("/api/x", "autozod"),
        ("/api/v1", "avaamo"),
        ("/api/v1/x", "avaamo"),
        ("/api/v10", "autozod"),
        ("/ekranapi/x", "ekran"),
        ("/", None),
        ("", None),
        ("/v10", None),
        ("/V1/x", None),
        ("/apis", None),
        ("//v1/x", None),
        ("/__mock__/v1", None),
    ],
)
def test_a_path_belongs_to_the_longest_base_above_it(
    problems: ErrorResponses, path: str, name: str | None
) -> None:
    api = problems.find_api(path)

    assert (api.name if api else None) == name


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/customer/sessions/1/log", ["GET", "HEAD", "OPTIONS", "POST"]),
        ("/v1/coach/sessions/anything/log", ["GET", "HEAD", "OPTIONS", "POST"]),
        ("/api/sessionLogs/list", ["GET", "HEAD", "OPTIONS"]),
        ("/v1/customer/sessions/1/log/", []),
        ("/v1/nope", []),
        ("/v1", []),
        ("/nope", []),
    ],
)
def test_the_methods_of_a_path_are_its_contract_s_and_http_s(
    problems: ErrorResponses, path: str, methods: list[str]
) -> None:
    assert problems.list_allowed_methods(path) == methods


CALWE: list[tuple[HttpError, str]] = [
    (
        HttpError(400, "why"),
        '{"success":false,"message":"تعذر فهم الطلب لأن صيغته غير صحيحة",'
        '"data":null,"statusCode":400}',
    ),
    (
        HttpError(401),
        '{"success":false,"message":"يجب عليك تسجيل الدخول","data":[],"statusCode":401}',
    ),
    (
        HttpError(404),
        '{"success":false,"message":"المسار المطلوب غير موجود","data":null,"statusCode":404}',
    ),
    (
        HttpError(405),
        '{"success":false,"message":"طريقة الطلب غير مسموح بها لهذا المسار",'
        '"data":null,"statusCode":405}',
    ),
    (
        HttpError(413),
        '{"success":false,"message":"حجم محتوى الطلب أكبر من الحد المسموح به",'
        '"data":null,"statusCode":413}',
    ),
    (
        HttpError(415),
        '{"success":false,"message":"نوع محتوى الطلب غير مدعوم، يجب إرسال الطلب بصيغة JSON",'
        '"data":null,"statusCode":415}',
    ),
]


@pytest.mark.parametrize(("error", "body"), CALWE, ids=[str(error.status) for error, _ in CALWE])
def test_calwe_says_each_status_in_arabic(
    problems: ErrorResponses, error: HttpError, body: str
) -> None:
    response = problems.make_response("/v1/x", error)

    assert response.body.decode() == body
    assert response.headers.get("content-type") == "application/json"


@pytest.mark.parametrize(
    ("error", "autozod", "avaamo", "ekran"),
    [
        (HttpError(400, "The URL is odd"), "Bad request.", "The URL is odd", "The URL is odd"),
        (HttpError(401), "Unauthenticated.", "Invalid access token", "Invalid ApiKey"),
        (HttpError(404), "Not found.", "Not found", "Not found"),
        (
            HttpError(413),
            "Request body too large.",
            "Request body too large",
            "Request body too large",
        ),
    ],
    ids=["400", "401", "404", "413"],
)
def test_the_others_say_it_in_english(
    problems: ErrorResponses, error: HttpError, autozod: str, avaamo: str, ekran: str
) -> None:
    def said(path: str) -> str:
        return problems.make_response(path, error).body.decode()

    assert said("/api/x") == f'{{"success":false,"message":"{autozod}"}}'
    assert said("/api/v1/x") == f'{{"error":"{avaamo}"}}'
    assert said("/ekranapi/x") == f'{{"message":"{ekran}"}}'


def test_outside_vendors_an_error_is_problem_details(problems: ErrorResponses) -> None:
    response = problems.make_response("/x", HttpError(400, "The path has a control character"))

    assert response.status == 400
    assert response.headers.get("content-type") == "application/problem+json"
    assert response.body == (
        b'{"type":"about:blank","title":"Bad Request","status":400,'
        b'"detail":"The path has a control character"}'
    )


@pytest.mark.parametrize("path", ["/v1/x", "/api/x", "/api/v1/x", "/ekranapi/x", "/x"])
def test_the_headers_of_a_refusal_go_with_it(problems: ErrorResponses, path: str) -> None:
    response = problems.make_response(path, HttpError(405, headers={"Allow": "GET, HEAD"}))

    assert response.status == 405
    assert response.headers.get("allow") == "GET, HEAD"


def test_json_is_compact_in_utf_8_and_in_the_order_given() -> None:
    response = make_json_response(200, {"b": "لا", "a": [1.5, None, True]}, {"X-Thing": "1"})

    assert response.body == '{"b":"لا","a":[1.5,null,true]}'.encode()
    assert response.headers.fields == (
        ("content-type", "application/json"),
        ("x-thing", "1"),
    )


def test_a_response_is_sent_with_its_length() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    response = Response(200, Headers([("x-thing", "1")]), "لا".encode())
    asyncio.run(send_response(response, send))

    assert sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"x-thing", b"1"), (b"content-length", b"4")],
        },
        {"type": "http.response.body", "body": "لا".encode()},
    ]
