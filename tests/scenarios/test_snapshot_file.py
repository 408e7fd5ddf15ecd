"""A snapshot as a file: a document a line, read back with everything validated."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest

from mockserver import apis
from mockserver.errors import ScenarioError
from mockserver.sandbox import Sandboxes, Template, open_session
from mockserver.sandbox.template import get_or_add_template
from mockserver.scenarios import build_template, find_scenario, load, read_snapshot, write_snapshot
from mockserver.store import FileStore
from mockserver.streamed_text import StreamedText

APIS = apis.load()


@pytest.fixture(scope="module")
def sandboxes(vendors: tuple[str, ...]) -> Iterator[Sandboxes]:
    """The documents' world, its clock frozen at 2025-08-21T14:30:00Z."""
    served = apis.load(vendors)
    with closing(FileStore()) as store:
        yield Sandboxes(store, build_template(load(find_scenario("documented"), served), served))


def _written(sandboxes: Sandboxes, name: str = "a") -> bytes:
    with open_session(sandboxes, name, writing=True) as session:
        record = session.sandbox.take_snapshot("x", replacing=True)
        return write_snapshot(session.transaction, record).content


@pytest.fixture
def data(sandboxes: Sandboxes) -> dict[str, Any]:
    """A file as it is read."""
    read: dict[str, Any] = json.loads(_written(sandboxes))
    return read


def _read(data: dict[str, Any] | bytes) -> Template:
    file = BytesIO(data if isinstance(data, bytes) else json.dumps(data).encode())
    rows = "/collections/[0-9]+/documents"
    return read_snapshot(StreamedText(file, rows, is_json=True), APIS)


def _faults(data: dict[str, Any]) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        _populate(data)
    return [str(fault) for fault in raised.value.faults]


def _populate(data: dict[str, Any]) -> None:
    """Populate the template of a file, in a store that is thrown away."""
    with closing(FileStore()) as store, store.transaction(writing=True) as transaction:
        get_or_add_template(transaction, _read(data))


def _of(data: dict[str, Any], kind: str, owner: str) -> dict[str, Any]:
    (found,) = [
        item for item in data["collections"] if (item["kind"], item["owner"]) == (kind, owner)
    ]
    return found


def test_it_says_what_it_is_and_has_a_document_a_line(sandboxes: Sandboxes) -> None:
    lines = _written(sandboxes).decode().splitlines()
    assert lines[0] == (
        '{"format":"mockserver-snapshot","version":1,"scenario":"documented","seed":1,'
        '"clock":{"now":"2025-08-21T14:30:00Z","rate":0.0,"offset":0.0},"tokens":{},'
        '"collections":['
    )
    assert lines[-1] == "]}"
    assert '{"api":"calwe","kind":"entry","owner":"1","last":2,"documents":[' in lines
    documents = [line for line in lines if line.startswith('{"seq":')]
    assert len(documents) == 15
    assert documents[0].startswith('{"seq":1,"key":"68a6d35049a09719b70539b4","body":{"id":')


def test_the_value_by_which_a_file_is_validated_has_all_but_the_documents(
    sandboxes: Sandboxes,
) -> None:
    with open_session(sandboxes, "a", writing=True) as session:
        record = session.sandbox.take_snapshot("x", replacing=True)
        written = write_snapshot(session.transaction, record)
    whole = json.loads(written.content)
    assert sum(len(collection.pop("documents")) for collection in whole["collections"]) == 15
    assert [it.pop("documents") for it in written.head["collections"]] == [[]] * 10
    assert written.head == whole


def test_what_is_read_back_is_written_the_same(sandboxes: Sandboxes) -> None:
    first = _written(sandboxes)
    with open_session(sandboxes, "b", writing=True) as session:
        kept = session.sandbox.import_snapshot("copy", _read(first))
        second = write_snapshot(session.transaction, kept).content
    assert second == first


def test_a_world_that_is_restored_from_a_file_goes_on_where_the_other_was(
    sandboxes: Sandboxes,
) -> None:
    with sandboxes.open("c", "calwe", writing=True) as world:
        world.documents.remove("entry", "1/2")
    file = json.loads(_written(sandboxes, "c"))
    with open_session(sandboxes, "d", writing=True) as session:
        session.sandbox.import_snapshot("copy", _read(file))
        session.sandbox.restore_snapshot("copy")
    with sandboxes.open("d", "calwe", writing=True) as world:
        APIS["calwe"].get_event("enter")(world, session="1")
        # The number of the one that was removed is not given again.
        assert [item.key for item in world.documents.list_by_owner("entry", "1")] == ["1/1", "1/3"]


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            lambda data: _of(data, "entry", "1").update(api="clawe"),
            ["snapshot:1: collections.{}: there is no API 'clawe'; did you mean 'calwe'?"],
        ),
        (
            lambda data: _of(data, "entry", "1").update(kind="entri"),
            ["snapshot:1: collections.{}: there is no kind 'entri'; did you mean 'entry'?"],
        ),
        (
            lambda data: _of(data, "entry", "1")["documents"][0].update(seq=2),
            ["the number 2 stands twice, or is beyond the last one"],
        ),
        (
            lambda data: _of(data, "entry", "1").update(last=1),
            ["the number 2 stands twice, or is beyond the last one"],
        ),
        (
            lambda data: _of(data, "entry", "1").update(owner="2"),
            [
                "it belongs to '1', and stands with those of '2'",
                "it belongs to '1', and stands with those of '2'",
            ],
        ),
        (
            lambda data: _of(data, "entry", "1")["documents"][1].update(key="1/1"),
            ["there is another entry with the key '1/1'"],
        ),
        (
            lambda data: _of(data, "entry", "1")["documents"][0]["body"].update(action_type="X"),
            ["action_type: "],
        ),
        (
            lambda data: data["clock"].update(now="2025-02-31T00:00:00Z"),
            ["snapshot:1: clock: '2025-02-31T00:00:00Z' is not a moment; "],
        ),
        (
            lambda data: data["clock"].update(now="9999-01-01"),
            ["snapshot:1: clock: '9999-01-01' is no moment for a clock; one from 1970 to 2999 is"],
        ),
        (
            lambda data: data["clock"].update(rate=1, offset=-1e11),
            ["is no moment for a clock; one from 1970 to 2999 is"],
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said(
    data: dict[str, Any], change: Change, faults: list[str]
) -> None:
    change(data)
    found = _faults(data)
    assert len(found) == len(faults)
    for said, expected in zip(found, faults, strict=True):
        for part in expected.split("{}"):
            assert part in said


def test_a_collection_that_stands_twice_is_refused(data: dict[str, Any]) -> None:
    data["collections"].append(copy.deepcopy(_of(data, "entry", "1")))
    assert len(_faults(data)) == 1


def test_a_parent_that_is_missing_is_said(data: dict[str, Any]) -> None:
    data["collections"] = [item for item in data["collections"] if item["api"] == "calwe"]
    data["collections"].remove(_of(data, "session", ""))
    assert {fault.partition(": ")[2].partition(": ")[2] for fault in _faults(data)} == {
        "there is no session '1' in this scenario"
    }


@pytest.mark.parametrize(
    ("clock", "mode"),
    [
        ({"now": "2025-08-21T14:30:00Z", "rate": 0, "offset": 0}, "frozen"),
        ({"now": "2025-08-21T14:30:00Z", "rate": 1, "offset": 0}, "real"),
        ({"now": "2025-08-21T14:30:00Z", "rate": 1, "offset": -3600.5}, "shifted"),
        ({"now": "2025-08-21T14:30:00Z", "rate": 60, "offset": 0}, "scaled"),
    ],
)
def test_the_clock_is_what_it_was(data: dict[str, Any], clock: dict[str, Any], mode: str) -> None:
    made = _read({**data, "clock": clock}).clock
    assert made.mode == mode
    if mode == "shifted":
        assert made.virtual - made.real == -3_600_500_000
    if mode in ("frozen", "scaled"):
        assert made.virtual == 1_755_786_600_000_000


def test_a_file_may_have_its_parts_in_any_order(sandboxes: Sandboxes, data: dict[str, Any]) -> None:
    shuffled = {name: data[name] for name in reversed(data)}
    shuffled["collections"] = [
        {**item, "documents": item["documents"][::-1]} for item in data["collections"][::-1]
    ]

    with open_session(sandboxes, "e", writing=True) as session:
        kept = session.sandbox.import_snapshot("copy", _read(shuffled))
        written = write_snapshot(session.transaction, kept).content
    assert written == _written(sandboxes)


def test_an_empty_collection_with_a_last_number_is_written(data: dict[str, Any]) -> None:
    entries = _of(data, "entry", "1")
    entries["documents"] = []

    with closing(FileStore()) as store:
        sandboxes = Sandboxes(store, build_template(load(find_scenario("documented"), APIS), APIS))
        with open_session(sandboxes, "default", writing=True) as session:
            kept = session.sandbox.import_snapshot("copy", _read(data))
            written = json.loads(write_snapshot(session.transaction, kept).content)
            session.sandbox.restore_snapshot("copy")
        assert _of(written, "entry", "1") == {**entries, "last": 2}
        with sandboxes.open("default", "calwe", writing=True) as world:
            APIS["calwe"].get_event("enter")(world, session="1")
            assert [item.key for item in world.documents.list_by_owner("entry", "1")] == ["1/3"]


@pytest.mark.parametrize(
    ("key", "is_right"),
    [
        ("1/1", True),
        ("1/3", False),
        ("1/2000000000000000000", False),
        ("2/1", False),
        ("a/b/1", False),
        ("/1", False),
        ("1/0", True),
        ("1/03", True),
        ("1/3x", True),
        ("1/٣", True),
        ("3", True),
        ("mine", True),
        ("1/99999999999999999999", True),
    ],
)
def test_a_key_that_is_still_to_be_given_is_refused(
    data: dict[str, Any], key: str, is_right: bool
) -> None:
    _of(data, "entry", "1")["documents"][0]["key"] = key

    if is_right:
        _populate(data)
    else:
        [fault] = _faults(data)
        assert fault.endswith(f"its key '{key}' is one that another entry is going to have")


def test_a_kind_whose_bodies_have_a_key_gives_none(data: dict[str, Any]) -> None:
    """Its keys may look like anything, since the store makes none for it."""
    resource = {"id": 5, "type": "Team", "name": "Night"}
    data["collections"].append(
        {
            "api": "avaamo",
            "kind": "resource",
            "owner": "Team",
            "last": 1,
            "documents": [{"seq": 1, "key": "5", "body": resource}],
        }
    )
    _populate(data)

    data["collections"][-1]["documents"][0]["key"] = "Team/7"
    [fault] = _faults(data)
    assert fault.endswith("its key is 'Team/7', and its body says '5'")


def test_what_cannot_be_stored_is_said(data: dict[str, Any]) -> None:
    change = _of(data, "change", "update")["documents"][0]
    change["body"]["resource"]["id"] = 2**64

    [fault] = _faults(data)
    assert fault.endswith("it cannot be stored: Integer exceeds 64-bit range")


def test_the_same_file_makes_the_same_template(data: dict[str, Any]) -> None:
    first, second = _read(data), _read(copy.deepcopy(data))
    other = _read({**data, "seed": 2})

    assert first.name == second.name
    assert first.name.startswith("snapshot-")
    assert other.name != first.name


def test_a_file_that_comes_again_is_of_the_moment_that_it_names(
    sandboxes: Sandboxes, data: dict[str, Any]
) -> None:
    """However long the template has been there, whose clock has run on since."""
    data["clock"] = {"now": "2030-01-01T00:00:00Z", "rate": 1_000_000, "offset": 0}
    with open_session(sandboxes, "f", writing=True) as session:
        first = session.sandbox.import_snapshot("first", _read(data))
        second = session.sandbox.import_snapshot("second", _read(data))

        assert first.origin == second.origin
        assert second.clock.real > first.clock.real
        for kept in (first, second):
            assert kept.clock.virtual == 1_893_456_000_000_000
