import pytest

from tocsin.query.split import split
from tocsin.query.tree import All, And, Expression, Judged, Leaf, Not, Or, Text

A, B, C = Text("a"), Text("b"), Text("c")
X, Y = Text("x1"), Judged((), bool)


def is_exact(leaf: Leaf) -> bool:
    """Let the engine answer all but what begins with x."""
    return isinstance(leaf, Text) and not leaf.folded.startswith("x")


@pytest.mark.parametrize(
    ("tree", "engine", "rest"),
    [
        (All(), All(), All()),
        (A, A, All()),
        (X, All(), X),
        (And((A, B)), And((A, B)), All()),
        (And((A, X, B, Y)), And((A, B)), And((X, Y))),
        (Or((A, B)), Or((A, B)), All()),
        (Or((A, X)), All(), Or((A, X))),
        (Or((And((A, X)), B)), Or((A, B)), Or((And((A, X)), B))),
        (Or((And((A, X)), And((B, Y)))), Or((A, B)), Or((And((A, X)), And((B, Y))))),
        (And((C, Or((And((A, X)), B)))), And((C, Or((A, B)))), Or((And((A, X)), B))),
        (Not(A), Not(A), All()),
        (Not(X), All(), Not(X)),
        (And((Not(And((A, X))), B)), B, Not(And((A, X)))),
    ],
)
def test_a_tree_is_split(tree: Expression, engine: Expression, rest: Expression) -> None:
    assert split(tree, is_exact) == (engine, rest)
