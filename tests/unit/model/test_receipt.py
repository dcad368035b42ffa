from tocsin.model.receipt import Outcome, Receipt


def test_the_words_for_what_a_signal_did() -> None:
    assert [outcome.value for outcome in Outcome] == [
        "opened",
        "joined",
        "acknowledged",
        "resolved",
        "recorded",
        "rejected",
    ]


def test_a_rejected_signal_has_neither_event_nor_alert() -> None:
    receipt = Receipt(3, Outcome.REJECTED, "no key")
    assert (receipt.seq, receipt.alert_seq, receipt.silenced_by) == (0, 0, "")
