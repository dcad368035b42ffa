"""Passwords: hashed, checked, and hashed anew when the costs change."""

import asyncio

import pytest
from argon2 import PasswordHasher

from tocsin.hub.passwords import Passwords, hash_password, is_outdated, matches


def test_a_password_matches_its_hash_alone() -> None:
    hashed = hash_password("gehe1mü")
    assert hashed.startswith("$argon2id$")
    assert matches(hashed, "gehe1mü")
    assert not matches(hashed, "gehe1mu")
    assert not matches(hashed, "")


@pytest.mark.parametrize("hashed", ["", "hash"])
def test_where_there_is_no_hash_nothing_matches(hashed: str) -> None:
    assert not matches(hashed, "")
    assert not matches(hashed, "secret")


def test_a_hash_with_other_costs_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8192).hash("x"))
    assert not is_outdated(hash_password("x"))


@pytest.mark.anyio
async def test_the_event_loop_goes_on_meanwhile() -> None:
    passwords, turns = Passwords(), 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    assert await passwords.match(await passwords.hash("x"), "x")
    counting.cancel()
    assert turns > 2
