"""Generators of teams in their time zones, agents, and months of duty."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from mockserver.apis.autozod import model
from mockserver.clock import SECOND, to_datetime
from mockserver.errors import EventError
from mockserver.event import Count, MomentText
from mockserver.sandbox import World
from mockserver.store import Document

_HOUR = 3600
_DAY = 24 * _HOUR
_TEAMS = {"Riyadh Express": "Asia/Riyadh", "Cairo Couriers": "Africa/Cairo", "Dispatch": "UTC"}


def agents(
    world: World,
    count: Count,
    first: MomentText = MomentText("-60d"),
    last: MomentText = MomentText("now"),
    first_team: int = 1001,
    team: int = 0,
    locale: str = "ar_SA",
) -> Iterator[Document]:
    """Agents in three teams, two of which are not in UTC, with duties between two moments.

    The first agent is on duty at the last moment, and the second one's last duty crossed midnight.
    With a team, they are all in that one, which exists.
    """
    period = world.read_period(first, last)
    if team:
        existing = world.documents.get("team", str(team))
        if existing is None:
            raise EventError(f"there is no team {team}")
        teams = [existing]
    else:
        numbered = enumerate(_TEAMS.items(), first_team)
        bodies = ({"id": id, "name": name, "timezone": zone} for id, (name, zone) in numbered)
        teams = [*map(model.TEAM.document, bodies)]
        yield from teams
    for n in range(count):
        id = world.factory.hex("autozod.agent", n, 24)
        of_team = teams[n % len(teams)].body
        name = world.factory.name("autozod.agent", n, locale)
        yield model.AGENT.document({"id": id, "name": name, "team_id": of_team["id"]})
        yield from _list_duties(world, id, n, ZoneInfo(of_team["timezone"]), period)


def duties(
    world: World, agent: str, start: MomentText, count: Count, seconds: Count, pause: Count
) -> Iterator[Document]:
    """Duties of one agent, one after another from a moment on, with pauses between them."""
    first = world.read_moment(start) // SECOND
    for n in range(count):
        begin = first + n * (seconds + pause)
        yield model.build_duty(agent, begin, begin + seconds)


def _list_duties(
    world: World, id: str, n: int, zone: ZoneInfo, period: tuple[int, int]
) -> Iterator[Document]:
    """For each day none, or one to three stretches of duty with breaks between them."""
    first, now = (moment // SECOND for moment in period)
    local = to_datetime(period[1]).astimezone(zone)
    today = now - (local.hour * _HOUR + local.minute * 60 + local.second)
    for back in range((now - first) // _DAY, 2, -1):
        chance = world.factory.random("autozod.duty", f"{n}/{back}")
        if chance.random() < 0.25:
            continue
        at = today - back * _DAY + chance.randrange(6 * _HOUR, 11 * _HOUR)
        for _ in range(chance.randint(1, 3)):
            length = chance.randrange(_HOUR // 2, 4 * _HOUR)
            yield model.build_duty(id, at, at + length)
            at += length + chance.randrange(_HOUR // 4, _HOUR)
    if n == 1:
        # The last midnight that the duty can have crossed and ended by now.
        crossed = today if now >= today + 3 * _HOUR else today - _DAY
        yield model.build_duty(id, crossed - 2 * _HOUR, crossed + 3 * _HOUR)
    if n == 0:
        yield model.build_duty(id, now - 2 * _HOUR, None)
