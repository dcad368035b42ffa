"""The expression language: text -> tree.

Written by hand rather than by a parser generator: what a character means depends on where it stands (a colon
is an operator only after a name at the start of a term), and each error says what was expected in the words
of that place.
"""

import re
from typing import Final

from tocsin.query.comparing import compare
from tocsin.query.errors import QueryError
from tocsin.query.fields import Field, Fields, label_field
from tocsin.query.tree import All, Expression, Not, Text, conjunction, disjunction
from tocsin.query.written import Written

MAX_LENGTH: Final = 4096
"""How many characters an expression may have."""
MAX_DEPTH: Final = 64
"""How deep parentheses and negations may be nested."""
MAX_TERMS: Final = 256
"""How many comparisons, words and phrases an expression may have."""

_FORBIDDEN: Final = re.compile("[\0\ud800-\udfff]")
_KEYWORD: Final = re.compile(r'(AND|OR|NOT)(?=[\s()"]|\Z)')
_NAME: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.\-]*)(?=[:=<>~]|!=)")
_OPERATOR: Final = re.compile(r"!=|[<>]=?|[:=~]")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_QUOTED_LABEL: Final = 'labels."'


def parse(text: str, fields: Fields, now: int) -> Expression:
    """Read an expression.

    NOT and `-` bind tighter than AND (terms side by side), AND tighter than OR. The empty text is `All`.

    Args:
        text: at most 4096 characters, 256 terms and 64 levels of parentheses and negations.
        fields: the fields of the records that are looked for.
        now: what relative times count from, microseconds UTC.

    Raises:
        QueryError: the text is no expression; it says what was expected, and where.
    """
    return _Parser(text, fields, now).read()


class _Parser:
    """Reads from the left; `position` is the next character."""

    def __init__(self, text: str, fields: Fields, now: int) -> None:
        self.text = text
        self.fields = fields
        self.now = now
        self.position = 0
        self.terms = 0

    def read(self) -> Expression:
        if len(self.text) > MAX_LENGTH:
            raise QueryError(f"expected at most {MAX_LENGTH} characters, not {len(self.text)}", MAX_LENGTH)
        if forbidden := _FORBIDDEN.search(self.text):
            raise QueryError("expected a character: NUL and lone surrogates are none", forbidden.start())
        self._skip_space()
        if self._is_at_end():
            return All()
        tree = self._alternatives(0)
        if not self._is_at_end():
            raise QueryError("expected no `)` here: no parenthesis is open", self.position)
        return tree

    def _alternatives(self, depth: int) -> Expression:
        terms = [self._sequence(depth)]
        while self._take_keyword("OR"):
            terms.append(self._sequence(depth))
        return disjunction(terms)

    def _sequence(self, depth: int) -> Expression:
        terms = [self._factor(depth)]
        while self._take_keyword("AND") or not self._ends_sequence():
            terms.append(self._factor(depth))
        return conjunction(terms)

    def _ends_sequence(self) -> bool:
        return self._is_at_end() or self._sees(")") or self._keyword() == "OR"

    def _factor(self, depth: int) -> Expression:
        start = self.position
        if depth > MAX_DEPTH:
            raise QueryError(f"expected at most {MAX_DEPTH} levels of parentheses and negations", start)
        if self._take_keyword("NOT"):
            return Not(self._factor(depth + 1))
        if self._take("-"):
            if self._is_at_end() or self.text[self.position].isspace():
                raise QueryError(
                    'expected a term right after `-`; to look for the character write "-"', start
                )
            return Not(self._factor(depth + 1))
        if self._take("("):
            self._skip_space()
            tree = self._alternatives(depth + 1)
            if not self._take(")"):
                raise QueryError("expected a `)` that closes this parenthesis", start)
            self._skip_space()
            return tree
        return self._term()

    def _term(self) -> Expression:
        start = self.position
        if self._is_at_end():
            raise QueryError("expected a term before the end", start)
        if wrong := self._keyword() or (self._sees(")") and ")"):
            raise QueryError(f"expected a term before `{wrong}`", start, len(wrong))
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise QueryError(f"expected at most {MAX_TERMS} terms", start)
        if self.fields.has_labels and self.text.startswith(_QUOTED_LABEL, start):
            self.position += len(_QUOTED_LABEL) - 1
            label = self._quoted()
            if not label.raw:
                raise QueryError("expected the name of a label", label.position, label.length)
            return self._comparison(label_field(label.plain()))
        if name := _NAME.match(self.text, start):
            field = self.fields.find(name[0])
            if field is None:
                raise QueryError(self._expected_name(), start, len(name[0]))
            self.position = name.end()
            return self._comparison(field)
        return self._words()

    def _expected_name(self) -> str:
        if self.fields.has_labels:
            return "expected the name of a label: labels.NAME"
        return f"expected one of {', '.join(self.fields.by_name)}"

    def _comparison(self, field: Field) -> Expression:
        found = _OPERATOR.match(self.text, self.position)
        if found is None:
            raise QueryError("expected an operator: one of : = != < <= > >= ~", self.position)
        operator = Written(found[0], self.position, len(found[0]))
        self.position = found.end()
        if self._is_at_end() or self.text[self.position].isspace() or self.text[self.position] in "()":
            message = f'expected a value right after `{found[0]}`; the empty text is ""'
            raise QueryError(message, self.position)
        value = self._piece()
        return compare(field, operator, value, self.now)

    def _words(self) -> Expression:
        if operator := _OPERATOR.match(self.text, self.position):
            message = "expected the name of a field right before this operator, without a space"
            raise QueryError(message, self.position, len(operator[0]))
        words = self._piece()
        if not words.raw:
            raise QueryError("expected a word between the quotation marks", words.position, words.length)
        return Text(words.plain())

    def _piece(self) -> Written:
        """Take a quoted or a bare piece. What follows it at once would look as if it belonged to it."""
        if self._sees('"'):
            piece = self._quoted()
        else:
            start = self.position
            while not self._is_at_end() and not self._ends_bare():
                self.position += 1
            piece = Written(self.text[start : self.position], start, self.position - start)
        if not (self._is_at_end() or self._sees(")") or self.text[self.position].isspace()):
            raise QueryError("expected a space here, or quotation marks around the whole", self.position)
        self._skip_space()
        return piece

    def _ends_bare(self) -> bool:
        character = self.text[self.position]
        return character.isspace() or character in '()"'

    def _quoted(self) -> Written:
        start = self.position
        found = _QUOTED.match(self.text, start)
        if found is None:
            raise QueryError("expected a second quotation mark that closes this one", start)
        self.position = found.end()
        return Written(found[1], start, len(found[0]))

    def _keyword(self) -> str:
        found = _KEYWORD.match(self.text, self.position)
        return found[1] if found else ""

    def _take_keyword(self, keyword: str) -> bool:
        if self._keyword() != keyword:
            return False
        self.position += len(keyword)
        self._skip_space()
        return True

    def _sees(self, character: str) -> bool:
        return self.text.startswith(character, self.position)

    def _take(self, character: str) -> bool:
        if not self._sees(character):
            return False
        self.position += 1
        return True

    def _skip_space(self) -> None:
        while not self._is_at_end() and self.text[self.position].isspace():
            self.position += 1

    def _is_at_end(self) -> bool:
        return self.position == len(self.text)
