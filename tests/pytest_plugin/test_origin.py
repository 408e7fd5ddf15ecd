"""What a world is made from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import SettingError
from mockserver.pytest_plugin.origin import Origin, located


def test_a_text_is_a_name_unless_it_ends_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").touch()
    (tmp_path / "case.yml").touch()
    assert located("case", tmp_path) == "case"
    assert located("case.yaml", tmp_path) == tmp_path / "case.yaml"
    assert located(Path("case.yml"), tmp_path) == tmp_path / "case.yml"


def test_a_whole_scenario_is_taken_as_it_is(tmp_path: Path) -> None:
    assert located({"name": "case.yaml"}, tmp_path) == {"name": "case.yaml"}


def test_a_file_of_another_folder_is_found_by_its_whole_path(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.touch()
    assert located(str(file), tmp_path / "elsewhere") == file


def test_a_file_that_is_not_there_is_looked_for_in_the_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"There is no file 'no.yaml' in '{tmp_path}'."):
        located("no.yaml", tmp_path)


@pytest.mark.parametrize("scenario", [5, None, ["documented"]])
def test_what_is_no_scenario_is_refused(scenario: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is no scenario; give the name of one, a YAML file"):
        located(scenario, tmp_path)


def test_a_moment_is_where_the_clock_stands_still(tmp_path: Path) -> None:
    noon = datetime(2025, 8, 21, 12, tzinfo=UTC)
    assert Origin.read(tmp_path, clock="2025-08-21").clock == {"freeze": "2025-08-21"}
    assert Origin.read(tmp_path, clock=noon).clock == {"freeze": noon}
    assert Origin.read(tmp_path, clock={"shift": "-1d"}).clock == {"shift": "-1d"}


def test_what_is_not_said_is_as_the_server_has_it(tmp_path: Path) -> None:
    assert Origin.read(tmp_path) == Origin(scenario=None, seed=None, clock=None)
