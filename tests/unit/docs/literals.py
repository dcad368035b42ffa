"""Words that code passes to its functions, found in its source: codes of problems, reasons of rejections."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

_WORD = re.compile(r"[a-z_]+")


def words_passed(module: ModuleType, *functions: str) -> set[str]:
    """Give every word that a module's code passes to functions, by position or as `code`.

    Args:
        module: whose source is read.
        functions: their names, the last part alone: `labels` for `metrics.rejected.labels(...)`.
    """
    tree = ast.parse(inspect.getsource(module))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) in functions)
    return {word for call in calls for word in _words(call)}


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _words(call: ast.Call) -> Iterator[str]:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for argument in [*call.args, *named]:
        value = argument.value if isinstance(argument, ast.Constant) else None
        if isinstance(value, str) and _WORD.fullmatch(value):
            yield value
