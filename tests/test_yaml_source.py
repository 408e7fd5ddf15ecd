"""YAML as JSON means it: what is read, what is refused, and in which line each value stands."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from mockserver import value_builder
from mockserver.errors import YamlError
from mockserver.yaml_source import decode, is_too_deep, read_yaml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("NO", "NO"),
        ("12:30", "12:30"),
        ("2:30 PM", "2:30 PM"),
        ("2025-08-21", "2025-08-21"),
        ("2025-08-21T14:30:00Z", "2025-08-21T14:30:00Z"),
        ("1_000", "1_000"),
        ("１", "１"),
        (".", "."),
        ("1e", "1e"),
        ("=", "="),
        ("'5'", "5"),
        ('"true"', "true"),
        ("'{{x}}'", "{{x}}"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("0", 0),
        ("007", 7),
        ("+5", 5),
        ("-5", -5),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("[]", []),
        ("{}", {}),
    ],
)
def test_a_word_is_what_json_would_make_of_it(text: str, expected: Any) -> None:
    value = read_yaml(text).data
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200: ok", {"200": "ok"}),
        ("on: push", {"on": "push"}),
        ("true: x", {"true": "x"}),
        ("~: x", {"~": "x"}),
        ("? a", {"a": None}),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
        ("<<: 5", {"<<": 5}),
        ("سجل: x", {"سجل": "x"}),
    ],
)
def test_a_key_is_the_text_that_was_written(text: str, expected: Any) -> None:
    assert read_yaml(text).data == expected


def test_an_alias_repeats_what_its_anchor_says() -> None:
    source = read_yaml("a: &a {x: [1]}\nb: *a\n")
    assert source.data == {"a": {"x": [1]}, "b": {"x": [1]}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}", {"x": 1, "y": 3}),
        ("a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}", {"y": 3, "x": 1}),
        ("a: [&a {x: 1}, &b {x: 2, y: 2}]\nb: {<<: [*a, *b]}", {"x": 1, "y": 2}),
        ("a: &a {x: 1}\nc: &c {<<: *a, y: 2}\nb: {<<: *c, z: 3}", {"x": 1, "y": 2, "z": 3}),
        ("b: {<<: {x: {k: v}}, y: 1}", {"x": {"k": "v"}, "y": 1}),
    ],
)
def test_a_merge_key_brings_the_keys_that_are_not_written(text: str, expected: Any) -> None:
    assert read_yaml(text).data["b"] == expected


def test_a_merged_value_has_the_line_of_its_anchor() -> None:
    source = read_yaml("a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\n")
    assert (source.line("/b/x"), source.line("/b/y")) == (2, 5)


def test_merges_that_unfold_into_billions_are_refused() -> None:
    lines = ["a0: &a0 {}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 10)]
    with pytest.raises(YamlError, match="unfolds into more than 1000000 values"):
        read_yaml("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("a: 1\nb: 2\na: 3", 3, "a"),
        ("x:\n  - {b: 1, b: 1}", 2, "b"),
        ("200: 1\n'200': 2", 2, "200"),
        ("a: 1\n? a\n: 2", 2, "a"),
        ('{"a": 1,\n"a": 2}', 2, "a"),
        ("<<: {a: 1}\n<<: {b: 1}", 2, "<<"),
    ],
)
def test_a_key_that_stands_twice_is_refused_where_it_stands_again(
    text: str, line: int, key: str
) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert (caught.value.line, caught.value.reason) == (line, f"the key '{key}' stands twice")


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['true']",
        "a: !!python/name:os.system x",
        "a: !!python/tuple [1]",
        "a: !!binary aGk=",
        "a: !!timestamp 2025-08-21",
        "a: !!set {x}",
        "a: !!omap [x: 1]",
        "a: !mine 5",
        "a: !mine [5]",
        "a: !mine {b: 5}",
        "!mine a: 5",
    ],
)
def test_a_tag_is_refused_wherever_it_stands(text: str) -> None:
    with pytest.raises(YamlError, match=r"line 1: .*tag"):
        read_yaml(text)


@pytest.mark.parametrize("text", ["!!int abc", "!!int", "!!float abc", "!!bool maybe", "!!null x"])
def test_a_tag_that_its_text_belies_is_refused(text: str) -> None:
    with pytest.raises(YamlError):
        read_yaml(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2", 1),
        ("a: 1\n\tb: 2", 2),
        ("a: 'x", 1),
        ("a: b: c", 1),
        ("a: *nobody", 1),
        ("--- 1\n--- 2", 2),
        ("a: \x00", 1),
        ('a: "\\ud800"', 1),
        ("a: %x", 1),
        ("? [a]\n: b", 1),
        ("{a: 1}: b", 1),
    ],
)
def test_what_is_no_yaml_of_this_kind_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert line <= caught.value.line <= line + 1  # libyaml notices an open bracket a line later
    assert str(caught.value) == f"line {caught.value.line}: {caught.value.reason}"


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(YamlError):
        read_yaml("a: \ud800")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: " + "9" * 5_000, "line 2: a number of 5000 digits is too large"),
        ("a: 1\nb: 1e400", "line 2: the number 1e400 is too large"),
        ("a: 1\nb: -1e400", "line 2: the number -1e400 is too large"),
    ],
)
def test_a_number_that_no_reader_could_hold_is_refused(text: str, reason: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert str(caught.value) == reason


def test_an_anchor_inside_itself_is_refused() -> None:
    for text in ("&a [*a]", "&a {b: *a}", "&a {<<: *a}", "&a {b: 1, <<: *a}"):
        with pytest.raises(YamlError, match="nested more than 100 deep"):
            read_yaml(text)


def test_a_hundred_levels_are_read_and_one_more_is_not() -> None:
    assert read_yaml("[" * 100 + "]" * 100).lines["/0" * 99] == 1
    assert read_yaml("[" * 101 + "]" * 101).lines["/0" * 100] == 1
    with pytest.raises(YamlError, match="nested more than 100 deep"):
        read_yaml("[" * 102 + "]" * 102)


def test_a_text_that_unfolds_into_billions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_builder, "MAX_VALUES", 10_000)
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(YamlError, match="unfolds into more than 10000 values"):
        read_yaml("\n".join(lines))


def test_a_hundred_thousand_levels_do_not_end_the_process() -> None:
    # In a process of its own: the danger is no exception, but the end of the process.
    script = (
        "from mockserver.errors import YamlError\n"
        "from mockserver.yaml_source import read_yaml\n"
        "for opening in ('[', '- ', '{a: ', '? '):\n"
        "    try: read_yaml(opening * 100_000)\n"
        "    except YamlError: print('refused')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "refused\n" * 4)


def test_every_value_knows_its_line() -> None:
    source = read_yaml(
        "name: x\n"  # 1
        "\n"
        "# a comment\n"
        "apis:\n"  # 4
        "  a/b:\n"  # 5
        "    - one\n"  # 6
        "    - two:\n"  # 7
        "        three\n"  # 8
        "  m~n: {k: v}\n"  # 9
    )
    assert source.lines == {
        "": 1,
        "/name": 1,
        "/apis": 4,
        "/apis/a~1b": 5,
        "/apis/a~1b/0": 6,
        "/apis/a~1b/1": 7,
        "/apis/a~1b/1/two": 7,
        "/apis/m~0n": 9,
        "/apis/m~0n/k": 9,
    }


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/a/b", 3),
        ("/a/b/c/d", 3),
        ("/a/missing", 2),
        ("/missing", 2),
        ("", 2),
        ("/a/b2", 2),
    ],
)
def test_what_is_not_there_has_the_line_of_the_nearest_thing_above_it(
    pointer: str, line: int
) -> None:
    assert read_yaml("# a comment\na:\n  b: 1\n").line(pointer) == line


def test_nothing_at_all_is_in_the_first_line() -> None:
    source = read_yaml("")
    assert source.data is None
    assert source.line("/anything") == 1


def nested(depth: int, value: Any = 0) -> Any:
    """A value in so many lists and mappings, by turns."""
    for n in range(depth):
        value = [value, 1] if n % 2 else {"a": value, "b": 1}
    return value


@pytest.mark.parametrize(
    "data", [None, 0, "text", [], {}, [[]], {"a": {"b": [1, {}]}}, nested(100)]
)
def test_a_value_that_could_have_been_read_is_not_too_deep(data: Any) -> None:
    assert not is_too_deep(data)


@pytest.mark.parametrize("data", [nested(102), [1, {"a": nested(101)}], nested(100_000)])
def test_a_value_that_could_not_is_however_deep_it_is(data: Any) -> None:
    assert is_too_deep(data)


def test_a_wide_value_is_not_a_deep_one() -> None:
    assert not is_too_deep([{"a": [n]} for n in range(10_000)])


# JSON, of which libyaml does not take all


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": "\\ud83d\\ude00!"}', {"a": "😀!"}),
        ('{"\\ud83d\\ude00": 1}', {"😀": 1}),
        ('{"a": "x\x7f\x80y"}', {"a": "x\x7f\x80y"}),
        ('{"a":\t"\\/\\u0645"}', {"a": "/م"}),
        ('{"' + "k" * 2_000 + '": 1}', {"k" * 2_000: 1}),
        ('[1.0, 1e3, -0, true, null, "1e400"]', [1.0, 1000.0, 0, True, None, "1e400"]),
        (' \n{"a": {"a": 1}}\n', {"a": {"a": 1}}),
        ('a: "\\ud83d\\ude00"', {"a": "😀"}),
        ("\"\\ud83d\\ude00\": '\\ud83d\\ude00'", {"😀": "\\ud83d\\ude00"}),
    ],
)
def test_json_is_read_as_json_has_it(text: str, expected: Any) -> None:
    assert read_yaml(text).data == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1,\n"b": "\\ud83d"}', "line 2: half of a surrogate pair is no character"),
        ('{"a": 1,\n"b": "\\ude00\\ud83d"}', "line 2: half of a surrogate pair is no character"),
        ('{"a": 1,\n"b": 1e400}', "line 2: the number 1e400 is too large"),
        ('{"a": 1,\n"b": ' + "9" * 5_000 + "}", "line 2: a number of 5000 digits is too large"),
        ('{"a":' * 102 + "1" + "}" * 102, "line 1: it is nested more than 100 deep"),
    ],
)
def test_json_that_cannot_be_used_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("text", ['"x\x7fy"', '"\\ud83d\\ude00"', '"x"'])
def test_every_value_of_json_knows_its_line(text: str) -> None:
    source = read_yaml(f'{{\n"a": [\n{text},\n{{"b": 1}}]}}')
    assert source.lines == {"": 1, "/a": 2, "/a/0": 3, "/a/1": 4, "/a/1/b": 4}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: \xd8\xb3", "a: س"),
        (b"\xef\xbb\xbfa: 1", "a: 1"),
        (b"\xff\xfea\x00:\x00 \x00" + "س".encode("utf-16-le"), "a: س"),
        ("a: س".encode("utf-16"), "a: س"),
        (b"\xfe\xff\x00a", "a"),
        ("a: س".encode("utf-32"), "a: س"),
    ],
)
def test_a_byte_order_mark_names_the_encoding(content: bytes, expected: str) -> None:
    assert decode(content) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: 1\nb: \xc7\xe1\n", "line 2: the byte 0xc7 is no UTF-8; save the file as UTF-8"),
        (b"\xff\xfea", "line 1: the byte 0x61 is no UTF-16; save the file as UTF-8"),
    ],
)
def test_another_encoding_is_refused_with_the_line_and_what_to_do(
    content: bytes, reason: str
) -> None:
    with pytest.raises(YamlError) as caught:
        decode(content)
    assert str(caught.value) == reason
