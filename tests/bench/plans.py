"""How the engines go about Opsview's questions: the statements of an answer, each with its plan."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine, event

from tests.bench.questions import QUESTIONS, Question
from tests.bench.stores import Store
from tocsin.dialects.opsview.caller import Caller
from tocsin.dialects.opsview.event import Events
from tocsin.dialects.opsview.parameters import of_form
from tocsin.dialects.opsview.router import Request
from tocsin.hub.archive import Archive
from tocsin.hub.authentication import Authentication
from tocsin.hub.configuring import Configuring
from tocsin.hub.worlds import Worlds
from tocsin.store import directory
from tocsin.store.columnar.copy import Copy
from tocsin.store.counting import Counting
from tocsin.store.database import open_database

_EXPLAIN: Final = {"sqlite": "explain query plan ", "duckdb": "explain "}


async def plans_of(store: Store, names: Iterable[str]) -> dict[str, list[str]]:
    """Give the plans of the answer to some questions, as it is made once they were asked before.

    Args:
        store: which no server uses; on SQLite.
        names: of the questions.
    """
    database, copy = open_database(store.url), Copy(store.directory / "columnar")
    await copy.open()
    try:
        copy.trust(directory.DEFAULT)
        authentication = Authentication(database)
        await authentication.refresh()
        events = Events(
            Archive(database, Counting(database, copy)), Worlds(Configuring(database, authentication))
        )
        found = {}
        for name in names:
            question = QUESTIONS[name]
            request = await _request(store, authentication, question)
            (route,) = events.routes
            await route.operations["GET"].handle(request)
            with _explained() as plan:
                await route.operations["GET"].handle(request)
            found[name] = plan
        return found
    finally:
        await copy.close()
        copy.end()
        await database.close()


async def _request(store: Store, authentication: Authentication, question: Question) -> Request:
    token = store.scene.limited[question.limited] if question.limited else store.scene.token
    given = of_form(question.at(time.time()).encode())
    return Request(Caller(await authentication.find_user(token)), (), given, given, None, "")


@contextmanager
def _explained() -> Iterator[list[str]]:
    """Give what is run within the block, with its plans, once it is over."""
    lines: list[str] = []

    def explain(connection: Any, _: Any, statement: str, parameters: Any, *__: Any) -> None:
        lines.append(" ".join(statement.split()))
        cursor = connection.connection.cursor()
        if not statement.startswith("BEGIN"):
            cursor.execute(_EXPLAIN[connection.dialect.name] + statement, parameters)
            lines.extend(f"    {line}" for row in cursor.fetchall() for line in str(row[-1]).splitlines())
        cursor.close()

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield lines
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
