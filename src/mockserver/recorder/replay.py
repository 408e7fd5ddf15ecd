"""Sends the requests of a recording to the world of its scenario, and compares the responses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from io import BytesIO
from itertools import islice

from msgspec import Struct, field

from mockserver.api import Api
from mockserver.contract import SAFE_METHODS
from mockserver.errors import Refusal, ScenarioError
from mockserver.inference import Observation
from mockserver.json_pointer import list_differences
from mockserver.sandbox import DEFAULT, Sandboxes, World
from mockserver.scenarios import Library, build_template, load_stream
from mockserver.store import FileStore
from mockserver.streamed_text import StreamedText

_ROWS = "/apis/[^/]*/documents/[^/]*"
_MOST_NAMED = 5
_MOST_PLACES = 3
_NOT_FOUND = 404


class Replay(Struct):
    """What the scenario answers to the reads of a recording, each as it was sent last.

    `same` is how many responses are those that were recorded, `later` how many are so at the moment
    at which they were recorded, since the clock ran, and `changed` how many were recorded before a
    later write. `different` says of each other one where it differs. A scenario `is_refused` whose
    documents contradict each other.
    """

    same: int = 0
    later: int = 0
    changed: int = 0
    different: list[str] = field(default_factory=list)
    is_refused: bool = False

    @property
    def sentences(self) -> Iterator[str]:
        """What is worth knowing about it."""
        if self.is_refused:
            # The reason may have personal data in it.
            yield "It cannot be loaded before it is edited; mockserver fixtures check says why"
            return
        count = self.same + self.later + self.changed + len(self.different)
        yield f"{self.same} of the {count} different reads get the body that was recorded"
        if self.later:
            yield f"Reads that get it at the moment at which they were sent: {self.later}"
        if self.changed:
            yield f"Reads that came before a write, and get what was there after it: {self.changed}"
        yield from islice(self.different, _MOST_NAMED)
        if len(self.different) > _MOST_NAMED:
            yield f"Others that get another body: {len(self.different) - _MOST_NAMED}"


def replay(
    text: str, apis: Mapping[str, Api], observers: Mapping[str, Iterable[Observation]]
) -> Replay:
    """Load a scenario, and compare the responses."""
    result = Replay()
    stream = StreamedText(BytesIO(text.encode()), _ROWS, is_json=False)
    with closing(FileStore()) as store:
        try:
            scenario = load_stream(stream, apis, Library(), "the recording")
            sandboxes = Sandboxes(store, build_template(scenario, apis))
        except ScenarioError:
            return Replay(is_refused=True)
        for name, observations in observers.items():
            _replay_api(apis[name], observations, sandboxes, result)
    return result


def _replay_api(
    api: Api, observations: Iterable[Observation], sandboxes: Sandboxes, result: Replay
) -> None:
    last: dict[tuple[str, str], int] = {}
    last_write = -1
    for n, it in enumerate(observations):
        if it.operation.method not in SAFE_METHODS:
            last_write = n if it.is_success else last_write
        elif it.is_success or it.status == _NOT_FOUND:
            last[_identify(it)] = n
    wanted = set(last.values())
    for n, it in enumerate(observations):
        if n not in wanted or api.find_handler(it.operation) is None:
            continue
        with sandboxes.open(DEFAULT, api.name, writing=False, url=it.url) as world:
            places = _compare(api, it, world)
            is_later = bool(places) and not _compare(api, it, world.freeze_at(it.at))
        if not places:
            result.same += 1
        elif is_later:
            result.later += 1
        elif n < last_write:
            result.changed += 1
        else:
            shown = ", ".join(places[:_MOST_PLACES])
            result.different.append(f"{it.operation.id} {_format_call(it)} differs at {shown}")


def _compare(api: Api, it: Observation, world: World) -> list[str]:
    """The places in which the response of the scenario is another one."""
    handler = api.find_handler(it.operation)
    if handler is None:
        return []
    try:
        status, body = it.operation.success, handler(world, **it.arguments)
    except Refusal as refusal:
        status, body = refusal.status, refusal.body
    except Exception as error:  # of an API's own code, which has arguments that it has not seen
        return [f"no response ({type(error).__name__})"]
    if status != it.status:
        return [f"the status, which is {status}"]
    if it.body is None and it.status == _NOT_FOUND:
        return []
    if json.dumps(it.body, sort_keys=True) == json.dumps(body, sort_keys=True):
        return []  # much faster where they are equal
    return [place or "the whole body" for place in list_differences(it.body, body)]


def _identify(it: Observation) -> tuple[str, str]:
    return it.operation.id, repr(sorted({**it.path_values, **it.arguments}.items()))


def _format_call(it: Observation) -> str:
    """The parameters of a request, without the values, which may be personal."""
    return f"({', '.join(it.arguments)})" if it.arguments else ""
