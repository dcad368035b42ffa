"""Finding the signals that break a transaction, by halving, so that the others are recorded."""

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from tocsin.model.signal import Signal
from tocsin.model.submission import Refusal, Submission
from tocsin.store.database import Database
from tocsin.store.errors import StoreUnavailable
from tocsin.store.ledger import Ledger


class _RollBack(Exception):
    """Ends a trial that went well, without keeping what it wrote."""


async def set_apart(database: Database, ledger: Ledger, submissions: list[Submission]) -> None:
    """Move every signal that the store does not take from its submission's signals to its refusals.

    Args:
        database: the store.
        ledger: what writes a batch.
        submissions: a batch that failed for a reason other than the store's own trouble; changed in place.

    Raises:
        StoreUnavailable: the store failed meanwhile.
    """
    pairs = [(submission, signal) for submission in submissions for signal in submission.signals]
    for submission, signal, reason in await _search(database, ledger, pairs):
        submission.signals = [each for each in submission.signals if each is not signal]
        submission.refusals = [*submission.refusals, Refusal(signal.index, reason)]


async def _search(
    database: Database, ledger: Ledger, pairs: list[tuple[Submission, Signal]]
) -> list[tuple[Submission, Signal, str]]:
    reason = await _trial(database, ledger, pairs)
    if not reason:
        return []
    if len(pairs) == 1:
        submission, signal = pairs[0]
        return [(submission, signal, reason)]
    middle = len(pairs) // 2
    found = await _search(database, ledger, pairs[:middle])
    return found + await _search(database, ledger, pairs[middle:])


async def _trial(database: Database, ledger: Ledger, pairs: list[tuple[Submission, Signal]]) -> str:
    """Write signals without keeping them. Gives why that fails, or '' where it does not."""
    trial = [Submission(submission.source, submission.payload, [signal]) for submission, signal in pairs]

    def work(connection: Connection) -> None:
        ledger.write(connection, trial)
        raise _RollBack

    try:
        await database.write(work)
    except _RollBack:
        return ""
    except (StoreUnavailable, ProgrammingError, OperationalError):
        raise  # the store or the statement is at fault, not what was said
    except DBAPIError as failure:
        return f"the store did not take it: {type(failure.orig).__name__}"
    except Exception as failure:  # any fault of deciding is this signal's
        return f"it could not be recorded: {type(failure).__name__}"
    finally:
        ledger.forget()
    return ""
