"""Output bounded for the model: head and tail, with what was left out counted; the full text goes to an artifact."""

from __future__ import annotations

from typing import Final

HEAD: Final = 8_000
TAIL: Final = 12_000


def bounded(text: str, *, head: int = HEAD, tail: int = TAIL) -> str:
    """Return `text`, or its first `head` and last `tail` characters around a line that says what is missing."""
    if len(text) <= head + tail:
        return text
    missing = len(text) - head - tail
    lines = text.count("\n", head, len(text) - tail)
    return f"{text[:head]}\n[... {missing} characters ({lines} lines) left out ...]\n{text[len(text) - tail :]}"


class Collector:
    """Collects a stream of bytes without keeping more than it will show: the head, and a moving tail.

    Args:
        head: Bytes kept from the start.
        tail: Bytes kept from the end.
    """

    def __init__(self, *, head: int = 4 * HEAD, tail: int = 4 * TAIL) -> None:
        self._head_size = head
        self._tail_size = tail
        self._head = bytearray()
        self._tail = bytearray()
        self.size = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        room = self._head_size - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        if len(self._tail) > 2 * self._tail_size:
            del self._tail[: len(self._tail) - self._tail_size]

    def text(self) -> str:
        """Return what was kept as text, undecodable bytes replaced."""
        tail = bytes(self._tail[-self._tail_size :])
        missing = self.size - len(self._head) - len(tail)
        gap = f"\n[... {missing} bytes left out ...]\n".encode() if missing else b""
        return (bytes(self._head) + gap + tail).decode("utf-8", "replace")
