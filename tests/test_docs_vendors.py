"""The tables of generators and events on the page of vendors say what the code says."""

from __future__ import annotations

from inspect import Parameter
from pathlib import Path

from mockserver import apis
from mockserver.event import ScenarioFunction

PAGE = Path(__file__).resolve().parents[1] / "docs" / "vendors.md"


def format_row(function: ScenarioFunction) -> str:
    """The row of a generator or an event."""
    options = []
    for name, schema in function.schemas.items():
        default = function.options[name].default
        bounds = f" {schema['minimum']} to {schema['maximum']}" if "minimum" in schema else ""
        if default is Parameter.empty:
            necessity = "required"
        elif default is None or default == "":
            necessity = "optional"
        else:
            text = str(default).lower() if isinstance(default, bool) else default
            necessity = f"default `{text}`"
        options.append(f"`{name}` {schema['type']}{bounds}, {necessity}")
    return f"| `{function.name}` | {function.description} | {'; '.join(options)} |"


def test_the_page_has_every_generator_and_event() -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    loaded = apis.load().values()
    functions = [
        *(api.get_generator(name) for api in loaded for name in api.generators),
        *(api.get_event(name) for api in loaded for name in api.events),
    ]
    assert len(functions) > 15
    missing = [row for row in map(format_row, functions) if row not in page]
    assert missing == [], "\n" + "\n".join(missing)
