from itertools import pairwise

import pytest

from tocsin.model.severity import SEVERITIES, is_worse, rank


def test_the_scale_goes_from_the_worst_to_the_least() -> None:
    assert SEVERITIES == ("critical", "error", "warning", "info", "none", "not_available")
    assert [rank(severity) for severity in SEVERITIES] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("worse", "better"), list(pairwise(SEVERITIES)))
def test_each_is_worse_than_the_next(worse: str, better: str) -> None:
    assert is_worse(worse, than=better)
    assert not is_worse(better, than=worse)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_none_is_worse_than_itself(severity: str) -> None:
    assert not is_worse(severity, than=severity)


@pytest.mark.parametrize("text", ["", "CRITICAL", "fatal"])
def test_what_is_no_severity_has_no_rank(text: str) -> None:
    with pytest.raises(KeyError):
        rank(text)
