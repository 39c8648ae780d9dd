"""What GitHub answered, kept for a while: the same question goes with its ETag, and "not changed" costs no limit."""

from __future__ import annotations

from typing import Final

from githubkit.cache.mem_cache import MemCacheStrategy
from githubkit.hishel import AsyncMemoryStorage

_KEPT: Final = 3600.0  # seconds: a token lives no longer, and answers are kept by token


class KeptAnswers(MemCacheStrategy):
    """Keeps answers in memory, and lets go of old ones: a server asks about thousands of repositories for months."""

    def __init__(self, seconds: float = _KEPT) -> None:
        super().__init__()
        self._seconds = seconds
        self._answers: AsyncMemoryStorage | None = None

    async def get_async_hishel_storage(self) -> AsyncMemoryStorage:
        """Return where answers are kept."""
        if self._answers is None:
            self._answers = AsyncMemoryStorage(default_ttl=self._seconds, keep_unclosed=True)
        return self._answers
