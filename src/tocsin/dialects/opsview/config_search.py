"""Which configured things a list asks for: `s.MEMBER=value` and `json_filter`."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from tocsin.dialects import json_body
from tocsin.dialects.errors import BadPayload
from tocsin.dialects.opsview.errors import bad_parameter
from tocsin.dialects.opsview.parameters import Parameters, as_text
from tocsin.query.pattern import Pattern

Shown: TypeAlias = Mapping[str, Any]
Test: TypeAlias = Callable[[Shown], bool]

_FILTER: Final = "json_filter"
_PREFIX: Final = "s."
_DEPTH: Final = 20
_NESTED: Final = 2 * _DEPTH
"""Objects and arrays take turns where alternatives stand in alternatives."""
_EQUAL: Final = frozenset({"=", "-in", "-eq"})
_LIKE: Final = frozenset({"-like", "like"})
_OTHER: Final = frozenset({"!=", "-not_in"})


def asked_for(given: Parameters) -> Test:
    """Give the test of what a list asks for.

    Different members are joined by AND, the values of one by OR. Texts are compared in any letter case; in
    `s.MEMBER`, and after `-like`, `%` stands for whatever there is. `hostgroup.name` looks into a reference.

    Args:
        given: the parameters; those of other names are not looked at.

    Raises:
        OpsviewError: `json_filter` is not such a filter.
    """
    tests = [
        _is_one(name.removeprefix(_PREFIX), given.all(name), is_like=True)
        for name in given
        if name.startswith(_PREFIX)
    ]
    for text in given.all(_FILTER):
        if text:
            try:
                document = json_body.decode(text.encode(), depth=_NESTED)
            except BadPayload as fault:
                raise bad_parameter(_FILTER, f"expected JSON: {fault}") from None
            tests.append(_filter(document, _DEPTH))
    return lambda shown: all(test(shown) for test in tests)


def _filter(value: Any, depth: int) -> Test:
    if not isinstance(value, Mapping) or not depth:
        raise bad_parameter(_FILTER, 'expected an object, as {"name": {"-like": "web%"}}')
    tests = [_member(name, wanted, depth - 1) for name, wanted in value.items()]
    return lambda shown: all(test(shown) for test in tests)


def _member(name: str, wanted: Any, depth: int) -> Test:
    if name in {"-or", "-and"}:
        parts = [_filter(each, depth) for each in (wanted if isinstance(wanted, list) else [wanted])]
        join = any if name == "-or" else all
        return lambda shown: join(part(shown) for part in parts)
    if not isinstance(wanted, Mapping):
        return _is_one(name, _values(wanted), is_like=False)
    tests: list[Test] = []
    for operator, values in wanted.items():
        if operator not in _EQUAL | _LIKE | _OTHER:
            raise bad_parameter(_FILTER, f"there is no {operator} here: use =, !=, -in, -not_in or -like")
        test = _is_one(name, _values(values), is_like=operator in _LIKE)
        tests.append(_not(test) if operator in _OTHER else test)
    return lambda shown: all(test(shown) for test in tests)


def _not(test: Test) -> Test:
    return lambda shown: not test(shown)


def _values(wanted: Any) -> list[str]:
    each = wanted if isinstance(wanted, list) else [wanted]
    if not all(isinstance(one, str | int | float) for one in each):
        raise bad_parameter(_FILTER, "expected texts and numbers to compare with")
    return [as_text(one) for one in each]


def _is_one(name: str, wanted: Any, *, is_like: bool) -> Test:
    patterns = [Pattern(tuple(one.split("%")) if is_like else (one,)) for one in wanted]
    path = name.split(".")
    return lambda shown: any(
        pattern.matches(text.casefold()) for text in texts_at(shown, path) for pattern in patterns
    )


def texts_at(value: Any, path: list[str]) -> list[str]:
    """Give the texts at a path in what is shown; of a reference without more its name."""
    if isinstance(value, list):
        return [text for each in value for text in texts_at(each, path)]
    if isinstance(value, Mapping):
        first, rest = (path[0], path[1:]) if path else ("name", [])
        return texts_at(value[first], rest) if first in value else []
    return [str(value)] if value is not None and not path else []
