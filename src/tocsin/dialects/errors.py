"""What a dialect says of a request that it does not take."""


class BadPayload(Exception):
    """The body is not what the dialect takes. The text tells the sender what is wrong and where."""
