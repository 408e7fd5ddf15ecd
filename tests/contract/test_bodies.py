"""Bodies decoded: JSON, strict and with whole numbers of any length, and forms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.contract import Contract
from mockserver.contract.bodies import (
    MULTIPART,
    URLENCODED,
    Form,
    merge_parts,
    read_json,
    read_multipart,
    read_urlencoded,
    show_bytes,
    skim_json,
)
from mockserver.contract.values import read_form
from mockserver.yaml_source import read_yaml


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"5", 5),
        (b"1.0", 1.0),
        (b'{"a": ["x", null, true]}', {"a": ["x", None, True]}),
        (b"18446744073709551615", 18446744073709551615),
        (b"18446744073709551616", 18446744073709551616),
        (b"-9223372036854775809", -9223372036854775809),
        (b'[{"a": 100000000000000000000}]', [{"a": 100_000_000_000_000_000_000}]),
        (b'"100000000000000000000"', "100000000000000000000"),
        (b"0.1000000000000000000001", 0.1),
        (b"1e20", 1e20),
    ],
)
def test_a_number_is_what_was_written(body: bytes, expected: Any) -> None:
    value = read_json(body)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"NaN",
        b"[Infinity]",
        b"1e400",
        b"9" * 400,
        b"[NaN, 100000000000000000000]",
        b'["\\ud800", 100000000000000000000]',
        b"\xff",
        b"[" * 100_000,
        b"[" * 100_000 + b"1" * 20,
        b"[" * 100_000 + b"1" * 20 + b"]" * 100_000,
    ],
)
def test_what_is_no_json_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


def test_a_body_of_a_thousand_levels_is_read() -> None:
    value = read_json(b"[" * 1_000 + b"]" * 1_000)
    for _ in range(999):
        (value,) = value
    assert value == []


def test_skimming_is_as_strict_and_rounds() -> None:
    assert skim_json(b"[1]") == [1]
    assert type(skim_json(b"100000000000000000000")) is float
    with pytest.raises(ValueError, match=r"."):
        skim_json(b"NaN")


# Forms

FORM = """
type: object
properties:
  n: {type: integer}
  on: {type: boolean}
  list: {type: array, items: {type: integer}}
  point: {type: object, properties: {x: {type: integer}, y: {type: integer}}}
  either: {anyOf: [{type: integer}, {type: string}]}
  file: {type: string, format: binary}
  files: {type: array, items: {type: string, format: binary}}
additionalProperties: {type: integer}
"""


def form(encoding: dict[str, Any] | None = None, media: str = URLENCODED) -> Form:
    content = {media: {"schema": read_yaml(FORM).data, "encoding": encoding or {}}}
    operation = {"requestBody": {"content": content}, "responses": {}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": operation}},
    }
    contract = Contract.parse(json.dumps(document))
    (read_media,) = contract.operations[0].body.values()
    return Form(read_form(contract.document, read_media.pointer), read_media.encoding)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("n=5&on=true", {"n": 5, "on": True}),
        ("n=x", {"n": "x"}),
        ("n=1&n=2", {"n": 2}),
        ("n=", {"n": ""}),
        ("list=1&list=2", {"list": [1, 2]}),
        ("list[]=1&list[]=2", {"list": [1, 2]}),
        ("list%5B0%5D=1", {"list": [1]}),
        ("point[x]=1&point[y]=2", {"point": {"x": 1, "y": 2}}),
        ('point={"x":1}', {"point": {"x": 1}}),
        ("x=1&y=2", {"point": {"x": 1, "y": 2}}),
        ("either=5", {"either": 5}),
        ("either=five", {"either": "five"}),
        ("other=5", {"other": 5}),
        ("other[a]=b", {"other[a]": "b"}),
        ("%D8%B3=%D8%B3+1", {"س": "س 1"}),
        ("", {}),
    ],
)
def test_an_urlencoded_form_is_read_as_its_schema_asks(body: str, expected: Any) -> None:
    assert read_urlencoded(body.encode(), form()) == expected


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ({"list": {"explode": False}}, "list=1,2", {"list": [1, 2]}),
        ({"list": {"style": "pipeDelimited"}}, "list=1|2", {"list": [1, 2]}),
        ({"list": {"style": "spaceDelimited"}}, "list=1+2", {"list": [1, 2]}),
        ({"point": {"style": "deepObject"}}, "point[x]=1", {"point": {"x": 1}}),
        ({"point": {"explode": False}}, "point=x,1,y,2", {"point": {"x": 1, "y": 2}}),
        ({"point": {"contentType": "application/json"}}, 'point={"y":1}', {"point": {"y": 1}}),
        ({"list": {"contentType": "application/json"}}, "list=[1,2]", {"list": [1, 2]}),
        ({"point": {"contentType": "application/json"}}, "point=x", {"point": "x"}),
    ],
)
def test_the_encoding_of_a_property_is_obeyed(
    encoding: dict[str, Any], body: str, expected: Any
) -> None:
    assert read_urlencoded(body.encode(), form(encoding)) == expected


def multipart(*parts: tuple[str, bytes]) -> bytes:
    lines = [b"--b\r\n" + head.encode() + b"\r\n\r\n" + content for head, content in parts]
    return b"\r\n".join([*lines, b"--b--\r\n"])


def part(name: str, *headers: str) -> str:
    return "\r\n".join([f'Content-Disposition: form-data; name="{name}"', *headers])


BOUNDARY = 'multipart/form-data; boundary="b"'


def test_a_multipart_body_is_read_part_by_part() -> None:
    body = multipart(
        (part("n"), b"5"),
        (part("list"), b"1"),
        (part("list"), b"2"),
        (part("point", "Content-Type: application/json"), b'{"x": 1}'),
        (part("on", "content-type: text/plain; charset=utf-8"), b"true"),
        (part('file"; filename="a.bin'), b"\x00\xff\r\n--c\r\n"),
        (part("files", "Content-Type: image/png"), b"1"),
        (part("files"), b""),
        (part("other"), b"7"),
    )
    value = merge_parts(read_multipart(BOUNDARY, body), form(media=MULTIPART))
    assert value == {
        "n": 5,
        "list": [1, 2],
        "point": {"x": 1},
        "on": True,
        "file": b"\x00\xff\r\n--c\r\n",
        "files": [b"1", b""],
        "other": 7,
    }
    assert show_bytes(value) == {**value, "file": "\x00ÿ\r\n--c\r\n", "files": ["1", ""]}


def test_a_part_without_a_type_is_json_where_its_schema_is_an_object() -> None:
    parts = read_multipart(BOUNDARY, multipart((part("point"), b'{"x": 1}')))
    assert merge_parts(parts, form(media=MULTIPART)) == {"point": {"x": 1}}


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        ("multipart/form-data", b"--b--\r\n", "its content type has no boundary"),
        (BOUNDARY, b"", "it ends before its last boundary"),
        (BOUNDARY, multipart((part("n"), b"5"))[:-8], "it ends before its last boundary"),
        (BOUNDARY, b"nothing of the kind", "Expected boundary character"),
    ],
)
def test_what_is_no_multipart_body_is_refused(content_type: str, body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_multipart(content_type, body)


def test_a_part_that_says_it_is_json_must_be() -> None:
    body = multipart((part("point", "Content-Type: application/json"), b"x"))
    with pytest.raises(ValueError, match="its part 'point' is not JSON: "):
        merge_parts(read_multipart(BOUNDARY, body), form(media=MULTIPART))
