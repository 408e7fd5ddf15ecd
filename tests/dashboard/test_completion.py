"""The completion of the scenario editor: where the caret is, what fits there, and the keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Locator, Page, expect

from mockserver.files import SCENARIOS

from .conftest import HOSTILE, Dashboard

SCENARIO = "name: a\ndescription: b\n"

LOCATE = """
([text, caret]) => import("./views/scenarios/yaml.js").then(({ locate }) => locate(text, caret))
"""
# In the whole text, and in the text that ends with the caret.
LOCATE_ALL = """
([text, carets]) => import("./views/scenarios/yaml.js").then(({ locate }) => [
  carets.map((caret) => locate(text, caret)),
  carets.map((caret) => locate(text.slice(0, caret), caret)),
])
"""
SUGGEST = """
([schema, place, typed]) => import("./views/scenarios/suggest.js")
  .then(({ suggest }) => suggest(schema, place, typed))
"""


@pytest.fixture(scope="module")
def modules(browser: Browser, documented_server: str) -> Iterator[Page]:
    """A page in which the modules of the dashboard can be called."""
    with browser.new_page() as page:
        page.goto(f"{documented_server}/__mock__/ui/")
        yield page


def locate(page: Page, text: str) -> dict[str, Any] | None:
    """The place of the caret, which is `‸` in the text."""
    place: dict[str, Any] | None = page.evaluate(LOCATE, [text.replace("‸", ""), text.index("‸")])
    return place


KEY, VALUE, EITHER = (True, False), (False, True), (True, True)


@pytest.mark.parametrize(
    ("text", "path", "role", "word"),
    [
        ("‸", [], EITHER, ""),
        ("na‸", [], EITHER, "na"),
        ("na‸me: x\n", [], KEY, "name"),
        ("name: a\n‸\nseed: 1\n", [], KEY, ""),
        ("name: a‸b # c\n", ["name"], VALUE, "ab"),
        ("name: ‸\n", ["name"], VALUE, ""),
        ("name: ‸ # c\n", ["name"], VALUE, ""),
        ("apis:\n  ‸", ["apis"], EITHER, ""),
        ("apis:\n  ca‸\n", ["apis"], EITHER, "ca"),
        ("apis:\n  calwe:\n    ‸\n  ekran: {}\n", ["apis", "calwe"], EITHER, ""),
        ("apis:\n  calwe:\n    a: 1\n  ‸\n", ["apis"], KEY, ""),
        ("apis:\n  calwe:\n    a: 1\n‸\n", [], KEY, ""),
        ("events:\n  - tri‸\n", ["events", 0], EITHER, "tri"),
        ("events:\n- ‸\n", ["events", 0], EITHER, ""),
        ("events:\n- trigger: a\n- at: now\n  ‸", ["events", 1], KEY, ""),
        ("events:\n  - trigger: a\n    with:\n      ‸", ["events", 0, "with"], EITHER, ""),
        ("events:\n  - - x: ‸", ["events", 0, 0, "x"], VALUE, ""),
        ("events:\n  - {trigger: a, wi‸}\n", ["events", 0], KEY, "wi"),
        ("events:\n  - {trigger: a, with: {s‸: 1}}\n", ["events", 0, "with"], KEY, "s"),
        ("events:\n  - {trigger: ‸}\n", ["events", 0, "trigger"], VALUE, ""),
        ("events:\n  - {‸\n  - {trigger: b}\n", ["events", 0], KEY, ""),
        ("a: [x, ‸]\n", ["a", 1], VALUE, ""),
        ("a: [\n  {b: 1},\n  {c‸: 2},\n]\nd: 1\n", ["a", 1], KEY, "c"),
        ("a: {b: [1, {c: ‸x}]}\n", ["a", "b", 1, "c"], VALUE, "x"),
        ("'it''s': {b: ‸}\n", ["it's", "b"], VALUE, ""),
        ('"a: b": "c ‸d"\n', ["a: b"], VALUE, '"c d"'),
        ("a: |\n  b: c\n\n  d\ne: ‸", ["e"], VALUE, ""),
        ("a: 'b\n  c: d'\ne: ‸", ["e"], VALUE, ""),
        ("at: 2025-08-20T14:30:00Z‸\n", ["at"], VALUE, "2025-08-20T14:30:00Z"),
        ("---\na: !x &y ‸z\n", ["a"], VALUE, "z"),
        ("سارة:\n  ‸", ["سارة"], EITHER, ""),
        ("a: 1\r\nb:\r\n  ‸\r\n", ["b"], EITHER, ""),
    ],
)
def test_where_the_caret_is(
    modules: Page, text: str, path: list[str | int], role: tuple[bool, bool], word: str
) -> None:
    place = locate(modules, text)

    assert place is not None
    assert place["path"] == path
    assert (place["isKey"], place["isValue"]) == role
    assert text.replace("‸", "")[place["start"] : place["end"]] == word


def list_places(
    node: yaml.Node, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[yaml.Node, tuple[str | int, ...], str, list[str]]]:
    """The keys and the scalars of a text, with the path, the role and the siblings of each."""
    if isinstance(node, yaml.MappingNode):
        names = [key.value for key, _ in node.value]
        for index, (key, value) in enumerate(node.value):
            yield key, path, "isKey", names[:index] + names[index + 1 :]
            yield from list_places(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from list_places(item, (*path, index))
    elif isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">"):
        yield node, path, "isValue", []


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_place_of_a_scenario_is_found_as_a_reader_of_yaml_finds_it(
    modules: Page, file: Path
) -> None:
    text = file.read_text("utf-8")
    places = list(list_places(yaml.compose(text, yaml.SafeLoader)))
    assert len(places) > 5
    units = text.encode("utf-16-le")  # as a browser counts

    def count(mark: yaml.Mark) -> int:
        return len(text[: mark.index].encode("utf-16-le")) // 2

    carets = [count(node.end_mark) for node, *_ in places]
    for number, places_of_page in enumerate(modules.evaluate(LOCATE_ALL, [text, carets])):
        for (node, path, role, siblings), found in zip(places, places_of_page, strict=True):
            word = text[node.start_mark.index : node.end_mark.index]
            assert found, (path, word)
            assert (found["path"], found[role]) == (list(path), True), word
            assert units[2 * found["start"] : 2 * found["end"]].decode("utf-16-le") == word
            assert number == 1 or found["siblings"] == siblings


@pytest.mark.parametrize(
    "text",
    [
        *("# a‸\n", "a: b # c‸\n", "a:‸\n", "-‸\n", "a: |\n  b‸\n", "a: 1\n  ‸\n", "- a\n  ‸\n"),
        *("a: 'b'  ‸\n", "a: {b: 1}‸\n", "[" * 3_000 + "‸", "a:\n    b: 1\n  ‸\n"),
    ],
)
def test_where_nothing_can_stand(modules: Page, text: str) -> None:
    assert locate(modules, text) is None


def test_the_members_beside_the_caret_are_known(modules: Page) -> None:
    text = (
        "name: a\nevents:\n  - trigger: 'x.y'\n    with: {‸, b: 1}\n    at: now\n  - trigger: z\n"
    )
    place = locate(modules, text)

    assert place is not None
    assert place["siblings"] == ["b"]
    assert place["texts"] == [{"name": "a"}, {}, {"trigger": "x.y", "at": "now"}, {"b": "1"}]


SCHEMA = {
    "properties": {
        "on": {"description": "A switch.", "type": "boolean"},
        "list": {"type": "array", "items": {"$ref": "#/definitions/a~1b"}},
        "mode": {"anyOf": [{"enum": ["slow", "no"]}, {"type": ["null", "integer"]}]},
        "one": {"allOf": [{"properties": {"x": {"const": 1}}}, {"properties": {"z": {}}}]},
        "same": {"pattern": "^real$"},
    },
    "required": ["on"],
    "patternProperties": {"^x-": {"enum": ["pattern"]}},
    "additionalProperties": {"enum": ["additional"]},
    "definitions": {
        "a/b": {
            "oneOf": [
                {"properties": {"kind": {"enum": ["first"]}, "deep": {"enum": [1]}}},
                {"properties": {"kind": {"enum": ["second"]}, "flat": {"type": "object"}}},
            ]
        }
    },
}


@pytest.mark.parametrize(
    ("text", "inserts"),
    [
        ("‸", ['"on": ', "list:\n  - ", "mode: ", "one:\n  ", "same: "]),
        ("o‸", ['"on": ', "one:\n  ", "mode: "]),
        ("on: ‸", ["true", "false"]),
        ("mode: ‸", ["slow", '"no"', "null"]),
        ("mode: ULL‸", ["null"]),
        ("one: {‸}", ["x: ", "z: "]),
        ("one: {x: ‸, z: 2}", ["1"]),
        ("list:\n  ‸", ["- "]),
        ("list: [{‸}]", ["kind: ", "deep: ", "flat: "]),
        ("list: [{kind: second, ‸}]", ["flat: "]),
        ("list:\n  - kind: second\n    ‸", ["flat:\n      "]),
        ("list:\n  - deep: 1\n    ki‸nd: second", ["kind"]),
        ("list: [{kind: ‸}]", ["first", "second"]),
        ("list: [{kind: ‸, deep: 1}]", ["first", "second"]),
        ("x-a: ‸", ["pattern"]),
        ("other: ‸", ["additional"]),
        ("same: ‸", ["real"]),
        ("constructor: ‸", ["additional"]),
        ("nothing: {here: ‸}", []),
    ],
)
def test_what_fits_at_the_caret(modules: Page, text: str, inserts: list[str]) -> None:
    place = locate(modules, text)
    assert place is not None
    typed = text[place["start"] : text.index("‸")]
    found = modules.evaluate(SUGGEST, [SCHEMA, place, typed])

    assert [it["insert"] for it in found] == inserts


def open_editor(dashboard: Dashboard, text: str) -> Page:
    page = dashboard.open("scenarios", "editor")
    page.get_by_text("Nothing is wrong.").wait_for()  # the schema has been asked for before that
    area = page.get_by_label("The scenario as YAML")
    area.fill(text)
    area.press("Control+End")
    return page


def list_box(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Suggestions")


def test_a_scenario_is_written_with_what_is_suggested(dashboard: Dashboard) -> None:
    page = open_editor(dashboard, SCENARIO)
    area = page.get_by_label("The scenario as YAML")
    options = list_box(page).get_by_role("option")

    page.keyboard.type("ap")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("The documents of each API, written or generated.")
    page.keyboard.press("Enter")
    expect(area).to_have_value(f"{SCENARIO}apis:\n  ")
    expect(list_box(page).locator("code")).to_have_text(["autozod", "avaamo", "calwe", "ekran"])
    page.keyboard.type("calw")
    page.keyboard.press("Tab")
    page.keyboard.type("doc")
    page.keyboard.press("Tab")
    page.keyboard.type("se")
    page.keyboard.press("Tab")
    expect(area).to_have_value(
        f"{SCENARIO}apis:\n  calwe:\n    documents:\n      session:\n        - "
    )
    page.keyboard.type("stat")
    page.keyboard.press("Enter")
    page.keyboard.type("IN")
    page.keyboard.press("Enter")
    expect(area).to_have_value(
        f"{SCENARIO}apis:\n  calwe:\n    documents:\n      session:\n        - status: IN_PROGRESS"
    )
    expect(options).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(area).to_have_value(
        f"{SCENARIO}apis:\n  calwe:\n    documents:\n      session:\n        - status: IN"
    )


def test_an_event_has_its_own_options_and_an_effect_its_values(dashboard: Dashboard) -> None:
    page = open_editor(dashboard, f"{SCENARIO}events:\n  - trigger: calwe.leave\n    with: {{")
    page.keyboard.press("Control+Space")
    expect(list_box(page)).to_contain_text("temporarily")
    page.keyboard.type("temp")
    page.keyboard.press("Enter")
    expect(list_box(page).locator("code")).to_have_text(["true", "false"])
    area = page.get_by_label("The scenario as YAML")
    area.fill(f"{SCENARIO}faults:\n  - name: x\n    effect:\n      connection: ")
    page.keyboard.press("Control+Space")
    expect(list_box(page).locator("code").first).to_have_text("reset")


def test_a_base_scenario_is_one_of_those_of_the_server(dashboard: Dashboard) -> None:
    page = open_editor(dashboard, SCENARIO)
    page.keyboard.type("extends: calwe-ende")
    option = list_box(page).get_by_role("option")
    expect(option).to_have_count(1)
    described = dashboard.client.get("/__mock__/scenarios").json()["scenarios"]
    (description,) = (it["description"] for it in described if it["name"] == "calwe-ended")
    expect(option).to_contain_text(description)
    page.keyboard.press("Enter")
    area = page.get_by_label("The scenario as YAML")
    expect(area).to_have_value(f"{SCENARIO}extends: calwe-ended")


def test_the_keys_of_the_list_and_its_accessibility(dashboard: Dashboard) -> None:
    page = open_editor(dashboard, SCENARIO)
    area = page.get_by_label("The scenario as YAML")
    listbox = list_box(page)
    page.keyboard.press("Control+Space")
    expect(listbox).to_be_visible()
    active = list_box(page).get_by_role("option", selected=True)
    first = active.inner_text()
    assert area.get_attribute("aria-activedescendant") == active.get_attribute("id")
    assert area.get_attribute("aria-controls") == listbox.get_attribute("id")
    dashboard.check_accessibility()
    page.keyboard.press("ArrowUp")
    assert active.inner_text() != first
    page.keyboard.press("ArrowDown")
    assert active.inner_text() == first
    page.keyboard.press("Escape")
    expect(listbox).to_have_count(0)
    expect(area).to_have_value(SCENARIO)
    assert area.get_attribute("aria-activedescendant") is None

    page.keyboard.press("Enter")
    page.keyboard.press("Control+Space")
    list_box(page).get_by_role("option").filter(has_text="seed").click()
    expect(area).to_have_value(f"{SCENARIO}\nseed: ")
    expect(area).to_be_focused()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Space")
    page.keyboard.press("Tab")  # the key is there already: it is written anew
    expect(area).to_have_value(f"{SCENARIO}\nseed: ")
    page.keyboard.press("Tab")
    expect(area).not_to_be_focused()


def test_a_line_break_stays_one_where_nothing_was_typed(dashboard: Dashboard) -> None:
    page = open_editor(dashboard, SCENARIO)
    area = page.get_by_label("The scenario as YAML")
    page.keyboard.type("validation: ")
    expect(list_box(page).get_by_role("option")).to_have_count(3)
    page.keyboard.press("Enter")
    expect(area).to_have_value(f"{SCENARIO}validation: \n")
    page.keyboard.type(f"extends: {HOSTILE}")
    expect(list_box(page).get_by_role("option")).to_have_count(0)
