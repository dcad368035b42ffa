"""A question to the engine: the part of a search that it answers exactly."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Column, CompoundSelect, Select, Table

from tocsin.model.mark import NO_MARKS, Marks
from tocsin.query.tree import Comparison, Expression, Operator
from tocsin.store.compile import Compiler, Condition, conjunction
from tocsin.store.paths import Path, find_paths

Statement: TypeAlias = Select[Any] | CompoundSelect[Any]

Stretch: TypeAlias = Callable[[Sequence[Column[Any]], int | None], Statement]
"""A part of a table that is searched by one statement: the columns to read, and how many rows at most (None
for all) -> the statement, whose rows come in the order of `seq`, the newest first.

What is looked for often stands among the newest rows, and then the first stretch is all that is read.
"""


class Question(msgspec.Struct, frozen=True):
    """What is looked for in a table.

    Attributes:
        table: of the events or the alerts.
        compiler: for that table.
        domain_id: whose rows.
        terms: joined by AND, each exact.
        before: only rows with a smaller number; 0 for all.
        marks: through which the answers are seen.
    """

    table: Table
    compiler: Compiler
    domain_id: str
    terms: tuple[Expression, ...]
    before: int = 0
    marks: Marks = NO_MARKS

    def bounds(self) -> Condition:
        """Give the conditions that the primary key answers: domain and numbers."""
        columns = self.table.c
        bounds = [columns.domain_id == self.domain_id, *map(self.compiler.condition, self._numbers())]
        return conjunction([*bounds, columns.seq < self.before] if self.before else bounds)

    def first(self) -> int:
        """Give the number below which nothing is looked for; 0 for none."""
        bounds = {Operator.GREATER: 1, Operator.GREATER_EQUAL: 0}
        return max(
            (
                term.value + bounds[term.operator]
                for term in self._numbers()
                if term.operator in bounds and isinstance(term.value, int)
            ),
            default=0,
        )

    def condition(self, answered: Sequence[Expression] = ()) -> Condition:
        """Give the condition for the terms that neither the bounds nor an access path has answered."""
        return conjunction([self.compiler.condition(term) for term in self._open(answered)])

    def paths(self) -> list[Path]:
        """Give the access paths, the most promising first."""
        return find_paths(self.table, self.compiler, self.terms)

    def is_answered_by(self, path: Path) -> bool:
        """Say whether an access path leads to nothing but what is looked for."""
        return not self._open(path.answered)

    def leads_nowhere(self) -> bool:
        """Say whether very many rows may have to be looked at: neither numbers nor an index lead to answers.

        An index that has the answers among many others does not, unless it has them in their order, and no
        others.
        """
        return bool(self._open(())) and all(
            path.is_broad and not (path.branches and self.is_answered_by(path)) for path in self.paths()
        )

    def _numbers(self) -> list[Comparison]:
        return [term for term in self.terms if isinstance(term, Comparison) and term.field.attribute == "seq"]

    def _open(self, answered: Sequence[Expression]) -> list[Expression]:
        done = [*self._numbers(), *answered]
        return [term for term in self.terms if term not in done]
