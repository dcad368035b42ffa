import threading

from tests.unit.client.fake_tocsin import FakeTocsin, Reply
from tocsin.client.background import BATCH, Background

TAKEN = Reply({"receipts": []})


def test_what_waits_goes_together_and_in_order(tocsin: FakeTocsin) -> None:
    answered = threading.Event()
    tocsin.answer("POST", "/events", Reply({"receipts": []}, after=answered), TAKEN)
    dropped: list[int] = []
    background = Background(tocsin.url, "", 1000, lambda count, why: dropped.append(count))
    for number in range(BATCH + 50):
        assert background.put({"key": number})
    answered.set()
    assert background.end(10) == 0
    batches = [[item["key"] for item in seen.document] for seen in tocsin.seen]
    assert [key for batch in batches for key in batch] == list(range(BATCH + 50))
    assert max(len(batch) for batch in batches) <= BATCH
    assert dropped == []


def test_the_end_says_what_is_left(tocsin: FakeTocsin) -> None:
    answered = threading.Event()
    tocsin.answer("POST", "/events", Reply({"receipts": []}, after=answered))
    background = Background(tocsin.url, "", 1, lambda count, why: None)
    assert background.put({"key": 1})
    while not tocsin.seen:
        background.wait(0.01)
    assert background.put({"key": 2})
    assert not background.put({"key": 3})
    background.wait(0.01)
    assert background.end(60) == 2
    answered.set()
