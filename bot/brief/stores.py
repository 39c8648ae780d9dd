"""Redis and its kin are what they are used for: a cache, a queue's broker, or both."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.brief.conclusion import Conclusion
from bot.brief.tally import Tally

_STORES: Final = ("redis", "valkey", "dragonfly")
_BROKERS: Final = ("rabbitmq", "kafka", "nats")
# Workers that need Redis, and workers that take any broker.
_ON_REDIS: Final = frozenset({"bullmq", "sidekiq", "rq", "arq", "horizon", "asynq", "resque"})
_ON_ANY: Final = frozenset({"celery", "dramatiq", "huey", "taskiq", "laravel-queue"})


def assign_stores(state: Conclusion) -> None:
    """Put the stores that run under caches, queues, or both."""
    if not state.yes("laravel"):
        state.drop("worker", "horizon".__eq__)  # other projects have horizons too
    queues, workers = state.names("queue"), set(state.names("worker"))
    stores = [name for name in _STORES if state.yes(name)]
    if (
        not stores
        and workers & _ON_REDIS
        and state.verdict("redis") not in {"managed", "rejected"}
        and not state.yes("rabbitmq")
    ):
        stores.append(_implied(state, next(name for name in state.names("worker") if name in _ON_REDIS)))
    for store in stores:
        roles = state.tallies[store].roles()
        others = any(name in queues for name in _BROKERS)
        broker = bool(workers & _ON_REDIS) or (bool(workers & _ON_ANY) and not others) or "queue" in roles
        if broker and (not others or _plainly(state, store)):
            queues.append(store)
        if "cache" in roles or store not in queues:
            state.names("cache").append(store)


def _implied(state: Conclusion, worker: str) -> str:
    """A worker that needs Redis brings it, named or not."""
    source = state.tallies[worker]
    mentions = tuple(replace(m, name="redis", topic="store", roles=m.roles | {"queue"}) for m in source.evidence)
    state.tallies["redis"] = Tally("redis", "store", mentions, "runs", source.confidence)
    return "redis"


def _plainly(state: Conclusion, store: str) -> bool:
    """Whether several places say outright that it is a queue, though another broker runs too."""
    return sum("queue" in mention.roles for mention in state.said(store, floor=0.9)) > 1
