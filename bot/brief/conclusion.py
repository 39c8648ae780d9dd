"""The conclusion while it is being drawn: the tallies, and the lists that they fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.brief.kind import Kind
from bot.brief.mention import Mention
from bot.brief.tally import Tally, Verdict
from bot.model.brief import OpenPoint


@dataclass(slots=True)
class Conclusion:
    """What is known so far; each step of `bot.brief.conclude` reads and fills it.

    Attributes:
        runs: Per topic of the lexicon, the names that run, in order of first mention.
        managed: Names that others run, and who.
    """

    tallies: dict[str, Tally]
    kind: Kind
    runs: dict[str, list[str]] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)
    open: list[OpenPoint] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def verdict(self, name: str) -> Verdict:
        """Return the verdict over `name`; `unsaid` where it is never named."""
        return self.tallies[name].verdict if name in self.tallies else "unsaid"

    def yes(self, name: str) -> bool:
        """Whether `name` is part of the first version."""
        return self.verdict(name) == "runs"

    def said(self, name: str, *, floor: float = 0.5) -> list[Mention]:
        """Return the places that plainly assert `name`."""
        mentions = self.tallies[name].mentions if name in self.tallies else ()
        return [mention for mention in mentions if mention.stance == "asserted" and mention.weight >= floor]

    def strongest(self, name: str) -> float:
        """Return the weight of the plainest place that asserts `name`."""
        return max((mention.weight for mention in self.said(name, floor=0.0)), default=0.0)

    def names(self, topic: str) -> list[str]:
        """Return the list of what runs under `topic`, to be changed in place."""
        return self.runs.setdefault(topic, [])

    def drop(self, topic: str, unwanted: Callable[[str], bool]) -> None:
        """Take the `unwanted` names off the list of `topic`."""
        names = self.names(topic)
        names[:] = [name for name in names if not unwanted(name)]

    def judge(self, name: str, verdict: Verdict) -> None:
        """Overrule the verdict over `name`."""
        self.tallies[name] = replace(self.tallies[name], verdict=verdict)
