"""The session log beyond its traits: the end of a session, and refusals of entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from mockserver.apis.calwe import wire
from mockserver.invariant import Interaction, invariant
from mockserver.json_pointer import ABSENT
from mockserver.traits.listing import at, show

LISTS = ("listSessionLogs", "listCoachSessionLogs")
CREATES = ("createSessionLog", "createCoachSessionLog")
CLOSING = ("ENDED", "CANCELLED")
"""The actions that close a session."""

_LONGEST_WAIT = 2_500_000
"""So many microseconds after the end of a session its period is recorded, if by a queue."""


class Log(Struct, frozen=True):
    """A page of a log: the actions of its rows, and where in the log they are."""

    actions: tuple[str, ...]
    is_first: bool
    is_last: bool

    @property
    def closing(self) -> int:
        """Where the first action stands that closes a session."""
        return next(n for n, action in enumerate(self.actions) if action in CLOSING)


class Create(Struct, frozen=True):
    """A create that was taken, or refused for the state of its session, after another one."""

    action: str
    status: int
    after: str


def _get_data(seen: Interaction, operations: Sequence[str]) -> dict[str, Any]:
    """The `data` of a success of one of these operations; empty where there is none."""
    if seen.operation.id not in operations or not seen.is_success:
        return {}
    data = at(seen.response_body, "/data")
    return data if isinstance(data, dict) else {}


def read_closed_log(now: Interaction, _: Sequence[Interaction]) -> Log | None:
    """A page of a log on which a session is closed."""
    data = _get_data(now, LISTS)
    rows, current, last = (data.get(name) for name in ("data", "current_page", "last_page"))
    if not isinstance(rows, list) or type(current) is not int or type(last) is not int:
        return None
    actions = [at(row, "/action_type") for row in rows]
    known = tuple(action for action in actions if isinstance(action, str))
    if len(known) != len(rows) or not {*known} & {*CLOSING}:
        return None
    return Log(known, current <= 1, current == last)


def read_record_of_period(now: Interaction, before: Sequence[Interaction]) -> Log | None:
    """The end of a log that was closed, where its period record is."""
    log = read_closed_log(now, before)
    if log is None or not log.is_last or (len(log.actions) == 1 and not log.is_first):
        return None  # it may stand on the page before
    return log


def is_refused_as_ended(seen: Interaction) -> bool:
    """Whether a valid create is refused since its session has ended."""
    is_refused = seen.operation.id in CREATES and seen.is_valid and seen.status == 422
    return is_refused and at(seen.response_body, "/message") == wire.SESSION_ENDED


def _list_refused_as_ended(
    now: Interaction, before: Sequence[Interaction]
) -> Iterator[Interaction]:
    """The creates before that were refused since the same session has ended."""
    for seen in before:
        is_same = seen.arguments.get("id") == now.arguments.get("id")
        if is_same and seen.is_admitted and is_refused_as_ended(seen):
            yield seen


def read_log_of_ended_session(now: Interaction, before: Sequence[Interaction]) -> Log | None:
    """The end of a log of a session that is known to have ended, with its period or too late."""
    log, refused = read_closed_log(now, before), [*_list_refused_as_ended(now, before)]
    if log is None or not log.is_last or not refused or (log.closing == 0 and not log.is_first):
        return None
    timings = [seen.exchange.response.timing for seen in (now, refused[0])]
    waited = timings[0].began - timings[1].began if timings[0] and timings[1] else 0
    return log if "SESSION_PERIOD" in log.actions or waited >= _LONGEST_WAIT else None


def read_create_after_end(now: Interaction, before: Sequence[Interaction]) -> Create | None:
    """A valid create in a session in which one was refused since it has ended."""
    if not _is_decided(now) or next(_list_refused_as_ended(now, before), None) is None:
        return None
    return Create(_get_action(now), now.status, "the refusal of another one")


def read_refusal(now: Interaction, _: Sequence[Interaction]) -> tuple[str, Any] | None:
    """The message of a refusal that the page shows, and its data."""
    message, data = at(now.response_body, "/message"), at(now.response_body, "/data")
    is_shown = now.status == 422 and message in [wire.INVALID, wire.SESSION_ENDED]
    return (message, data) if is_shown and data is not ABSENT else None


def read_answer_to_listed_action(
    now: Interaction, _: Sequence[Interaction]
) -> tuple[str, Any] | None:
    """The action of a valid create, and what its response says of it."""
    return (
        (_get_action(now), at(now.response_body, "/data/action_type")) if _is_decided(now) else None
    )


def _is_decided(seen: Interaction) -> bool:
    """Whether it is the response to a valid request, by what the session allows."""
    return seen.is_valid and seen.is_admitted and (seen.is_success or seen.status == 422)


def _get_action(seen: Interaction) -> str:
    return str(at(seen.arguments, "/body/action_type")) if seen.is_valid else ""


def _read_after(*actions: str, among: int | None = None) -> Any:
    """Reads a create after one of some actions, among all creates before or the last few.

    It was valid, and was written, or refused for the state of its session.
    """

    def read(now: Interaction, before: Sequence[Interaction]) -> Create | None:
        if not _is_decided(now):
            return None
        creates = (
            seen
            for seen in reversed(before)
            if seen.arguments.get("id") == now.arguments.get("id")
            and seen.operation.id in CREATES
            and not 400 <= seen.status < 500  # a refused one wrote nothing
        )
        for seen in islice(creates, among):
            is_same = seen.is_success and seen.operation == now.operation
            if is_same and _get_action(seen) in actions:
                return Create(_get_action(now), now.status, _get_action(seen))
        return None

    return read


@invariant(
    *LISTS,
    evidence="assumed",
    note="The page says that no log can be created then; that a deployment logs nothing by itself "
    "either is ours.",
    reads=read_closed_log,
)
def nothing_follows_the_end(log: Log) -> Iterator[str]:
    """After ENDED or CANCELLED a log has its period record and nothing more."""
    for action in log.actions[log.closing + 1 :]:
        if action != "SESSION_PERIOD":
            yield f"{action} follows {log.actions[log.closing]}"


@invariant(
    *LISTS,
    evidence="documented",
    note="Known to have ended is a session in which a create was refused as the page shows it; a "
    "deployment may need a moment to write the record.",
    reads=read_log_of_ended_session,
)
def an_ended_session_has_its_period(log: Log) -> Iterator[str]:
    """The log of a session that is known to have ended has its period record."""
    if "SESSION_PERIOD" not in log.actions:
        yield f"it has {log.actions[log.closing]}, and no SESSION_PERIOD"


@invariant(
    *LISTS,
    evidence="assumed",
    note="That an entry of ENDED or CANCELLED ends the session is its meaning, and not said. The "
    "record's place is open; a deployment may need a moment to write it.",
    reads=read_record_of_period,
)
def closing_records_the_period(log: Log) -> Iterator[str]:
    """A log that was closed by ENDED or CANCELLED has its period record there."""
    if "SESSION_PERIOD" not in log.actions[max(0, log.closing - 1) :]:
        yield f"after {log.actions[log.closing]} the log ends without SESSION_PERIOD"


@invariant(
    *CREATES,
    evidence="documented",
    note="The page says that no log can be created after a session has ended.",
    reads=read_create_after_end,
)
def ended_session_stays_ended(create: Create) -> Iterator[str]:
    """After a create was refused since the session has ended, every other one is refused."""
    if create.status != 422:
        yield f"{create.action} is taken after {create.after}"


@invariant(
    *CREATES,
    evidence="documented",
    note="The page shows both.",
    reads=read_refusal,
)
def refusal_has_the_data_of_its_message(refusal: tuple[str, Any]) -> Iterator[str]:
    """A refusal of an invalid body says in `data` why, one of an ended session has null there."""
    message, data = refusal
    if isinstance(data, dict) != (message == wire.INVALID):
        yield f"with '{message}' data is {show(data)}"


@invariant(
    *CREATES,
    evidence="documented",
    note="The page lists the actions.",
    reads=read_answer_to_listed_action,
)
def listed_action_is_valid(answer: tuple[str, Any]) -> Iterator[str]:
    """No listed action is refused as an invalid one."""
    action, said = answer
    if isinstance(said, list):
        yield f"{action} is refused, and data says {show(said)}"


@invariant(
    *CREATES,
    evidence="assumed",
    note="The page says so of a session that has ended; that posting ENDED ends it is its meaning, "
    "and the period is recorded after CANCELLED as well.",
    reads=_read_after(*CLOSING),
)
def closed_session_takes_no_entry(create: Create) -> Iterator[str]:
    """After ENDED or CANCELLED every create is refused with 422."""
    if create.status != 422:
        yield f"{create.action} is taken after {create.after}"


@invariant(
    *CREATES,
    evidence="documented",
    note="No other client may write to the session at the same time.",
    reads=_read_after("ENTERED", "LEFT", "TEMPORARILY_LEFT", among=1),
)
def session_takes_entries_until_it_ends(create: Create) -> Iterator[str]:
    """Coming and going do not end a session: what is created after them is taken."""
    if create.status == 422:
        yield f"{create.action} is refused after {create.after}"


@invariant(
    *CREATES,
    evidence="assumed",
    note="No other client may write to the session at the same time.",
    reads=_read_after("CANCEL_REQUEST", "SESSION_PERIOD", among=1),
)
def requests_and_records_end_nothing(create: Create) -> Iterator[str]:
    """CANCEL_REQUEST and a posted SESSION_PERIOD do not end a session."""
    if create.status == 422:
        yield f"{create.action} is refused after {create.after}"
