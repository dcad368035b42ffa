"""Which facts of the past stand there already."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from tocsin.model.naming import Named
from tocsin.model.past import Fact, Known, known_by
from tocsin.model.submission import Submission
from tocsin.store import statements

_COLUMNS: Final = ", ".join(f'event."{name}"' for name in (*Fact._fields, "labels"))
_decode_labels: Final = msgspec.json.Decoder(dict[str, str]).decode
_SQLITE: Final = (
    f"select {_COLUMNS} from (select value as moment from json_each(?)) as k"
    " cross join event indexed by ix_event_time"
    " where event.domain_id = ? and event.time = k.moment"
)
# One look into the index of each partition takes all moments along. Joined one by one, 2,000 of them and 400
# partitions would take longer than a batch may take; without their bounds, all events would be read.
_POSTGRESQL: Final = (
    f"select {_COLUMNS} from event where event.domain_id = $2 and event.time = any($1::bigint[])"
    " and event.time between $3 and $4"
)


def known(
    connection: Connection, batch: Iterable[tuple[Submission, Sequence[Named]]]
) -> dict[str, set[Known]]:
    """Give what stands there of the moments of which the past is told, by domain.

    Args:
        connection: a transaction that holds the locks of the batch's domains.
        batch: each submission with its named signals.
    """
    moments: dict[str, dict[int, None]] = {}
    for submission, named in batch:
        if submission.is_past:
            told = dict.fromkeys(each.signal.occurred_at for each in named)
            moments.setdefault(submission.source.domain_id, {}).update(told)
    return {
        domain_id: {
            known_by(Fact(*row[:-1]), _decode_labels(row[-1]))
            for row in _rows(connection, domain_id, list(told))
        }
        for domain_id, told in moments.items()
    }


def _rows(connection: Connection, domain_id: str, moments: list[int]) -> Iterable[Any]:
    if connection.dialect.name == "postgresql":
        bounds = (min(moments), max(moments)) if moments else (0, 0)
        return statements.run(connection, _POSTGRESQL, (moments, domain_id, *bounds))
    return statements.run(connection, _SQLITE, (msgspec.json.encode(moments).decode(), domain_id))
