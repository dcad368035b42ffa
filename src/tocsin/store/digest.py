"""What is stored of a secret in its place."""

import hashlib


def digest(secret: str) -> str:
    """Give the SHA-256 of a key or token, in hex: what is stored of a token and what both are found by."""
    return hashlib.sha256(secret.encode()).hexdigest()
