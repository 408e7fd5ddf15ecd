"""Ids are printed as lines of a targets file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.check.reports.snippet import format_snippet
from mockserver.check.target.loader import read_targets
from mockserver.check.target.target import Target
from mockserver.errors import SettingError


def test_the_lines_name_the_target_and_describe_each_id() -> None:
    target = Target("staging", "https://staging.example/a", ids={"calwe": {"open_session": "1"}})
    ids = {"calwe": {"missing_session": "", "ended_session": "18"}, "autozod": {"team": ""}}
    assert list(format_snippet(target, ids)) == [
        "targets:",
        "  staging:",
        '    url: "https://staging.example/a"',
        "    ids:",
        "      calwe:",
        '        ended_session: "18"  # A session that has ended.',
        "        missing_session:  # An id that no session has.",
        "      autozod:",
        "        team:  # A team.",
    ]


@pytest.mark.parametrize("url", ["https://staging.example", "http://[::1]:81/x", "http://a_b:1"])
def test_the_lines_are_a_targets_file_once_they_are_filled_in(tmp_path: Path, url: str) -> None:
    path = tmp_path / "targets.yaml"
    target = Target(url, url)
    path.write_text("\n".join(format_snippet(target, {"calwe": {"ended_session": '1 # "x'}})))
    (read,) = read_targets(path).values()
    assert (read.url, read.ids) == (url, {"calwe": {"ended_session": '1 # "x'}})
    path.write_text("\n".join(format_snippet(target, {"calwe": {"ended_session": ""}})))
    with pytest.raises(SettingError, match=r"calwe\.ended_session: null is not of type"):
        read_targets(path)
