"""From the bytes of a webhook request to a job, or the reason for none; no web framework is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.event.delivery import MAX_SIZE, receive
from bot.event.kinds import Ignored
from bot.event.read import read
from bot.job.decide import decide
from bot.job.kinds import Context, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How webhooks are judged.

    Attributes:
        secrets: The webhook's secret; two of them while one is rotated.
        context: What decisions depend on.
        max_size: Bytes of a body.
        patience: Seconds for a body to arrive; GitHub itself gives up on us after 10.
    """

    secrets: Sequence[str]
    context: Context
    max_size: int = MAX_SIZE
    patience: float = 10.0

    def job(self, headers: Mapping[str, str], body: bytes) -> Job | Ignored:
        """Return what the request asks for; `headers` have lower-case names.

        Raises:
            RejectedError: It is not signed, too large, or not what GitHub sends; with the status to answer with.
        """
        event = read(receive(headers, body, secrets=self.secrets, max_size=self.max_size))
        return event if isinstance(event, Ignored) else decide(event, self.context)
