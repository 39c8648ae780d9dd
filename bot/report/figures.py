"""Numbers as people read them: 2.1 s, 41 ms, 38 MB, five."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# fmt: off
_WORDS: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)
# fmt: on
_MEGABYTE: Final = 1024 * 1024  # what compose files and `docker stats` mean by "512M"


def moment(seconds: float) -> str:
    """Return a point or span of a start-up with one decimal: `2.1 s`; from two minutes on `2 min 5 s`."""
    return f"{seconds:.1f} s" if seconds < 119.95 else _minutes(seconds)


def span(seconds: float) -> str:
    """Return a set or longer time without idle decimals: `15 s`, `1.5 s`, `2 min 5 s`."""
    if seconds >= 119.5:
        return _minutes(seconds)
    if seconds >= 20 or abs(seconds - round(seconds)) < 0.05:
        return f"{seconds:.0f} s"
    return f"{seconds:.1f} s"


def latency(seconds: float) -> str:
    """Return how long one probe or request took: `41 ms`, `2.9 s`, `<1 ms`."""
    if seconds < 0.0005:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else moment(seconds)


def megabytes(size: int) -> str:
    """Return bytes in MB without the unit: `38`, `<1`."""
    return "<1" if 0 < size < _MEGABYTE else f"{size / _MEGABYTE:.0f}"


def memory(peak: int, limit: int) -> str:
    """Return `38 MB (512)`: the peak and the limit, which is left out where there is none; "" when not measured."""
    if not peak:
        return ""
    return f"{megabytes(peak)} MB ({megabytes(limit)})" if limit else f"{megabytes(peak)} MB"


def cost(usd: float, phases: Sequence[tuple[str, float]] = (), budget: float = 0.0) -> str:
    """Return `cost $0.42 of $5.00 (implementing $0.30, repairing $0.12)`; a single phase has no amount of its own."""
    of = f" of ${budget:.2f}" if budget else ""
    parts = ", ".join(f"{phase} ${part:.2f}" if len(phases) > 1 else phase for phase, part in phases)
    return f"cost ${usd:.2f}{of}{f' ({parts})' if parts else ''}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 finding`, `2 findings`."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def word(number: int) -> str:
    """Return small numbers as a word, others in digits."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def listed(parts: Sequence[str], most: int = 0) -> str:
    """Return `a, b and c`; with `most`, at most so many and how many more."""
    shown = list(parts[:most]) if most and len(parts) > most else list(parts)
    if len(shown) < len(parts):
        shown.append(f"{len(parts) - len(shown)} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
