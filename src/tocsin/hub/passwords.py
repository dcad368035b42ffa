"""Passwords, by Argon2id with the library's recommended costs.

A hash keeps a processor busy for a while and takes much memory: the event loop leaves them to threads, a few
at a time.
"""

import asyncio
import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE: Final = 2


def hash_password(password: str) -> str:
    """Give the hash of a password."""
    return PasswordHasher().hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Say whether a password is the one that was hashed. It takes as long where there is no hash.

    Args:
        password_hash: '' where nobody has that name, or they have no password.
        password: as it was given.
    """
    nobody = _nobody()
    try:
        PasswordHasher().verify(password_hash or nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with other costs than are recommended now."""
    return PasswordHasher().check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    """Give the hash of a password that nobody knows."""
    return hash_password(secrets.token_urlsafe())


class Passwords:
    """Hashes and checks passwords beside the event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Give the hash of a password."""
        async with self._turn:
            return await asyncio.to_thread(hash_password, password)

    async def match(self, password_hash: str, password: str) -> bool:
        """Say whether a password is the one that was hashed; see `matches`."""
        async with self._turn:
            return await asyncio.to_thread(matches, password_hash, password)
