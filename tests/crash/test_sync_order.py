"""The check of the order itself: it must find what is wrong, or it proves nothing."""

from tests.crash.shim import Answered, Entry, SyncBegins, SyncEnded, Write
from tests.crash.sync_order import early_answers, unsynced_restarts

PAGE = Write("wal", 56, 4096, False, ("mark-00000001",))
END = Write("wal", 4152, 24, True, ())
LAST_PAGE = Write("wal", 4176, 4096, False, ())
BEGINS = SyncBegins(7, "wal")
ENDED = SyncEnded(7, "wal", 0)
ANSWER = Answered(40_000, 200)
REQUESTS = {(40_000, 0): ("mark-00000001",)}


def test_an_answer_after_the_sync_is_in_order() -> None:
    assert early_answers([PAGE, END, LAST_PAGE, BEGINS, ENDED, ANSWER], REQUESTS) == []


def test_an_answer_during_the_sync_is_early() -> None:
    found = early_answers([PAGE, END, LAST_PAGE, BEGINS, ANSWER, ENDED], REQUESTS)
    assert found == ["mark-00000001 was answered before its transaction was synced"]


def test_a_sync_that_began_before_the_last_page_was_written_does_not_count() -> None:
    assert early_answers([PAGE, END, BEGINS, LAST_PAGE, ENDED, ANSWER], REQUESTS) != []


def test_a_sync_that_failed_does_not_count() -> None:
    failed = SyncEnded(7, "wal", 5)
    assert early_answers([PAGE, END, LAST_PAGE, BEGINS, failed, ANSWER], REQUESTS) != []


def test_a_sync_of_the_database_s_file_does_not_count() -> None:
    begins, ended = SyncBegins(7, "db"), SyncEnded(7, "db", 0)
    assert early_answers([PAGE, END, LAST_PAGE, begins, ended, ANSWER], REQUESTS) != []


def test_a_sync_counts_for_all_transactions_before_it_and_none_after() -> None:
    later = Write("wal", 8000, 4096, False, ("mark-00000002",))
    report: list[Entry] = [PAGE, END, LAST_PAGE, BEGINS, ENDED, later, END, LAST_PAGE, ANSWER, ANSWER]
    requests = REQUESTS | {(40_000, 1): ("mark-00000002",)}
    assert early_answers(report, requests) == ["mark-00000002 was answered before its transaction was synced"]


def test_an_answer_to_what_was_never_written_is_found() -> None:
    assert early_answers([ANSWER], REQUESTS) == ["mark-00000001 was answered and never written"]


def test_a_refusal_needs_no_sync() -> None:
    assert early_answers([PAGE, Answered(40_000, 503)], REQUESTS) == []


def test_a_log_that_begins_anew_over_unsynced_pages_is_found() -> None:
    moved, anew = Write("db", 0, 4096, False, ()), Write("wal", 0, 32, False, ())
    begins, ended = SyncBegins(7, "db"), SyncEnded(7, "db", 0)
    assert unsynced_restarts([moved, begins, ended, anew]) == []
    assert unsynced_restarts([moved, anew]) == ["line 2: the log begins anew over pages that were not synced"]
    assert unsynced_restarts([begins, moved, ended, anew]) != []
