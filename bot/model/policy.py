"""What a repository, or its organisation, wants of the App: `.github/groundwork.yml`, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

DraftPolicy = Literal["until-healthy", "always", "never"]
EngineName = Literal["blueprint", "claude"]
Commits = Literal["pushed", "verified"]
Verification = Literal["actions", "docker", "none"]

PATH = ".github/groundwork.yml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The wishes of one file, or of all of them together.

    Attributes:
        said: The keys that were written; the others hold what goes without saying.
        trusted: Logins, of people or bots, that may ask as if they had write access.
        reviewers: Logins, or `organisation/team`, that are asked to review a pull request when it is ready.
        labels: Labels of the pull request.
        draft: When a pull request is a draft.
        attempts: How often a run verifies; 0 where only the server says.
        rounds: How often a pull request is revised; 0 where only the server says.
        engine: What writes; "" where the server chooses.
        commits: Whether git pushes commits, or GitHub makes them, which signs its own.
        verification: Where a stack is verified; "" where the server chooses.
    """

    said: frozenset[str] = frozenset()
    trusted: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    draft: DraftPolicy = "until-healthy"
    attempts: int = 0
    rounds: int = 0
    engine: EngineName | Literal[""] = ""
    commits: Commits = "pushed"
    verification: Verification | Literal[""] = ""

    def over(self, other: Policy) -> Policy:
        """Return both together: each key that is written here counts, whatever `other` says of it."""
        mine = {name: getattr(self, name) for name in self.said}
        return replace(other, said=self.said | other.said, **mine)

    def within(self, *, attempts: int, rounds: int) -> Policy:
        """Return it within what the server allows: it may ask for less, not for more."""
        return replace(
            self,
            attempts=min(self.attempts or attempts, attempts),
            rounds=min(self.rounds or rounds, rounds),
        )

    def trusts(self, login: str) -> bool:
        """Return whether `login` is named as one to listen to."""
        return login.casefold() in {name.casefold() for name in self.trusted}

    def is_draft(self, *, healthy: bool) -> bool:
        """Return whether a pull request is a draft."""
        return {"until-healthy": not healthy, "always": True, "never": False}[self.draft]
