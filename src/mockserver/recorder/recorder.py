"""Turns recorded exchanges into a scenario that can be loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from mockserver import __version__
from mockserver.api import Api
from mockserver.clock import format_moment
from mockserver.errors import MockserverError, SettingError
from mockserver.factory import Factory
from mockserver.inference import Draft, DraftDocument
from mockserver.journal import JournalEntry
from mockserver.kind import Kind
from mockserver.recorder.exchange import HarReader, read_journal_entry
from mockserver.recorder.observer import Observer, WorldClock
from mockserver.recorder.personal import (
    Pseudonyms,
    collect_personal_data,
    replace_personal_data,
)
from mockserver.recorder.replay import Replay, replay
from mockserver.recorder.scenario_text import write_scenario
from mockserver.recorder.schema_inference import infer_by_schema
from mockserver.recorder.spool import Spool, SpoolWriter, list_spool_files
from mockserver.sandbox.integrity import NewDocuments
from mockserver.traffic.recording import read_recording

_SEED = 1
_UNFIT = "that no scenario can have"


class NothingRecorded(MockserverError):
    """There is no exchange from which a document could be inferred."""


class RecordingOptions(Struct, frozen=True):
    """How a scenario is made of exchanges.

    `name` is that of the scenario, and `source` says where the exchanges are from. `sandbox` is the
    one whose exchanges count; by default the default one, or the one with the most exchanges where
    that has none. `frozen` is the moment at which its clock was frozen. `keeps_personal_data`
    leaves personal data as it was.
    """

    name: str
    source: str
    sandbox: str = ""
    frozen: int | None = None
    keeps_personal_data: bool = False


class RecordedScenario(Struct, frozen=True):
    """A scenario of recorded exchanges.

    `counts` has the number of documents by API and kind, `used` the number of exchanges from which
    they were inferred, `left_out` why others were not used, `replaced` the number of personal
    values, and `replay` what the scenario answers to the requests of the recording.
    """

    text: str
    now: int
    sandbox: str
    used: int
    counts: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]
    replaced: int
    replay: Replay


def record_traffic(
    paths: Iterable[Path],
    apis: Mapping[str, Api],
    options: RecordingOptions,
    urls: Sequence[str] = (),
) -> RecordedScenario:
    """The scenario behind HARs, the oldest first, or behind a folder that a server has recorded.

    With `urls`, only calls to the deployments below one of them count. Raises NothingRecorded,
    HarError, and SettingError for a folder that is none.
    """
    paths = list(paths)
    folders = [path for path in paths if path.is_dir()]
    if folders and len(paths) > 1:
        raise SettingError(f"'{folders[0]}' is a folder; record it by itself.")
    if folders:
        if not list_spool_files(folders[0]):
            raise SettingError(f"The folder '{folders[0]}' has no recording of a server.")
        return make_scenario(folders[0], apis, options)
    with TemporaryDirectory(prefix="mockserver-") as temporary:
        folder = Path(temporary)
        with closing(SpoolWriter(folder)) as writer:
            for path in paths:
                for exchange in HarReader(read_recording(path), list(apis.values()), urls).read():
                    writer.add(exchange)
        return make_scenario(folder, apis, options)


def record_journal(
    entries: Iterable[JournalEntry], apis: Mapping[str, Api], options: RecordingOptions
) -> RecordedScenario:
    """The scenario behind exchanges of a journal, the oldest first. Raises NothingRecorded."""
    with TemporaryDirectory(prefix="mockserver-") as temporary:
        folder = Path(temporary)
        with closing(SpoolWriter(folder)) as writer:
            for entry in entries:
                writer.add(read_journal_entry(entry, apis))
        return make_scenario(folder, apis, options)


def make_scenario(
    folder: Path, apis: Mapping[str, Api], options: RecordingOptions
) -> RecordedScenario:
    """The scenario behind the exchanges in a spool's folder. Raises NothingRecorded."""
    with closing(Spool(folder, options.sandbox)) as spool:
        return _make_scenario(spool, apis, options)


def _make_scenario(
    spool: Spool, apis: Mapping[str, Api], options: RecordingOptions
) -> RecordedScenario:
    clock = WorldClock(options.frozen)
    called = [api for name, api in apis.items() if name in spool.apis]
    observers = {api.name: Observer(api, spool, clock) for api in called if api.kinds}
    left_out = Counter(
        {
            f"exchanges that {reason}": count
            for reasons in (spool.left_out, *(it.left_out for it in observers.values()))
            for reason, count in reasons.items()
        }
    )
    for api in called:
        if not api.kinds:
            count = sum(times for _, times in spool.read(api.name))
            left_out[f"exchanges with '{api.name}', whose world has no documents"] += count
    drafts = {name: _infer(apis[name], it, clock) for name, it in observers.items()}
    used = sum(observer.used for observer in observers.values())
    if not used:
        reasons = "; ".join(f"{reason}: {count}" for reason, count in left_out.most_common())
        raise NothingRecorded(
            f"There is nothing to record in {options.source}: it has no exchange with "
            f"{' or '.join(apis)} whose response tells of documents"
            + (f" ({reasons})." if reasons else ".")
        )
    shown = clock.newest  # it is exact
    now = max(draft.now for draft in drafts.values()) if shown is None else shown
    now = max(_remove_unfit(apis[name], draft, now) for name, draft in drafts.items())
    result = replay(_write(options, drafts, now, used, {}, Replay()), apis, observers)
    pseudonyms = Pseudonyms(Factory(_SEED), _find_locale(apis, drafts))
    if not options.keeps_personal_data:
        for name, draft in drafts.items():
            collect_personal_data(apis[name], draft, pseudonyms)
        for name, draft in drafts.items():
            replace_personal_data(apis[name], draft, pseudonyms)
            _remove_unfit(apis[name], draft, now)
    for draft in drafts.values():
        left_out.update(draft.left_out)
    counts = {
        name: {kind: len(it) for kind, it in draft.documents.items() if it}
        for name, draft in drafts.items()
    }
    text, count = _write(options, drafts, now, used, left_out, result), len(pseudonyms)
    return RecordedScenario(text, now, spool.sandbox, used, counts, left_out, count, result)


def _infer(api: Api, observer: Observer, clock: WorldClock) -> Draft:
    """The documents of an API."""
    locale = str(api.contract.document.get("x-locale", "en_US"))
    at, world_at = observer.newest
    now = clock.read(at) if world_at is None else world_at
    draft = Draft(api.kinds_by_name, Factory(_SEED), now, locale)
    if api.infer:
        api.infer(observer, draft)
    else:
        infer_by_schema(api, observer, draft)
    return draft


def _remove_unfit(api: Api, draft: Draft, now: int) -> int:
    """Remove the documents that a scenario cannot have; the moment, later if one of them is past.

    A wrong clock of a deployment or of a recorder is not worth a document.
    """
    kept: dict[str, dict[str, DraftDocument]] = {}
    fits = NewDocuments[tuple[str, str]](draft.kinds)
    latest = now
    for kind in _sort_by_parent(draft.kinds):
        for key, drafted in draft.documents.get(kind.name, {}).items():
            reason = next(iter(api.find_body_faults(kind, drafted.body)), None)
            document = None if reason else kind.document(drafted.body)
            if document is None or fits.add(document, (kind.name, key)):
                draft.left_out[f"{kind.name}s {_UNFIT}" + _locate(reason)] += 1
                continue
            if kind.is_past:
                latest = max(latest, document.at or 0, document.until or 0)
            kept.setdefault(kind.name, {})[key] = drafted
    for (name, key), _ in fits.find_faults():
        del kept[name][key]
        draft.left_out[f"{name}s {_UNFIT}: what they belong to was not recorded"] += 1
    draft.documents = kept
    return latest


def format_exchanges(count: int) -> str:
    """A number of exchanges."""
    return "1 exchange" if count == 1 else f"{count} exchanges"


def _locate(fault: tuple[str, str] | None) -> str:
    return f": the contract or the store refuses {fault[0].lstrip('/') or 'it'}" if fault else ""


def _sort_by_parent(kinds: Mapping[str, Kind]) -> list[Kind]:
    """The kinds, each after the one that it belongs to."""
    ordered: list[Kind] = []
    waiting = list(kinds.values())
    while waiting:
        known = {it.name for it in ordered}
        ready = [it for it in waiting if not it.parent or it.parent in known] or waiting
        ordered += ready
        waiting = [it for it in waiting if it not in ready]
    return ordered


def _find_locale(apis: Mapping[str, Api], drafts: Iterable[str]) -> str:
    locales = [str(apis[name].contract.document.get("x-locale", "")) for name in drafts]
    return next(filter(None, locales), "en_US")


def _write(
    options: RecordingOptions,
    drafts: Mapping[str, Draft],
    now: int,
    used: int,
    left_out: Mapping[str, int],
    result: Replay,
) -> str:
    names = ", ".join(drafts)
    exchanges = format_exchanges(used)
    personal = "Personal data is as it was recorded."
    if not options.keeps_personal_data:
        personal = "Personal data was replaced: a value by the same made-up one everywhere."
    comments = [
        f"Recorded by mockserver {__version__} from {options.source}: {exchanges} with {names}.",
        f"{personal} Credentials are never recorded.",
        *(f"Not used: {reason}: {count}." for reason, count in left_out.items()),
        *(f"{it}." for it in result.sentences),
    ]
    head = {
        "name": options.name,
        "description": f"The world behind {exchanges} with {names}.",
        "seed": _SEED,
        "clock": {"freeze": format_moment(now)},
    }
    remarks = {"clock": "the moment of the recording, so that what depends on the time is the same"}
    return write_scenario(comments, head, remarks, drafts)
