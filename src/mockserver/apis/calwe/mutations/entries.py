"""What can be wrong with the entries: each of them, their order, whether they are there."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.mutations.body import LISTS, with_entries, with_paginator
from mockserver.mutation import answered


@answered(*LISTS)
def entry_without_text(body: Any) -> Any:
    """An entry has no `text`."""
    return with_entries(body, lambda row: {name: row[name] for name in row if name != "text"})


@answered(*LISTS)
def entry_date_null(body: Any) -> Any:
    """An entry's `date` is null."""
    return with_entries(body, lambda row: {**row, "date": None})


@answered(*LISTS)
def date_with_leading_zero(body: Any) -> Any:
    """A time of day has a leading zero: `02:30 PM`."""
    return with_entries(body, lambda row: {**row, "date": row["date"].zfill(8)})


@answered(*LISTS)
def date_of_24_hours(body: Any) -> Any:
    """A time of day counts 24 hours: `14:30`."""

    def changed(row: Any) -> Any:
        clock, half = row["date"].split()
        hour, minute = clock.split(":")
        return {**row, "date": f"{int(hour) % 12 + 12 * (half == 'PM'):02d}:{minute}"}

    return with_entries(body, changed)


@answered(*LISTS)
def action_type_in_lower_case(body: Any) -> Any:
    """An entry's `action_type` is in lower case."""
    return with_entries(body, lambda row: {**row, "action_type": row["action_type"].lower()})


@answered(*LISTS)
def text_of_another_action(body: Any) -> Any:
    """Whoever left is said to have entered."""
    entered = wire.TEXTS["ENTERED"]
    return with_entries(
        body, lambda row: {**row, "text": entered} if row["action_type"] == "LEFT" else row
    )


@answered(*LISTS)
def newest_first(body: Any) -> Any:
    """The entries of a page are turned round."""
    return with_paginator(body, data=body["data"]["data"][::-1])


@answered(*LISTS)
def period_record_missing(body: Any) -> Any:
    """The record of a session's period is not listed."""
    rows = body["data"]["data"]
    kept = [row for row in rows if row["action_type"] != "SESSION_PERIOD"]
    lost = len(rows) - len(kept)
    first, total = body["data"]["from"], body["data"]["total"]
    end = first + len(kept) - 1 if kept else None
    return with_paginator(body, data=kept, total=total - lost, to=end)


@answered(*LISTS)
def reads_stale(body: Any) -> Any:
    """The entry that was written last is not listed yet."""
    data = body["data"]
    total, last = data["total"] - 1, data["to"]
    if last != data["total"]:
        return with_paginator(body, total=total)
    rows = data["data"][:-1]
    first = data["from"] if rows else None
    last_page = max(1, -(-total // data["per_page"]))
    url = f"{data['path']}?page={last_page}"
    return with_paginator(
        body,
        data=rows,
        total=total,
        to=last - 1 if rows else None,
        last_page=last_page,
        last_page_url=url,
        **{"from": first},
    )
