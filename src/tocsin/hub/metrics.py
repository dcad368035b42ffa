"""What Tocsin counts about itself. Labels are bounded: nothing a sender says becomes one."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_COMMIT_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PASSING_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3600.0)
_BATCH_SIGNALS: Final = (1, 4, 16, 64, 256, 1024, 4096)


class Metrics:
    """The counters of one hub, in a registry of their own so that several hubs live in one process."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self.received: Final = Counter(
            "tocsin_signals_received", "Signals that came in, by format.", ["format"], registry=self.registry
        )
        self.recorded: Final = Counter(
            "tocsin_signals_recorded",
            "Signals that were recorded, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self.rejected: Final = Counter(
            "tocsin_signals_rejected",
            "Signals and requests that were not taken, by reason.",
            ["reason"],
            registry=self.registry,
        )
        self.commit_seconds: Final = Histogram(
            "tocsin_commit_seconds",
            "Time to write and commit a batch.",
            buckets=_COMMIT_SECONDS,
            registry=self.registry,
        )
        self.batch_signals: Final = Histogram(
            "tocsin_batch_signals", "Signals in a batch.", buckets=_BATCH_SIGNALS, registry=self.registry
        )
        self.commit_failures: Final = Counter(
            "tocsin_commit_failures", "Batches that the store did not take.", registry=self.registry
        )
        self.queue_signals: Final = Gauge(
            "tocsin_queue_signals", "Signals that wait for the next commit.", registry=self.registry
        )
        self.queue_bytes: Final = Gauge(
            "tocsin_queue_bytes", "Bytes of payload that wait for the next commit.", registry=self.registry
        )
        self.listeners: Final = Gauge(
            "tocsin_feed_listeners", "Live streams that are open.", registry=self.registry
        )
        self.attempts: Final = Counter(
            "tocsin_delivery_attempts",
            "Attempts to pass an event on, by kind of target, what came of it, and why.",
            ["kind", "outcome", "reason"],
            registry=self.registry,
        )
        self.passing_seconds: Final = Histogram(
            "tocsin_delivery_seconds",
            "Time from recording an event to a target's taking it.",
            buckets=_PASSING_SECONDS,
            registry=self.registry,
        )
        self.oldest_delivery: Final = Gauge(
            "tocsin_delivery_oldest_seconds",
            "Age of the oldest delivery that waits; 0 where none does.",
            registry=self.registry,
        )
        self.pulls_connected: Final = Gauge(
            "tocsin_pulls_connected",
            "Sources that this node fetches from and is connected to.",
            registry=self.registry,
        )
        self.pull_failures: Final = Counter(
            "tocsin_pull_failures",
            "Connections to sources that failed or broke off, by format.",
            ["format"],
            registry=self.registry,
        )
        self.copy_lag: Final = Gauge(
            "tocsin_columnar_lag_events",
            "Events that the columnar copy does not hold yet.",
            registry=self.registry,
        )
