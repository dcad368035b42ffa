"""The scope of a role: an expression that means the same of an event and of its alert."""

from functools import lru_cache

from tocsin.query.errors import QueryError
from tocsin.query.fields import ALERT_FIELDS, EVENT_FIELDS
from tocsin.query.language import parse
from tocsin.query.tree import Expression, Text, leaves


@lru_cache(maxsize=1024)
def parse_scope(text: str) -> Expression:
    """Read a scope. Its tree serves for events and for alerts.

    A field that only one of both has would be a label of the other, and a word alone is looked for in other
    texts: such a scope would show an event and hide its alert, or the other way round.

    Raises:
        QueryError: it is no expression, or asks for something that events and alerts do not share.
    """
    of_events, of_alerts = (parse(text, fields, 0) for fields in (EVENT_FIELDS, ALERT_FIELDS))
    common = set(leaves(of_events)) & set(leaves(of_alerts))
    for leaf in (*leaves(of_events), *leaves(of_alerts)):
        if isinstance(leaf, Text):
            raise _misfit("expected a field: a scope looks for no word in all texts", text, leaf.folded)
        if leaf not in common:
            raise _misfit("expected a field that events and alerts share", text, leaf.field.name)
    return of_events


def _misfit(message: str, text: str, part: str) -> QueryError:
    return QueryError(message, max(text.casefold().find(part), 0), len(part))
