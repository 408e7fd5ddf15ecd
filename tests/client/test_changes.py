"""What differs between two worlds, as objects."""

from __future__ import annotations

from mockserver.client.changes import ABSENT, Diff, DocumentChange, FieldChange
from mockserver.client.decoder import read


def test_a_diff_is_read_with_its_documents_and_fields() -> None:
    answer = {
        "from": "before",
        "to": None,
        "equal": False,
        "world": [{"field": "/seed", "before": 1, "after": 2}],
        "added": 1,
        "removed": 0,
        "changed": 1,
        "documents": [
            {"api": "a", "kind": "k", "key": "1", "change": "added", "body": {"id": 1}},
            {
                "api": "a",
                "kind": "k",
                "key": "2",
                "change": "changed",
                "fields": [
                    {"field": "/note", "after": None},
                    {"field": "/text", "before": "x"},
                ],
            },
        ],
    }
    assert read(Diff, answer, "GET /diff") == Diff(
        from_="before",
        to=None,
        equal=False,
        world=(FieldChange("/seed", 1, 2),),
        added=1,
        removed=0,
        changed=1,
        documents=(
            DocumentChange("a", "k", "1", "added", {"id": 1}, ()),
            DocumentChange(
                "a",
                "k",
                "2",
                "changed",
                None,
                (FieldChange("/note", ABSENT, None), FieldChange("/text", "x", ABSENT)),
            ),
        ),
    )


def test_what_is_absent_says_so() -> None:
    assert repr(FieldChange("/a").before) == "ABSENT"
