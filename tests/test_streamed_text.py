"""Texts that need not fit into the memory: their rows are read one at a time."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from typing import Any

import pytest

from mockserver import value_builder
from mockserver.errors import YamlError
from mockserver.streamed_text import StreamedText
from mockserver.value_builder import Row

YAML = b"a:\n  x: &x\n    - {k: 1}\n    -\n      k: 2\n  y: []\nb: *x\n"


def read(text: bytes, rows: str = "/a/.", *, is_json: bool = False) -> tuple[Any, list[Row]]:
    """The value without its rows, and the rows."""
    found: list[Row] = []
    source = StreamedText(BytesIO(text), rows, is_json=is_json).read_rows(found.append)
    return source.data, found


def test_the_items_of_chosen_lists_are_passed_on_and_not_kept() -> None:
    data, rows = read(YAML)

    assert data == {"a": {"x": [], "y": []}, "b": [{"k": 1}, {"k": 2}]}
    assert [(row.list, row.index, row.value) for row in rows] == [
        ("/a/x", 0, {"k": 1}),
        ("/a/x", 1, {"k": 2}),
    ]


def test_a_row_knows_its_lines_and_the_rest_too() -> None:
    _, rows = read(YAML)
    source = StreamedText(BytesIO(YAML), "/a/.", is_json=False).source

    assert rows[1].lines == {"": 5, "/k": 5}
    assert (source.line("/a/y"), source.line("/b/1/k")) == (6, 5)


def test_a_list_within_a_row_belongs_to_the_row() -> None:
    assert read(b'{"a": {"x": [{"a": {"x": [1]}}]}}', is_json=True)[1][0].value == {"a": {"x": [1]}}


def test_json_is_read_as_its_own_library_reads_it() -> None:
    value = {"a": {"x": [{"t": "س\u007f😀", "n": -1.5e3, "i": 2**70, "b": [True, None, {}]}]}}
    for escapes in (True, False):
        text = json.dumps(value, ensure_ascii=escapes).encode()
        assert [row.value for row in read(text, is_json=True)[1]] == value["a"]["x"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "it is not JSON: parse error: premature EOF"),
        (b'{"a": 1', "it is not JSON: parse error: premature EOF"),
        (b'{"a": 1}}', "it is not JSON: parse error: trailing garbage"),
        (b'{"a": NaN}', "it is not JSON: lexical error: invalid char in json text."),
        (b'{"a": 1, "a": 2}', "the key 'a' stands twice"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair is no character"),
        (b'{"a": 1e400}', "a number is too large"),
        (b"[" * 5_000, "it is nested more than 100 deep"),
        (b'{"a": "\xff"}', "it is not UTF-8: there is the byte 0xff"),
        (b'{"a": "\xd8', "it is not UTF-8: it ends in the middle of a character"),
        (b'{"a":\x0b1}', "it has the control character 0x0b"),
    ],
)
def test_what_is_no_json_of_this_kind_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(YamlError) as caught:
        read(text, is_json=True)
    assert caught.value.reason == reason


def test_a_number_of_many_digits_does_not_end_the_process() -> None:
    with pytest.raises(YamlError, match="it is not JSON: "):
        read(b'{"a": ' + b"9" * 5_000 + b"}", is_json=True)


def test_yaml_may_be_json_of_which_its_parser_does_not_take_all() -> None:
    text = StreamedText(BytesIO(b'{"a": {"x": ["\x7f"]}}'), "/a/.", is_json=False)

    assert text.source.data == {"a": {"x": []}}
    assert text.is_json
    with pytest.raises(YamlError, match="line 2: "):
        _ = StreamedText(BytesIO(b'{"a":\n[1}'), "/a/.", is_json=False).source


def test_a_byte_that_is_no_utf_8_is_found_in_its_line() -> None:
    with pytest.raises(YamlError) as caught:
        _ = StreamedText(BytesIO(b"a: 1\n" * 50_000 + b"\xc7"), "", is_json=False).digest
    assert caught.value.line == 50_001


def test_each_row_and_the_rest_have_a_limit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_builder, "MAX_VALUES", 10)

    assert len(read(b'{"a": {"x": [' + b"[1, 2], " * 50 + b"0]}}", is_json=True)[1]) == 51
    for text in (b'{"a": {"x": [[1,2,3,4,5,6,7,8,9,10]]}}', b'{"b": [1,2,3,4,5,6,7,8,9]}'):
        with pytest.raises(YamlError, match="more than 10 values"):
            read(text, is_json=True)


def test_what_aliases_stand_for_is_limited_over_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_builder, "MAX_VALUES", 10)
    with pytest.raises(YamlError, match="more than 10 values"):
        read(b"b: &b [1, 2]\na:\n  x: [*b, *b, *b]\n")


def test_the_memory_does_not_grow_with_the_rows() -> None:
    # In a process of its own: threads of other tests use memory too.
    script = """
import json, tracemalloc
from io import BytesIO
from mockserver.streamed_text import StreamedText
text = json.dumps({"a": {"x": [{"k": n, "text": "t" * 50} for n in range(5_000)]}}).encode()
for is_json in (True, False):
    stream = StreamedText(BytesIO(text), "/a/.", is_json=is_json)
    tracemalloc.start()
    stream.read_rows(lambda _: None)
    assert tracemalloc.get_traced_memory()[1] < len(text), is_json
    tracemalloc.stop()
"""
    subprocess.run([sys.executable, "-c", script], check=True)
