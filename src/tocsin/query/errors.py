"""What is wrong with an expression, and where in it."""


class QueryError(ValueError):
    """An expression that cannot be read.

    Attributes:
        message: what was expected, in plain words.
        position: the character that is wrong, counted from 0; the length of the text where it ends too early.
        length: how many characters are wrong, at least 1.
    """

    def __init__(self, message: str, position: int, length: int = 1) -> None:
        super().__init__(message, position, length)
        self.message = message
        self.position = position
        self.length = max(length, 1)

    def __str__(self) -> str:
        """Give the message with its place, counted from 1 as people count."""
        return f"{self.message} (character {self.position + 1})"

    def pointer(self, text: str) -> str:
        """Show the line of the expression that is wrong, and carets under what is wrong in it.

        Args:
            text: the expression that was read.
        """
        start = text.rfind("\n", 0, self.position) + 1
        end = text.find("\n", self.position)
        line = text[start:] if end < 0 else text[start:end]
        shown = "".join(character if character.isprintable() else " " for character in line)
        column = self.position - start
        carets = "^" * max(min(self.length, len(line) - column), 1)
        return f"{shown}\n{' ' * column}{carets}"
