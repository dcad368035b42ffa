"""The library that slows syncs down."""

import os
from pathlib import Path

from tests.bench.slow_sync import VARIABLE, build, preloaded, sync_seconds


def test_it_adds_a_millisecond_to_each_sync(tmp_path: Path) -> None:
    library = build(tmp_path)
    with preloaded(library):
        assert sync_seconds(tmp_path) >= 0.001


def test_it_is_preloaded_in_its_block_only(tmp_path: Path) -> None:
    before = os.environ.get(VARIABLE)
    with preloaded(tmp_path / "library.so"):
        assert os.environ[VARIABLE] == str(tmp_path / "library.so")
        with preloaded(None):
            assert os.environ[VARIABLE] == str(tmp_path / "library.so")
    assert os.environ.get(VARIABLE) == before
