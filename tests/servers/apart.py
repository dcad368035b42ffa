"""Coroutines for code that may already be within an event loop."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop and a thread of its own, and give what it gave."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
