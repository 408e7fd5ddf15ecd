"""The list of views of tools/dashboard_views.py has them all; the docs show their pictures."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard_views import VIEWS

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "src" / "mockserver" / "dashboard" / "views" / "index.js"


def test_every_view_of_the_dashboard_is_opened() -> None:
    names = re.findall(r'\{ name: "(\w+)"', INDEX.read_text("utf-8"))

    assert len(names) > 5
    opened = {re.split("[/?]", view.place)[0] for view in VIEWS.values()}
    assert opened - {""} == {*names}


def test_every_picture_of_a_view_is_shown_in_the_docs() -> None:
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))

    pictures = {path.name for path in (ROOT / "docs" / "images").glob("dashboard-*")}
    assert pictures == {f"dashboard-{view}.webp" for view in VIEWS}
    assert {it for it in pictures if f"(images/{it})" not in pages} == set()
