"""A batch is set-based: how many statements it takes does not grow with the number of its signals."""

import re
from collections import Counter

import pytest

from tests.contract.scene import Scene, new_source, problem, recovery, submission
from tests.contract.statements import Statement, heard
from tocsin.model.source import SourceOptions
from tocsin.model.submission import Refusal, Submission

pytestmark = pytest.mark.anyio

LONGEST_LIST = 256
"""Rows in the longest VALUES list, which SQLite takes; the rest of a batch goes in a few shorter ones."""
SHORTER_LISTS = 4


async def statements_of(scene: Scene, *batch: Submission) -> list[str]:
    """Record a batch and give its statements, with each list of values cut to its first row."""
    # What a batch reads of a configuration that has changed, it reads once.
    await scene.write(*(Submission(each.source, each.payload, []) for each in batch))
    found: list[Statement] = []
    work = heard(lambda connection: scene.ledger.write(connection, list(batch)), found)
    await scene.database.write(work)
    return [re.sub(r"(values \([?, ]*\))(, \([?, ]*\))*", r"\1", each.text) for each in found]


async def mixed(scene: Scene, domains: list[str], size: int) -> list[Submission]:
    """Make requests of three domains that open, join and resolve, and each hold a refused item."""
    batch = []
    for domain in domains:
        source = await new_source(
            scene.database, domain, f"source of {size}", options=SourceOptions(source_time=True)
        )
        old = [f"old-{n}" for n in range(size)]
        await scene.write(submission(source, *map(problem, old), *map(recovery, old[::2])))
        signals = [problem(key, host="web", service=f"{key} of {size}") for key in old]
        request = submission(source, *signals, *(problem(f"new-{size}-{n}") for n in range(size)))
        request.refusals = [Refusal(3 * size, "no")]
        batch.append(request)
    return batch


async def test_a_large_batch_takes_the_statements_of_a_small_one(scene: Scene) -> None:
    domains = ["main", "acme", "umbrella"]
    await scene.write(submission(scene.source, problem("first")))
    small = await statements_of(scene, *await mixed(scene, domains, 10))
    large = await statements_of(scene, *await mixed(scene, domains, 200))
    if not scene.database.is_sqlite:
        assert small == large
        return
    assert set(small) == set(large)
    assert [text for text in small if "values" not in text] == [
        text for text in large if "values" not in text
    ]
    largest_table = 3 * 2 * 200
    for text, count in Counter(large).items():
        limit = largest_table // LONGEST_LIST + SHORTER_LISTS if "values" in text else 1
        assert count <= limit, text


async def test_a_batch_of_many_requests_takes_the_statements_of_few(scene: Scene) -> None:
    def requests(count: int) -> list[Submission]:
        return [submission(scene.source, problem(f"key-{count}-{n}")) for n in range(count)]

    await scene.write(*requests(1))
    few, many = await statements_of(scene, *requests(16)), await statements_of(scene, *requests(256))
    assert few == many
