"""The causes in the order in which they are asked: the most certain evidence first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.model.health import Cause
from bot.model.measured import Record, ServiceRecord
from bot.verify.causes import probing, running
from bot.verify.causes.evidence import Evidence

_ENDED: Final[tuple[Callable[[Evidence], Cause | None], ...]] = (
    running.image_unavailable,
    running.out_of_memory,
    running.engine_words,
    running.log_words,
    running.missing_variable,
    running.permission_denied,
    running.program_not_there,
    running.dependency_refused,
    running.missing_directory,
    running.likely_out_of_memory,
    running.ended,
)
_UNHEALTHY: Final[tuple[Callable[[Evidence], Cause | None], ...]] = (
    running.image_unavailable,
    running.out_of_memory,
    running.engine_words,
    probing.start_period_short,
    probing.program_missing,
    probing.http_status,
    probing.ipv6_localhost,
    probing.wrong_port,
    probing.slow_probe,
    running.log_words,
    running.missing_variable,
    running.permission_denied,
    running.program_not_there,
    running.dependency_refused,
    running.ended,
    running.never_healthy,
)
# With these, a service that is unhealthy does not recover by itself.
_CERTAIN: Final = (probing.program_missing,)


def find_cause(service: ServiceRecord, record: Record) -> Cause:
    """Return the cause that the evidence supports best; `unknown` where it supports none."""
    seen = Evidence(service=service, record=record)
    for look in _UNHEALTHY if service.running else _ENDED:
        if (cause := look(seen)) is not None:
            return cause
    return Cause(
        code="unknown",
        title="it was not started" if not service.moments else "the reason is not known",
        evidence=(*record.words[-2:],),
        place=service.place,
        next_step="Read what Compose said.",
    )


def will_not_recover(service: ServiceRecord) -> bool:
    """Whether what is known of an unhealthy service already rules out that it recovers."""
    seen = Evidence(service=service, record=Record(ended="settled", services=(service,)))
    return any(look(seen) is not None for look in _CERTAIN)
