"""The digest that Cloudforet's plugins make keys of."""

import hashlib


def md5(text: str) -> str:
    """Give the MD5 of a text in UTF-8 as hex digits: a name for it, no protection of anything."""
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
