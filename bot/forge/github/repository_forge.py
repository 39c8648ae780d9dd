"""The port `Forge` on GitHub: a branch, its pull request, one report beneath it, and a check on its head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from bot.forge.github.checks import Checks
from bot.forge.github.comments import Comments
from bot.forge.github.pulls import Pull, Pulls
from bot.forge.github.signed_commits import SignedCommits
from bot.model.outgoing import Outgoing
from bot.model.policy import Policy
from bot.model.posted import Posted
from bot.model.proposal import Proposal

_REVIEWERS: Final = "<!-- groundwork:reviewers -->"


class Remote(Protocol):
    """The repository's branches, as git moves them."""

    async def push(self, branch: str, commit: str, *, expected: str) -> None:
        """Move `branch` from `expected` to `commit`; twice is once."""
        ...

    async def outgoing(self, commit: str) -> Outgoing:
        """Return the commit in parts."""
        ...


class GitHubForge:
    """One repository on GitHub; each call may run twice and leaves one of everything."""

    def __init__(
        self,
        remote: Remote,
        *,
        pulls: Pulls,
        comments: Comments,
        checks: Checks,
        signed: SignedCommits,
        render: Callable[[Proposal], Posted],
        policy: Policy,
    ) -> None:
        self._remote = remote
        self._pulls = pulls
        self._comments = comments
        self._checks = checks
        self._signed = signed
        self._render = render
        self._policy = policy

    async def push(self, branch: str, commit: str, *, expected: str) -> str:
        """Move `branch` from `expected` (or from nothing) to `commit`, or to its like that GitHub signed.

        Raises:
            RepositoryError: The branch moved meanwhile, or GitHub's rules refuse the push; nothing was changed.
        """
        if self._policy.commits == "verified":
            return await self._signed.push(branch, await self._remote.outgoing(commit), expected=expected)
        await self._remote.push(branch, commit, expected=expected)
        return commit

    async def propose(self, proposal: Proposal) -> str:
        """Open or renew the pull request, its report and its check; return the pull request's address."""
        texts = self._render(proposal)
        opened = await self._pulls.propose(
            Pull(
                branch=proposal.base.branch,
                base=proposal.base.base_branch,
                title=texts.title,
                body=texts.body,
                draft=self._policy.is_draft(healthy=not proposal.draft),
            )
        )
        await self._comments.show(opened.number, texts.marker, texts.report)
        await self._checks.show(proposal.head, texts.check)
        await self._pulls.labelled(opened.number, self._policy.labels)
        if not opened.draft:
            refused = await self._pulls.ask_review(opened.number, self._policy.reviewers)
            if refused:
                await self._comments.show(opened.number, _REVIEWERS, f"{_REVIEWERS}\n{refused}\n")
        return opened.url
