"""The library: scenarios by name, those of the package and those of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.errors import SettingError, UnknownNameError
from mockserver.scenarios import Library, find_scenario

FIXTURES = Path(__file__).parents[2] / "fixtures"


def write(folder: Path, name: str, text: str | bytes = "") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# By name


def test_the_scenarios_of_the_package_are_there_in_the_order_of_their_names() -> None:
    paths = Library().paths

    assert list(paths) == sorted(paths)
    assert paths["documented"].resolve() == (FIXTURES / "documented.yaml").resolve()
    assert "schema" not in paths


def test_a_folder_adds_its_own_and_goes_before_the_package(tmp_path: Path) -> None:
    mine = write(tmp_path, "mine.yaml")
    other = write(tmp_path, "documented.yaml")
    write(tmp_path, "short.yml")
    write(tmp_path, "notes.txt")
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", "deep.yaml")
    library = Library(tmp_path)

    assert library.get_path("mine") == mine
    assert library.get_path("documented") == other
    assert library.get_path("default").name == "default.yaml"
    assert {"short", "notes", "deep", "below"}.isdisjoint(library.paths)
    assert list(library.paths) == sorted(library.paths)


def test_a_file_that_comes_or_goes_is_known_at_once(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert "mine" not in library.paths
    path = write(tmp_path, "mine.yaml")
    assert library.get_path("mine") == path
    path.unlink()
    with pytest.raises(UnknownNameError):
        library.get_path("mine")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("documentd", "There is no scenario 'documentd'; did you mean 'documented'?"),
        ("documented.yaml", "There is no scenario 'documented.yaml'; did you mean 'documented'?"),
        ("", "There is no scenario ''; known: 'autozod-daylight-saving-berlin', "),
        ("../fixtures/documented", "There is no scenario '../fixtures/documented'; "),
        ("/etc/passwd", "There is no scenario '/etc/passwd'; known: "),
    ],
)
def test_one_that_is_not_there_is_refused_with_the_nearest(name: str, sentence: str) -> None:
    for method in (Library().get_path, Library().get_entry):
        with pytest.raises(UnknownNameError) as raised:
            method(name)
        assert str(raised.value).startswith(sentence)


def test_a_folder_that_has_gone_has_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "gone"

    assert Library(folder).paths == Library().paths


# As they are written


def test_an_entry_has_the_text_as_it_is_written() -> None:
    entry = Library().get_entry("calwe-empty")

    assert (entry.name, entry.description) == (
        "calwe-empty",
        "A session whose log has no entries.",
    )
    assert entry.source == (FIXTURES / "calwe-empty.yaml").read_text(encoding="utf-8")


def test_every_entry_of_the_package_has_one_sentence() -> None:
    entries = list(Library().list_entries())

    assert [entry.name for entry in entries] == list(Library().paths)
    for entry in entries:
        assert entry.description.endswith(".")
        assert "\n" not in entry.description


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("name: x\ndescription: Mine.\n", "Mine."),
        ("description: سارة\n", "سارة"),
        ("name: x\n", "It has no description."),
        ("description: 5\n", "It has no description."),
        ("description: [a]\n", "It has no description."),
        ("", "It has no description."),
        ("- a\n", "It has no description."),
        ("description: Mine.\nunknown: 1\n", "Mine."),
    ],
)
def test_a_description_is_said_if_there_is_one(tmp_path: Path, text: str, description: str) -> None:
    write(tmp_path, "mine.yaml", text)

    entry = Library(tmp_path).get_entry("mine")
    assert (entry.name, entry.description, entry.source) == ("mine", description, text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name: [\n", "line 2: "),
        (b"name: !!python/object/apply:os.system [ls]\n", "line 1: the tag "),
        (b"a: &a [*a]\n", "line 1: it is nested more than 100 deep"),
        (b"name: \xff\n", "line 1: the byte 0xff is no UTF-8; save the file as UTF-8"),
        (b"a: 1\na: 2\n", "line 2: the key 'a' stands twice"),
    ],
)
def test_one_that_cannot_be_read_is_listed_all_the_same(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    write(tmp_path, "mine.yaml", content)

    entry = Library(tmp_path).get_entry("mine")
    assert entry.description.startswith(f"It cannot be read: {reason}")
    assert entry.source == ""


def test_a_folder_called_like_a_scenario_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").mkdir()

    assert Library(tmp_path).get_entry("mine").description.startswith("It cannot be read: ")


# By name or by path


def test_a_name_goes_before_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mine.yaml")
    (tmp_path / "library").mkdir()
    known = Library(tmp_path / "library")

    assert find_scenario("documented").name == "documented.yaml"
    assert find_scenario("mine.yaml") == Path("mine.yaml")
    assert find_scenario("mine.yaml", known=known) == Path("mine.yaml")
    with pytest.raises(SettingError, match="There is no scenario 'mine'"):
        find_scenario("mine")
    write(tmp_path / "library", "mine.yaml")
    assert find_scenario("mine", known=known) == tmp_path / "library" / "mine.yaml"


def test_a_path_is_from_the_folder_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    path = write(tmp_path / "below", "mine.yml")
    monkeypatch.chdir(tmp_path)

    assert find_scenario("below/mine.yml") == Path("below/mine.yml")
    assert find_scenario("mine.yml", tmp_path / "below") == path
    assert find_scenario(str(path)) == path
    with pytest.raises(SettingError, match=r"There is no scenario file 'mine\.yml'"):
        find_scenario("mine.yml")


@pytest.mark.parametrize("name", ["below.yaml", "nowhere.yaml", "nowhere/x.yml"])
def test_what_is_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "below.yaml").mkdir()

    with pytest.raises(SettingError) as raised:
        find_scenario(name)
    assert str(raised.value) == f"There is no scenario file '{name}'."
