"""The expression language: text to tree, tree to predicate."""
