"""The order that durability asks for: written, then synced, then answered.

SQLite writes a transaction as frames of its log; the header of the last one says that it is. A transaction is
on disk when a sync of the log that began after that frame was written has ended well.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.crash.shim import Answered, Entry, SyncBegins, SyncEnded, Write

Requests = Mapping[tuple[int, int], tuple[str, ...]]
"""The marks that a request carried, by its sender's port and its number on that connection, from 0."""


def early_answers(report: Iterable[Entry], requests: Requests) -> list[str]:
    """Find the answers 200 that left before what they acknowledge was on disk.

    Args:
        report: the shim's, in order.
        requests: those to look at; answers to others are passed over.

    Returns:
        A line for each, empty where the order was kept.
    """
    transaction_of: dict[str, int] = {}
    open_transaction = 0
    durable_until = -1
    begun: dict[int, int] = {}
    answers: defaultdict[int, int] = defaultdict(int)
    frame_ends = False
    faults = []
    for entry in report:
        match entry:
            case Write(file="wal"):
                for mark in entry.marks:
                    transaction_of.setdefault(mark, open_transaction)
                # The header of a frame comes first, its page after it.
                if frame_ends:
                    open_transaction += 1
                frame_ends = entry.ends_transaction
            case SyncBegins(file="wal"):
                begun[entry.thread] = open_transaction - 1
            case SyncEnded(file="wal"):
                covered = begun.pop(entry.thread)
                if not entry.failure:
                    durable_until = max(durable_until, covered)
            case Answered():
                number = answers[entry.port]
                answers[entry.port] += 1
                for mark in requests.get((entry.port, number), ()) if entry.status == 200 else ():
                    written = transaction_of.get(mark)
                    if written is None:
                        faults.append(f"{mark} was answered and never written")
                    elif written > durable_until:
                        faults.append(f"{mark} was answered before its transaction was synced")
    return faults


def unsynced_restarts(report: Iterable[Entry]) -> list[str]:
    """Find where the log was written anew before the pages moved from it to the database were synced.

    Returns:
        A line for each, empty where the order was kept.
    """
    unsynced = written_meanwhile = False
    faults = []
    for number, entry in enumerate(report):
        match entry:
            case Write(file="db"):
                unsynced = written_meanwhile = True
            case SyncBegins(file="db"):
                written_meanwhile = False
            case SyncEnded(file="db", failure=0):
                unsynced = written_meanwhile
            case Write(file="wal", offset=0) if unsynced:
                faults.append(f"line {number + 1}: the log begins anew over pages that were not synced")
    return faults
