"""Options select the operations of a target, and narrow what its file says."""

from __future__ import annotations

import pytest

from mockserver import apis
from mockserver.check.target.selection import exclude_operations, find_excluded
from mockserver.check.target.target import Target
from mockserver.errors import SettingError

COACH = frozenset({"listCoachSessionLogs", "createCoachSessionLog"})
LIST = "listSessionLogs"
ALL = frozenset({LIST, "createSessionLog", *COACH})


def test_excluded_operations_are_found_by_operation_id_and_with_the_api() -> None:
    found = find_excluded([], ["createSessionLog", "calwe.listCoachSessionLogs"])
    assert found["calwe"] == {"createSessionLog", "listCoachSessionLogs"}
    assert found["ekran"] == frozenset()


def test_a_name_that_several_apis_have_means_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    calwe = apis.load()["calwe"]
    monkeypatch.setattr(apis, "load", lambda: {"calwe": calwe, "twin": calwe})
    assert find_excluded([], [LIST]) == {"calwe": {LIST}, "twin": {LIST}}
    assert find_excluded([], [f"twin.{LIST}"]) == {"calwe": frozenset(), "twin": {LIST}}


def test_of_named_operations_every_other_one_is_excluded() -> None:
    found = find_excluded(["calwe.listSessionLogs"], [])
    assert found["calwe"] == ALL - {LIST}
    assert found["ekran"] == {"listSessions"}


@pytest.mark.parametrize(
    ("only", "excluded", "sentence"),
    [
        (["listSession"], [], "--operation: there is no operation 'listSession'; did you mean"),
        (
            [],
            ["x"],
            "--exclude: there is no operation 'x'; known: 'autozod.listAgentSessionLogs', ",
        ),
        ([], ["calwe.listCoachSessionLog"], "did you mean 'calwe.listCoachSessionLogs'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    only: list[str], excluded: list[str], sentence: str
) -> None:
    with pytest.raises(SettingError) as raised:
        find_excluded(only, excluded)
    assert sentence in str(raised.value)


def test_options_narrow_what_the_target_says() -> None:
    target = Target("here", "http://a", excluded={"calwe": COACH})
    assert exclude_operations(target, [], []) is target
    narrowed = exclude_operations(target, [], ["createSessionLog"])
    assert narrowed.excluded["calwe"] == ALL - {LIST}
    # An API of which no operation is left is not checked.
    only = exclude_operations(target, ["calwe.listSessionLogs"], [])
    assert (only.apis, only.excluded["calwe"]) == (("calwe",), ALL - {LIST})


def test_a_target_without_any_operation_is_refused() -> None:
    target = Target("here", "http://a", excluded={"calwe": COACH})
    with pytest.raises(SettingError, match="No operation of 'here' is left by --operation"):
        exclude_operations(target, ["listCoachSessionLogs"], [])
