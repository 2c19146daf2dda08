"""What operators may count. Labels are kinds and outcomes, never anything that people typed."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LATENCIES = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300)


class Metrics:
    """The bot's figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._accepted = Counter(
            "guidebot_accepted",
            "Events stored before they were acknowledged",
            ["platform", "kind"],
            registry=self.registry,
        )
        self._refused = Counter(
            "guidebot_accept_failures", "Events that could not be stored", ["platform"], registry=self.registry
        )
        self._answers = Counter("guidebot_answers", "Answers by outcome", ["outcome"], registry=self.registry)
        self._latency = Histogram(  # waiting in the inbox is told by guidebot_stored
            "guidebot_reply_seconds",
            "From taking an event up to its reply's delivery",
            buckets=LATENCIES,
            registry=self.registry,
        )
        self._letters = Counter(
            "guidebot_letters", "Letters by what became of them", ["result"], registry=self.registry
        )
        self._waiting = Gauge("guidebot_stored", "Rows that wait or lie aside", ["what"], registry=self.registry)

    def accepted(self, platform: str, kind: str) -> None:
        self._accepted.labels(platform, kind).inc()

    def accept_failed(self, platform: str) -> None:
        self._refused.labels(platform).inc()

    def answered(self, outcome: str) -> None:
        self._answers.labels(outcome).inc()

    def replied(self, seconds: float) -> None:
        """A reply was delivered so many seconds after its event was taken up."""
        self._latency.observe(seconds)

    def letter(self, result: str) -> None:
        """A letter was `sent`, `retried` or is `dead`."""
        self._letters.labels(result).inc()

    def stored(self, counts: Mapping[str, int]) -> None:
        """What `Store.counts` tells."""
        for what, number in counts.items():
            self._waiting.labels(what).set(number)

    def page(self) -> bytes:
        return generate_latest(self.registry)
