"""Requests with an Idempotency-Key: which were answered before, and what they were answered.

All of it happens in the transaction of what the request does, and under its locks: an answer is kept if, and
only if, what it tells of is there. A batch of the ledger keeps receipts, what makes one thing keeps its id.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

import msgspec
from sqlalchemy import Connection, delete, select

from tocsin.model.receipt import Receipt
from tocsin.model.submission import Once, Standing, Submission
from tocsin.store import bulk, statements, tables

Identity: TypeAlias = tuple[str, str]

_FOUND: Final = "idempotency as found where found.domain_id = k.domain_id and found.key = k.key"
_COLUMNS: Final = "found.domain_id, found.key, found.fingerprint, found.answer"
_SQLITE: Final = (
    f"select {_COLUMNS} from (select value ->> 0 as domain_id, value ->> 1 as key from json_each(?)) as k"
    f" cross join {_FOUND}"
)
_POSTGRESQL: Final = (
    f"select {_COLUMNS} from unnest($1::text[], $2::text[]) as k(domain_id, key)"
    f" cross join lateral (select * from {_FOUND} offset 0) as found"
)
_receipts: Final = msgspec.json.Decoder(list[Receipt])


class Repetitions:
    """What is to be recorded of a batch, and what was before.

    It notes in each request's `Once` how it stands.

    Args:
        connection: a transaction that holds the locks of the batch's domains.
        submissions: the batch.
    """

    def __init__(self, connection: Connection, submissions: list[Submission]) -> None:
        self._connection = connection
        self._submissions = submissions
        self._fingerprints: dict[Identity, str] = {}
        self._answers: dict[Identity, list[Receipt]] = {}
        named = {_identity(each, each.once) for each in submissions if each.once is not None}
        if named:
            self._find(sorted(named))
            self._compare()

    def _find(self, named: list[Identity]) -> None:
        if self._connection.dialect.name == "postgresql":
            arrays = tuple(map(list, zip(*named, strict=True)))
            rows = statements.run(self._connection, _POSTGRESQL, arrays)
        else:
            rows = statements.run(self._connection, _SQLITE, (msgspec.json.encode(named).decode(),))
        for domain_id, key, fingerprint, answer in rows:
            self._fingerprints[domain_id, key] = fingerprint
            self._answers[domain_id, key] = _receipts.decode(answer)

    def _compare(self) -> None:
        first: dict[Identity, Once] = {}
        for each in self._submissions:
            if (once := each.once) is None:
                continue
            identity = _identity(each, once)
            # The parts of a request for several sources share their `Once`.
            if identity not in self._answers and first.setdefault(identity, once) is once:
                once.standing = Standing.NEW
                self._fingerprints[identity] = once.fingerprint
            elif self._fingerprints[identity] == once.fingerprint:
                once.standing = Standing.REPEATED
            else:
                once.standing = Standing.OTHER

    def is_new(self, submission: Submission) -> bool:
        """Say whether a submission is to be recorded."""
        return submission.once is None or submission.once.standing is Standing.NEW

    def keep(self, recorded: list[list[Receipt]], now: int) -> list[list[Receipt]]:
        """Keep the answers of the requests that were recorded.

        Args:
            recorded: the receipts of each submission that was.
            now: microseconds UTC.

        Returns:
            The receipts of every submission. Those of a repeated request all stand with its first part; one
            whose key was used for something else has none.
        """
        given = iter(recorded)
        new: dict[Identity, str] = {}
        told: set[int] = set()
        receipts = [self._receipts_of(each, given, new, told) for each in self._submissions]
        rows = [
            (domain_id, key, fingerprint, now, msgspec.json.encode(self._answers[domain_id, key]).decode())
            for (domain_id, key), fingerprint in new.items()
        ]
        bulk.insert(self._connection, tables.idempotency, rows)
        return receipts

    def _receipts_of(
        self, submission: Submission, given: Iterator[list[Receipt]], new: dict[Identity, str], told: set[int]
    ) -> list[Receipt]:
        once = submission.once
        if once is None:
            return next(given)
        identity = _identity(submission, once)
        if once.standing is Standing.NEW:
            own = next(given)
            new[identity] = once.fingerprint
            self._answers[identity] = [*self._answers.get(identity, ()), *own]
            return own
        if once.standing is Standing.OTHER or id(once) in told:
            return []
        told.add(id(once))
        return self._answers[identity]


def _identity(submission: Submission, once: Once) -> Identity:
    return submission.source.domain_id, once.key


def recall(connection: Connection, domain_id: str, once: Once) -> str:
    """Find what a request was answered before, and note in it how it stands.

    Args:
        connection: within the transaction that does what it asks, under a lock that its repetitions take too.
        domain_id: whose.
        once: by what it is known.

    Returns:
        What was kept for its key, '' where it is new.
    """
    columns = tables.idempotency.c
    kept = connection.execute(
        select(columns.fingerprint, columns.answer).where(
            columns.domain_id == domain_id, columns.key == once.key
        )
    ).first()
    if kept is None:
        once.standing = Standing.NEW
        return ""
    once.standing = Standing.REPEATED if kept.fingerprint == once.fingerprint else Standing.OTHER
    return str(kept.answer)


def remember(connection: Connection, domain_id: str, once: Once, answer: str, now: int) -> None:
    """Keep what a request is answered.

    Args:
        connection: within the transaction that does what it asks.
        domain_id: whose.
        once: by what it is known.
        answer: the id of what it made, or what it is to do; nothing that is secret.
        now: microseconds UTC.
    """
    row = (domain_id, once.key, once.fingerprint, now, answer)
    bulk.insert(connection, tables.idempotency, [row])


def drop_answers(connection: Connection, oldest: int) -> None:
    """Forget what was answered before a moment, microseconds UTC."""
    connection.execute(delete(tables.idempotency).where(tables.idempotency.c.created_at < oldest))
