"""The history of checks: runs in the store, of which the newest are kept."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.store import MAX_RUNS, Store

DETAILS = {"target": "staging", "error": None}


def _add(store: Store, state: str = "running", now: int = 5, report: bytes | None = None) -> int:
    with store.transaction(writing=True) as transaction:
        return transaction.check_runs.add(state, DETAILS, now, report)


def test_a_run_begins_gets_on_and_ends_with_its_report(store: Store) -> None:
    id = _add(store)
    with store.transaction(writing=True) as transaction:
        record = transaction.check_runs.update(id, {"progress": ["خطأ"]}, 7)
    assert record is not None
    assert (record.id, record.state, record.is_running) == (id, "running", True)
    assert (record.began, record.beat, record.ended, record.has_report) == (5, 7, None, False)
    assert record.details == {"progress": ["خطأ"]}

    with store.transaction(writing=True) as transaction:
        transaction.check_runs.end(id, "passed", DETAILS, 9, b'{"passed": true}')
    with store.transaction(writing=False) as transaction:
        record = transaction.check_runs.get(id)
        assert transaction.check_runs.get_report(id) == b'{"passed": true}'
        assert transaction.check_runs.list_running() == []
    assert record is not None
    assert (record.state, record.ended, record.beat) == ("passed", 9, 7)
    assert (record.is_running, record.has_report, record.details) == (False, True, DETAILS)


def test_what_has_ended_or_was_deleted_is_not_changed_any_more(store: Store) -> None:
    ended, deleted = _add(store, "passed"), _add(store)
    with store.transaction(writing=True) as transaction:
        transaction.check_runs.delete(deleted)
        for id in (ended, deleted):
            transaction.check_runs.request_stop(id)
            transaction.check_runs.end(id, "failed", {}, 9)
            assert transaction.check_runs.update(id, {}, 9) is None
    with store.transaction(writing=False) as transaction:
        (record,) = transaction.check_runs.list_all()
        assert transaction.check_runs.get(deleted) is None
        assert transaction.check_runs.get_report(deleted) is None
    assert (record.id, record.state, record.details) == (ended, "passed", DETAILS)
    assert (record.ended, record.is_stopping) == (5, False)


def test_every_process_sees_that_a_run_is_to_stop(make_store: Callable[[], Store]) -> None:
    one, two = make_store(), make_store()
    id = _add(one)
    with two.transaction(writing=True) as transaction:
        transaction.check_runs.request_stop(id)
    with one.transaction(writing=True) as transaction:
        record = transaction.check_runs.update(id, DETAILS, 6)
    assert record is not None
    assert record.is_stopping


def test_the_newest_are_kept_and_one_that_runs_always(store: Store) -> None:
    running = _add(store)
    ended = [_add(store, "passed") for _ in range(MAX_RUNS + 1)]
    with store.transaction(writing=False) as transaction:
        kept = [record.id for record in transaction.check_runs.list_all()]
    assert kept == [*ended[:0:-1], running]
    assert len(kept) == MAX_RUNS + 1


def test_the_id_of_a_deleted_run_is_never_given_again(store: Store) -> None:
    first = _add(store, "passed")
    with store.transaction(writing=True) as transaction:
        transaction.check_runs.delete(first)
    assert _add(store, "passed") > first
