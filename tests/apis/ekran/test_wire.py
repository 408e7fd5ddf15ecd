"""How Ekran says it: three forms of a moment in a request, one in an answer, refusals."""

from __future__ import annotations

import pytest

from mockserver.apis.ekran import wire
from mockserver.contract import Violation
from mockserver.errors import HttpError, MethodNotAllowed, NotFound, Unauthenticated
from mockserver.sandbox import World


def _violation(name: str) -> Violation:
    return Violation(f"/request/query/{name}", "#/x", "format", None, "it is wrong", "assumed")


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        (None, None),
        ("2021-04-01", 1_617_235_200_000_000),  # midnight at its start
        ("2021-04-01T12:00", 1_617_278_400_000_000),
        ("2021-04-01T12:00:00", 1_617_278_400_000_000),
        ("2021-04-01T12:00:01", 1_617_278_401_000_000),
        ("1970-01-01", 0),
        ("1969-12-31T23:59:59", -1_000_000),
    ],
)
def test_a_bound_without_a_zone_is_utc(text: str | None, microseconds: int | None) -> None:
    assert wire.parse_bound(text) == microseconds


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (948_603_367_000_000, "2000-01-23T04:56:07.000+00:00"),
        (948_603_367_123_999, "2000-01-23T04:56:07.123+00:00"),
        (0, "1970-01-01T00:00:00.000+00:00"),
        (1_755_786_600_001_000, "2025-08-21T14:30:00.001+00:00"),
    ],
)
def test_a_moment_is_written_with_milliseconds_and_its_offset(at: int, written: str) -> None:
    assert wire.format_moment(at) == written


@pytest.mark.parametrize(
    ("text", "conforms"),
    [
        ("2021-04-01", True),
        ("2021-04-01T12:00", True),
        ("2021-04-01T12:00:00", True),
        ("2024-02-29", True),
        ("2021-02-29", False),
        ("2021-04-31", False),
        ("2021-13-01", False),
        ("2021-04-01T24:00", False),
        ("2021-04-01T12:60", False),
        ("2021-04-01T12:00:60", False),
        ("2021-04-01T12", False),
        ("2021-04-01 12:00", False),
        ("2021-04-01T12:00:00Z", False),
        ("2021-04-01T12:00:00.000", False),
        ("2021-04-01T12:00:00+00:00", False),
        ("2021-4-1", False),
        ("01-04-2021", False),
        ("20210401", False),
        ("1617235200", False),
        ("", False),
        (" 2021-04-01", False),
        ("2021-04-01\n", False),
        ("٢٠٢١-٠٤-٠١", False),
    ],
)
def test_three_forms_conform_and_nothing_else(text: str, conforms: bool) -> None:
    (form,) = wire.FORMATS
    assert form.check(text) is conforms


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["start"], "'start'"),
        (["end", "end"], "'end'"),
        (["start", "end"], "'start' and 'end'"),
    ],
)
def test_an_invalid_request_names_the_parameter_and_the_three_forms(
    world: World, names: list[str], named: str
) -> None:
    refused = wire.refuse_invalid(world, {}, [_violation(name) for name in names])
    assert refused.status == 400
    assert refused.body == {
        "message": f"Invalid value of {named}: "
        "use YYYY-MM-DD, YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS"
    }


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (Unauthenticated(), 401, "Invalid ApiKey"),
        (NotFound(), 404, "Not found"),
        (MethodNotAllowed(["GET"]), 405, "Method not allowed"),
    ],
)
def test_every_refusal_is_a_message(error: HttpError, status: int, message: str) -> None:
    refused = wire.refuse_http_error(error)
    assert (refused.status, refused.body) == (status, {"message": message})
    assert refused.headers == ({"Allow": "GET"} if status == 405 else {})
