"""Templates that make fields of a payload: what Jinja can say without loops, calls and assignments.

What is left can neither run for long nor grow without bound, whoever wrote the template: each part of it is
looked at once, names are counted, and a filter gives no more than it was given, or refuses.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import ChainableUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tocsin.dialects.errors import BadPayload
from tocsin.dialects.values import text_of

TEMPLATE_LIMIT: Final = 4096
"""Characters of a template."""
NAMES_LIMIT: Final = 64
"""How often a template may name values of the payload: each can be as long as the payload."""
RESULT_LIMIT: Final = 64 * 1024
"""Characters of what a template gives."""

_NODES: Final = (
    *(
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Const,
        nodes.Getattr,
        nodes.Getitem,
    ),
    *(nodes.Slice, nodes.Filter, nodes.Test, nodes.CondExpr, nodes.If, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Add, nodes.Sub, nodes.Neg, nodes.List, nodes.Tuple),
    *(nodes.Dict, nodes.Pair, nodes.Keyword),
)
_FILTERS: Final = (
    *(
        "abs",
        "capitalize",
        "count",
        "d",
        "default",
        "first",
        "float",
        "int",
        "last",
        "length",
        "list",
        "lower",
    ),
    *("round", "string", "title", "trim", "truncate", "unique", "upper"),
)


class _Environment(ImmutableSandboxedEnvironment):
    """Knows the values of a payload, and nothing of Python: `a.b` is what JSON has there."""

    def __init__(self) -> None:
        super().__init__(autoescape=False, undefined=ChainableUndefined, keep_trailing_newline=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | _OWN_FILTERS

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Give what stands with a name."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Give what stands with a name or at a place."""
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=str(argument))


def render(template: str, data: Mapping[str, Any]) -> str:
    """Give what a template makes of a payload.

    Args:
        template: text, with `{{ expressions }}` and `{% if ... %}`.
        data: the payload.

    Raises:
        BadPayload: the template is too long, wrong or says more than it may, or gives too much.
    """
    try:
        pieces, length = [], 0
        for piece in _compiled(template).generate(dict(data)):
            length += len(piece)
            if length > RESULT_LIMIT:
                raise BadPayload(f"it gives more than {RESULT_LIMIT} characters")
            pieces.append(piece)
    except (TemplateError, ArithmeticError, LookupError, MemoryError, RecursionError, SyntaxError) as fault:
        raise BadPayload(f"the template cannot be rendered: {fault}"[:TEMPLATE_LIMIT]) from None
    except (TypeError, ValueError):
        raise BadPayload("the template cannot be rendered: a value has the wrong type") from None
    # Escapes in a template can say what no store takes.
    return "".join(pieces).replace("\x00", "").encode("utf-8", "replace").decode()


@lru_cache(maxsize=512)
def _compiled(template: str) -> Template:
    if len(template) > TEMPLATE_LIMIT:
        raise BadPayload(f"the template is longer than {TEMPLATE_LIMIT} characters")
    found = list(_nodes_of(_ENVIRONMENT.parse(template)))
    if sum(isinstance(node, nodes.Name) for node in found) > NAMES_LIMIT:
        raise BadPayload(f"the template names more than {NAMES_LIMIT} values")
    for node in found:
        if not isinstance(node, _NODES):
            raise BadPayload(f"line {node.lineno} of the template: {type(node).__name__} is not taken")
    return _ENVIRONMENT.from_string(template)


def _nodes_of(node: nodes.Node) -> Iterable[nodes.Node]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += each.iter_child_nodes()


def _map(values: Iterable[Any], attribute: str) -> list[Any]:
    return [value.get(attribute) for value in values if isinstance(value, dict)]


def _join(values: Iterable[Any], separator: str = "") -> str:
    texts = [text_of(value) for value in values]
    _check(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _replace(value: Any, old: str, new: str) -> str:
    text = text_of(value)
    _check(len(text) + text.count(old) * max(0, len(new) - len(old)))
    return text.replace(old, new)


def _check(length: int) -> None:
    if length > RESULT_LIMIT:
        raise BadPayload(f"a filter gives more than {RESULT_LIMIT} characters")


_OWN_FILTERS: Final = {"join": _join, "map": _map, "replace": _replace, "tojson": text_of}
FILTERS: Final = (*_FILTERS, *_OWN_FILTERS)
"""What a template can do to a value."""

_ENVIRONMENT: Final = _Environment()
