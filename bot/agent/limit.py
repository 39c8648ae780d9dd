"""Limits of one piece of model work, and how it can end: values with words for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one draft may use at most; the first limit reached ends it.

    Attributes:
        turns: Calls to the model.
        tokens: Input (fresh and cached) and output together.
        dollars: US dollars, by the price table.
        seconds: Wall clock.
    """

    turns: int = 80
    tokens: int = 6_000_000
    dollars: float = 5.0
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What has been used so far.

    Attributes:
        turns: Calls that were answered.
        fresh: Input tokens that were not cached.
        written: Input tokens that were written to the cache.
        read: Input tokens that were read from the cache.
        output: Output tokens.
        dollars: By the price table, settled.
        seconds: Wall clock.
    """

    turns: int = 0
    fresh: int = 0
    written: int = 0
    read: int = 0
    output: int = 0
    dollars: float = 0.0
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.fresh + self.written + self.read + self.output

    def plus(self, other: Spent) -> Spent:
        """Return the sum of both."""
        return Spent(
            turns=self.turns + other.turns,
            fresh=self.fresh + other.fresh,
            written=self.written + other.written,
            read=self.read + other.read,
            output=self.output + other.output,
            dollars=self.dollars + other.dollars,
            seconds=self.seconds + other.seconds,
        )

    def over(self, limits: Limits) -> str:
        """Return which limit is reached, in words; "" where none is."""
        if self.turns >= limits.turns:
            return f"the limit of {limits.turns} turns"
        if self.tokens >= limits.tokens:
            return f"the limit of {limits.tokens:,} tokens"
        if self.dollars >= limits.dollars:
            return f"the budget of ${limits.dollars:.2f}"
        if self.seconds >= limits.seconds:
            return f"the limit of {limits.seconds / 60:.0f} minutes"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The model said it is done; whether it is, the checks and the verification tell."""

    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit was reached; what was written until then is kept."""

    limit: str

    @property
    def words(self) -> str:
        """For the pull request."""
        return f"stopped at {self.limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A person took the label away, or the run was stopped."""

    words: str = "cancelled; what was written so far is kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The model declined to go on."""

    words: str = "the model declined to continue with this request; nothing was published on its behalf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The model could not be used; the reason in words, with the next step."""

    words: str


End = Completed | Budget | Cancelled | Refused | Failed
